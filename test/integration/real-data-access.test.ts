/** Sealed rows of the sample files: nobody reads them but their buyer. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ReceivedGrant } from "../../node-client/client/buyer/read-sealed.ts";
import { type DeviceReadings, readReadings } from "../../node-client/files/read-readings.ts";
import {
  computeBatchKeyHash,
  deriveBatchKey,
  deriveLayer2Keys,
  encodeBatchContext,
} from "../../spec/batch.ts";
import { decodeOpenBody, decodeSealedBody } from "../../spec/batch-body.ts";
import type { Crypto } from "../../spec/crypto.ts";
import { computeEpochKeyHash } from "../../spec/grant-keys.ts";
import { openSealedGroup } from "../../spec/sealed-columns.ts";
import type { Person } from "../arbitraries/world.ts";
import { type ExpectedFile, firstRows, readCells, SCALE } from "./fixtures/csv-cells.ts";
import { DataRun, type Fields, type Loaded } from "./fixtures/data-run.ts";
import { readSampleFile, SAMPLE_NAMES } from "./fixtures/sample-file.ts";
import { faultOf, queryGrants, queryView, readView } from "./fixtures/sealed-view.ts";

const ROWS = 640;
const BATCH_READINGS = 32;
const NEXT_READINGS = 10;
const EXPIRES_AT_SEC = 2_000_000_000;
/** Each subject has a stream of its own, so that the tests do not lean on one another. */
const [READ, OTHER, ROTATED] = [0, 1, 2];

let run: DataRun;
let crypto: Crypto;
let buyer: Person;
let stranger: Person;
beforeAll(async () => {
  run = await DataRun.start("access");
  crypto = run.world.crypto;
  buyer = run.world.person("buyer");
  stranger = run.world.person("stranger");
});
afterAll(() => run?.close());

describe.each(SAMPLE_NAMES)("sealed rows of %s.csv", (name) => {
  let file: ExpectedFile;
  let readings: DeviceReadings[];
  let devices: Loaded["devices"];
  let granted: ReceivedGrant[];

  beforeAll(async () => {
    const text = firstRows(readSampleFile(name), ROWS);
    file = readCells(text);
    readings = readReadings(text, { file: name, scaleDefault: SCALE });
    const keyGroups = file.metrics.map((_, m) => m);
    const options = { batchSize: BATCH_READINGS, keyGroups, buyers: [buyer] };
    devices = (await run.load(readings, options)).devices;
    granted = await queryGrants(run, buyer);
  });

  const viewOf = (device: number, grants = granted) =>
    queryView(run, devices[device]!.streamId, grants);

  /** The first rows of a device as its buyer must read them. */
  const rowsOf = (device: number, count: number) =>
    file.devices[device]!.readings.slice(0, count).map(({ time, values }) => ({
      timeSec: time,
      values,
    }));

  test("the buyer reads them", async () => {
    const actual = readView(crypto, buyer, await viewOf(READ));
    const expected = rowsOf(READ, ROWS);
    expect(actual.map(({ sequence, ...reading }) => reading)).toEqual(expected);
  });

  test("a stranger has no grant, and the buyer's opens neither for him nor in his hands", async () => {
    const view = await viewOf(READ);
    const none = await queryGrants(run, stranger);
    expect(none).toEqual([]);
    expect(faultOf(crypto, stranger, { ...view, grants: none })).toBe("grant_missing");
    expect(faultOf(crypto, stranger, view)).toBe("grant_does_not_open");
    const inDisguise = { ...stranger, address: buyer.address };
    expect(faultOf(crypto, inDisguise, view)).toBe("grant_does_not_open");
  });

  test("the buyer's account with another key reads nothing", async () => {
    const encryptionSecret = crypto.sha256(buyer.encryptionSecret);
    const other = { ...buyer, encryptionSecret };
    expect(faultOf(crypto, other, await viewOf(READ))).toBe("grant_does_not_open");
  });

  test("the buyer of another stream reads nothing, even if the node passes his grant off", async () => {
    const others = granted.filter(({ streamId }) => streamId === devices[OTHER]!.streamId);
    expect(faultOf(crypto, buyer, await viewOf(OTHER, others))).toBeUndefined();
    expect(faultOf(crypto, buyer, await viewOf(READ, others))).toBe("grant_missing");
    const moved = others.map((grant) => ({ ...grant, streamId: devices[READ]!.streamId }));
    expect(faultOf(crypto, buyer, await viewOf(READ, moved))).toBe("grant_does_not_open");
  });

  test("no other key opens a key group: not the machine's, no other group's or stream's", async () => {
    const { machineSecret, machineKey } = run.world;
    const { sealed, batchKeys } = await run.sendNext(devices[OTHER]!, readings[OTHER]!, 1);
    const { stream, batches } = await viewOf(OTHER);
    const last = batches.at(-1)!;
    const context = encodeBatchContext({ ...stream, ...last, count: last.readingCount });

    // What the holder of the machine's key can do: open layer 2, and find this.
    const ephemeral = sealed.subarray(16, 48);
    const shared = crypto.x25519(machineSecret, ephemeral)!;
    const keys = deriveLayer2Keys(crypto, shared, ephemeral, machineKey, last.salt, context);
    const layer2 = crypto.openXChaCha20Poly1305(keys.aeadKey, sealed.subarray(48), context)!;
    expect(Buffer.from(layer2).equals(last.body)).toBe(true);
    expect(decodeOpenBody(layer2, stream.metrics, last.readingCount)).toBeUndefined();
    const body = decodeSealedBody(layer2, stream.groupCount, last.readingCount)!;

    const foreign = [machineSecret, machineKey, shared, keys.aeadKey, keys.openingKey, last.salt]
      .concat(devices.flatMap(({ epochKeys }) => epochKeys))
      .map((key) => (key.length === 32 ? key : crypto.sha256(key)));
    body.groups.forEach((group, g) => {
      const own = devices[OTHER]!.epochKeys[g]!;
      const derived = foreign
        .filter((key) => key !== own)
        .map((key) => deriveBatchKey(crypto, key, g, last.salt, context));
      const otherGroups = batchKeys.filter((_, other) => other !== g);
      const open = (key: Uint8Array) =>
        openSealedGroup(crypto, group, key, context, body.times, stream.metrics, g);
      for (const key of [...foreign, ...derived, ...otherGroups]) {
        expect(open(key)).toBe("ciphertext_broken");
        expect(Buffer.from(computeBatchKeyHash(crypto, key)).equals(group.keyHash)).toBe(false);
      }
      expect(open(batchKeys[g]!)).toBeInstanceOf(Array);
    });
  });

  test("no text of the rows stands in what the machine keeps, at any bit", async () => {
    const texts = file.devices[READ]!.readings.flatMap(({ values }) =>
      values.filter((_, m) => file.metrics[m]!.isText),
    ).filter((text) => text !== null);
    const [open] = (await run.load([readings[READ]!], { batchSize: BATCH_READINGS })).devices;
    const sealedBits = (await viewOf(READ)).batches.map(({ body }) => toBits(body)).join("|");
    const { batches } = await run.query({ query: "batches", stream_id: open!.streamId });
    const openBits = (batches as Fields[])
      .map(({ body }) => toBits(Buffer.from((body as string).slice(2), "hex")))
      .join("|");
    expect(texts).not.toEqual([]);
    for (const text of new Set(texts)) {
      expect([text, openBits.includes(toBits(Buffer.from(text)))]).toEqual([text, true]);
      expect([text, sealedBits.includes(toBits(Buffer.from(text)))]).toEqual([text, false]);
    }
  });

  test("the machine answers no query for their values", async () => {
    const stream = { stream_id: devices[READ]!.streamId };
    const metric = { metric: file.metrics[0]!.name, bucket: "day", from: 0, to: 86_400 };
    const values = "the stream is sealed: only a granted buyer can read its values";
    for (const query of [
      { query: "readings", ...stream },
      { query: "latest", ...stream },
      { query: "statistics", ...stream, ...metric },
      { query: "proof", ...stream, sequence: 0 },
    ]) {
      expect(await run.query(query)).toMatchObject({ error: values, reason: "stream_sealed" });
    }
    const { batches } = await viewOf(READ);
    const key = await run.query({ query: "batch_key", batch_id: batches[0]!.batchId });
    expect(key).toMatchObject({ error: "the stream is sealed", code: 30 });
  });

  test("after a rotation the buyer keeps the old epoch and gets the new one by a new grant", async () => {
    const { streamId, metrics } = devices[ROTATED]!;
    const before = await viewOf(ROTATED);
    const old = readView(crypto, buyer, before);
    const epochKeys = metrics.map(() => run.world.random(32));
    const epochKeyHashes = epochKeys.map((key) => computeEpochKeyHash(crypto, key));
    const rotation = { kind: "rotate_epoch", streamId, epoch: 1, epochKeyHashes } as const;
    expect((await run.apply(run.world.bySender(run.owner, rotation))).status).toBe("accepted");
    await run.sendNext({ ...devices[ROTATED]!, epochKeys }, readings[ROTATED]!, NEXT_READINGS);

    const view = await viewOf(ROTATED, await queryGrants(run, buyer));
    expect(faultOf(crypto, buyer, view)).toBe("grant_missing");
    expect(readView(crypto, buyer, { ...view, batches: view.batches.slice(0, -1) })).toEqual(old);
    // The old grant, passed off as one of the new epoch.
    const own = granted.filter((grant) => grant.streamId === streamId);
    const renamed = own.map((grant) => ({ ...grant, epoch: 1 }));
    expect(faultOf(crypto, buyer, { ...view, grants: renamed })).toBe("grant_does_not_open");

    const groups = 2 ** metrics.length - 1;
    const rights = { streamId, epoch: 1, groups, epochKeys, expiresAtSec: EXPIRES_AT_SEC };
    const grant = run.world.grant(buyer, rights);
    expect((await run.apply(run.world.bySender(run.owner, grant))).status).toBe("accepted");
    const all = readView(crypto, buyer, { ...view, grants: await queryGrants(run, buyer) });
    const added = all.slice(old.length).map(({ sequence, ...reading }) => reading);
    expect(added).toEqual(rowsOf(ROTATED, NEXT_READINGS));
  });
});

test("the process, a replay of its inputs and a scan of all rows have one root", async () => {
  await run.expectReplayAgrees();
});

/** Columns are bit streams, where a text may begin at any bit. */
const toBits = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => byte.toString(2).padStart(8, "0")).join("");
