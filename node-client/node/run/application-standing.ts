import type { ConsensusKind } from "../../chain/consensus-kind.ts";
import type { NodeView } from "../store/sqlite-node-view.ts";

/** How the node's application stands, in the official node's words. */
export interface ApplicationStanding {
  /** Null for a consensus of neither kind. */
  readonly consensusType: ConsensusKind | null;
  /** `INOPERABLE`: what the node computes is not what the chain believes, or asks for. */
  readonly state: "ENABLED" | "INOPERABLE";
  /** Why it is inoperable. */
  readonly reason: string | null;
}

/**
 * The contradiction between the chain's accepted claims and ours; `undefined` where there is none.
 * It follows from the file, so that a restart keeps it and a reorganisation can end it.
 */
export function findContradiction(view: NodeView): string | undefined {
  const [epoch] = view.listEpochs({ status: "CLAIM_REJECTED" }, { limit: 1, offset: 0 }).items;
  return epoch && describeContradiction(epoch);
}

/** That the consensus believes in another root for an epoch than this node. */
export function describeContradiction({
  index,
  outputsMerkleRoot,
}: {
  readonly index: number;
  readonly outputsMerkleRoot: string | undefined;
}): string {
  return (
    `The consensus has accepted another claim for epoch ${index} than the one that this node ` +
    `computes, ${outputsMerkleRoot}: no more claims are sent. Check that the machine key is the ` +
    "application's, then replay from the chain."
  );
}
