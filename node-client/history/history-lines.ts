import { bytesToHex, concatBytes, hexToBytes } from "@noble/hashes/utils.js";
import type { InputContext } from "../../spec/input.ts";
import { ClientError } from "../errors.ts";

/** Eight times what the largest input takes in hexadecimal: room for more fields than ours. */
const LINE_BYTES_MAX = 1_048_576;
const LINE_FEED = 10;

/** One input of a history with the chain's word about it. */
export interface HistoryInput {
  readonly at: InputContext;
  readonly payload: Uint8Array;
}

/** A line of a history file is wrong. */
export class HistoryError extends ClientError {
  override readonly name = "HistoryError";
}

/**
 * One JSON line of a history: {"payload","msg_sender","block_number","block_timestamp",
 * "chain_id","app_contract"}. The index is the line's number from 0. The chain's "prev_randao", which
 * the input hash covers, is on the line unless it is 0.
 */
export function formatHistoryLine({ at, payload }: HistoryInput): string {
  return JSON.stringify({
    payload: `0x${bytesToHex(payload)}`,
    msg_sender: `0x${bytesToHex(at.sender)}`,
    block_number: at.blockNumber,
    block_timestamp: at.timestampSec,
    chain_id: Number(at.chainId),
    app_contract: `0x${bytesToHex(at.app)}`,
    ...(at.prevRandao.some((byte) => byte !== 0)
      ? { prev_randao: `0x${bytesToHex(at.prevRandao)}` }
      : {}),
  });
}

/**
 * Reads a history file's text, one input a line; empty lines are skipped.
 *
 * @throws HistoryError that names the line and the field.
 */
export function parseHistory(text: string): Generator<HistoryInput> {
  return parseHistoryChunks([new TextEncoder().encode(text)]);
}

/**
 * Reads a history file in chunks of any size, cut anywhere: what is too large for one string.
 *
 * @param name What messages call it.
 * @throws HistoryError that names the line and the field.
 */
export function* parseHistoryChunks(
  chunks: Iterable<Uint8Array>,
  name = "the history",
): Generator<HistoryInput> {
  let inputIndex = 0;
  let lineNumber = 0;
  for (const line of splitLines(chunks)) {
    lineNumber += 1;
    if (line === undefined) {
      throw new HistoryError(`Line ${lineNumber} of ${name} is over ${LINE_BYTES_MAX} bytes.`, {
        whatToDo: "No input is that large: give a history as JSON lines, one input a line.",
      });
    }
    const text = line.trim();
    if (text !== "") yield parseLine(text, `Line ${lineNumber} of ${name}`, inputIndex++);
  }
}

/** The lines of a text in chunks; `undefined` in place of one that is too long, and then no more. */
function* splitLines(chunks: Iterable<Uint8Array>): Generator<string | undefined> {
  const decoder = new TextDecoder();
  let rest: Uint8Array = new Uint8Array(0);
  for (const chunk of chunks) {
    let start = 0;
    for (;;) {
      const newline = chunk.indexOf(LINE_FEED, start);
      const piece = chunk.subarray(start, newline === -1 ? chunk.length : newline);
      if (rest.length + piece.length > LINE_BYTES_MAX) return yield undefined;
      rest = rest.length === 0 ? piece : concatBytes(rest, piece);
      if (newline === -1) break;
      yield decoder.decode(rest);
      rest = new Uint8Array(0);
      start = newline + 1;
    }
  }
  if (rest.length > 0) yield decoder.decode(rest);
}

function parseLine(line: string, place: string, inputIndex: number): HistoryInput {
  const fail = (what: string): never => {
    throw new HistoryError(`${place} ${what}.`, {
      whatToDo:
        "Give one JSON object a line; `tallyroll encode --help` shows how a history is written.",
    });
  };
  let fields: Record<string, unknown>;
  try {
    fields = JSON.parse(line) as Record<string, unknown>;
  } catch {
    return fail("is not JSON");
  }
  if (typeof fields !== "object" || fields === null) return fail("is not a JSON object");
  const bytes = (name: string, length?: number): Uint8Array => {
    const value = fields[name];
    if (typeof value !== "string" || !/^0x([0-9a-fA-F]{2})*$/.test(value)) {
      return fail(`has no hexadecimal "${name}"`);
    }
    if (length !== undefined && value.length !== 2 + 2 * length) {
      return fail(`has a "${name}" of other than ${length} bytes`);
    }
    return hexToBytes(value.slice(2));
  };
  const count = (name: string): number => {
    const value = fields[name];
    if (typeof value !== "number" || !Number.isSafeInteger(value) || value < 0) {
      return fail(`has no whole number "${name}"`);
    }
    return value;
  };
  return {
    payload: bytes("payload"),
    at: {
      chainId: BigInt(count("chain_id")),
      app: bytes("app_contract", 20),
      sender: bytes("msg_sender", 20),
      blockNumber: count("block_number"),
      timestampSec: count("block_timestamp"),
      prevRandao: fields.prev_randao === undefined ? new Uint8Array(32) : bytes("prev_randao", 32),
      inputIndex,
    },
  };
}
