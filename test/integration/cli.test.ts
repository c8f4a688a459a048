import { readFileSync, statSync } from "node:fs";
import { afterAll, describe, expect, test } from "vitest";
import {
  fromBatchAnswer,
  fromGrantAnswer,
  fromStreamAnswer,
  isKept,
  listReadings,
  readSealed,
} from "../../node-client/client/buyer/read-sealed.ts";
import { loadSampleData, SAMPLE_NAMES } from "../../node-client/files/sample-data.ts";
import { parseHistory } from "../../node-client/history/history-lines.ts";
import { nobleCrypto } from "../../spec/crypto-noble.ts";
import type { JsonObject } from "../../spec/query-answers.ts";
import { Folder, lastJson, REPOSITORY, runCli, SMALL_CSV } from "./fixtures/run-cli.ts";

/** What `encode` writes, and that `replay` takes it. Failures are in cli-failures.test.ts. */

const folder = new Folder();
afterAll(() => folder.remove());
const csv = folder.file("small.csv", SMALL_CSV);
const APP = new Uint8Array(20).fill(0xaa);
const BUYER = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8";
const BUYER_SECRET = new Uint8Array(32).fill(0x77);
const buyerKey = Buffer.from(nobleCrypto.x25519PublicKey(BUYER_SECRET)).toString("hex");

async function encode(...options: string[]): Promise<string> {
  const { code, out, err } = await runCli(["encode", "--csv", csv, "--batch", "2", ...options]);
  expect(err).not.toContain("tallyroll:");
  expect(code).toBe(0);
  return out;
}

async function ask<Answer>(history: string, ...words: string[]): Promise<Answer> {
  const args = ["inspect", "--inputs", "-", "--json", ...words];
  const { code, out, err } = await runCli(args, { stdin: history });
  expect([code, err]).toEqual([0, ""]);
  return lastJson(out) as Answer;
}

describe.each(SAMPLE_NAMES)("%s.csv", (name) => {
  const places = { dataFolder: process.env.TALLYROLL_DATA, projectRoot: REPOSITORY };
  const { text } = loadSampleData(name, places);

  test.each([
    ["open", []],
    ["sealed", ["--sealed"]],
    ["sealed by metric", ["--key-groups", "each"]],
  ])("%s: encode, then replay accepts every input", async (_, options) => {
    const args = ["encode", "--csv", "-", "--batch", "128", "--seed", name, "--json", ...options];
    const encoded = await runCli(args, { stdin: text });
    expect(encoded.code).toBe(0);
    const summary = lastJson(encoded.err);
    expect(summary.readings).toBe(text.trimEnd().split("\n").length - 1);

    const replay = ["replay", "--inputs", "-", "--json"];
    const replayed = await runCli(replay, { stdin: encoded.out });
    expect([replayed.code, replayed.err]).toEqual([0, ""]);
    expect(lastJson(replayed.out)).toEqual({
      inputs: summary.inputs,
      accepted: summary.inputs,
      rejected: 0,
      genesisRoot: expect.stringMatching(/^0x[0-9a-f]{64}$/),
      root: expect.stringMatching(/^0x[0-9a-f]{64}$/),
      outputsMerkleRoot: expect.stringMatching(/^0x[0-9a-f]{64}$/),
      claims: [],
      verified: true,
      keyProved: false,
    });
  });
});

describe("encode", () => {
  test("writes the lines that the design fixes, registrations and declarations first", async () => {
    const lines = (await encode()).trimEnd().split("\n");
    expect(Object.keys(JSON.parse(lines[0] ?? ""))).toEqual([
      "payload",
      "msg_sender",
      "block_number",
      "block_timestamp",
      "chain_id",
      "app_contract",
    ]);
    const { payload, ...rest } = JSON.parse(lines[1] ?? "");
    expect(payload).toMatch(/^0x01([0-9a-f]{2})+$/);
    expect(rest).toEqual({
      msg_sender: "0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266",
      block_number: 2,
      block_timestamp: 1_700_000_001,
      chain_id: 31_337,
      app_contract: `0x${"aa".repeat(20)}`,
    });
    // One set-up input; then two batches of three readings for north, one of two for south.
    expect(lines).toHaveLength(4);
  });

  test("reads come out as the file has them: scaled, rounded, null, text, in file order", async () => {
    const history = await encode("--scale", "humidity=0");
    const north = await ask<{ readings: object[] }>(history, "readings", "stream_id=1");
    expect(north.readings).toMatchObject([
      { sequence: 0, time: 1_700_000_000, values: ["7.11", "81", "Clear"] },
      { sequence: 1, time: 1_700_003_600, values: ["7.12", "81", "Clear"] },
      { sequence: 2, time: 1_700_001_800, values: ["6.00", "79", "Rain"] },
    ]);
    const south = await ask<{ readings: object[] }>(history, "latest stream_id=2");
    expect(south.readings).toMatchObject([
      { sequence: 1, values: ["-3.25", "64", "Overcast"] },
      { sequence: 0, values: ["-3.50", null, "Rain"] },
    ]);
  });

  test("--columns picks and orders, --stream-name names, --owner and --app place", async () => {
    const owner = `0x${"1c".repeat(20)}`;
    const options = ["--columns", "sky,temperature", "--stream-name", "roof", "--owner", owner];
    const placed = ["--chain-id", "5", "--app", `0x${"bb".repeat(20)}`];
    const history = await encode(...options, ...placed);
    const stream = await ask<{ metrics: { name: string }[] }>(
      history,
      "stream",
      "device_id=1",
      "name=roof",
    );
    expect(stream.metrics.map(({ name }) => name)).toEqual(["sky", "temperature"]);
    const { devices } = await ask<{ devices: object[] }>(history, "devices", `owner=${owner}`);
    expect(devices).toHaveLength(2);
    expect([...parseHistory(history)][0]?.at).toMatchObject({ chainId: 5n });
  });

  test.each(["ed25519", "p256", "secp256k1"])("devices sign with %s keys", async (type) => {
    const history = await encode("--key-type", type, "--batches-per-input", "9");
    const { out } = await runCli(["replay", "--inputs", "-", "--json"], { stdin: history });
    expect(lastJson(out)).toMatchObject({ inputs: 2, accepted: 2 });
  });

  test("--seed gives the same bytes again, no seed other ones", async () => {
    const sealed = ["--sealed", "--seed", "again"];
    expect(await encode(...sealed)).toBe(await encode(...sealed));
    expect(await encode()).not.toBe(await encode());
  });

  test("no key or salt of a --seed is another content's too", async () => {
    const sealed = (name: string, content: string, ...options: string[]) => {
      const file = folder.file(name, content);
      const keys = folder.file(`${name}.keys${options.join("")}`);
      const args = ["encode", "--csv", file, "--batch", "2", "--sealed", "--seed", "again"];
      return runCli([...args, "--keys", keys, ...options]).then(() => {
        const { devices } = JSON.parse(readFileSync(keys, "utf8"));
        return devices.flatMap((device: { secret: string; epoch_keys: string[] }) => [
          ...[device.secret, ...device.epoch_keys],
        ]);
      });
    };
    // One reading, one name, one option: whatever is sealed otherwise is sealed under other keys.
    const made = [
      await sealed("same.csv", SMALL_CSV),
      await sealed("value.csv", SMALL_CSV.replace("7.11", "7.12")),
      await sealed("text.csv", SMALL_CSV.replace("Overcast", "Overcasu")),
      await sealed("null.csv", SMALL_CSV.replace("-3.5,,", "-3.5,0,")),
      await sealed("time.csv", SMALL_CSV.replace("1700000000", "1700000001")),
      await sealed("device.csv", SMALL_CSV.replaceAll("north", "nord")),
      await sealed("batch.csv", SMALL_CSV, "--batches-per-input", "2"),
      await sealed("app.csv", SMALL_CSV, "--app", `0x${"ab".repeat(20)}`),
    ].flat();
    expect(new Set(made).size).toBe(made.length);
  });

  test("--keys keeps what the owner needs, for the owner alone, and is never replaced", async () => {
    const keys = folder.file("keys.json");
    await encode("--keys", keys, "--key-groups", "temperature|*");
    expect(statSync(keys).mode & 0o777).toBe(0o600);
    const kept = JSON.parse(readFileSync(keys, "utf8"));
    expect(kept.devices).toMatchObject([
      { name: "north", device_id: 1, key_type: "ed25519", stream_id: 1, epoch: 0 },
      { name: "south", device_id: 2, metrics: [{ key_group: 0 }, { key_group: 1 }, {}] },
    ]);
    expect(kept.devices[0].epoch_keys).toHaveLength(2);

    const before = readFileSync(keys, "utf8");
    const args = ["encode", "--csv", csv, "--batch", "2", "--keys", keys];
    const again = await runCli(args);
    expect([again.code, again.out]).toEqual([2, ""]);
    expect(again.err).toBe(
      `tallyroll: There is a file at ${keys} already, and it is not replaced. ` +
        "Move it away, or name another place.\n",
    );
    expect(readFileSync(keys, "utf8")).toBe(before);
  });

  test("says that keys were not kept, or that they follow from the seed", async () => {
    const args = ["encode", "--csv", csv, "--batch", "2"];
    expect((await runCli(args)).err).toContain("keys were not kept");
    expect((await runCli([...args, "--seed", "s"])).err).toContain("follow from the seed");
  });

  test("--buyer: the buyer reads a sealed history with what the grants give", async () => {
    const history = await encode("--key-groups", "each", "--buyer", `${BUYER}=${buyerKey}`);
    const { grants } = await ask<{ grants: JsonObject[] }>(
      history,
      "grants",
      `buyer=${BUYER}`,
      "now=4102444799",
    );
    expect(grants).toMatchObject([{ is_live: true }, { stream_id: 2, groups: 0b111 }]);
    const answer = await ask<JsonObject>(history, "stream stream_id=2");
    const { batches } = await ask<{ batches: JsonObject[] }>(history, "batches stream_id=2");
    const stream = fromStreamAnswer(answer, { chainId: 31_337n, app: APP });
    const account = Uint8Array.from(Buffer.from(BUYER.slice(2), "hex"));
    const [unsealed] = readSealed(
      nobleCrypto,
      stream,
      { account, secret: BUYER_SECRET },
      grants.map(fromGrantAnswer),
      batches.map(fromBatchAnswer).filter(isKept),
    );
    expect(unsealed && listReadings(unsealed, stream.metrics)).toEqual([
      { sequence: 0, timeSec: 1_700_000_000, values: ["-3.50", null, "Rain"] },
      { sequence: 1, timeSec: 1_700_007_200, values: ["-3.25", "64.00", "Overcast"] },
    ]);
  });
});
