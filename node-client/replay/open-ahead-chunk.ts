import type { InputContext } from "../../spec/input.ts";
import type { Metric } from "../../spec/readings.ts";
import type { OpenedSubmission } from "../../spec/submission.ts";
import { readBigEndian, writeWord } from "../../spec/words.ts";
import type { HistoryInput } from "../history/history-lines.ts";

/**
 * What goes between the replaying thread and its worker. Bytes travel packed in one transferred
 * buffer a message: cloning a view would copy the whole buffer behind it.
 */
export interface InputChunk {
  readonly kind: "inputs";
  readonly firstInputIndex: number;
  /** Inputs back to back: chain id (32) ‖ application (20) ‖ sender (20) ‖ payload. */
  readonly bytes: Uint8Array;
  /** Where each input ends in `bytes`. */
  readonly ends: Uint32Array;
}

/** What a submission meets besides its own bytes: guessed by the worker, known to the state. */
export interface StreamFacts {
  readonly streamId: number;
  readonly deviceId: number;
  readonly deviceKey: Uint8Array;
  readonly isSealed: boolean;
  readonly groupCount: number;
  readonly metrics: readonly Metric[];
  readonly previousHash: Uint8Array;
}

/** Tells the worker how the state really is, where its guesses have gone astray. */
export interface Correction {
  readonly kind: "correction";
  readonly deviceCount: number;
  readonly streamCount: number;
  readonly streams: readonly StreamFacts[];
}

export type Declaration = Pick<StreamFacts, "isSealed" | "groupCount" | "metrics">;

/** One batch opened ahead, with the guesses it rests on. */
export interface AheadRecord {
  readonly inputIndex: number;
  readonly operationIndex: number;
  readonly deviceId: number;
  readonly streamId: number;
  readonly firstTimeSec: number;
  readonly lastTimeSec: number;
  readonly hasOpeningKey: boolean;
  /** Whether the worker has verified the signature, too. */
  readonly isVerified: boolean;
  /** Where its bytes begin and end in the chunk's buffer. */
  readonly start: number;
  readonly end: number;
}

export interface AheadChunk {
  readonly records: readonly AheadRecord[];
  readonly bytes: Uint8Array;
  /** Declarations that records rest on and no earlier chunk has told. */
  readonly declarations: ReadonlyMap<number, Declaration>;
}

/** What there is of a chunk that no worker opened. */
export const NOTHING_AHEAD: AheadChunk = {
  records: [],
  bytes: new Uint8Array(0),
  declarations: new Map(),
};

const INPUT_HEAD_BYTES = 32 + 20 + 20;

/** The inputs of a chunk as `packInputs` got them. */
export function* unpackInputs({
  firstInputIndex,
  bytes,
  ends,
}: InputChunk): Generator<Pick<HistoryInput, "payload"> & { readonly at: InputPlace }> {
  let start = 0;
  for (const [i, end] of ends.entries()) {
    const at = {
      inputIndex: firstInputIndex + i,
      chainId: readBigEndian(bytes.subarray(start, start + 32)),
      app: bytes.slice(start + 32, start + 52),
      sender: bytes.slice(start + 52, start + INPUT_HEAD_BYTES),
    };
    yield { at, payload: bytes.subarray(start + INPUT_HEAD_BYTES, end) };
    start = end;
  }
}

/** What the worker needs of the chain's word about an input. */
export type InputPlace = Pick<InputContext, "inputIndex" | "chainId" | "app" | "sender">;

export function packInputs(inputs: readonly HistoryInput[]): InputChunk {
  const ends = new Uint32Array(inputs.length);
  let length = 0;
  inputs.forEach(({ payload }, i) => {
    length += INPUT_HEAD_BYTES + payload.length;
    ends[i] = length;
  });
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const input of inputs) {
    writeWord(bytes, at, input.at.chainId);
    bytes.set(input.at.app, at + 32);
    bytes.set(input.at.sender, at + 52);
    bytes.set(input.payload, at + INPUT_HEAD_BYTES);
    at += INPUT_HEAD_BYTES + input.payload.length;
  }
  return { kind: "inputs", firstInputIndex: inputs[0]?.at.inputIndex ?? 0, bytes, ends };
}

const HASH = 32;
const SALT = 16;
/** Device key, padded: the longest has 35 bytes. */
const KEY = 36;
const FIXED = KEY + 4 * HASH + SALT;

/** Collects records and their bytes into one buffer. */
export class AheadPacker {
  readonly #records: AheadRecord[] = [];
  readonly #declarations = new Map<number, Declaration>();
  #bytes = new Uint8Array(65_536);
  #length = 0;

  add(
    place: Pick<
      AheadRecord,
      "inputIndex" | "operationIndex" | "deviceId" | "streamId" | "isVerified"
    >,
    deviceKey: Uint8Array,
    previousHash: Uint8Array,
    opened: OpenedSubmission,
  ): void {
    const start = this.#length;
    const end = start + FIXED + opened.body.length;
    if (end > this.#bytes.length) {
      const grown = new Uint8Array(2 * end);
      grown.set(this.#bytes.subarray(0, start));
      this.#bytes = grown;
    }
    const bytes = this.#bytes;
    bytes[start] = deviceKey.length;
    bytes.set(deviceKey, start + 1);
    let at = start + KEY;
    for (const part of [
      previousHash,
      opened.batchHash,
      opened.commitment,
      opened.openingKey ?? new Uint8Array(HASH),
      opened.salt,
      opened.body,
    ]) {
      bytes.set(part, at);
      at += part.length;
    }
    this.#length = end;
    const { firstTimeSec, lastTimeSec } = opened;
    const hasOpeningKey = opened.openingKey !== null;
    this.#records.push({ ...place, firstTimeSec, lastTimeSec, hasOpeningKey, start, end });
  }

  declare(streamId: number, declaration: Declaration): void {
    this.#declarations.set(streamId, declaration);
  }

  take(): AheadChunk {
    const bytes = this.#bytes.slice(0, this.#length);
    return { records: this.#records, bytes, declarations: this.#declarations };
  }
}

/** The guesses and the result of one record. Views into the chunk's buffer. */
export function unpackRecord(
  { bytes }: AheadChunk,
  record: AheadRecord,
): {
  readonly deviceKey: Uint8Array;
  readonly previousHash: Uint8Array;
  readonly opened: OpenedSubmission;
} {
  const { start, end } = record;
  const part = (index: number): Uint8Array => {
    const at = start + KEY + index * HASH;
    return bytes.subarray(at, at + HASH);
  };
  const salt = start + KEY + 4 * HASH;
  return {
    deviceKey: bytes.subarray(start + 1, start + 1 + bytes[start]!),
    previousHash: part(0),
    opened: {
      batchHash: part(1),
      commitment: part(2),
      openingKey: record.hasOpeningKey ? part(3) : null,
      salt: bytes.subarray(salt, salt + SALT),
      body: bytes.subarray(salt + SALT, end),
      firstTimeSec: record.firstTimeSec,
      lastTimeSec: record.lastTimeSec,
    },
  };
}
