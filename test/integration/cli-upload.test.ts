import { type ChildProcess, spawn } from "node:child_process";
import {
  appendFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  watch,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { getDevelopmentAccount } from "../../node-client/chain/chain-client.ts";
import { listInputs } from "../../node-client/client/actions/node-inputs.ts";
import { listReadings } from "../../node-client/client/actions/stream-queries.ts";
import type { TallyrollClient } from "../../node-client/client/actions/tallyroll-client.ts";
import { seededRandom } from "../../node-client/history/seed-history.ts";
import { HandMiner } from "./fixtures/hand-miner.ts";
import { OnlineCli } from "./fixtures/online-cli.ts";
import { REPOSITORY } from "./fixtures/run-cli.ts";

/** Uploads that end before their end: killed, interrupted, cut off, changed; and gone on with. */

const OWNER = ["--dev-account", "0"];
const OWNER_ADDRESS = getDevelopmentAccount(0).address;
const DEVICES = 3;
/** With texts that do not pack, they fill some eight inputs. */
const ROWS = 2_400;
const NOTE_BYTES = 190;
let cli: OnlineCli;
let client: TallyrollClient;
let command: string;
beforeAll(async () => {
  cli = await OnlineCli.start();
  client = await cli.stack.connect();
  command = cli.folder.file("dist/tallyroll.js");
  const { buildCommand } = await import(
    /* @vite-ignore */ join(REPOSITORY, "node-client/build/build.mjs")
  );
  mkdirSync(cli.folder.file("dist"));
  writeFileSync(cli.folder.file("package.json"), '{"type":"module"}');
  symlinkSync(join(REPOSITORY, "node_modules"), cli.folder.file("node_modules"));
  await buildCommand({ entry: "node-client/command/main.ts", outfile: command });
}, 120_000);
afterAll(() => cli?.close());

/** Texts that no dictionary makes shorter; every seventh is missing. */
const noteOf = (row: number): string =>
  row % 7 === 0
    ? ""
    : Buffer.from(seededRandom(`note ${row}`)(NOTE_BYTES))
        .toString("base64")
        .slice(0, NOTE_BYTES);

/** Rows of some devices in turn, each reading told from all others. */
function makeCsv(rows: number, first = 0): string {
  const lines = Array.from({ length: rows }, (_, i) => {
    const row = first + i;
    return `d${row % DEVICES},${1_700_000_000 + row * 60},${row}.25,${noteOf(row)}`;
  });
  return ["device_id,timestamp,value,note", ...lines, ""].join("\n");
}

/** The values of a name's streams, device by device, as the application has them. */
async function readBack(streams: readonly { readonly streamId: number }[]): Promise<string[][]> {
  const all: string[][] = [];
  for (const { streamId } of streams) {
    const values: string[] = [];
    for await (const reading of listReadings(client, { streamId })) {
      values.push(reading.values.join(" "));
    }
    all.push(values);
  }
  return all;
}

function expected(rows: number): string[][] {
  return Array.from({ length: DEVICES }, (_, device) =>
    Array.from({ length: rows }, (_, row) => row)
      .filter((row) => row % DEVICES === device)
      .map((row) => `${row}.25 ${noteOf(row)}`),
  );
}

function start(words: readonly string[]): ChildProcess {
  return spawn(process.execPath, [command, ...words, "--yes", ...OWNER], {
    env: { PATH: process.env.PATH, TALLYROLL_HOME: cli.home },
    stdio: ["ignore", "pipe", "pipe"],
  });
}

interface Ended {
  readonly code: number | null;
  readonly signal: string | null;
  readonly err: string;
}

const ended = (child: ChildProcess): Promise<Ended> =>
  new Promise((resolve) => {
    let err = "";
    child.stderr?.on("data", (chunk) => {
      err += chunk;
    });
    child.on("close", (code, signal) => resolve({ code, signal, err }));
  });

function journals(): string[] {
  const folder = join(cli.home, "uploads");
  mkdirSync(folder, { recursive: true });
  return readdirSync(folder).filter((name) => name.endsWith(".jsonl"));
}

/** Resolves when the upload's journal has so many lines more than before. */
function untilJournalHas(lines: number, known: ReadonlySet<string>): Promise<void> {
  const folder = join(cli.home, "uploads");
  return new Promise((resolve) => {
    const look = (): void => {
      const name = journals().find((journal) => !known.has(journal));
      if (name === undefined) return;
      if (readFileSync(join(folder, name), "utf8").split("\n").length <= lines) return;
      watcher.close();
      resolve();
    };
    const watcher = watch(folder, look);
    look();
  });
}

describe("killed by SIGKILL in mid-upload", () => {
  // Lines of the journal: the head, then an input and its transaction in turn.
  test.each([2, 3, 5, 6, 9, 14])("after %i lines of its journal, it goes on", async (lines) => {
    const streamName = `killed-${lines}`;
    const csv = cli.folder.file(`${streamName}.csv`, makeCsv(ROWS));
    const words = ["submit", "--csv", csv, "--batch", "64", "--stream-name", streamName];
    words.push("--in-flight", "3");
    const known = new Set(journals());
    const child = start(words);
    const end = ended(child);
    await Promise.race([untilJournalHas(lines, known), end]);
    child.kill("SIGKILL");
    expect(await end).toMatchObject({ signal: "SIGKILL" });
    const result = await cli.ask(...words, ...OWNER);
    expect(result).toMatchObject({ readings: ROWS });
    const streams = result.streams as { streamId: number }[];
    expect(await readBack(streams)).toEqual(expected(ROWS));
    const inputs = await client.publicClient.getTransactionCount({ address: OWNER_ADDRESS });
    const again = await cli.ask(...words, ...OWNER);
    expect(again).toMatchObject({ readings: ROWS, alreadyIn: ROWS, inputs: 0 });
    expect(await client.publicClient.getTransactionCount({ address: OWNER_ADDRESS })).toBe(inputs);
  });
});

test("what waits in no block yet when the process dies is not sent a second time", async () => {
  const setUp = cli.folder.file("set-up.csv", makeCsv(DEVICES, 9_000));
  const options = ["--batch", "64", "--stream-name", "pending", ...OWNER];
  await cli.ask("submit", "--csv", setUp, ...options);
  const csv = cli.folder.file("pending.csv", makeCsv(ROWS));
  const known = new Set(journals());
  await cli.stack.request("evm_setAutomine", [false]);
  const child = start(["submit", "--csv", csv, ...options.slice(0, 4), "--in-flight", "2"]);
  const end = ended(child);
  await Promise.race([untilJournalHas(5, known), end]);
  child.kill("SIGKILL");
  expect(await end).toMatchObject({ signal: "SIGKILL" });

  const resumed = cli.ask("submit", "--csv", csv, ...options, "--in-flight", "6");
  // It has handed over what was sent before once it goes on to seal more.
  await untilJournalHas(8, known);
  const mining = setInterval(() => void cli.stack.mine(1), 100);
  const result = await resumed;
  clearInterval(mining);
  await cli.stack.request("evm_setAutomine", [true]);
  expect(result).toMatchObject({ readings: ROWS });
});

test("no payload was sent twice", async () => {
  const firstIndex = new Map<string, number>();
  const repeated: [first: number, again: number, bytes: number][] = [];
  for await (const { payload, inputIndex } of listInputs(client, { pageSize: 20 })) {
    const first = firstIndex.get(payload);
    if (first === undefined) firstIndex.set(payload, inputIndex);
    else repeated.push([first, inputIndex, payload.length / 2 - 1]);
  }
  expect(firstIndex.size).toBeGreaterThan(5);
  expect(repeated).toEqual([]);
});

describe("interrupted otherwise", () => {
  test("SIGINT says what is in and how to go on; nothing is lost", async () => {
    const csv = cli.folder.file("interrupted.csv", makeCsv(ROWS));
    const words = ["submit", "--csv", csv, "--batch", "64", "--stream-name", "interrupted"];
    const known = new Set(journals());
    const child = start([...words, "--in-flight", "2"]);
    const end = ended(child);
    await Promise.race([untilJournalHas(11, known), end]);
    child.kill("SIGINT");
    const { code, err } = await end;
    expect(code).toBe(2);
    expect(err.trimEnd().split("\n").at(-1)).toMatch(
      /^tallyroll: Interrupted\. \d+ of 2400 readings are in.* Run the same command again: it goes on there\.$/,
    );
    const { streams } = await cli.ask(...words, ...OWNER);
    expect(await readBack(streams as { streamId: number }[])).toEqual(expected(ROWS));
  });

  test("a torn last line, a lost transaction, a rotated epoch: every reading is in once", async () => {
    const csv = cli.folder.file("torn.csv", makeCsv(ROWS));
    const words = ["submit", "--csv", csv, "--batch", "64", "--stream-name", "torn", "--sealed"];
    const known = new Set(journals());
    const child = start(words);
    const end = ended(child);
    await Promise.race([untilJournalHas(9, known), end]);
    child.kill("SIGKILL");
    await end;
    const name = journals().find((journal) => !known.has(journal)) ?? "";
    const path = join(cli.home, "uploads", name);
    // A payload that was never written to its end was never sent.
    appendFileSync(path, '{"kind":"input","input":99,"payload":"0x01');
    const device = (await cli.ask("device", "show", "d0")) as { streams: { name: string }[] };
    const sealed = device.streams.find((stream) => stream.name === "torn") as { streamId?: number };
    await cli.ask("stream", "rotate", String(sealed.streamId), ...OWNER);
    const result = await cli.ask(...words, ...OWNER);
    expect(result).toMatchObject({ readings: ROWS });
    const counts = [];
    for (const { streamId } of result.streams as { streamId: number }[]) {
      counts.push((await cli.ask("stream", "show", String(streamId))).readingCount);
    }
    expect(counts).toEqual([ROWS / DEVICES, ROWS / DEVICES, ROWS / DEVICES]);
    expect(readFileSync(path, "utf8")).not.toContain('"input":99');
  });

  test("a file that changed meanwhile is refused, and sent anew only if that is said", async () => {
    const csv = cli.folder.file("changed.csv", makeCsv(ROWS));
    const words = ["submit", "--csv", csv, "--batch", "64", "--stream-name", "changed"];
    const known = new Set(journals());
    const child = start(words);
    const end = ended(child);
    await Promise.race([untilJournalHas(9, known), end]);
    child.kill("SIGKILL");
    await end;
    writeFileSync(csv, makeCsv(30, 5_000));
    const refused = await cli.fail([...words, ...OWNER]);
    expect(refused).toContain("changed.csv has changed (SHA-256 ");
    expect(refused).toContain("--new-upload");
    expect(await cli.ask(...words, "--new-upload", ...OWNER)).toMatchObject({ readings: 30 });
  });

  test("blocks that are reorganised away take no reading with them", async () => {
    const csv = cli.folder.file("reorganised.csv", makeCsv(ROWS));
    const words = ["submit", "--csv", csv, "--batch", "64", "--stream-name", "reorganised"];
    const known = new Set(journals());
    const miner = await HandMiner.start(cli.stack);
    const upload = cli.ask(...words, "--in-flight", "2", ...OWNER);
    await untilJournalHas(9, known);
    await miner.pause();
    await cli.stack.request("anvil_reorg", [3, []]);
    miner.resume();
    const { streams } = await upload;
    await miner.stop();
    expect(await readBack(streams as { streamId: number }[])).toEqual(expected(ROWS));
  });
});
