import type { DeviceSigner } from "../../../node-client/device/device-signer.ts";
import type { Operation, Submit } from "../../../spec/operations.ts";
import type { BatchDraft } from "../../../spec/seal-batch.ts";
import type { SealedFault } from "../../../spec/sealed-columns.ts";
import { sealFaulty } from "../../arbitraries/faults.ts";
import type { World } from "../../arbitraries/world.ts";

/** The first batch of stream 1, device 1's: in sequence, in order, signed, but not what it says. */
export function writeFalseBatch(
  world: World,
  signer: DeviceSigner,
  content: Pick<BatchDraft, "metrics" | "times" | "columns"> & { epochKeys: readonly Uint8Array[] },
  fault: SealedFault,
  group: number,
): { readonly operation: Operation; readonly batchKeys: readonly Uint8Array[] } {
  const head = { streamId: 1, epoch: 0, firstSequence: 0, count: content.times.length };
  const draft: BatchDraft = {
    ...{ ...world.at, deviceId: 1, ...head, salt: world.random(16), ...content },
    previousHash: new Uint8Array(32),
  };
  const { crypto, machineKey } = world;
  const secret = world.random(32);
  const batch = sealFaulty(crypto, draft, content.epochKeys, fault, group, machineKey, secret);
  const body: Submit = { kind: "submit", ...head, isBreak: false, sealed: batch.sealed };
  const signature = signer.sign(batch.signedBytes);
  return {
    operation: { authorization: { by: "device", signature }, body },
    batchKeys: batch.batchKeys,
  };
}
