import type { Crypto } from "../../spec/crypto.ts";
import { encodePlainEnvelope } from "../../spec/envelope.ts";
import { RETENTION_VISITS } from "../../spec/limits.ts";
import type { Operation, OperationBody } from "../../spec/operations.ts";
import { declareStream, registerDevice } from "../client/actions/device-actions.ts";
import { createDeviceSigner, systemRandom } from "../client/device/device-signer.ts";
import { StreamWriter } from "../client/device/stream-writer.ts";
import type { DeviceReadings } from "../files/read-readings.ts";
import type { HistoryInput } from "../history/history-lines.ts";
import { signWithOpenSsl } from "../history/openssl-signer.ts";
import { BATCH_READINGS, MACHINE_SECRET } from "./bench-history.ts";
import { type BenchContext, round } from "./figure-series.ts";
import { measureRatio, openTimed } from "./timed-application.ts";

/** Readings through the stream, and how many of them it keeps. */
const READINGS = 10_000_000;
const KEPT_READINGS = 1_000_000;
/** The inputs of a run are those of so many visits, because a visit does the work of many inputs. */
const VISITS_PER_RUN = { quick: 3, full: 2 };
const YEAR_SEC = 31_536_000;

/**
 * What a stream costs that keeps a tenth of what went through it: an input of its last million
 * readings over one of its first, from which nothing is archived yet; and the bytes that each million
 * leaves behind.
 */
export async function measureRetention({
  crypto,
  stations,
  quick,
  runs,
  series,
  progress,
}: BenchContext): Promise<Record<string, unknown>> {
  const scale = quick ? 10 : 1;
  const batchesOf = (readings: number) => Math.ceil(readings / scale / BATCH_READINGS);
  const kept = batchesOf(KEPT_READINGS);
  const open = async (batchCount: number) => {
    const application = await openTimed(crypto);
    const inputs = encodeRetained(crypto, stations[0]!, kept);
    /** After every quarter of a million readings. */
    const bytes: number[] = [];
    let done = 0;
    application.apply(take(inputs, 1));
    for (let quarter = 1; done < batchCount; quarter++) {
      const end = Math.min(batchCount, Math.floor((quarter * kept) / 4));
      application.apply(take(inputs, end - done));
      bytes.push(application.store.countBytes());
      done = end;
    }
    return { ...application, inputs, bytes };
  };
  progress("growth_retained: ten million readings");
  const old = await open(batchesOf(READINGS));
  const young = await open(Math.floor(kept / 4));
  const visits = quick ? VISITS_PER_RUN.quick : VISITS_PER_RUN.full;
  const inputCount = visits * Math.ceil(kept / RETENTION_VISITS);
  try {
    for (let run = 0; run < runs; run++) {
      // Made before the clock runs: sealing between two inputs would cool the first one's caches.
      const next = {
        large: [...take(old.inputs, inputCount)],
        small: [...take(young.inputs, inputCount)],
      };
      const ratio = measureRatio(old, young, inputCount, (state, turn) => [next[state][turn]!]);
      series.add("growth_retained", ratio);
    }
    const [archiving, archived, folded] = [5, 7, 12].map((quarters) => old.bytes[quarters - 1]!);
    const last = old.bytes.at(-1)!;
    return {
      // As many bodies wait for a visit at both times.
      retained_row_bytes_per_batch: round((archived! - archiving!) / (kept / 2)),
      retained_state_growth: round(last / folded!),
      retained_state_bytes: last,
    };
  } finally {
    for (const { store } of [old, young]) store.close();
  }
}

/** The next so many of an endless history. */
function* take<T>(items: Iterator<T>, count: number): Generator<T> {
  for (let i = 0; i < count; i++) yield items.next().value;
}

/** A device's set-up, then batch after batch of real weather, one a second and an input. */
function* encodeRetained(
  crypto: Crypto,
  { metrics, times, columns }: DeviceReadings,
  retentionSec: number,
): Generator<HistoryInput, never> {
  const place = { chainId: 31_337n, app: new Uint8Array(20).fill(0xaa) };
  const sender = new Uint8Array(20).fill(0x11);
  const account = `0x${Buffer.from(sender).toString("hex")}` as const;
  const signer = signWithOpenSsl(createDeviceSigner("ed25519", systemRandom));
  const machineKey = crypto.x25519PublicKey(MACHINE_SECRET);
  let inputIndex = 0;
  const toInput = (...operations: Operation[]): HistoryInput => {
    const at = {
      ...{ ...place, sender, blockNumber: 1 + inputIndex, prevRandao: new Uint8Array(32) },
      ...{ timestampSec: 1_700_000_000 + inputIndex, inputIndex },
    };
    inputIndex += 1;
    return { at, payload: encodePlainEnvelope(operations) };
  };
  const bySender = (body: OperationBody): Operation => ({ authorization: { by: "sender" }, body });
  const declaration = { deviceId: 1, name: "weather", metrics, retentionSec };
  yield toInput(
    bySender(registerDevice.body({ device: signer }, { account, at: place })),
    bySender(declareStream.body(declaration, { crypto })),
  );
  const stream = { ...place, deviceId: 1, streamId: 1, metrics, epochKeys: undefined };
  const writer = new StreamWriter(crypto, signer, machineKey, systemRandom, stream);
  const lastStart = times.length - BATCH_READINGS;
  for (let year = 0; ; year++) {
    for (let from = 0; from <= lastStart; from += BATCH_READINGS) {
      const end = from + BATCH_READINGS;
      const moved = times.slice(from, end).map((time) => time + year * YEAR_SEC);
      const parts = columns.map(({ values, present, dictionary }) => ({
        values: values.slice(from, end),
        present: present?.slice(from, end),
        dictionary,
      }));
      yield toInput(writer.write(moved, parts).operation);
    }
  }
}
