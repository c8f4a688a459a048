import type { Hex } from "../../../spec/outputs.ts";
import { type AppliedAt, type ApplyOptions, applyOperation } from "./apply-operation.ts";
import type { TallyrollClient } from "./tallyroll-client.ts";

export interface ChallengeOptions extends ApplyOptions {
  readonly batchId: number;
  /** The key group that does not open. */
  readonly group: number;
  /** That group's batch key, as `SealedReadError.place` names it. It becomes public. */
  readonly batchKey: Uint8Array;
}

export interface ChallengeResult extends AppliedAt {
  readonly batchId: number;
  readonly streamId: number;
  readonly group: number;
  readonly challenger: Hex;
}

/**
 * Proves that a sealed batch is not what its device committed to: the machine decrypts it with the
 * revealed key and records that it is false.
 *
 * @throws OperationRefused: batch_…, challenge_group_unknown, challenge_key_wrong, and
 * challenge_batch_honest where there is nothing to prove.
 * @example
 * await challenge(client, { batchId: 7, group: 0, batchKey });
 */
export async function challenge(
  client: TallyrollClient,
  { batchId, group, batchKey, ...options }: ChallengeOptions,
): Promise<ChallengeResult> {
  const body = { kind: "challenge", batchId, group, batchKey } as const;
  const { at, fields } = await applyOperation(client, body, "BatchDisproved", options);
  return {
    ...at,
    batchId: Number(fields.batchId),
    streamId: Number(fields.streamId),
    group: Number(fields.group),
    challenger: fields.challenger,
  };
}
