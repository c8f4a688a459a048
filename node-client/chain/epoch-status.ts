/** How far an epoch is on its way to an accepted claim, in this order (rollups-node v2). */
export type EpochStatus =
  | "OPEN"
  | "CLOSED"
  | "INPUTS_PROCESSED"
  | "CLAIM_COMPUTED"
  | "CLAIM_SUBMITTED"
  | "CLAIM_ACCEPTED"
  | "CLAIM_REJECTED";
