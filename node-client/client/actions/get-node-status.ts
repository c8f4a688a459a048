import type { EpochStatus } from "../../chain/epoch-status.ts";
import { NodeAnswerInvalid } from "./node-errors.ts";
import type { TallyrollClient } from "./tallyroll-client.ts";

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
    const filter = status === undefined ? {} : { status };
    const page = await client.requestNode("cartesi_listEpochs", {
      ...{ application, limit: 1 },
      ...filter,
    });
    return page.pagination.total_count;
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
