import { WaitTimeout } from "../../chain/poll.ts";
import { type AcceptedBatch, readAcceptedBatch } from "../../client/actions/batch-actions.ts";
import { listOutcomes, OperationRefused } from "../../client/actions/operation-outcomes.ts";
import type { InputResult } from "../../client/actions/wait-for-input.ts";
import { countOf } from "../../count-of.ts";
import type { ClientError } from "../../errors.ts";
import { countReadings, type StoredReadings } from "../../files/slice-readings.ts";
import { formatJson } from "../terminal/format-json.ts";
import { errorKind } from "../terminal/io.ts";
import { InputSender, SILENT_ROUNDS_MAX } from "./input-sender.ts";
import type { JournaledInput } from "./journal-lines.ts";
import { planUpload, sealInputs, type UploadPlan } from "./plan-upload.ts";
import { prepareStreams } from "./prepare-streams.ts";
import type { Uploader } from "./submit-options.ts";
import type { UploadJournal } from "./upload-journal.ts";

/** Rounds in which no reading got in before an upload gives up. */
const REFUSED_ROUNDS_MAX = 3;

interface UploadOptions {
  readonly uploader: Uploader;
  readonly readings: readonly StoredReadings[];
  readonly journal: UploadJournal;
  /** Told after each step: readings that are in, and inputs on their way. */
  readonly onProgress: (acceptedCount: number, inFlight: number) => void;
  /** Rejects when the user interrupts; every wait ends with it. */
  readonly interruption: Promise<never>;
}

/** What an upload has come to. */
export type UploadResult = Awaited<ReturnType<Upload["run"]>>;

const UploadRefused = errorKind("UploadRefused");

/**
 * Brings all readings of a file into the application, each exactly once, from wherever an earlier
 * run has stopped: looks what is in, sends what is not, and looks again, until nothing is left.
 */
export class Upload {
  readonly #options: UploadOptions;
  readonly #sender: InputSender;
  readonly #waiting: { readonly input: JournaledInput; readonly verdict: Promise<InputResult> }[] =
    [];
  readonly #batchIds = new Map<number, number[]>();
  #acceptedCount = 0;

  constructor(options: UploadOptions) {
    this.#options = options;
    this.#sender = new InputSender(options.uploader.client, options.journal);
  }

  /** @throws ClientError of whatever stopped it; running it again goes on. */
  async run() {
    const { readings, journal } = this.#options;
    const total = countReadings(readings);
    let plan = await this.#look();
    const knownCount = plan.acceptedCount;
    for (let fruitless = 0; ; ) {
      this.#acceptedCount = plan.acceptedCount;
      this.#report();
      if (plan.acceptedCount === total) break;
      const refusal = await this.#sendAll(plan);
      const acceptedBefore = plan.acceptedCount;
      plan = await this.#look();
      fruitless = plan.acceptedCount > acceptedBefore ? 0 : fruitless + 1;
      const roundsMax = refusal instanceof WaitTimeout ? SILENT_ROUNDS_MAX : REFUSED_ROUNDS_MAX;
      if (fruitless >= roundsMax) throw refusal ?? nothingGetsIn();
    }
    journal.append({ kind: "finished" });
    const { inputCount, payloadBytes } = this.#sender;
    return {
      // Readings that were in before this run, and all of them.
      knownCount,
      acceptedCount: this.#acceptedCount,
      // With set-up; the bytes without.
      inputCount,
      payloadBytes,
      streams: plan.cursors.map(({ found: { device, stream } }) => ({
        deviceId: device.deviceId,
        streamId: stream.streamId,
        // Numbers of the batches that this run saw accepted, in their order.
        batchIds: this.#batchIds.get(stream.streamId) ?? [],
      })),
    };
  }

  /** Not once: a reorganisation can take devices and streams away again. */
  async #look(): Promise<UploadPlan> {
    const { uploader, readings, journal } = this.#options;
    const preparing = prepareStreams(uploader, readings, this.#sender);
    return await planUpload(uploader.client, journal, await this.#unlessInterrupted(preparing));
  }

  /** Sends a plan's inputs, several on their way at once; stops at the first refusal. */
  async #sendAll(plan: UploadPlan): Promise<ClientError | undefined> {
    const { uploader, journal } = this.#options;
    const { batch, inFlight } = uploader.options;
    let refusal: ClientError | undefined;
    for (const input of sealInputs(uploader.client, journal, plan, batch)) {
      while (this.#waiting.length >= inFlight) refusal ??= await this.#settleOldest();
      if (refusal !== undefined) break;
      const hash = await this.#unlessInterrupted(this.#sender.send(input));
      const verdict = this.#sender.wait(hash);
      // Heard of when it is its turn; until then, and after an interruption, it may fail unheard.
      verdict.catch(() => {});
      this.#waiting.push({ input, verdict });
      this.#report();
    }
    while (this.#waiting.length > 0) {
      const later = await this.#settleOldest();
      refusal ??= later;
    }
    return refusal;
  }

  async #settleOldest(): Promise<ClientError | undefined> {
    const oldest = this.#waiting[0];
    if (oldest === undefined) return undefined;
    const { input, verdict } = oldest;
    try {
      const result = await this.#unlessInterrupted(verdict);
      const outcomes = listOutcomes(result, input.batches.length);
      let refusal: ClientError | undefined;
      outcomes.forEach((outcome, position) => {
        if (outcome.status === "applied") {
          this.#acceptedCount += input.batches[position]?.count ?? 0;
          this.#noteBatch(readAcceptedBatch(outcome));
        } else refusal ??= new OperationRefused(result.inputIndex, outcome.refused);
      });
      return refusal;
    } catch (error) {
      // Its block may have been reorganised away: the next round hands it over again.
      if (!(error instanceof WaitTimeout || error instanceof OperationRefused)) throw error;
      this.#sender.reset();
      return error;
    } finally {
      this.#waiting.shift();
      this.#report();
    }
  }

  #noteBatch({ batchId, streamId }: AcceptedBatch): void {
    const known = this.#batchIds.get(streamId);
    if (known === undefined) this.#batchIds.set(streamId, [batchId]);
    else known.push(batchId);
  }

  #unlessInterrupted<Value>(work: Promise<Value>): Promise<Value> {
    return Promise.race([work, this.#options.interruption]);
  }

  #report(): void {
    this.#options.onProgress(this.#acceptedCount, this.#waiting.length);
  }
}

const nothingGetsIn = (): ClientError =>
  new UploadRefused("No further reading gets in, and nothing says why.", {
    whatToDo: "See whether the chain makes blocks and the node follows it.",
  });

export function toResultJson(
  upload: string,
  { acceptedCount, knownCount, inputCount, payloadBytes, streams }: UploadResult,
): string {
  return formatJson({
    ...{ upload, readings: acceptedCount, alreadyIn: knownCount, inputs: inputCount },
    ...{ payloadBytes, streams },
  });
}

export function describeResult({
  acceptedCount,
  knownCount,
  inputCount,
  streams,
}: UploadResult): string {
  const ids = streams.map(({ streamId }) => streamId);
  const where =
    ids.length === 1
      ? `stream ${ids[0]}`
      : `${countOf(ids.length, "stream")} (${ids.slice(0, 8).join(", ")}${ids.length > 8 ? ", …" : ""})`;
  const before = knownCount === 0 ? "" : ` (${knownCount} in before)`;
  const readings = `${countOf(acceptedCount, "reading")} ${acceptedCount === 1 ? "is" : "are"}`;
  const sent = `${countOf(inputCount, "input")} sent`;
  return `${readings} in ${where}${before}; ${sent}${describeBatches(streams)}\n`;
}

const RANGES_MAX = 8;

/** "; batches 3 to 12, 14": what can be delivered by its number. */
function describeBatches(streams: UploadResult["streams"]): string {
  const ids = streams.flatMap(({ batchIds }) => batchIds).sort((a, b) => a - b);
  if (ids.length === 0) return "";
  const ranges: { readonly first: number; last: number }[] = [];
  for (const id of ids) {
    const range = ranges.at(-1);
    if (range !== undefined && id === range.last + 1) range.last = id;
    else ranges.push({ first: id, last: id });
  }
  const shown = ranges
    .slice(0, RANGES_MAX)
    .map(({ first, last }) => (first === last ? `${first}` : `${first} to ${last}`));
  const more = ranges.length > RANGES_MAX ? ", …" : "";
  return `; ${ids.length === 1 ? "batch" : "batches"} ${shown.join(", ")}${more}`;
}
