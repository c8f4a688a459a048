import { createHash } from "node:crypto";
import type { Hex } from "../../../spec/outputs.ts";

/** The lines of an upload's journal: what they say, and how they stand in the file. */

/** Which file goes to which application, and how. The first line. */
export interface UploadHead {
  readonly kind: "upload";
  readonly version: 2;
  readonly id: string;
  readonly chainId: number;
  readonly app: Hex;
  /** Owns the devices and sends the inputs. */
  readonly owner: Hex;
  /** The machine's X25519 public key that the batches are sealed to. */
  readonly machineKey: Hex;
  /** Absolute path, or `standard input`. */
  readonly file: string;
  /** SHA-256 of its content. */
  readonly fileHash: Hex;
  /** How its columns become streams: options that would make other readings of it. */
  readonly mapping: string;
}

/** What a batch holds, so that its rows are known again in another file. */
export interface BatchRows {
  /** SHA-256 of times and values: the same for the same readings in whatever file. */
  readonly hash: Hex;
  /** Unix seconds: rows need not be in the order of their times. */
  readonly earliestSec: number;
  readonly latestSec: number;
}

export interface JournaledBatch {
  readonly device: string;
  readonly did: string;
  readonly deviceId: number;
  readonly streamId: number;
  readonly epoch: number;
  readonly firstSequence: number;
  readonly count: number;
  /** The first of its readings among the device's in the file, from 0. */
  readonly firstRow: number;
  readonly batchHash: Hex;
  /** The stream's batch before it, as the device signed it; zeros for the first. */
  readonly previousHash: Hex;
  readonly rows: BatchRows;
}

/** What the application had of the file when the upload began. */
export interface JournaledBeginning {
  readonly kind: "begun";
  readonly atSec: number;
  /** The newest of earlier uploads, with the rows that they are in this file. */
  readonly earlier: readonly JournaledBatch[];
}

/** An input's payload, before it is sent. */
export interface JournaledInput {
  readonly kind: "input";
  /** Counts the inputs of this upload, from 0. */
  readonly input: number;
  readonly payload: Hex;
  /** Empty for set-up operations. */
  readonly batches: readonly JournaledBatch[];
  /** Set-up operations: `register <did>` or `declare <device id> <stream name>`. */
  readonly setup: readonly string[];
}

/** A signed transaction that carries an input, before it is sent. */
export interface JournaledTransaction {
  readonly kind: "transaction";
  readonly input: number;
  readonly nonce: number;
  readonly hash: Hex;
  readonly raw: Hex;
}

/** Nobody will go on with it: the file was sent anew. */
export interface JournaledEnd {
  readonly kind: "finished" | "abandoned";
}

export type JournalEntry =
  | JournaledBeginning
  | JournaledInput
  | JournaledTransaction
  | JournaledEnd;

/** A checksum stands last on its line, in the JSON object that it is the checksum of. */
const CHECKED = /^(.+),"sum":"([0-9a-f]{16})"\}$/s;

/**
 * An entry as a line of the file, with its checksum and line break.
 *
 * @example
 * formatJournalLine({ kind: "finished" }); // {"kind":"finished","sum":"…"}\n
 */
export function formatJournalLine(entry: UploadHead | JournalEntry): string {
  const text = JSON.stringify(entry);
  return `${text.slice(0, -1)},"sum":"${computeSum(text)}"}\n`;
}

/**
 * Reads a line. What goes out again, signed, must be what was written: a changed byte shows.
 *
 * @returns `undefined` for a damaged line.
 */
export function parseJournalLine(line: string): UploadHead | JournalEntry | undefined {
  const [, start, sum] = CHECKED.exec(line) ?? [];
  const text = `${start}}`;
  return sum === computeSum(text) ? (JSON.parse(text) as UploadHead | JournalEntry) : undefined;
}

const computeSum = (text: string): string =>
  createHash("sha256").update(text).digest("hex").slice(0, 16);
