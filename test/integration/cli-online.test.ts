import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { getDevelopmentAccount } from "../../node-client/chain/chain-client.ts";
import { mintTestToken } from "../../node-client/chain/deploy-token.ts";
import { OnlineCli } from "./fixtures/online-cli.ts";
import { lastJson, SMALL_CSV } from "./fixtures/run-cli.ts";

/** The whole way of a user, by the command, over a real chain and node. */

const OWNER = ["--dev-account", "0"];
const BUYER = ["--dev-account", "1"];
const RELAYER = ["--dev-account", "2"];
const addressOf = (index: number): string => getDevelopmentAccount(index).address.toLowerCase();
let cli: OnlineCli;
let csv: string;
beforeAll(async () => {
  cli = await OnlineCli.start();
  csv = cli.folder.file("small.csv", SMALL_CSV);
});
afterAll(() => cli?.close());

describe("devices and streams", () => {
  test("a device is registered under a secret that is kept first", async () => {
    const registered = await cli.ask("device", "register", "roof", ...OWNER);
    expect(registered).toMatchObject({ deviceId: 1, owner: addressOf(0) });
    const path = join(cli.home, "devices", "roof.json");
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(JSON.parse(readFileSync(path, "utf8"))).toMatchObject({ did: registered.did });
    const again = await cli.fail(["device", "register", "roof", ...OWNER]);
    expect(again).toContain('"roof" is device 1 already');
  });

  test("its key rotates, and both secrets stay", async () => {
    const rotated = await cli.ask("device", "rotate", "roof", "--key-type", "p256", ...OWNER);
    const shown = await cli.ask("device", "show", "roof");
    expect(shown).toMatchObject({ deviceId: 1, did: rotated.did, keyCount: 2 });
    expect(shown.secret).toBe(join(cli.home, "devices", "roof.key-1.json"));
    expect(existsSync(join(cli.home, "devices", "roof.json"))).toBe(true);
  });

  test("streams are declared, open and sealed by group, and shown", async () => {
    const metrics = ["temperature:1", "sky:text"];
    const open = await cli.ask("stream", "declare", "roof", "weather", ...metrics, ...OWNER);
    expect(open).toMatchObject({ streamId: 1, isSealed: false, groupCount: 1 });
    const groups = ["--key-groups", "temperature|*"];
    const words = ["stream", "declare", "roof", "sold", ...metrics, ...groups, ...OWNER];
    expect(await cli.ask(...words)).toMatchObject({ streamId: 2, groupCount: 2 });
    expect(await cli.ask("stream", "show", "2")).toMatchObject({
      metrics: [
        { name: "temperature", kind: "integer", scale: 1, group: 0 },
        { name: "sky", kind: "text", group: 1 },
      ],
    });
    const { out } = await cli.run(["stream", "list", "roof"]);
    expect(out).toMatch(/1 {2}weather {2}open/);
  });

  test("names that no file could have are kept, and found again", async () => {
    const name = "../Süd/1.b";
    const { deviceId } = await cli.ask("device", "register", name, ...OWNER);
    expect(await cli.ask("device", "show", name)).toMatchObject({ deviceId: Number(deviceId) });
    expect(existsSync(join(cli.home, "devices", "%2E%2E%2FS%C3%BCd%2F1%2Eb.json"))).toBe(true);
    const { devices } = await cli.ask("device", "list", ...OWNER);
    expect(devices).toMatchObject([{ name: "roof" }, { name }]);
    expect(await cli.ask("device", "revoke", name, ...OWNER)).toMatchObject({ deviceId });
  });
});

describe("submit", () => {
  test("brings a file in, reading by reading, and a second time sends nothing", async () => {
    const done = await cli.ask("submit", "--csv", csv, "--batch", "2", ...OWNER);
    expect(done).toMatchObject({ readings: 5, alreadyIn: 0 });
    const streams = done.streams as { streamId: number }[];
    expect(streams).toHaveLength(2);
    const north = await cli.run(["stream", "readings", String(streams[0]?.streamId)]);
    expect(north.out).toBe(
      "sequence,timestamp,temperature,humidity,sky\n" +
        "0,1700000000,7.11,81.00,Clear\n1,1700003600,7.12,80.50,Clear\n" +
        "2,1700001800,6.00,79.12,Rain\n",
    );
    const again = await cli.ask("submit", "--csv", csv, "--batch", "2", ...OWNER);
    expect(again).toMatchObject({ readings: 5, alreadyIn: 5, inputs: 0 });
  });

  test("latest, statistics and inspect answer", async () => {
    const { readings } = await cli.ask("stream", "latest", "3", "--limit", "1");
    expect(readings).toMatchObject([{ sequence: 2, values: ["6.00", "79.12", "Rain"] }]);
    const span = ["--from", "2023-11-14", "--to", "2023-11-16", "--bucket", "day"];
    const { buckets } = await cli.ask("stream", "statistics", "3", "temperature", ...span);
    expect(buckets).toMatchObject([{ count: 3, sum: "2023" }]);
    const answer = await cli.ask("inspect", "latest", "stream_id=3", "limit=1");
    expect(answer.readings).toMatchObject([{ sequence: 2 }]);
    expect(await cli.fail(["inspect", "latest", "stream_id=99"])).toContain("no such stream");
  });
});

describe("readings", () => {
  test("are one object a line for a program", async () => {
    const { out } = await cli.run(["stream", "readings", "3", "--json"]);
    const lines = out.trimEnd().split("\n");
    expect(lines.map((line) => JSON.parse(line)).at(-1)).toEqual({ streamId: 3, readings: 3 });
    expect(JSON.parse(lines[0] ?? "")).toEqual({
      sequence: 0,
      time: 1_700_000_000,
      values: { temperature: "7.11", humidity: "81.00", sky: "Clear" },
    });
  });

  test("are watched as they come", async () => {
    const watched = cli.run(["stream", "watch", "3", "--count", "1", "--interval", "50"]);
    // A reading of a later day, for the stream of the same device.
    const later = SMALL_CSV.replaceAll("1700", "1702");
    await cli.ask("submit", "--csv", cli.folder.file("later.csv", later), ...OWNER);
    expect((await watched).out).toBe(
      "sequence,timestamp,temperature,humidity,sky\n3,1702000000,7.11,81.00,Clear\n",
    );
  });

  test("of a sealed stream are not watched, and nothing is printed", async () => {
    const { code, out, err } = await cli.run(["stream", "watch", "2"]);
    expect({ code, out }).toEqual({ code: 2, out: "" });
    expect(err).toContain("`tallyroll stream read 2`");
  });
});

describe("sealed streams", () => {
  test("a buyer reads what he is granted, and not what comes behind a rotation", async () => {
    const words = [
      "submit",
      "--csv",
      csv,
      "--stream-name",
      "sold",
      "--key-groups",
      "temperature|*",
    ];
    const { streams } = await cli.ask(...words, ...OWNER);
    const streamId = String((streams as { streamId: number }[])[0]?.streamId);
    await cli.ask("key", "encryption");
    await cli.ask("grant", "key", ...BUYER);
    const give = ["grant", "give", streamId, addressOf(1), "--groups", "0", ...OWNER];
    const stranger = [...give.slice(0, -2), "--dev-account", "3"];
    expect(await cli.fail(stranger)).toContain("refuse this (device_sender_not_owner: device");
    expect(await cli.ask(...give)).toMatchObject({ buyer: addressOf(1), groups: 1 });
    expect(await cli.fail(give)).toContain("refuse this (grant_exists: 0x");
    const { grants } = await cli.ask("grant", "list", ...BUYER);
    expect(grants).toMatchObject([{ streamId: Number(streamId), groups: [0] }]);
    const listed = await cli.run(["grant", "list", ...BUYER]);
    expect(listed.out).toMatch(/\d{4}-\d\d-\d\d \d\d:\d\d(:\d\d)? UTC/);
    const newest = await cli.run(["stream", "latest", "3", "--limit", "1"]);
    expect(newest.out).toContain("2023-12-08 02:16:40 UTC");

    const read = await cli.run(["stream", "read", streamId, ...BUYER]);
    expect(read.out).toBe(
      "sequence,timestamp,temperature\n0,1700000000,7.11\n1,1700003600,7.12\n2,1700001800,6.00\n",
    );
    const own = await cli.run(["stream", "read", streamId, ...OWNER]);
    expect(own.out.split("\n").slice(0, 2)).toEqual([
      "sequence,timestamp,temperature,humidity,sky",
      "0,1700000000,7.11,81.00,Clear",
    ]);
    expect((await cli.run(["stream", "read", streamId])).out).toBe(own.out);
    expect(await cli.fail(["stream", "read", streamId, ...RELAYER])).toContain("has no grant");
    await cli.ask("grant", "revoke", streamId, addressOf(1), ...OWNER);
    expect(await cli.ask("stream", "rotate", streamId, ...OWNER)).toMatchObject({ epoch: 1 });
    const more = cli.folder.file("more.csv", SMALL_CSV.replaceAll("1700", "1701"));
    await cli.ask("submit", "--csv", more, ...words.slice(3), ...OWNER);
    const after = await cli.run(["stream", "read", streamId, "--json", ...BUYER]);
    expect(lastJson(after.out)).toMatchObject({ readings: 3, skipped: 3 });
    const [first] = after.out.split("\n");
    expect(JSON.parse(first ?? "")).toEqual({
      sequence: 0,
      time: 1_700_000_000,
      values: { temperature: "7.11" },
    });
    expect(after.err).toContain("Left out: 3 readings of epochs that were not granted.");
  });
});

describe("money", () => {
  test("is deposited, paid by a relay without Ether, withdrawn and executed", async () => {
    expect(await cli.ask("deposit", "1.5", ...BUYER)).toMatchObject({
      balance: "1500000000000000000",
    });
    const file = "pay.json";
    const pay = ["transfer", "0.25", addressOf(0), "--relay-out", file, ...BUYER];
    await cli.ask(...pay);
    expect(await cli.fail(pay)).toContain("There is a file at");
    const { relayed } = await cli.ask("relay", file, ...RELAYER);
    expect(relayed).toMatchObject([{ kind: "transfer", status: "applied" }]);
    expect(await cli.fail(["relay", file, ...RELAYER])).toContain("it is spent");
    const { out } = await cli.run(["balance", addressOf(0)]);
    expect(out).toBe("0.25 ETH\n");

    const { outputIndex } = await cli.ask("withdraw", "0.125", ...OWNER);
    const execute = ["execute", String(outputIndex)];
    const early = await cli.fail([...execute, "--no-wait", ...OWNER]);
    expect(early).toMatch(
      /The claim is not there yet: output \d+ waits for the claim of epoch \d+/,
    );
    expect(early).not.toMatch(/[A-Z]_[A-Z]/);
    const executing = cli.run([...execute, ...OWNER, "--json"]);
    await cli.stack.mine(60);
    const executed = await executing;
    expect(executed.err).toMatch(/Output \d+: about \d+ gas, at most 0\.\d+ ETH/);
    expect(lastJson(executed.out)).toMatchObject({ executions: [{ status: "executed" }] });
    const again = await cli.ask(...execute, ...OWNER);
    expect(again).toMatchObject({ executions: [{ status: "executed_before" }] });
    expect(await cli.ask("execute", "--all", ...OWNER)).toEqual({ executions: [] });
  });

  test("is never rounded, and tokens need an allowance", async () => {
    expect(await cli.fail(["deposit", "0.1234567890123456789", ...BUYER])).toContain(
      "is finer than",
    );
    expect(await cli.fail(["deposit", "0", ...BUYER])).toContain("is nothing");
    await mintTestToken(cli.stack.chain, getDevelopmentAccount(1).address, 10n ** 20n);
    const deposit = ["deposit", "2.5", "--token", "local", ...BUYER];
    expect(await cli.fail(deposit)).toContain("--approve");
    expect(await cli.ask(...deposit, "--approve")).toMatchObject({ amount: "2500000000000000000" });
  });

  test("outputs are listed in words, and one reading is proved", async () => {
    const { outputs } = await cli.ask("outputs", "--notice", "Withdrawn");
    expect(outputs).toMatchObject([{ notice: { name: "Withdrawn" } }]);
    const { out } = await cli.run(["outputs", "--limit", "3"]);
    expect(out.trimEnd().split("\n")).toHaveLength(4);
    await cli.stack.mine(60);
    await cli.ask("prove", "3", "1", "--out", "proof.json");
    const proof = JSON.parse(readFileSync(cli.folder.file("proof.json"), "utf8"));
    expect(proof).toMatchObject({ reading: { sequence: 1, streamId: 3 } });
    expect(proof).toEqual(await cli.ask("prove", "3", "1"));
  });
});

describe("several vouchers", () => {
  test("are executed as far as they can be when one of them cannot", async () => {
    const setBalance = async (wei: bigint): Promise<void> => {
      const params = [cli.stack.app, `0x${wei.toString(16)}`];
      const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "anvil_setBalance", params });
      const headers = { "content-type": "application/json" };
      await fetch(cli.stack.rpcUrl, { method: "POST", headers, body });
    };
    await cli.ask("deposit", "3", ...BUYER);
    const large = await cli.ask("withdraw", "2", ...BUYER);
    const small = await cli.ask("withdraw", "0.5", ...BUYER);
    await setBalance(10n ** 18n);
    const executing = cli.run(["execute", "--all", "--json", ...BUYER]);
    await cli.stack.mine(60);
    const { code, out, err } = await executing;
    expect(lastJson(out)).toMatchObject({
      executions: [
        { outputIndex: Number(large.outputIndex), status: "failed" },
        { outputIndex: Number(small.outputIndex), status: "executed" },
      ],
    });
    expect(err).toMatch(
      new RegExp(`Output ${large.outputIndex} is not executed: The application holds`),
    );
    expect(code).toBe(2);
    await setBalance(10n ** 20n);
    expect(await cli.ask("execute", "--all", ...BUYER)).toMatchObject({
      executions: [{ outputIndex: Number(large.outputIndex), status: "executed" }],
    });
  });
});
