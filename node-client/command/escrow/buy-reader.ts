import { getBatch } from "../../client/actions/get-batch.ts";
import type { ServiceInfo } from "../../client/actions/get-service.ts";
import type { StreamInfo } from "../../client/actions/get-stream.ts";
import { listReadings } from "../../client/actions/list-readings.ts";
import { readSealedStream, StreamNotGranted } from "../../client/actions/read-sealed-stream.ts";
import { listReadings as listUnsealed } from "../../client/buyer/read-sealed.ts";
import type { OnlineActor } from "../connection/online.ts";
import { ReadingPrinter } from "../stream/reading-printer.ts";
import type { ReadingInWords } from "../terminal/format-csv.ts";
import type { Terminal } from "../terminal/terminal.ts";

export interface DeliveryReaderParts {
  readonly online: OnlineActor;
  readonly service: ServiceInfo;
  readonly stream: StreamInfo;
  /** Of the buyer's encryption key; none for an open stream. */
  readonly secret: Uint8Array | undefined;
  readonly terminal: Terminal;
  readonly json: boolean;
}

/** Reads delivered batches and prints their readings, one batch behind the other. */
export class DeliveryReader {
  readonly #parts: DeliveryReaderParts;
  readonly #printer: ReadingPrinter;

  constructor(parts: DeliveryReaderParts) {
    this.#parts = parts;
    const { terminal, stream, service, json, secret } = parts;
    this.#printer = new ReadingPrinter(terminal, stream.metrics, {
      json,
      isVisible: ({ group }) => secret === undefined || ((service.groups >>> group) & 1) === 1,
    });
  }

  /** How many readings were printed. */
  get count(): number {
    return this.#printer.count;
  }

  /**
   * Reads one batch, checks a sealed one, and prints it once all of it has passed.
   *
   * @returns How many readings it has.
   * @throws SealedReadError for a batch that is not what its device signed, StreamNotGranted, and
   * what queries throw.
   */
  async read(batchId: number): Promise<number> {
    const { secret } = this.#parts;
    const readings =
      secret === undefined
        ? await this.#readOpen(batchId)
        : await this.#readSealed(batchId, secret);
    for (const reading of readings) await this.#printer.print(reading);
    return readings.length;
  }

  /** The header, where nothing came. */
  async end(): Promise<void> {
    await this.#printer.begin();
  }

  async #readOpen(batchId: number): Promise<readonly ReadingInWords[]> {
    const { client } = this.#parts.online;
    const { streamId, firstSequence: fromSequence } = await getBatch(client, { batchId });
    const readings: ReadingInWords[] = [];
    for await (const reading of listReadings(client, { streamId, fromSequence })) {
      if (reading.batchId !== batchId) break;
      readings.push(reading);
    }
    return readings;
  }

  async #readSealed(batchId: number, secret: Uint8Array): Promise<readonly ReadingInWords[]> {
    const { online, stream } = this.#parts;
    const { client, address: account } = online;
    const { streamId, firstSequence: fromSequence } = await getBatch(client, { batchId });
    const buyer = { account, secret };
    for await (const batch of readSealedStream(client, { streamId, fromSequence, buyer })) {
      if (batch.batchId !== batchId) break;
      return listUnsealed(batch, stream.metrics);
    }
    throw new StreamNotGranted(streamId, account);
  }
}
