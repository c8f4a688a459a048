import { isDeepStrictEqual } from "node:util";
import { Worker } from "node:worker_threads";
import type { Store } from "../../dapp/engine/store.ts";
import type { Crypto } from "../../spec/crypto.ts";
import type { Refused } from "../../spec/refusals.ts";
import {
  type MachineKeys,
  type OpenedSubmission,
  openSubmission,
  type SubmissionRequest,
  verifySubmission,
} from "../../spec/submission.ts";
import { equalBytes } from "../../spec/words.ts";
import type { HistoryInput } from "../history/history-lines.ts";
import {
  type AheadChunk,
  type AheadRecord,
  type Declaration,
  NOTHING_AHEAD,
  packInputs,
  type StreamFacts,
  unpackRecord,
} from "./open-ahead-chunk.ts";

/**
 * Opens the submissions of a history on a worker thread, ahead of the thread that applies them.
 * What decides is checked here: a result is taken only where the device key, the previous hash and
 * the declaration that the worker guessed are those of the state; otherwise the work is done again
 * in place. So the worker can make a replay faster, never different.
 */
export class OpenAhead {
  readonly #crypto: Crypto;
  readonly #machine: MachineKeys;
  readonly #worker: Worker;
  readonly #waiting: ((chunk: AheadChunk) => void)[] = [];
  /** By their operations' names. */
  readonly #records = new Map<string, AheadRecord>();
  readonly #declarations = new Map<number, Declaration>();
  /** Streams whose submissions had to be done in place although they were right. */
  readonly #missedStreams = new Set<number>();
  #chunk: AheadChunk = NOTHING_AHEAD;
  #failure: Error | undefined;
  /** Submissions answered from the worker's results, and those done in place. */
  readonly counts = { ahead: 0, inPlace: 0 };

  private constructor(crypto: Crypto, machineSecret: Uint8Array, worker: Worker) {
    this.#crypto = crypto;
    this.#machine = { secret: machineSecret, key: crypto.x25519PublicKey(machineSecret) };
    this.#worker = worker;
  }

  /** Starts the worker; `workerUrl` is the built `open-ahead-worker.js`. */
  static async start(
    crypto: Crypto,
    machineSecret: Uint8Array,
    workerUrl: URL,
  ): Promise<OpenAhead> {
    const worker = new Worker(workerUrl, { workerData: { machineSecret } });
    await new Promise((resolve, reject) => {
      worker.once("message", resolve);
      worker.once("error", reject);
    });
    const ahead = new OpenAhead(crypto, machineSecret, worker);
    worker.on("message", (chunk: AheadChunk) => ahead.#waiting.shift()?.(chunk));
    worker.on("error", (error) => {
      // The replay goes on alone: the worker only saves time.
      ahead.#failure = error;
      for (const resolve of ahead.#waiting.splice(0)) resolve(NOTHING_AHEAD);
    });
    return ahead;
  }

  /** Sends inputs to be opened; the promise gives the results to `use` before applying them. */
  send(inputs: readonly HistoryInput[]): Promise<AheadChunk> {
    if (this.#failure !== undefined || inputs.length === 0) return Promise.resolve(NOTHING_AHEAD);
    const chunk = packInputs(inputs);
    const buffers = [chunk.bytes.buffer as ArrayBuffer, chunk.ends.buffer as ArrayBuffer];
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      this.#worker.postMessage(chunk, buffers);
    });
  }

  /** From here on `open` answers from this chunk. */
  use(chunk: AheadChunk): void {
    this.#chunk = chunk;
    this.#records.clear();
    for (const [streamId, declared] of chunk.declarations) {
      this.#declarations.set(streamId, declared);
    }
    for (const record of chunk.records) {
      this.#records.set(nameOperation(record.inputIndex, record.operationIndex), record);
    }
  }

  /** `EngineParts.openSubmission`. */
  readonly open = (
    request: SubmissionRequest,
    at: { readonly inputIndex: number },
    operationIndex: number,
  ): OpenedSubmission | Refused => {
    const record = this.#records.get(nameOperation(at.inputIndex, operationIndex));
    if (record !== undefined) {
      const { deviceKey, previousHash, opened } = unpackRecord(this.#chunk, record);
      if (
        record.streamId === request.streamId &&
        record.deviceId === request.deviceId &&
        equalBytes(deviceKey, request.deviceKey) &&
        equalBytes(previousHash, request.previousHash) &&
        this.#isDeclaredAlike(record, request)
      ) {
        this.counts.ahead += 1;
        if (record.isVerified) return opened;
        return verifySubmission(this.#crypto, request, opened) ?? opened;
      }
    }
    this.counts.inPlace += 1;
    const result = openSubmission(this.#crypto, this.#machine, request);
    if (!("refusal" in result)) this.#missedStreams.add(request.streamId);
    return result;
  };

  /** Stops the worker. */
  async close(): Promise<void> {
    await this.#worker.terminate();
  }

  /**
   * Between two chunks: tells the worker how the state is, if it missed. True asks the caller to
   * send again what the worker has opened, or will open, on its wrong guesses.
   */
  resync(store: Store): boolean {
    if (this.#missedStreams.size === 0 || this.#failure !== undefined) return false;
    // All that the worker follows: it has run ahead with every one of them.
    const streamIds = new Set([...this.#declarations.keys(), ...this.#missedStreams]);
    const streams: StreamFacts[] = [];
    for (const streamId of streamIds) {
      const facts = describeStream(store, streamId);
      // A declaration that the worker took for applied may have been refused.
      if (facts === undefined) this.#declarations.delete(streamId);
      else streams.push(facts);
    }
    this.#missedStreams.clear();
    this.#worker.postMessage({
      kind: "correction",
      deviceCount: store.devices.nextId() - 1,
      streamCount: store.streams.nextId() - 1,
      streams,
    });
    return true;
  }

  #isDeclaredAlike(record: AheadRecord, request: SubmissionRequest): boolean {
    const declared = this.#declarations.get(record.streamId);
    if (declared === undefined) return false;
    // The store gives the same array again: compared once, it need not be compared again.
    if (declared.metrics === request.metrics) return true;
    const isAlike =
      declared.isSealed === request.isSealed &&
      declared.groupCount === request.groupCount &&
      isDeepStrictEqual(declared.metrics, request.metrics);
    if (isAlike) this.#declarations.set(record.streamId, request);
    return isAlike;
  }
}

const nameOperation = (inputIndex: number, operationIndex: number): string =>
  `${inputIndex}/${operationIndex}`;

function describeStream(store: Store, streamId: number): StreamFacts | undefined {
  const stream = store.streams.get(streamId);
  const device = stream && store.devices.get(stream.deviceId);
  if (stream === undefined || device === undefined) return undefined;
  return {
    streamId,
    deviceId: stream.deviceId,
    deviceKey: device.key.slice(),
    isSealed: stream.visibility === "sealed",
    groupCount: stream.groupCount,
    metrics: store.getMetrics(streamId),
    previousHash: (stream.lastBatchHash ?? new Uint8Array(32)).slice(),
  };
}
