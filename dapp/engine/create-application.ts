import type { Application } from "../../spec/application.ts";
import type { Crypto } from "../../spec/crypto.ts";
import { STATE_BYTES_MAX } from "../../spec/limits.ts";
import { openSubmission } from "../../spec/submission.ts";
import { answerQuery } from "./answer-query.ts";
import { applyInput } from "./apply-input.ts";
import { beginState } from "./begin-state.ts";
import type { EngineParts } from "./operation-context.ts";
import type { Store } from "./store.ts";

/**
 * The application over a store. An empty one becomes the state before the first input (spec §6.7).
 *
 * @param machineSecret The machine's X25519 secret, 32 bytes (spec §3.7).
 * @param openAhead Answers a submission from work done ahead; `undefined` does the work in place.
 * @param stateBytesMax Less than the protocol's is for tests, which fill a state.
 * @throws RangeError over a state that has begun under another key.
 */
export function createApplication(
  store: Store,
  crypto: Crypto,
  machineSecret: Uint8Array,
  openAhead?: EngineParts["openSubmission"],
  stateBytesMax = STATE_BYTES_MAX,
): Application {
  const machine = { secret: machineSecret, key: crypto.x25519PublicKey(machineSecret) };
  beginState(store, crypto, machine.key);
  const parts: EngineParts = {
    store,
    crypto,
    machine,
    stateBytesMax,
    openSubmission: openAhead ?? ((request) => openSubmission(crypto, machine, request)),
  };
  return {
    advance: (at, payload) => applyInput(parts, at, payload),
    inspect: (query) => answerQuery(parts, query),
  };
}
