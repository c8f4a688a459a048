import { execFile } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Folder, lastJson, MACHINE_SECRET, REPOSITORY, SMALL_CSV } from "./fixtures/run-cli.ts";

/** The built command as a process: pipes, exit codes, races, the second thread. */

const folder = new Folder();
afterAll(() => folder.remove());
const csv = folder.file("small.csv", SMALL_CSV);
const command = folder.file("dist/tallyroll.js");

beforeAll(async () => {
  const { buildCommand } = await import(
    /* @vite-ignore */ join(REPOSITORY, "node-client/build/build.mjs")
  );
  mkdirSync(folder.file("dist"));
  writeFileSync(folder.file("package.json"), '{"type":"module"}');
  // The node's SQLite is a native module: it stays outside the bundle.
  symlinkSync(join(REPOSITORY, "node_modules"), folder.file("node_modules"));
  await buildCommand({ entry: "node-client/command/main.ts", outfile: command });
  const worker = folder.file("dist/open-ahead-worker.js");
  await buildCommand({ entry: "node-client/replay/open-ahead-worker.ts", outfile: worker });
});

interface Ended {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** A shell line in which `tallyroll` is the built command. */
function shell(line: string, env: Readonly<Record<string, string>> = {}): Promise<Ended> {
  const script = `set -o pipefail; tallyroll() { "$NODE" "$COMMAND" "$@"; }; ${line}`;
  const variables = {
    ...{ PATH: process.env.PATH, NODE: process.execPath, COMMAND: command, CSV: csv },
    ...{ HOME: folder.path, TALLYROLL_MACHINE_KEY: MACHINE_SECRET, ...env },
  };
  return new Promise((resolve) => {
    const options = { env: variables, cwd: folder.path, maxBuffer: 1 << 28 };
    execFile("bash", ["-c", script], options, (error, out, err) =>
      resolve({ code: typeof error?.code === "number" ? error.code : 0, out, err }),
    );
  });
}

test("encode | replay verifies, under a key that both make at the same time", async () => {
  const home = folder.file("piped");
  const { code, out } = await shell(
    "tallyroll encode --csv $CSV --batch 2 --sealed | tallyroll replay --inputs - --json",
    { TALLYROLL_MACHINE_KEY: "", TALLYROLL_HOME: home },
  );
  expect(code).toBe(0);
  expect(lastJson(out)).toMatchObject({ inputs: 4, accepted: 4, verified: true });
});

test("two processes that make the machine's key in the same moment agree on one", async () => {
  const { buildCommand } = await import(
    /* @vite-ignore */ join(REPOSITORY, "node-client/build/build.mjs")
  );
  const racer = folder.file("dist/racer.js");
  await buildCommand({ entry: "test/integration/fixtures/race-machine-key.ts", outfile: racer });
  const root = folder.file("race");
  const one = `"$NODE" "${racer}" "${root}" ${Date.now() + 1_000} 60`;
  await shell(`${one} > one.txt & ${one} > two.txt & wait`);
  const [first, second] = ["one.txt", "two.txt"].map((name) =>
    readFileSync(folder.file(name), "utf8"),
  );
  expect(first?.split("\n")).toHaveLength(61);
  expect(second).toBe(first);
  // No draft is left behind.
  expect(readdirSync(join(root, "round-0"))).toEqual(["machine-key"]);
});

test("a reader that has enough ends it quietly", async () => {
  const rows = Array.from({ length: 20_000 }, (_, i) => `x,${1_700_000_000 + i},${i}`);
  writeFileSync(folder.file("long.csv"), ["device_id,time,a", ...rows].join("\n"));
  const { code, out, err } = await shell(
    "tallyroll encode --csv long.csv --batch 4 --seed x | head -n 1",
  );
  expect(code).toBe(0);
  expect(out.trimEnd().split("\n")).toHaveLength(1);
  expect(err.trimEnd().split("\n")).toHaveLength(1);
});

test.skipIf(!existsSync("/dev/full"))(
  "a full disk is an error, not a shorter history",
  async () => {
    const { code, err } = await shell("tallyroll encode --csv $CSV --batch 2 --seed x > /dev/full");
    expect(code).toBe(2);
    expect(err).toContain("tallyroll: Standard output cannot be written (ENOSPC).");
  },
);

test("exit codes: 0 verified, 1 a wrong claim, 2 anything else", async () => {
  await shell("tallyroll encode --csv $CSV --batch 2 --seed x > codes.jsonl");
  const replay = "tallyroll replay --inputs codes.jsonl";
  const { code, out } = await shell(`${replay} --json`);
  const genesis = { input: -1, root: lastJson(out).genesisRoot };
  const lie = { input: 2, root: `0x${"01".repeat(32)}` };
  writeFileSync(folder.file("wrong.json"), JSON.stringify([genesis, lie]));
  expect(code).toBe(0);
  expect((await shell(`${replay} --claims wrong.json`)).code).toBe(1);
  expect((await shell(`${replay} --claims nowhere.json`)).code).toBe(2);
  expect((await shell(`${replay} --nonsense`)).code).toBe(2);
});

test("a second thread changes nothing but the time", async () => {
  await shell("tallyroll encode --csv $CSV --batch 1 --seed x --sealed > threads.jsonl");
  const replay = "tallyroll replay --inputs threads.jsonl --json --threads";
  const [one, two] = await Promise.all([shell(`${replay} 1`), shell(`${replay} 2`)]);
  expect(two).toEqual(one);
  expect(lastJson(two.out)).toMatchObject({ accepted: 6, verified: true });
});

test("completion: the shell's script, commands, options and what they may be", async () => {
  const script = await shell("tallyroll complete bash");
  expect(script.code).toBe(0);
  expect(script.out).toContain("complete -F __tallyroll_complete tallyroll");
  const commands = await shell('tallyroll complete -- escrow ""');
  expect(commands.out).toMatch(/^deliver\t/m);
  const choices = await shell('tallyroll complete -- channel open --payments ""');
  expect(choices.out).toMatch(/^eip712\b/m);
  const wrong = await shell("tallyroll complete ksh");
  expect(wrong.code).toBe(2);
});
