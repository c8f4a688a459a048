import {
  closeSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "@photostructure/sqlite";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { NodeIdentity } from "../node-client/node/store/node-store.ts";
import { NodeStoreError } from "../node-client/node/store/node-store-error.ts";
import { openNodeStore } from "../node-client/node/store/open-node-store.ts";
import type { NodeStore } from "../node-client/node/store/sqlite-node-store.ts";
import { hexOf } from "./arbitraries/node-store-model.ts";
import { createInput, createResults, IDENTITY } from "./arbitraries/node-store-steps.ts";

let folder: string;
let path: string;
const opened: NodeStore[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "tallyroll-store-"));
  path = join(folder, "node.sqlite");
});
afterEach(() => {
  for (const store of opened.splice(0)) store.close();
  rmSync(folder, { recursive: true });
});

function open(identity?: NodeIdentity): NodeStore {
  const store = openNodeStore(path, identity);
  opened.push(store);
  return store;
}

/** Appends blocks up to `number` with so many inputs, all in the last of them. */
function append(store: NodeStore, number: number, inputCount = 0): void {
  const first = store.getInputCount();
  const inputs = Array.from({ length: inputCount }, (_, i) => createInput(first + i, number));
  store.appendSegment({
    head: { number, hash: hexOf(number) },
    inputs,
    claims: [],
    executions: [],
  });
}

/** A file of eight processed inputs, closed. */
function writeFile(): void {
  const store = open(IDENTITY);
  append(store, 6, 8);
  store.commitResults(createResults(0, [1, 2, 3, 5, 6, 7, 9, 10]));
  store.close();
}

function problemOf(identity?: NodeIdentity): string {
  try {
    open(identity);
    return "opened";
  } catch (error) {
    if (!(error instanceof NodeStoreError)) throw error;
    expect(error.whatToDo).toMatch(/^[A-Z].*\.$/);
    return `${error.problem}: ${error.shortMessage.replaceAll(path, "FILE")}`;
  }
}

/** Changes a file as another program would. */
function edit(sql: string): void {
  const database = new DatabaseSync(path);
  database.exec(sql);
  database.close();
}

describe("openNodeStore", () => {
  test("makes a file for its owner alone, and one file when it is closed", () => {
    writeFile();
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(() => statSync(`${path}-wal`)).toThrow("ENOENT");
    expect(() => statSync(`${path}-shm`)).toThrow("ENOENT");
    expect(open().getIdentity()).toEqual(IDENTITY);
  });

  test("gives the file to one node at a time", () => {
    writeFile();
    const first = open(IDENTITY);
    expect(problemOf(IDENTITY)).toBe("locked: Another node has FILE open.");
    first.close();
    expect(problemOf(IDENTITY)).toBe("opened");
  });

  test("makes nothing where it was not told whose file it would be", () => {
    expect(problemOf()).toBe("missing: There is no node's file at FILE.");
    expect(() => statSync(path)).toThrow("ENOENT");
    writeFileSync(path, "");
    expect(problemOf()).toBe("missing: There is no node's file at FILE.");
    expect(problemOf(IDENTITY)).toBe("opened");
  });

  test("says that it may not write", () => {
    path = join(folder, "no-such-folder", "node.sqlite");
    expect(problemOf(IDENTITY)).toBe("unwritable: FILE cannot be made.");
    path = folder;
    expect(problemOf(IDENTITY)).toBe("unwritable: FILE cannot be opened for writing.");
  });

  test.each([
    ["chainId", 1, "chain id"],
    ["app", hexOf(9, 20), "application"],
    ["consensus", hexOf(9, 20), "consensus contract"],
    ["inputBox", hexOf(9, 20), "InputBox"],
    ["templateHash", hexOf(9), "template hash"],
    ["epochLength", 8, "epoch length"],
    ["deploymentBlock", 4, "deployment block"],
    ["machineKey", hexOf(9), "machine key"],
  ])("refuses a file of another %s, and says so", (key, value, name) => {
    writeFile();
    expect(problemOf({ ...IDENTITY, [key]: value })).toMatch(
      `other_identity: FILE belongs to another ${name}: `,
    );
  });

  test("refuses another program's file and leaves it as it is", () => {
    edit("CREATE TABLE guests (name TEXT)");
    const before = readFileSync(path);
    expect(problemOf(IDENTITY)).toBe("foreign: FILE is another program's file.");
    expect(readFileSync(path)).toEqual(before);
  });

  test("refuses a file of a newer version", () => {
    writeFile();
    edit("PRAGMA user_version = 2");
    expect(problemOf(IDENTITY)).toMatch("newer: FILE was written by a newer version");
  });

  test("refuses what is damaged: no database, cut short, overwritten, rows gone or changed", () => {
    writeFile();
    const whole = readFileSync(path);
    const damages: (() => void)[] = [
      () => writeFileSync(path, "no database at all ".repeat(500)),
      () => truncateSync(path, whole.length - 3 * 4096),
      () => {
        const file = openSync(path, "r+");
        writeSync(file, Buffer.alloc(4096 * 4, 0xa5), 0, 4096 * 4, 4096 * 6);
        closeSync(file);
      },
      () => edit("DELETE FROM outputs WHERE output_index > 9"),
      () => edit("DELETE FROM results WHERE input_index = 7"),
      () => edit("UPDATE outputs SET hash = zeroblob(32) WHERE output_index = 14"),
    ];
    for (const damage of damages) {
      writeFileSync(path, whole);
      damage();
      expect(problemOf(IDENTITY)).toMatch(/^damaged: The node's file FILE is damaged: /);
    }
    writeFileSync(path, whole);
    expect(problemOf(IDENTITY)).toBe("opened");
  });
});

describe("epochs", () => {
  const claimOf = (store: NodeStore, root = store.getEpoch(0)?.outputsMerkleRoot) => ({
    blockNumber: 9,
    transactionHash: hexOf(0xc1a1),
    lastProcessedBlockNumber: 6,
    outputsMerkleRoot: root ?? hexOf(0),
  });
  const appendClaim = (store: NodeStore, claim: ReturnType<typeof claimOf>) =>
    store.appendSegment({
      head: { number: 9, hash: hexOf(9) },
      inputs: [],
      claims: [claim],
      executions: [],
    });

  test("go from open to accepted, and back when the claim's block is gone", () => {
    const store = open(IDENTITY);
    const status = () => store.getEpoch(0)?.status;
    append(store, 5, 2);
    expect(status()).toBe("OPEN");
    append(store, 6);
    expect(status()).toBe("CLOSED");
    store.commitResults(createResults(0, [1]));
    expect(status()).toBe("CLOSED");
    store.commitResults(createResults(1, [1]));
    expect(status()).toBe("CLAIM_COMPUTED");
    expect(store.listUnclaimedEpochs(9).map(({ index }) => index)).toEqual([0]);
    store.markClaimSubmitted(0, hexOf(1));
    expect(status()).toBe("CLAIM_SUBMITTED");
    expect(store.getEpoch(0)?.claimTransactionHash).toBe(hexOf(1));
    appendClaim(store, claimOf(store));
    expect(status()).toBe("CLAIM_ACCEPTED");
    expect(store.getEpoch(0)?.claimTransactionHash).toBe(hexOf(0xc1a1));
    expect(store.listUnclaimedEpochs(9)).toEqual([]);
    // Sent once more while the log came in: the chain's word stands.
    store.markClaimSubmitted(0, hexOf(2));
    expect(status()).toBe("CLAIM_ACCEPTED");
    store.rollBackTo({ number: 6, hash: hexOf(6) });
    expect(status()).toBe("CLAIM_COMPUTED");
    expect(store.getEpoch(0)?.claimTransactionHash).toBeUndefined();
    store.rollBackTo({ number: 5, hash: hexOf(5) });
    expect(store.getEpoch(0)).toMatchObject({ status: "OPEN", outputsMerkleRoot: undefined });
  });

  test("are rejected by another root, whichever comes first, claim or results", () => {
    const store = open(IDENTITY);
    append(store, 5, 1);
    append(store, 7);
    appendClaim(store, claimOf(store, hexOf(0xbad)));
    expect(store.getEpoch(0)?.status).toBe("CLOSED");
    store.commitResults(createResults(0, [1]));
    expect(store.getEpoch(0)?.status).toBe("CLAIM_REJECTED");
    expect(store.getLastAcceptedEpochIndex()).toBeUndefined();
    expect(store.listUnclaimedEpochs(9)).toEqual([]);
  });
});

test("a snapshot comes back as it was, and old ones thin out as they age", () => {
  const store = open(IDENTITY);
  append(store, 6, 400);
  store.commitResults(createResults(0, new Array(400).fill(0)));
  for (let inputCount = 10; inputCount <= 400; inputCount += 10) {
    // Longer than one chunk, and not a whole number of them.
    const state = Buffer.alloc(inputCount === 400 ? 2_500_001 : 10, inputCount % 251);
    store.putSnapshot({ inputCount, root: hexOf(inputCount), state });
  }
  const newest = store.findSnapshot(400);
  expect(newest?.root).toBe(hexOf(400));
  expect(Buffer.compare(newest!.state, Buffer.alloc(2_500_001, 400 % 251))).toBe(0);
  const kept: number[] = [];
  for (let below = 400; ; below = kept.at(-1)! - 1) {
    const found = store.findSnapshot(below);
    if (found === undefined) break;
    kept.push(found.inputCount);
  }
  expect(kept.length).toBe(4);
  expect(kept.slice(0, 2)).toEqual([400, 390]);
  // The oldest reaches far back, so that a deep reorganisation does not begin at nothing.
  expect(kept.at(-1)!).toBeLessThan(300);
});

test("checkpoints of the last 256 blocks are all there, older ones in growing steps", () => {
  const store = open(IDENTITY);
  const last = 1_500;
  for (let number = 5; number <= last; number++) append(store, number);
  for (let number = last - 255; number <= last; number++) {
    expect(store.findCheckpoint(number)).toEqual({ number, hash: hexOf(number) });
  }
  let stepMax = 0;
  for (let number = 5; number <= last - 256; number++) {
    const found = store.findCheckpoint(number)!;
    expect(found.hash).toBe(hexOf(found.number));
    stepMax = Math.max(stepMax, (number - found.number) / (last - number));
  }
  expect(stepMax).toBeLessThan(0.01);
  store.close();
  const database = new DatabaseSync(path);
  const { n } = database.prepare("SELECT count(*) AS n FROM checkpoints").get();
  expect(n).toBeLessThan(256 + 128 * 4);
  database.close();
});

/** The processor's time in this process: it does not grow when other programs work, too. */
function measureCpuMs(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

test("64 results of two outputs each take some milliseconds", () => {
  const store = open(IDENTITY);
  append(store, 6, 64 * 20);
  const timesMs: number[] = [];
  for (let first = 0; first < 64 * 20; first += 64) {
    const results = createResults(first, new Array(64).fill(2));
    timesMs.push(measureCpuMs(() => store.commitResults(results)));
  }
  // The least disturbed of them, and room for a busy machine: 6 ms where nothing else runs.
  expect(Math.min(...timesMs)).toBeLessThan(25);
});

test("inputs with ten million idle epochs between them are committed at once", () => {
  const store = open(IDENTITY);
  append(store, 6, 1);
  append(store, 6 + 70_000_000, 1);
  const results = createResults(0, [1, 2]);
  expect(measureCpuMs(() => store.commitResults(results))).toBeLessThan(500);
  expect(store.listEpochs({}, { limit: 9, offset: 0 }).items.map(({ index }) => index)).toEqual([
    0, 10_000_000,
  ]);
});
