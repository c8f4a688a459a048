import { bytesToHex, hexToBytes } from "@noble/hashes/utils.js";
import type { InputContext } from "../../spec/input.ts";
import type { Hex } from "../../spec/outputs.ts";
import type { AcceptedClaim, ChainInput, ExecutedOutput } from "./chain-input.ts";
import { ChainReadError } from "./chain-read-error.ts";
import { INPUT_BYTES_MAX, TOPICS } from "./contracts.ts";
import { decodeEvmAdvance, EvmAdvanceMalformed } from "./decode-evm-advance.ts";

/**
 * Logs as JSON-RPC gives them, read by hand: an ABI decoder that checks and copies through layers
 * costs more than fetching them. Nothing is believed about their form.
 */

/** Whose logs are wanted; all lower case. */
export interface FollowedContracts {
  readonly app: Hex;
  readonly consensus: Hex;
  readonly inputBox: Hex;
}

/** Where a log stands, checked. */
interface LogPlace {
  readonly blockNumber: number;
  readonly blockHash: Hex;
  readonly transactionHash: Hex;
}

/** The logs of a range of blocks, by what they say. */
export interface ParsedLogs {
  readonly inputs: ChainInput[];
  readonly claims: AcceptedClaim[];
  readonly executions: ExecutedOutput[];
  /** Consensus contracts that the application was moved to. */
  readonly validators: Hex[];
  /** Hash of every block that has a log here. */
  readonly blockHashes: Map<number, Hex>;
}

const WORD_DIGITS = 64;
const CLAIM_DIGITS = 2 + 2 * WORD_DIGITS;
/** An executed output is part of some input's outputs: at most 2 MiB and its head. */
const OUTPUT_BYTES_MAX = 1 << 22;
const HASH = /^0x[0-9a-f]{64}$/;

/**
 * Takes logs apart.
 *
 * @throws ChainReadError for anything that is not a log of these contracts and events within the
 * range, for a removed one, and when two logs name different hashes for one block.
 */
export function parseLogs(
  answers: readonly unknown[],
  contracts: FollowedContracts,
  range: { readonly first: number; readonly last: number },
): ParsedLogs {
  const parsed: ParsedLogs = {
    inputs: [],
    claims: [],
    executions: [],
    validators: [],
    blockHashes: new Map(),
  };
  for (const answer of answers) {
    if (!Array.isArray(answer)) throw malformed("the logs are not a list");
    for (const log of answer) parseLog(log, contracts, range, parsed);
  }
  // Providers that ask several machines may mix up the order; the index is the contract's.
  parsed.inputs.sort((a, b) => a.index - b.index);
  return parsed;
}

function parseLog(
  log: unknown,
  { app, consensus, inputBox }: FollowedContracts,
  range: { readonly first: number; readonly last: number },
  parsed: ParsedLogs,
): void {
  if (typeof log !== "object" || log === null) throw malformed("a log is not an object");
  const { address, topics, data, blockNumber, blockHash, transactionHash, removed } = log as {
    readonly [name: string]: unknown;
  };
  if (removed !== undefined && removed !== false)
    throw new ChainReadError("chain_moved", "A log was removed while reading.");
  if (!Array.isArray(topics) || typeof data !== "string" || typeof address !== "string") {
    throw malformed("a log lacks its parts");
  }
  const place: LogPlace = {
    blockNumber: parseQuantity(blockNumber),
    blockHash: parseHash(blockHash),
    transactionHash: parseHash(transactionHash),
  };
  const known = parsed.blockHashes.get(place.blockNumber);
  if (place.blockNumber < range.first || place.blockNumber > range.last) {
    throw malformed("a log is of a block that was not asked for");
  }
  if (known !== undefined && known !== place.blockHash) {
    throw new ChainReadError("chain_moved", `Block ${place.blockNumber} has two hashes.`);
  }
  parsed.blockHashes.set(place.blockNumber, place.blockHash);
  const emitter = address.toLowerCase();
  const [event, ofApp] = topics as unknown[];
  const isOfApp = typeof ofApp === "string" && ofApp.toLowerCase() === toTopic(app);
  if (event === TOPICS.inputAdded && emitter === inputBox && isOfApp) {
    parsed.inputs.push(parseInput(topics[2], data, app, place));
  } else if (event === TOPICS.claimAccepted && emitter === consensus && isOfApp) {
    if (data.length !== CLAIM_DIGITS) throw malformed("a claim is not of two words");
    parsed.claims.push({
      blockNumber: place.blockNumber,
      transactionHash: place.transactionHash,
      lastProcessedBlockNumber: parseQuantity(getWord(data, 0)),
      outputsMerkleRoot: getWord(data, 1),
    });
  } else if (event === TOPICS.outputExecuted && emitter === app) {
    parsed.executions.push({
      blockNumber: place.blockNumber,
      transactionHash: place.transactionHash,
      outputIndex: parseQuantity(getWord(data, 0)),
      output: parseBytes(data, 1, OUTPUT_BYTES_MAX),
    });
  } else if (event === TOPICS.validatorChanged && emitter === app) {
    parsed.validators.push(`0x${getWord(data, 0).slice(26)}`);
  } else throw malformed("a log is of an event that was not asked for");
}

/** An input, whose blob has to say the same as the log around it. */
function parseInput(topic: unknown, data: string, app: Hex, place: LogPlace): ChainInput {
  const index = parseQuantity(topic);
  const blob = parseBytes(data, 0, INPUT_BYTES_MAX);
  const at = decodeInput(blob);
  const isOfLog = at.inputIndex === index && at.blockNumber === place.blockNumber;
  if (!isOfLog || `0x${bytesToHex(at.app)}` !== app) throw malformed("an input is another's");
  return { index, ...place, blob };
}

function decodeInput(blob: Uint8Array): InputContext {
  try {
    return decodeEvmAdvance(blob).at;
  } catch (error) {
    if (error instanceof EvmAdvanceMalformed) throw malformed("an input is not an EvmAdvance call");
    throw error;
  }
}

/** An address as an indexed argument. */
export const toTopic = (address: Hex): Hex => `0x${address.slice(2).padStart(WORD_DIGITS, "0")}`;

/** A non-negative safe integer in hexadecimal, of whatever width. */
export function parseQuantity(value: unknown): number {
  const number =
    typeof value === "string" && /^0x[0-9a-f]+$/i.test(value) ? Number(value) : Number.NaN;
  if (!Number.isSafeInteger(number)) throw malformed("a number is none");
  return number;
}

/** Thirty-two bytes, lower case. */
export function parseHash(value: unknown): Hex {
  const hash = typeof value === "string" ? value.toLowerCase() : "";
  if (!HASH.test(hash)) throw malformed("a hash is none");
  return hash as Hex;
}

function getWord(data: string, index: number): Hex {
  const from = 2 + WORD_DIGITS * index;
  return parseHash(`0x${data.slice(from, from + WORD_DIGITS)}`);
}

/** The dynamic bytes whose offset is argument `argument` of the data. */
function parseBytes(data: string, argument: number, bytesMax: number): Uint8Array {
  const offset = parseQuantity(getWord(data, argument));
  if (offset % 32 !== 0 || offset > data.length) throw malformed("a log's data is cut");
  const byteCount = parseQuantity(getWord(data, offset / 32));
  const from = 2 + 2 * (offset + 32);
  if (byteCount > bytesMax || data.length < from + 2 * byteCount)
    throw malformed("a log's data is cut");
  try {
    // Memory of its own: a piece of Buffer's pool would be sent to threads with all the rest of it.
    return hexToBytes(data.slice(from, from + 2 * byteCount));
  } catch {
    throw malformed("a log's data is not hexadecimal");
  }
}

/** An answer that no chain gives. */
export function malformed(what: string): ChainReadError {
  return new ChainReadError("malformed", `The provider's answer cannot be read: ${what}.`);
}
