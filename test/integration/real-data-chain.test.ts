/** The sample files through a chain, its contracts and the node, and back to contract and replay. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  type ClaimedReadingProof,
  deployClaimedReading,
  proveClaimedReading,
} from "../../node-client/chain/claimed-reading.ts";
import { findSubmission, proveReading } from "../../node-client/client/actions/batch-actions.ts";
import { waitForClaim } from "../../node-client/client/actions/output-on-chain.ts";
import { readSealedStream } from "../../node-client/client/actions/read-sealed-stream.ts";
import {
  getBatch,
  getStream,
  listGrants,
  listReadings,
} from "../../node-client/client/actions/stream-queries.ts";
import {
  isKept,
  listReadings as listUnsealed,
} from "../../node-client/client/buyer/read-sealed.ts";
import { readReadings } from "../../node-client/files/read-readings.ts";
import type { EncodedDevice } from "../../node-client/history/encode-history.ts";
import { ChainRun } from "./fixtures/chain-run.ts";
import { type ExpectedFile, readCells, readDecimal, SCALE } from "./fixtures/csv-cells.ts";
import { type PickedReading, pickReading } from "./fixtures/picked-reading.ts";
import { lastJson, runCli } from "./fixtures/run-cli.ts";
import { readSampleFile, SAMPLE_NAMES, say } from "./fixtures/sample-file.ts";
import { proveSealedReading } from "./fixtures/sealed-proof.ts";

const KEY_TYPES = { weather: "ed25519", environment: "p256", retail: "secp256k1" } as const;
const PAGE_READINGS = 256;

interface LoadedFile {
  readonly file: ExpectedFile;
  readonly open: readonly EncodedDevice[];
  readonly sealed: readonly EncodedDevice[];
}

let run: ChainRun;
let inputCount: number;
const files = new Map<string, LoadedFile>();

beforeAll(async () => {
  run = await ChainRun.start();
  const beganMs = performance.now();
  let rowCount = 0;
  for (const name of SAMPLE_NAMES) {
    const text = readSampleFile(name);
    const file = readCells(text);
    const readings = readReadings(text, { file: name, scaleDefault: SCALE });
    const keyType = KEY_TYPES[name];
    const open = await run.load(readings, { keyType });
    const keyGroups = file.metrics.map((_, m) => m % 2);
    const sealed = await run.load(readings, { keyType, keyGroups });
    files.set(name, { file, open, sealed });
    rowCount += 2 * file.devices.reduce((sum, device) => sum + device.readings.length, 0);
  }
  inputCount = await run.settle();
  const tookSec = (performance.now() - beganMs) / 1_000;
  say(`through anvil: ${rowCount} rows in ${inputCount} inputs, ${tookSec.toFixed(1)} s`);
  await deployClaimedReading(run.gateway.walletClient!);
});
afterAll(() => run?.close());

describe.each(SAMPLE_NAMES)("%s.csv", (name) => {
  let loaded: LoadedFile;
  beforeAll(() => {
    loaded = files.get(name)!;
  });

  test("every cell and time of every row reads back from open streams", async () => {
    for (const [i, device] of loaded.file.devices.entries()) {
      const { streamId } = loaded.open[i]!;
      const rows = [];
      for await (const row of listReadings(run.buyer, { streamId, pageSize: PAGE_READINGS })) {
        const { sequence, timeSec: time, values } = row;
        rows.push({ sequence, time, values });
      }
      expect(rows).toEqual(device.readings.map((row, sequence) => ({ sequence, ...row })));
    }
  });

  test("and from sealed streams, for their buyer", async () => {
    const buyer = { account: run.buyerAddress, secret: run.buyerSecret };
    for (const [i, device] of loaded.file.devices.entries()) {
      const { streamId, metrics } = loaded.sealed[i]!;
      const rows = [];
      for await (const batch of readSealedStream(run.buyer, { streamId, buyer })) {
        for (const { sequence, timeSec: time, values } of listUnsealed(batch, metrics)) {
          rows.push({ sequence, time, values });
        }
      }
      expect(rows).toEqual(device.readings.map((row, sequence) => ({ sequence, ...row })));
    }
  });

  test("a contract believes one open reading by the claimed root", async () => {
    const picked = pickReading(name, loaded.file);
    const { sequence } = picked;
    const { streamId } = loaded.open[picked.device]!;
    const proven = await proveReading(run.buyer, { streamId, sequence });
    await expectBelieved(loaded.file, streamId, picked, proven, () => true);
  });

  test("and one sealed reading, a key group without the other", async () => {
    const picked = pickReading(name, loaded.file);
    const { streamId } = loaded.sealed[picked.device]!;
    const batch = await getBatch(run.buyer, { streamId, sequence: picked.sequence });
    if (!isKept(batch)) throw new Error("the batch is archived");
    const submission = await findSubmission(run.buyer, { batchId: batch.batchId });
    const output = await waitForClaim(run.buyer, submission!.output);
    const stream = { ...run.buyer.at, ...(await getStream(run.buyer, { streamId })) };
    const notice = {
      output: Uint8Array.from(Buffer.from(output.raw.slice(2), "hex")),
      outputIndex: output.outputIndex,
      siblings: output.siblings!,
    };
    const account = Uint8Array.from(Buffer.from(run.buyerAddress.slice(2), "hex"));
    const buyer = { account, secret: run.buyerSecret };
    let proofCount = 0;
    for await (const grant of listGrants(run.buyer, { buyer: run.buyerAddress })) {
      if (grant.streamId !== streamId) continue;
      const bought = { stream, buyer, grant, batch };
      for (const [group, proof] of proveSealedReading(run.buyer.crypto, bought, picked.sequence)) {
        const place = { app: run.rollup.app, notice, proof };
        await expectBelieved(loaded.file, streamId, picked, place, (m) => m % 2 === group);
        proofCount += 1;
      }
    }
    expect(proofCount).toBe(2);
  });
});

/** The contract, given a proof of some metrics, reads the numbers that are in the file. */
async function expectBelieved(
  { metrics: all }: ExpectedFile,
  streamId: number,
  { sequence, row }: PickedReading,
  place: Omit<ClaimedReadingProof, "metrics">,
  isShown: (m: number) => boolean,
): Promise<void> {
  const shown = all
    .map(({ isText }, m) => ({ isText, m }))
    .filter(({ m }) => isShown(m))
    .map((metric, position) => ({ ...metric, position }))
    .filter(({ isText }) => !isText);
  const metrics = shown.map(({ position }) => position);
  const believed = await proveClaimedReading(run.gateway.walletClient!, { ...place, metrics });
  const values = shown.map(({ m }) => {
    const cell = row.values[m];
    return cell == null ? null : readDecimal(cell);
  });
  expect(values.length).toBeGreaterThan(0);
  expect(believed).toMatchObject({ streamId, sequence, timeSec: row.time, values });
}

test("the replay from the chain alone verifies every input and claim", async () => {
  const { rpcUrl, app } = run.rollup;
  const { code, out, err } = await runCli(["replay", "--rpc", rpcUrl, "--app", app, "--json"]);
  expect([code, err]).toEqual([0, ""]);
  const result = lastJson(out);
  expect(result).toMatchObject({ verified: true, inputs: inputCount, accepted: inputCount });
  const claims = result.claims as { readonly holds: boolean }[];
  expect(claims.length).toBeGreaterThan(0);
  expect(claims.every(({ holds }) => holds)).toBe(true);
  const { root } = await run.buyer.inspect<{ root: string }>({ query: "root" });
  expect(result.root).toBe(root);
});
