import type { Hex } from "../../../spec/outputs.ts";
import type { EpochStatus } from "../../chain/epoch-status.ts";
import { NodeAnswerInvalid } from "./node-errors.ts";
import type { EpochAnswer } from "./node-methods.ts";
import { type ListOptions, readPages, toHexNumber } from "./read-pages.ts";
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

export interface ListEpochsOptions extends ListOptions {
  readonly status?: EpochStatus;
}

/**
 * The application's epochs in order, all pages.
 *
 * @example
 * for await (const epoch of listEpochs(client, { status: "CLAIM_ACCEPTED" })) console.log(epoch);
 */
export function listEpochs(
  client: Pick<TallyrollClient, "app" | "requestNode">,
  options: ListEpochsOptions = {},
): AsyncGenerator<EpochInfo, void> {
  const filter = { application: client.app, status: options.status };
  return readPages(
    options,
    (place) => client.requestNode("cartesi_listEpochs", { ...filter, ...place }),
    fromEpochAnswer,
  );
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

/** How far a node is with the application's inputs and epochs. */
export interface NodeStatus {
  readonly version: string;
  /** `ENABLED`, or what keeps the node from going on, such as `INOPERABLE`. */
  readonly state: string;
  /** Why, where the state is not `ENABLED`. */
  readonly reason: string | undefined;
  /** The newest block that was searched for inputs. */
  readonly lastBlock: number;
  readonly processedInputCount: number;
  readonly epochCount: number;
  readonly acceptedClaimCount: number;
  readonly rejectedClaimCount: number;
}

/**
 * How far the client's node is, by the official node's API.
 *
 * @throws NodeUnreachable, NodeAnswerInvalid, and NodeRequestRefused where the node runs another
 * application.
 * @example
 * const { processedInputCount, rejectedClaimCount } = await getNodeStatus(client);
 */
export async function getNodeStatus(
  client: Pick<TallyrollClient, "app" | "nodeUrl" | "requestNode">,
): Promise<NodeStatus> {
  const { app: application, nodeUrl } = client;
  const countEpochs = async (status?: EpochStatus): Promise<number> => {
    const params = { application, limit: 1, status };
    return (await client.requestNode("cartesi_listEpochs", params)).pagination.total_count;
  };
  const [{ data }, version, epochCount, acceptedClaimCount, rejectedClaimCount] = await Promise.all(
    [
      client.requestNode("cartesi_getApplication", { application }),
      client.requestNode("cartesi_getNodeVersion", {}),
      countEpochs(),
      countEpochs("CLAIM_ACCEPTED"),
      countEpochs("CLAIM_REJECTED"),
    ],
  );
  const readNumber = (name: string): number => {
    const value = data[name];
    if (typeof value === "string" && /^0x[0-9a-f]{1,13}$/.test(value)) return Number(value);
    throw new NodeAnswerInvalid(nodeUrl, `an application without ${name}`);
  };
  return {
    version: String(version.data),
    state: String(data.state),
    reason: data.reason == null ? undefined : String(data.reason),
    lastBlock: readNumber("last_input_check_block"),
    processedInputCount: readNumber("processed_inputs"),
    ...{ epochCount, acceptedClaimCount, rejectedClaimCount },
  };
}
