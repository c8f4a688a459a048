import {
  bytesToHex,
  type ContractFunctionArgs,
  type ContractFunctionReturnType,
  encodeFunctionData,
  parseAbi,
} from "viem";
import { readContract, simulateContract, writeContract } from "viem/actions";
import { creation } from "../../spec/ClaimedReading.json";
import type { Hex } from "../../spec/outputs.ts";
import type { ReadingProof } from "../../spec/reading-proof.ts";
import type { ChainReader, ChainWriter } from "./chain-client.ts";
import { toClientError } from "./contract-errors.ts";
import { ERRORS_ABI } from "./contracts.ts";
import { computeCreate2Address, deployByCreate2 } from "./create2.ts";
import { requireSuccess, waitForReceipt } from "./find-receipt.ts";

/** `spec/ClaimedReading.sol` in the form viem reads; a test holds the two together. */
export const CLAIMED_READING_ABI = [
  ...parseAbi([
    "struct OutputValidityProof { uint64 outputIndex; bytes32[] outputHashesSiblings; }",
    "struct ReadingProof { uint256 groupIndex; uint256 groupCount; bytes32 keyHash; bytes32[] groupPath; bytes leaf; uint256 readingIndex; uint256 readingCount; bytes32[] readingPath; }",
    "struct Reading { uint256 streamId; uint256 epoch; uint256 batchId; uint256 sequence; uint256 time; uint256 groupIndex; uint256 groupCount; bool[] isNull; int256[] values; }",
    "function readClaimed(address application, bytes output, OutputValidityProof outputProof, ReadingProof proof, uint256[] metrics) view returns (Reading reading)",
    "function proveClaimed(address application, bytes output, OutputValidityProof outputProof, ReadingProof proof, uint256[] metrics) returns (Reading reading)",
    "event ReadingProven(address indexed application, uint256 indexed streamId, uint256 indexed sequence, uint256 time, uint256 groupIndex, uint256 groupCount, uint256[] metrics, bool[] isNull, int256[] values)",
  ]),
  ...ERRORS_ABI,
] as const;

/** Where the contract is on every chain that has it; lower case. */
export const CLAIMED_READING = computeCreate2Address(creation as Hex);

/** An output as the application can check it. */
export interface ProvenOutput {
  readonly output: Uint8Array;
  readonly outputIndex: number;
  /** 63 hashes, bottom up. */
  readonly siblings: readonly Hex[];
}

/** Everything the contract needs in order to believe a reading. */
export interface ClaimedReadingProof {
  readonly app: Hex;
  /** The notice `SubmissionAccepted` of the reading's batch. */
  readonly notice: ProvenOutput;
  readonly proof: ReadingProof;
  /** Which metrics of the key group to read, counted from 0; integers only. */
  readonly metrics: readonly number[];
}

/** What the contract read out of the proven leaf. */
interface ClaimedReading {
  readonly streamId: number;
  readonly epoch: number;
  readonly batchId: number;
  readonly sequence: number;
  /** Unix seconds, as the device says, within its batch's first and last time. */
  readonly timeSec: number;
  /** Which key group the metrics are of: right only if the stream has `groupCount` of them. */
  readonly groupIndex: number;
  readonly groupCount: number;
  /** Scaled integers of the metrics asked for; `null` where the reading has none. */
  readonly values: readonly (bigint | null)[];
}

/** Brings the contract to its address, if it is missing. */
export async function deployClaimedReading(client: ChainWriter): Promise<Hex> {
  await deployByCreate2(client, [creation as Hex]);
  return CLAIMED_READING;
}

/**
 * Asks the contract about a reading, without a transaction.
 *
 * @throws ContractReverted when a proof does not hold, or its epoch is not claimed yet.
 */
export async function readClaimedReading(
  client: ChainReader,
  proof: ClaimedReadingProof,
): Promise<ClaimedReading> {
  try {
    const reading = await readContract(client, {
      address: CLAIMED_READING,
      abi: CLAIMED_READING_ABI,
      functionName: "readClaimed",
      args: toArguments(proof),
    });
    return fromContract(reading);
  } catch (error) {
    throw toClientError(error, { action: "prove the reading on chain" });
  }
}

/**
 * Proves a reading in a transaction, which leaves the event `ReadingProven` behind.
 *
 * @throws as `readClaimedReading`, before anything is sent; TransactionReverted.
 *
 * @example
 * const { values } = await proveClaimedReading(client, { app, notice, proof, metrics: [0] });
 */
export async function proveClaimedReading(
  client: ChainWriter,
  proof: ClaimedReadingProof,
): Promise<ClaimedReading & { readonly transactionHash: Hex; readonly gasUsed: bigint }> {
  try {
    const { request, result } = await simulateContract(client, {
      address: CLAIMED_READING,
      abi: CLAIMED_READING_ABI,
      functionName: "proveClaimed",
      args: toArguments(proof),
      account: client.account,
    });
    const transactionHash = await writeContract(client, request);
    const { gasUsed } = requireSuccess(await waitForReceipt(client, transactionHash));
    return { ...fromContract(result), transactionHash, gasUsed };
  } catch (error) {
    throw toClientError(error, { action: "prove the reading on chain" });
  }
}

/** What `readClaimed` and `proveClaimed` take, under the names that the contract gives them. */
export function toClaimedReadingArguments({ app, notice, proof, metrics }: ClaimedReadingProof) {
  return {
    application: app,
    /** The notice as an output: the call `Notice(bytes)`. */
    output: bytesToHex(notice.output),
    outputProof: {
      outputIndex: BigInt(notice.outputIndex),
      outputHashesSiblings: notice.siblings,
    },
    proof: {
      groupIndex: BigInt(proof.groupIndex),
      groupCount: BigInt(proof.groupCount),
      keyHash: bytesToHex(proof.keyHash),
      groupPath: proof.groupPath.map((hash) => bytesToHex(hash)),
      leaf: bytesToHex(proof.leaf),
      readingIndex: BigInt(proof.readingIndex),
      readingCount: BigInt(proof.readingCount),
      readingPath: proof.readingPath.map((hash) => bytesToHex(hash)),
    },
    metrics: metrics.map(BigInt),
  };
}

/**
 * The call of `readClaimed`, for `eth_call` at the contract's address.
 *
 * @example
 * const data = encodeReadClaimed({ ...proven, metrics: [0] });
 */
export const encodeReadClaimed = (proof: ClaimedReadingProof): Hex =>
  encodeFunctionData({
    abi: CLAIMED_READING_ABI,
    functionName: "readClaimed",
    args: toArguments(proof),
  });

type Arguments = ContractFunctionArgs<typeof CLAIMED_READING_ABI, "view", "readClaimed">;

function toArguments(given: ClaimedReadingProof): Arguments {
  const { application, output, outputProof, proof, metrics } = toClaimedReadingArguments(given);
  return [application, output, outputProof, proof, metrics];
}

function fromContract(
  reading: ContractFunctionReturnType<typeof CLAIMED_READING_ABI, "view", "readClaimed">,
): ClaimedReading {
  return {
    streamId: Number(reading.streamId),
    epoch: Number(reading.epoch),
    batchId: Number(reading.batchId),
    sequence: Number(reading.sequence),
    timeSec: Number(reading.time),
    groupIndex: Number(reading.groupIndex),
    groupCount: Number(reading.groupCount),
    values: reading.values.map((value, i) => (reading.isNull[i] ? null : value)),
  };
}
