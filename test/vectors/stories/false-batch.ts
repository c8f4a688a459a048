import { concatBytes } from "@noble/hashes/utils.js";
import type { DeviceSigner } from "../../../node-client/client/device/device-signer.ts";
import {
  computeBatchKeyHash,
  computeGroupRoot,
  deriveBatchKey,
  deriveColumnKeys,
} from "../../../spec/batch.ts";
import { encodeSealedBody } from "../../../spec/batch-body.ts";
import { encodeColumns } from "../../../spec/columns.ts";
import type { BodyOf, Operation } from "../../../spec/operations.ts";
import type { Column } from "../../../spec/readings.ts";
import type { BatchDraft } from "../../../spec/seal-batch.ts";
import type { SealedFault } from "../../../spec/sealed-columns.ts";
import { sealRaw } from "../../arbitraries/faults.ts";
import type { World } from "../../arbitraries/world.ts";

/** What is false in one key group of a batch. Everything that is not, is as it should be. */
export interface Falsehood {
  readonly fault: SealedFault;
  readonly group: number;
  /** The columns that are sealed in place of the batch's own, where the fault is in them. */
  readonly columns?: readonly Column[];
}

/** What a batch follows; nothing in front of the first. */
const NOTHING_BEFORE = { nextSequence: 0, previousHash: new Uint8Array(32) as Uint8Array };

/** The next batch of stream 1, device 1's: in sequence, in order, signed, but not what it says. */
export function writeFalseBatch(
  world: World,
  signer: DeviceSigner,
  content: Pick<BatchDraft, "metrics" | "times" | "columns"> & { epochKeys: readonly Uint8Array[] },
  falsehood: Falsehood,
  before = NOTHING_BEFORE,
): { readonly operation: Operation; readonly batchKeys: readonly Uint8Array[] } {
  const { crypto, machineKey } = world;
  const { metrics, times, columns, epochKeys } = content;
  const head = { streamId: 1, epoch: 0, firstSequence: before.nextSequence, count: times.length };
  const draft: BatchDraft = {
    ...{ ...world.at, deviceId: 1, ...head, salt: world.random(16), ...content },
    previousHash: before.previousHash,
  };
  const batch = sealRaw(crypto, draft, machineKey, world.random(32), (_, context) => {
    const groups = epochKeys.map((epochKey, group) => {
      const batchKey = deriveBatchKey(crypto, epochKey, group, draft.salt, context);
      const { aeadKey, saltKey } = deriveColumnKeys(crypto, batchKey);
      const { fault, columns: others } =
        group === falsehood.group ? falsehood : { fault: undefined, columns: undefined };
      const own = columns.filter((_, i) => metrics[i]!.group === group);
      const sealed = encodeColumns(others ?? own, times.length);
      const packed =
        fault === "columns_malformed" ? concatBytes(sealed, new Uint8Array(1)) : sealed;
      const ciphertext = crypto.sealAes256Gcm(aeadKey, packed, context);
      if (fault === "ciphertext_broken") ciphertext[0]! ^= 1;
      // Nothing but the named fault may give the batch away, so the root is the sealed columns'.
      const committed = fault === "root_differs" ? own : (others ?? own);
      const root = computeGroupRoot(crypto, saltKey, times, committed);
      return { batchKey, keyHash: computeBatchKeyHash(crypto, batchKey), root, ciphertext };
    });
    const batchKeys = groups.map(({ batchKey }) => batchKey);
    return { body: encodeSealedBody({ times, groups }), groups, batchKeys };
  });
  const body: BodyOf<"submit"> = { kind: "submit", ...head, breakFloor: 0, sealed: batch.sealed };
  const signature = signer.sign(batch.signedBytes);
  return {
    operation: { authorization: { by: "device", signature }, body },
    batchKeys: batch.batchKeys,
  };
}
