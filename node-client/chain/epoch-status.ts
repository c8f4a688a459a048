/** How far an epoch is on its way to an accepted claim, in this order (rollups-node v2). */
export const EPOCH_STATUSES = [
  "OPEN",
  "CLOSED",
  "INPUTS_PROCESSED",
  "CLAIM_COMPUTED",
  "CLAIM_SUBMITTED",
  "CLAIM_ACCEPTED",
  "CLAIM_REJECTED",
] as const;

export type EpochStatus = (typeof EPOCH_STATUSES)[number];
