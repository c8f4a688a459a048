/** Sealed rows of the sample files, falsified by their device or on their way: the buyer finds out. */

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  type ReceivedBatch,
  type ReceivedGrant,
  SealedReadError,
} from "../../node-client/client/buyer/read-sealed.ts";
import {
  type DeviceReadings,
  readReadings,
  sliceReadings,
} from "../../node-client/files/read-readings.ts";
import { deriveBatchKey, encodeBatchContext } from "../../spec/batch.ts";
import { encodeColumns } from "../../spec/columns.ts";
import { NOT_BROUGHT } from "../../spec/core-operations.ts";
import type { Crypto } from "../../spec/crypto.ts";
import { type Person, refusalsOf } from "../arbitraries/world.ts";
import { firstRows, SCALE } from "./fixtures/csv-cells.ts";
import { DataRun, type Loaded } from "./fixtures/data-run.ts";
import { readSampleFile, SAMPLE_NAMES } from "./fixtures/sample-file.ts";
import {
  faultOf,
  queryGrants,
  queryView,
  readView,
  type SealedView,
} from "./fixtures/sealed-view.ts";

const ROWS = 450;
const BATCH_READINGS = 5;
/** No device has fewer in the first rows. */
const NEXT_READINGS = 5;
/** Each subject has a stream of its own, so that the tests do not lean on one another. */
const [HONEST, FORGED] = [0, 1];

let run: DataRun;
let crypto: Crypto;
let buyer: Person;
beforeAll(async () => {
  run = await DataRun.start("fraud");
  crypto = run.world.crypto;
  buyer = run.world.person("buyer");
});
afterAll(() => run?.close());

describe.each(SAMPLE_NAMES)("sealed rows of %s.csv", (name) => {
  let readings: DeviceReadings[];
  let devices: Loaded["devices"];
  let granted: ReceivedGrant[];

  beforeAll(async () => {
    readings = readReadings(firstRows(readSampleFile(name), ROWS), {
      file: name,
      scaleDefault: SCALE,
    });
    const keyGroups = readings[0]!.metrics.map((_, m) => m);
    const options = { batchSize: BATCH_READINGS, keyGroups, buyers: [buyer] };
    devices = (await run.load(readings, options)).devices;
    granted = await queryGrants(run, buyer);
  });

  const viewOf = (device: number) => queryView(run, devices[device]!.streamId, granted);

  /** Charges one key group of a batch with fraud, in the buyer's name. */
  async function challenge(batchId: number, group: number, batchKey: Uint8Array) {
    const body = { kind: "challenge", batchId, group, batchKey, ...NOT_BROUGHT } as const;
    return run.apply(run.world.bySender(buyer, body));
  }

  test("a device that seals other values than it commits to is refused and disproved", async () => {
    const device = devices[FORGED]!;
    const liar = lieAbout(crypto, readings[FORGED]!);
    const { batchKeys } = await run.sendNext(device, readings[FORGED]!, NEXT_READINGS, liar);
    const view = await viewOf(FORGED);
    const { batchId } = view.batches.at(-1)!;
    const { fault, place } = errorOf(view);
    expect([fault, place.batchId, place.group]).toEqual(["root_differs", batchId, 0]);

    // The buyer's client hands him the proof, which disproves this key group of this batch only.
    const { batchKey } = place;
    expect(batchKey).toEqual(batchKeys[0]);
    for (const [id, group] of [
      [batchId - 1, 0],
      [batchId, 1],
    ] as const) {
      const refused = await challenge(id, group, batchKey!);
      expect(refusalsOf(refused)).toEqual(["challenge_key_wrong"]);
    }
    expect((await challenge(batchId, 0, batchKey!)).status).toBe("accepted");
    const disproved = [BigInt(batchId), BigInt(device.streamId), 0n, buyer.account.address];
    expect(run.notices("BatchDisproved").at(-1)).toEqual(disproved);
    const again = await challenge(batchId, 0, batchKey!);
    expect(refusalsOf(again)).toEqual(["batch_disproved_already"]);

    const after = await viewOf(FORGED);
    expect(after.batches.at(-1)!.disprovedGroup).toBe(0);
    expect(faultOf(crypto, buyer, after)).toBe("batch_disproved");
    const honest = { ...after, batches: after.batches.slice(0, -1) };
    expect(faultOf(crypto, buyer, honest)).toBeUndefined();
  });

  test("an honest batch withstands a challenge of every key group", async () => {
    const { stream, batches } = await viewOf(HONEST);
    const { batchId, ...header } = batches[0]!;
    const context = encodeBatchContext({ ...stream, ...header, count: header.readingCount });
    for (const [group, epochKey] of devices[HONEST]!.epochKeys.entries()) {
      const batchKey = deriveBatchKey(crypto, epochKey, group, header.salt, context);
      const result = await challenge(batchId, group, batchKey);
      expect([group, refusalsOf(result)]).toEqual([group, ["challenge_batch_honest"]]);
    }
  });

  test("a batch that the node changed on its way is refused", async () => {
    const view = await viewOf(HONEST);
    const [first, second] = view.batches as readonly [ReceivedBatch, ReceivedBatch];
    const change = (batch: Partial<ReceivedBatch>): string | undefined =>
      faultOf(crypto, buyer, { ...view, batches: [{ ...first, ...batch }] });
    expect(change({})).toBeUndefined();
    const last = first.body.length - 1;
    const flipped = first.body.slice();
    flipped[last]! ^= 1;
    expect(change({ body: flipped })).toBe("header_differs");
    expect(change({ body: first.body.subarray(0, last) })).toBe("body_malformed");
    expect(change({ body: second.body })).toBe("commitment_differs");
    const { body, commitment } = second;
    expect(change({ body, commitment })).toBe("header_differs");
    expect(change({ firstSequence: first.firstSequence + 1 })).toBe("header_differs");
    expect(change({ salt: second.salt })).toBe("header_differs");
    expect(change({ previousHash: second.previousHash })).toBe("header_differs");
  });

  /** The refusal of a view by the buyer's client. */
  function errorOf(view: SealedView): SealedReadError {
    try {
      readView(crypto, buyer, view);
    } catch (error) {
      if (error instanceof SealedReadError) return error;
      throw error;
    }
    throw new Error("nothing was refused");
  }
});

test("the process, a replay of its inputs and a scan of all rows have one root", async () => {
  await run.expectReplayAgrees();
});

/** The crypto of a device that seals its first value one too high, after committing to the truth. */
function lieAbout(crypto: Crypto, readings: DeviceReadings): Crypto {
  const [column] = sliceReadings(readings, 0, NEXT_READINGS).columns;
  const truth = encodeColumns([column!], NEXT_READINGS);
  const values = column!.values.map((value, i) => (i === 0 ? value + 1 : value));
  const lie = encodeColumns([{ ...column!, values }], NEXT_READINGS);
  return {
    ...crypto,
    sealAes256Gcm: (key, packed, aad) =>
      crypto.sealAes256Gcm(key, Buffer.from(packed).equals(truth) ? lie : packed, aad),
  };
}
