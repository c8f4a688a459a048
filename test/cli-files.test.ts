import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { appendFileSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import {
  lockPayments,
  pathOfPayments,
} from "../node-client/command/channel/channel-payments-file.ts";
import { resolveConnection } from "../node-client/command/connection/connection-options.ts";
import {
  readLocalRollup,
  writeLocalRollup,
} from "../node-client/command/connection/local-rollup-file.ts";
import {
  createDeviceKey,
  findEpochKeys,
  keepEpochKeys,
  listDeviceKeys,
  listDeviceNames,
} from "../node-client/command/device/device-files.ts";
import { formatAmount, parseAmount } from "../node-client/command/money/token-amounts.ts";
import { formatCsvLine } from "../node-client/command/terminal/format-csv.ts";
import { formatTable } from "../node-client/command/terminal/format-table.ts";
import type { Io } from "../node-client/command/terminal/io.ts";
import { lockUploads } from "../node-client/command/upload/run-submit.ts";
import {
  findJournal,
  type UploadIdentity,
  UploadJournal,
} from "../node-client/command/upload/upload-journal.ts";
import { nobleCrypto } from "../spec/crypto-noble.ts";
import { computeEpochKeyHash } from "../spec/grant-keys.ts";
import { Folder } from "./integration/fixtures/run-cli.ts";

/** What the command keeps in its data folder, and how it writes amounts and tables. */

const folder = new Folder();
afterAll(() => folder.remove());
let home: string;
let count = 0;
beforeEach(() => {
  home = folder.file(`home-${count++}`);
});
const APP = `0x${"ab".repeat(20)}` as const;
const local = {
  ...{ chainId: 31_337, rpcUrl: "http://127.0.0.1:9545", nodeUrl: "http://127.0.0.1:10021/rpc" },
  ...{ inspectUrl: "http://127.0.0.1:10022", app: APP, token: null },
  machineKey: `0x${"09".repeat(32)}`,
} as const;

describe("connections", () => {
  const resolve = (options: object, env: Record<string, string> = {}) =>
    resolveConnection(options, {
      env: { TALLYROLL_HOME: home, ...env },
      cwd: "/",
    } as unknown as Io);

  test("come from local.json, which reads back as it was written", () => {
    expect(statSync(writeLocalRollup(home, local)).mode & 0o777).toBe(0o600);
    expect(readLocalRollup(home)).toEqual(local);
    const { rpcUrl, nodeUrl, inspectUrl } = local;
    expect(resolve({})).toMatchObject({ app: APP, rpcUrl, nodeUrl, inspectUrl, local });
  });

  test("options win over variables, variables over the file", () => {
    writeLocalRollup(home, local);
    const other = `0x${"cd".repeat(20)}`;
    const env = { TALLYROLL_APP: other, TALLYROLL_NODE: "http://node:10011/rpc" };
    expect(resolve({}, env)).toMatchObject({
      ...{ app: other, local: undefined, nodeUrl: "http://node:10011/rpc" },
      ...{ inspectUrl: "http://node:10012", rpcUrl: local.rpcUrl },
    });
    expect(resolve({ app: APP }, env)).toMatchObject({ app: APP, local });
  });

  test("another application is looked for on the local chain, where no other is named", () => {
    writeLocalRollup(home, local);
    const app = `0x${"cd".repeat(20)}`;
    const { rpcUrl, nodeUrl, inspectUrl } = local;
    expect(resolve({ app })).toMatchObject({ app, rpcUrl, nodeUrl, inspectUrl, local: undefined });
    const elsewhere = { app, rpc: "http://elsewhere:8545" };
    expect(resolve(elsewhere)).toMatchObject({ nodeUrl: "http://127.0.0.1:10011/rpc" });
  });

  test("the local application is not looked for on another chain", () => {
    writeLocalRollup(home, local);
    expect(() => resolve({ rpc: "http://elsewhere:8545" })).toThrow("which application is meant");
  });

  test.each(["{", "{}", '{"chainId":"1"}', JSON.stringify({ ...local, app: "0x12" })])(
    "a damaged local.json is told: %s",
    (text) => {
      writeLocalRollup(home, local);
      writeFileSync(join(home, "local.json"), text);
      expect(() => readLocalRollup(home)).toThrow("describes no local rollup");
    },
  );
});

describe("devices", () => {
  test("keys are added, never replaced, and found again newest first", () => {
    const first = createDeviceKey(home, "a/b", "ed25519");
    const second = createDeviceKey(home, "a/b", "p256");
    expect(listDeviceKeys(home, "a/b").map(({ did }) => did)).toEqual([second.did, first.did]);
    createDeviceKey(home, "a%2Fb", "secp256k1");
    createDeviceKey(home, "x".repeat(500), "ed25519");
    expect(listDeviceNames(home)).toEqual(["a%2Fb", "a/b", "x".repeat(500)]);
  });

  test("epoch keys are found by what their epoch published", () => {
    const keys = [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)];
    const hashes = keys.map((key) => computeEpochKeyHash(nobleCrypto, key));
    keepEpochKeys(home, "d", keys, hashes);
    expect(findEpochKeys(home, "d", hashes)).toEqual(keys);
    expect(findEpochKeys(home, "d", hashes.slice(1))).toBeUndefined();
    keepEpochKeys(home, "d", [...keys].reverse(), hashes);
    expect(findEpochKeys(home, "d", hashes)).toEqual(keys);
  });

  test("a damaged file, or one that was renamed, is told and not used", () => {
    const { path } = createDeviceKey(home, "d", "ed25519");
    const text = readFileSync(path, "utf8");
    writeFileSync(path, text.replace('"name": "d"', '"name": "e"'));
    expect(() => listDeviceKeys(home, "d")).toThrow("is damaged, or another device's");
    writeFileSync(path, text.slice(0, 40));
    expect(() => listDeviceKeys(home, "d")).toThrow("is damaged, or another device's");
  });
});

describe("the upload journal", () => {
  const identity: UploadIdentity = {
    ...{ chainId: 31_337, app: APP, owner: APP, machineKey: local.machineKey },
    ...{ file: "/a.csv", fileHash: "0x01", mapping: "{}" },
  };
  const input = { kind: "input", input: 0, payload: "0x01", batches: [], setup: ["x"] } as const;
  const sent = { kind: "transaction", input: 0, nonce: 7, hash: "0x02", raw: "0x03" } as const;

  test("reads back what was appended, without a torn last line", () => {
    const journal = findJournal(home, identity, false);
    journal.append(input);
    journal.append(sent);
    journal.close();
    appendFileSync(journal.path, '{"kind":"input","input":1,"pay');
    const again = findJournal(home, identity, false);
    expect(again.inputs).toEqual([input]);
    expect(again.transactions.get(0)).toEqual(sent);
    again.append({ ...input, input: 1 });
    again.append({ kind: "finished" });
    again.close();
    expect(UploadJournal.read(journal.path)).toMatchObject({ end: "finished" });
    expect(readFileSync(journal.path, "utf8").trimEnd().split("\n")).toHaveLength(5);
  });

  test("damage before the last line is told", () => {
    const journal = findJournal(home, identity, false);
    journal.append(input);
    journal.close();
    appendFileSync(journal.path, 'nonsense\n{"kind":"finished"}\n');
    expect(() => findJournal(home, identity, false)).toThrow("is damaged");
    writeFileSync(journal.path, `${JSON.stringify({ ...journal.head, version: 2 })}\n`);
    expect(() => findJournal(home, identity, false)).toThrow("is damaged");
  });

  test("another content is refused once batches were sent, and only until that is given up", () => {
    const journal = findJournal(home, identity, false);
    const other: UploadIdentity = { ...identity, fileHash: "0x99" };
    findJournal(home, other, false).close();
    journal.append({ ...input, batches: [{} as never] });
    journal.append(sent);
    journal.close();
    expect(() => findJournal(home, other, false)).toThrow("/a.csv has changed");
    findJournal(home, other, true).close();
    findJournal(home, other, false).close();
  });

  test("an account uploads once at a time; a process that was killed gives way", async () => {
    const path = join(home, "uploads", `1-${APP}.lock`);
    const unlock = lockUploads(home, 1, APP);
    expect(() => lockUploads(home, 1, APP)).toThrow("Another upload");
    lockUploads(home, 2, APP)();
    // Having looked for it once more has not cost this process its lock.
    const other = spawnSync(process.execPath, [
      "--eval",
      `const { DatabaseSync } = require("@photostructure/sqlite");
       new DatabaseSync(process.argv[1], { timeout: 0 }).exec("BEGIN EXCLUSIVE");`,
      path,
    ]);
    expect(String(other.stderr)).toContain("database is locked");
    unlock();

    const holder = spawn(process.execPath, [
      "--eval",
      `const { DatabaseSync } = require("@photostructure/sqlite");
       new DatabaseSync(process.argv[1]).exec("BEGIN EXCLUSIVE");
       console.log("held");
       setInterval(() => {}, 1_000);`,
      path,
    ]);
    try {
      await once(holder.stdout, "data");
      expect(() => lockUploads(home, 1, APP)).toThrow("Another upload");
    } finally {
      holder.kill("SIGKILL");
      await once(holder, "exit");
    }
    lockUploads(home, 1, APP)();
    lockUploads(home, 1, APP)();
  });
});

test("who cannot have the payments' lock is told so, and nothing is signed", async () => {
  const path = pathOfPayments(home, APP);
  const unlock = await lockPayments(path);
  await expect(lockPayments(path, 30)).rejects.toThrow(
    `Another command is signing payments with ${path}`,
  );
  // As long as payments are signed, somebody's turn comes.
  let count = 0;
  const signing = setInterval(() => writeFileSync(path, "x".repeat(++count)), 5);
  // Patience for a hundred payments, so that a stall of this process does not look like none.
  const turn = lockPayments(path, 500);
  await new Promise((resolve) => setTimeout(resolve, 1_600));
  clearInterval(signing);
  unlock();
  (await turn)();
  (await lockPayments(path, 0))();
  writeFileSync(join(home, "file"), "");
  await expect(lockPayments(pathOfPayments(join(home, "file"), APP))).rejects.toThrow(
    "cannot be kept",
  );
});

describe("amounts and lines", () => {
  const token = { symbol: "TT", decimals: 2 };

  test.each([
    ["1.5", 150n],
    ["0.01", 1n],
    ["7", 700n],
    ["1.50000", 150n],
  ])("%s is exact", (text, amount) => {
    expect(parseAmount(text, token)).toBe(amount);
    expect(formatAmount(amount, token)).toBe(`${Number(text)} TT`);
  });

  test.each(["", "-1", "1e3", "0", "0.001", "1,5", ".5", "1.", "9".repeat(78)])(
    "%j is refused",
    (text) => expect(() => parseAmount(text, token)).toThrow(),
  );

  test("tables stand in columns, numbers to the right", () => {
    expect(
      formatTable(
        ["id", "name"],
        [
          ["1", "north"],
          ["12", "s"],
        ],
        undefined,
      ),
    ).toBe("id  name\n 1  north\n12  s\n");
  });

  test("CSV quotes what would break a line", () => {
    expect(formatCsvLine(["a", 'b"c', "d,e", "f\ng", " h"])).toBe('a,"b""c","d,e","f\ng"," h"\n');
  });
});
