import { nobleCrypto } from "../../spec/crypto-noble.ts";
import { openEnvelope } from "../../spec/envelope.ts";
import type { InputContext } from "../../spec/input.ts";
import type { ModelResult } from "../../spec/model.ts";
import { decodeOperation } from "../../spec/operation-codec.ts";
import type { OperationKind } from "../../spec/operations.ts";
import { isRefused } from "../../spec/refusals.ts";
import { fromHex, type TransitionFile } from "../vectors/transition-vectors.ts";

/** The kinds of an input's operations, `undefined` for one that cannot be read. */
export function watchKinds(
  file: TransitionFile,
  at: InputContext,
  payload: Uint8Array,
): (OperationKind | undefined)[] {
  const secret = fromHex(file.machine_secret);
  const list = openEnvelope(nobleCrypto, payload, secret, nobleCrypto.x25519PublicKey(secret), at);
  if (isRefused(list)) return [];
  return list.map((item) => {
    const operation = decodeOperation(item);
    return isRefused(operation) ? undefined : operation.body.kind;
  });
}

/** Of these kinds those whose operations applied. */
export function keepApplied(
  kinds: readonly (OperationKind | undefined)[],
  { refusals }: ModelResult,
): OperationKind[] {
  const refused = new Set(refusals.map(({ operation }) => operation));
  return kinds.flatMap((kind, index) => (kind === undefined || refused.has(index) ? [] : [kind]));
}
