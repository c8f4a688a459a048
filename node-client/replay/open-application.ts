import { createNodeCrypto } from "../../dapp/crypto/node-crypto.ts";
import { createApplication } from "../../dapp/engine/create-application.ts";
import type { Store } from "../../dapp/engine/store.ts";
import { openStore } from "../../dapp/store/sql-store.ts";
import type { Crypto } from "../../spec/crypto.ts";
import { isSealedEnvelope } from "../../spec/envelope.ts";
import { findPortal } from "../../spec/portals.ts";
import type { Refusal } from "../../spec/refusals.ts";
import type { RestorableState } from "./count-exceptions.ts";
import { OpenAhead } from "./open-ahead.ts";
import type { ReplayedApplication } from "./replay-chain.ts";
import type { ReplayedState } from "./replay-history.ts";

/** One refused operation of a re-execution, as the dApp's report tells it. */
export interface ReportedRefusal {
  readonly input: number;
  /** `null` where the whole input was refused. */
  readonly operation: number | null;
  readonly refusal: Refusal;
  readonly code: number;
  readonly detail: string;
}

/** The application in this process, over an empty state, that watches what it is given. */
export interface OpenedApplication extends ReplayedApplication {
  readonly store: Store & ReplayedState & RestorableState;
  /** Every refusal so far, if they are kept. */
  readonly refusals: readonly ReportedRefusal[];
  /** Ends the second thread and frees the state. */
  close(): Promise<void>;
}

export interface OpenApplicationOptions {
  /** Whether `refusals` is filled; a hostile history has many. */
  readonly keepsRefusals?: boolean | undefined;
  /** The built `open-ahead-worker.js`: opens submissions ahead on a second thread. Only costs. */
  readonly workerUrl?: URL | undefined;
}

/** Refusals of what opened: they come after the seal. */
const OPENED: readonly Refusal[] = ["envelope_malformed", "envelope_empty"];
/** A version, an ephemeral key and the tag of nothing: what is shorter opens under no key. */
const SEALED_BYTES_MIN = 1 + 32 + 16;

const PROBE_SECRET = new Uint8Array(32).fill(1);

/**
 * Opens the application over an empty state. The caller closes it.
 *
 * @param machineSecret The machine's X25519 secret, 32 bytes (spec §3.7).
 * @example
 * const local = await openApplication(machineSecret);
 * const { root } = replayHistory(local.crypto, local.application, local.store, inputs);
 * await local.close();
 */
export async function openApplication(
  machineSecret: Uint8Array,
  { keepsRefusals = false, workerUrl }: OpenApplicationOptions = {},
): Promise<OpenedApplication> {
  const crypto = await createNodeCrypto();
  const store = await openStore(crypto);
  const ahead = workerUrl && (await OpenAhead.start(crypto, machineSecret, workerUrl));
  const inner = createApplication(store, crypto, machineSecret, ahead?.open);
  const refusals: ReportedRefusal[] = [];
  let firstClosed: number | undefined;
  let hasOpened = false;
  return {
    ...{ crypto, store, refusals, ahead },
    async close() {
      store.close();
      await ahead?.close();
    },
    findClosedInput: () => (hasOpened || store.batches.nextId() > 1 ? undefined : firstClosed),
    application: {
      inspect: inner.inspect,
      advance(at, payload) {
        const result = inner.advance(at, payload);
        const isSealed = isSealedEnvelope(payload) && findPortal(at.sender) === undefined;
        if (result.status === "accepted" && isSealed) hasOpened = true;
        for (const report of result.reports) {
          const text = Buffer.from(report.slice(2), "hex").toString("utf8");
          const refusal = { input: at.inputIndex, ...JSON.parse(text) } as ReportedRefusal;
          const isOfOperation = refusal.operation !== null;
          if (isSealed && (isOfOperation || OPENED.includes(refusal.refusal))) hasOpened = true;
          if (mayBeKeyFault(crypto, refusal, payload)) firstClosed ??= at.inputIndex;
          if (keepsRefusals) refusals.push(refusal);
        }
        return result;
      },
    },
  };
}

/**
 * Whether another machine key may have opened what this one did not. Anybody can send what no key
 * opens, such as a seal's version and nothing after it: that says nothing of ours.
 */
function mayBeKeyFault(crypto: Crypto, { refusal }: ReportedRefusal, payload: Uint8Array): boolean {
  if (refusal === "submission_seal_broken") return true;
  if (refusal !== "envelope_seal_broken" || payload.length < SEALED_BYTES_MIN) return false;
  // A key of small order gives nothing with any secret.
  return crypto.x25519(PROBE_SECRET, payload.slice(1, 33)) !== undefined;
}
