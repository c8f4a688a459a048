import { defineAction, readOwn } from "./define-action.ts";

export interface ChallengeOptions {
  readonly batchId: number;
  /** The key group that does not open. */
  readonly group: number;
  /** That group's batch key, as `SealedReadError.place` names it. It becomes public. */
  readonly batchKey: Uint8Array;
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
export const challenge = defineAction({
  body: ({ batchId, group, batchKey }: ChallengeOptions) => ({
    kind: "challenge",
    ...{ batchId, group, batchKey },
  }),
  read: (told) => readOwn("challenge", told),
});
