import { bytesToHex, hexToBytes } from "@noble/hashes/utils.js";
import type { InputContext } from "../../spec/input.ts";
import { ClientError } from "../errors.ts";

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
 * "chain_id","app_contract"}. The index is the line's number from 0; prev_randao is 0.
 */
export function formatHistoryLine({ at, payload }: HistoryInput): string {
  return JSON.stringify({
    payload: `0x${bytesToHex(payload)}`,
    msg_sender: `0x${bytesToHex(at.sender)}`,
    block_number: at.blockNumber,
    block_timestamp: at.timestampSec,
    chain_id: Number(at.chainId),
    app_contract: `0x${bytesToHex(at.app)}`,
  });
}

/**
 * Reads a history file's text, one input a line; empty lines are skipped.
 *
 * @throws HistoryError that names the line and the field.
 */
export function* parseHistory(text: string): Generator<HistoryInput> {
  let inputIndex = 0;
  let lineNumber = 0;
  for (let start = 0; start < text.length; ) {
    const newline = text.indexOf("\n", start);
    const end = newline === -1 ? text.length : newline;
    const line = text.slice(start, end).trim();
    start = end + 1;
    lineNumber += 1;
    if (line !== "") yield parseLine(line, lineNumber, inputIndex++);
  }
}

function parseLine(line: string, lineNumber: number, inputIndex: number): HistoryInput {
  const fail = (what: string): never => {
    throw new HistoryError(`Line ${lineNumber} of the history ${what}.`, {
      whatToDo: "Write histories with `tallyroll encode`, one JSON object a line.",
    });
  };
  let fields: Record<string, unknown>;
  try {
    fields = JSON.parse(line) as Record<string, unknown>;
  } catch {
    return fail("is no JSON");
  }
  if (typeof fields !== "object" || fields === null) return fail("is no JSON object");
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
      prevRandao: new Uint8Array(32),
      inputIndex,
    },
  };
}
