import { getContract, zeroAddress } from "viem";
import {
  type ApplicationFacts,
  checkApplication,
  checkChain,
} from "../../chain/check-contracts.ts";
import { CONTRACTS, INPUT_BOX_ABI } from "../../chain/contracts.ts";
import { ClientError } from "../../errors.ts";
import { callChain } from "./call-chain.ts";
import { ETHER } from "./ether.ts";
import type { TallyrollClient } from "./tallyroll-client.ts";

/** What the chain says of itself and of the application, at its head. */
export interface ChainStatus {
  readonly chainId: number;
  readonly headBlock: number;
  /** Unix seconds, as the block states them. */
  readonly headTimeSec: number;
  /** How many inputs the InputBox counts for the application. */
  readonly inputCount: number;
  /** The contract that judges the application's epochs. */
  readonly consensus: string;
  /** Blocks. */
  readonly epochLength: number;
}

/**
 * Where the chain is, and how many inputs it holds for the application.
 *
 * @throws ApplicationAbsent, ContractsOfAnotherLine, and what `callChain` throws.
 * @example
 * const { headBlock, inputCount } = await getChainStatus(client);
 */
export async function getChainStatus(
  client: Pick<TallyrollClient, "app" | "publicClient" | "rpcUrl">,
): Promise<ChainStatus> {
  const { app, publicClient } = client;
  const { consensus, epochLength } = await checkApplication(publicClient, app);
  const address = CONTRACTS.inputBox;
  const inputBox = getContract({ address, abi: INPUT_BOX_ABI, client: publicClient });
  return await callChain(client, "read the chain's head", async () => {
    const [chainId, { number, timestamp }, inputCount] = await Promise.all([
      publicClient.getChainId(),
      publicClient.getBlock(),
      inputBox.read.getNumberOfInputs([app]),
    ]);
    return {
      ...{ chainId, consensus, epochLength },
      headBlock: Number(number),
      headTimeSec: Number(timestamp),
      inputCount: Number(inputCount),
    };
  });
}

/** Over so many blocks the average is taken: long enough that one late block moves no date. */
const BLOCKS_AVERAGED = 1_000;
/** Past blocks that are asked for their own time, each a request; those beyond go without a date. */
const BLOCKS_ASKED_MAX = 64;
/** The last second of the year 9999: a later one is not a date that anybody reads. */
const SECONDS_MAX = 253_402_300_799;

/** Which block comes when, by the chain's measured pace. */
export interface BlockCalendar {
  readonly headBlock: number;
  /** Unix seconds, as the head states them. */
  readonly headTimeSec: number;
  /** Of the last thousand blocks, or of all there are; `undefined` where it cannot be measured. */
  readonly secondsPerBlock: number | undefined;
  /**
   * When a block was, or about when it comes, in whole Unix seconds; `undefined` where the pace is
   * not known, for a block farther away than dates reach, and after 64 past ones.
   *
   * @throws What `callChain` throws.
   */
  readonly findTime: (block: number) => Promise<number | undefined>;
}

/**
 * Measures the chain's block time, to put dates beside blocks.
 *
 * @throws What `callChain` throws.
 * @example
 * const calendar = await readBlockCalendar(client);
 * await calendar.findTime(expirationBlock); // 1798106400
 */
export async function readBlockCalendar(
  client: Pick<TallyrollClient, "publicClient" | "rpcUrl">,
): Promise<BlockCalendar> {
  const readTime = async (block: number): Promise<number> => {
    const { timestamp } = await callChain(client, `read the time of block ${block}`, () =>
      client.publicClient.getBlock({ blockNumber: BigInt(block) }),
    );
    return Number(timestamp);
  };
  const head = await callChain(client, "read the chain's head", () =>
    client.publicClient.getBlock(),
  );
  const [headBlock, headTimeSec] = [Number(head.number), Number(head.timestamp)];
  const span = Math.min(headBlock, BLOCKS_AVERAGED);
  const tookSec = span === 0 ? 0 : headTimeSec - (await readTime(headBlock - span));
  const secondsPerBlock = tookSec > 0 ? tookSec / span : undefined;
  const known = new Map<number, Promise<number>>([[headBlock, Promise.resolve(headTimeSec)]]);
  const findTime = async (block: number): Promise<number | undefined> => {
    if (block <= headBlock) {
      if (!known.has(block) && known.size >= BLOCKS_ASKED_MAX) return undefined;
      const time = known.get(block) ?? readTime(block);
      known.set(block, time);
      return await time;
    }
    if (secondsPerBlock === undefined) return undefined;
    const timeSec = Math.round(headTimeSec + (block - headBlock) * secondsPerBlock);
    return timeSec > 0 && timeSec <= SECONDS_MAX ? timeSec : undefined;
  };
  return { headBlock, headTimeSec, secondsPerBlock, findTime };
}

/** The client's node and its chain do not belong together. */
export class NodeOfAnotherChain extends ClientError {
  override readonly name = "NodeOfAnotherChain";

  constructor(nodeUrl: string, found: bigint, expected: number) {
    super(`The node at ${nodeUrl} follows chain ${found}, and the client uses ${expected}.`, {
      whatToDo: "Name the RPC URL of the node's chain, or a node of this chain.",
    });
  }
}

/**
 * Checks before anything is sent that chain, contracts, application and both APIs of the node belong
 * together: what is sent to an address without code succeeds and is lost.
 *
 * @returns What the contracts say of the application.
 * @throws WrongChain, ContractsAbsent, ContractsOfAnotherLine, ApplicationAbsent,
 * NodeOfAnotherChain, NodeRequestRefused where the node runs another application, and what
 * `callChain`, `requestNode` and `inspectApplication` throw where one does not answer.
 * @example
 * const client = await createTallyrollClient({ app, chain: { rpcUrl }, chainId: 31337 });
 * const { epochLength } = await checkClient(client);
 */
export async function checkClient(client: TallyrollClient): Promise<ApplicationFacts> {
  const { publicClient, chainId, app, rpcUrl, nodeUrl } = client;
  await checkChain(publicClient, { chainId, rpcUrl });
  const facts = await checkApplication(publicClient, app);
  const { data } = await client.requestNode("cartesi_getChainId", {});
  if (BigInt(data) !== BigInt(chainId)) {
    throw new NodeOfAnotherChain(nodeUrl, BigInt(data), chainId);
  }
  await client.requestNode("cartesi_getApplication", { application: app });
  // The inspect API has an address of its own, which may be another's: its path names the
  // application, and any answer shows that this one runs there.
  await client.inspect({ query: "balance", account: zeroAddress, token: ETHER });
  return facts;
}
