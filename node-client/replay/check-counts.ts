import { numberToHex } from "viem";
import { readContract } from "viem/actions";
import type { Hex } from "../../spec/outputs.ts";
import type { ChainReader } from "../chain/chain-client.ts";
import type { BlockReference } from "../chain/chain-input.ts";
import { ChainReadError } from "../chain/chain-read-error.ts";
import { toClientError } from "../chain/contract-errors.ts";
import { APPLICATION_ABI, CONSENSUS_ABI, TOPICS } from "../chain/contracts.ts";
import { toTopic } from "../chain/parse-logs.ts";
import type { NodeIdentity } from "../node/node-store.ts";

/** What was found in the logs up to a block. */
export interface FoundLogs {
  readonly claimCount: number;
  readonly executionCount: number;
  /** Blocks whose logs the provider gives at once. */
  readonly pageBlocks: number;
}

/**
 * Claims and executions have no index that would show a gap in the logs, as inputs have. So their
 * contracts are asked how many there were.
 *
 * @throws ChainReadError when the provider left some out.
 * @throws ClientError when the chain does not answer.
 */
export async function requireCounts(
  {
    client,
    contracts,
    block,
  }: {
    readonly client: ChainReader;
    readonly contracts: Pick<NodeIdentity, "app" | "consensus">;
    readonly block: BlockReference;
  },
  { claimCount, executionCount, pageBlocks }: FoundLogs,
): Promise<void> {
  const { app, consensus } = contracts;
  const blockNumber = BigInt(block.number);
  try {
    const [accepted, executed] = await Promise.all([
      readContract(client, {
        abi: CONSENSUS_ABI,
        address: consensus,
        functionName: "getNumberOfAcceptedClaims",
        blockNumber,
      }),
      readContract(client, {
        abi: APPLICATION_ABI,
        address: app,
        functionName: "getNumberOfExecutedOutputs",
        blockNumber,
      }),
    ]);
    requireCount("executed outputs", Number(executed), executionCount);
    if (Number(accepted) === claimCount) return;
    // A consensus counts the claims of all its applications together.
    const claims = await readAllClaims(client, consensus, block, pageBlocks);
    const ours = toTopic(app);
    const ourCount = claims.filter(({ topics }) => topics[1]?.toLowerCase() === ours).length;
    requireCount("accepted claims of the consensus", Number(accepted), claims.length);
    requireCount("accepted claims of the application", ourCount, claimCount);
  } catch (error) {
    throw toClientError(error, { action: "count the claims and executed outputs" });
  }
}

async function readAllClaims(
  client: ChainReader,
  consensus: Hex,
  block: BlockReference,
  pageBlocks: number,
): Promise<{ readonly topics: readonly string[] }[]> {
  const claims: { readonly topics: readonly string[] }[] = [];
  for (let first = 0; first <= block.number; first += pageBlocks) {
    const last = Math.min(block.number, first + pageBlocks - 1);
    const filter = {
      address: consensus,
      topics: [TOPICS.claimAccepted],
      fromBlock: numberToHex(first),
      toBlock: numberToHex(last),
    };
    claims.push(...(await client.request({ method: "eth_getLogs", params: [filter] })));
  }
  return claims;
}

function requireCount(what: string, expected: number, actual: number): void {
  if (expected === actual) return;
  throw new ChainReadError(
    "logs_missing",
    `The provider's logs hold ${actual} ${what}, and there are ${expected}.`,
  );
}
