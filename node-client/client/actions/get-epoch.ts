import type { Hex } from "../../../spec/outputs.ts";
import type { EpochStatus } from "../../chain/epoch-status.ts";
import type { EpochAnswer } from "./node-methods.ts";
import { toHexNumber } from "./read-pages.ts";
import type { TallyrollClient } from "./tallyroll-client.ts";

/** A span of blocks whose outputs are claimed together. Blocks without inputs make none. */
export interface EpochInfo {
  readonly epochIndex: number;
  readonly firstBlock: number;
  readonly lastBlock: number;
  readonly inputIndexLowerBound: number;
  /** Exclusive. */
  readonly inputIndexUpperBound: number;
  readonly status: EpochStatus;
  /** Once the claim is computed. */
  readonly outputsMerkleRoot: Hex | undefined;
  readonly claimTransactionHash: Hex | undefined;
}

/**
 * One epoch by its index.
 *
 * @throws NodeRequestRefused (see `isNotFound`) where the node knows none of this index.
 * @example
 * const { status, lastBlock } = await getEpoch(client, { epochIndex: 7 });
 */
export async function getEpoch(
  client: Pick<TallyrollClient, "app" | "requestNode">,
  { epochIndex }: { readonly epochIndex: number },
): Promise<EpochInfo> {
  const params = { application: client.app, epoch_index: toHexNumber(epochIndex) };
  const { data } = await client.requestNode("cartesi_getEpoch", params);
  return fromEpochAnswer(data);
}

/** A node's answer as an epoch. */
export function fromEpochAnswer(answer: EpochAnswer): EpochInfo {
  return {
    epochIndex: Number(answer.index),
    firstBlock: Number(answer.first_block),
    lastBlock: Number(answer.last_block),
    inputIndexLowerBound: Number(answer.input_index_lower_bound),
    inputIndexUpperBound: Number(answer.input_index_upper_bound),
    status: answer.status as EpochStatus,
    outputsMerkleRoot: answer.outputs_merkle_root ?? undefined,
    claimTransactionHash: answer.claim_transaction_hash ?? undefined,
  };
}
