import { type ChildProcess, spawn } from "node:child_process";
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { findAnvil } from "../../node-client/node/anvil/anvil-binary.ts";
import { Folder, lastJson, REPOSITORY, SMALL_CSV } from "./fixtures/run-cli.ts";
import { say } from "./fixtures/sample-file.ts";
import { takeTestPort } from "./fixtures/test-port.ts";

/** The demo as a newcomer runs it: a process, its words, and what it leaves behind. */

const folder = new Folder();
const command = folder.file("project/dist/tallyroll.js");
/** Folders of their own: nothing in them, and no process that names them, may outlive a demo. */
const places: string[] = [];

beforeAll(async () => {
  const { buildCommand, buildGuest } = await import(
    /* @vite-ignore */ join(REPOSITORY, "node-client/build/build.mjs")
  );
  mkdirSync(folder.file("project"));
  writeFileSync(folder.file("project/package.json"), '{"type":"module"}');
  symlinkSync(join(REPOSITORY, "node_modules"), folder.file("project/node_modules"));
  const worker = folder.file("project/dist/machine-worker.js");
  const guest = folder.file("project/dist/dapp/index.cjs");
  await Promise.all([
    buildCommand({ entry: "node-client/command/main.ts", outfile: command }),
    buildCommand({ entry: "node-client/node/machine/machine-worker.ts", outfile: worker }),
    buildGuest({ entry: "dapp/main.ts", outfile: guest }),
  ]);
});
afterAll(() => {
  for (const place of places) {
    for (const pid of listProcesses(place)) process.kill(pid, "SIGKILL");
    rmSync(place, { recursive: true, force: true });
  }
  folder.remove();
});

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
  /** The temporary folder that was the demo's alone. */
  readonly place: string;
}

interface Running {
  readonly child: ChildProcess;
  readonly place: string;
  readonly ended: Promise<Ended>;
  /** Resolves once standard output has this text. */
  told(text: string): Promise<void>;
}

function startDemo(words: readonly string[], env: Readonly<Record<string, string>> = {}): Running {
  const place = mkdtempSync(join(tmpdir(), "tallyroll-demo-test-"));
  places.push(place);
  const child = spawn(process.execPath, [command, "demo", ...words], {
    env: { PATH: process.env.PATH, HOME: place, TMPDIR: place, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let [out, err] = ["", ""];
  const waiting: { readonly text: string; resolve(): void; reject(error: Error): void }[] = [];
  child.stdout.on("data", (chunk) => {
    out += chunk;
    for (const { text, resolve } of waiting) if (out.includes(text)) resolve();
  });
  child.stderr.on("data", (chunk) => {
    err += chunk;
  });
  const ended = new Promise<Ended>((resolve) => {
    child.once("close", (code) => {
      for (const { text, reject } of waiting) reject(new Error(`no "${text}" in: ${out}${err}`));
      resolve({ code, out, err, place });
    });
  });
  const told = (text: string) =>
    new Promise<void>((resolve, reject) => waiting.push({ text, resolve, reject }));
  return { child, place, ended, told };
}

/** Processes whose environment names the place: the demo and all its children, however deep. */
function listProcesses(place: string): number[] {
  const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  return pids.map(Number).filter((pid) => {
    try {
      return readFileSync(`/proc/${pid}/environ`, "utf8").includes(`TMPDIR=${place}`);
    } catch {
      // It has ended meanwhile, or is another user's.
      return false;
    }
  });
}

/** What a process runs; nothing when it has ended meanwhile. */
function findProgram(pid: number): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0")[0];
  } catch {
    return undefined;
  }
}

/** Ended in full: no process, no folder, no data folder in the user's home. */
function expectNothingLeft({ place }: Ended): void {
  expect(listProcesses(place)).toEqual([]);
  expect(readdirSync(place)).toEqual([]);
}

function expectVerified({ code, out, err }: Ended): Record<string, unknown> {
  expect([code, err]).toEqual([0, ""]);
  const lines = out.trimEnd().split("\n");
  expect(lines.filter((line) => /^\d\. /.test(line)).map((line) => line[0])).toEqual([
    ...["1", "2", "3", "4", "5", "6", "7", "8", "9"],
  ]);
  expect(lines.at(-2)).toMatch(
    /^verified: 21 inputs and \d+ claims from the chain alone, .* opened by their buyer only, 2 transfers relayed, 4 escrows released, 1000 channel payments redeemed, 3 vouchers executed, 1 reading proved on chain, tampering found at input 4$/,
  );
  const facts = lastJson(out);
  expect(facts).toMatchObject({
    verified: true,
    inputs: 21,
    escrowsReleased: 4,
    paymentsRedeemed: 1_000,
    vouchersExecuted: 3,
    readingsProvedOnChain: 1,
    strangersRefused: 2,
    tamperedInput: 4,
  });
  return facts;
}

test("every step holds, for two demos at once, with real data and generated", async () => {
  const data = process.env.TALLYROLL_DATA || join(REPOSITORY, "../shared/data");
  const ended = await Promise.all([
    startDemo(["--json"], { TALLYROLL_DATA: data }).ended,
    startDemo(["--json"]).ended,
  ]);
  const [real, generated] = ended.map(expectVerified);
  expect(generated!.dataGenerated).toBe(true);
  expect(ended[1]!.out).toContain("no real data found");
  expect(real!.root).not.toBe(generated!.root);
  for (const demo of ended) expectNothingLeft(demo);
  say(`two demos at once: ${real!.durationSec} s and ${generated!.durationSec} s`);
});

// They mostly wait for blocks: side by side they take the time of the longest.
test.concurrent.each([
  ["while the rollup starts", "1. "],
  ["while readings are sent", "owner B: device"],
  ["while the claim is awaited", "signed and relayed: vouchers"],
])("Ctrl-C %s leaves nothing behind", async (_, text) => {
  const demo = startDemo([]);
  await demo.told(text);
  demo.child.kill("SIGINT");
  const ended = await demo.ended;
  expect(ended.code).toBe(2);
  expect(ended.err).toMatch(/^Stopping chain and node …\ntallyroll: The demo was interrupted.*\n$/);
  expect(ended.out).not.toContain("verified");
  expectNothingLeft(ended);
});

const CHAIN_ENDED = /^tallyroll: The demo could not go on: The local chain ended\..*\n$/;

test.concurrent("a chain that dies ends the demo by name, and leaves nothing behind", async () => {
  const demo = startDemo([]);
  await demo.told("3. ");
  const anvil = listProcesses(demo.place).find((pid) => findProgram(pid)?.endsWith("/anvil"));
  process.kill(anvil!, "SIGKILL");
  const ended = await demo.ended;
  expect(ended.code).toBe(2);
  expect(ended.err).toMatch(CHAIN_ENDED);
  expectNothingLeft(ended);
});

// A wait in vain lasts three minutes, longer than a test may, and ends by another name.
test.concurrent.each([
  ["contracts are deployed", "deployment"],
  ["tokens are made", "mint"],
  ["an input waits for its verdict", "verdict"],
])(
  "a chain that dies while %s ends the demo by name, not after a wait in vain",
  async (_, moment) => {
    const binary = folder.file(`anvil-${moment}`);
    const mortal = join(REPOSITORY, "test/integration/fixtures/mortal-anvil.mjs");
    writeFileSync(binary, `#!/bin/sh\nexec "${process.execPath}" "${mortal}" "$@"\n`);
    chmodSync(binary, 0o755);
    const ended = await startDemo([], {
      TALLYROLL_ANVIL: binary,
      MORTAL_ANVIL: findAnvil(process.env.TALLYROLL_ANVIL, process.env),
      MORTAL_INNER_PORT: String(await takeTestPort()),
      MORTAL_DIES_AT: moment,
    }).ended;
    expect([ended.code, ended.err]).toEqual([2, expect.stringMatching(CHAIN_ENDED)]);
    expectNothingLeft(ended);
  },
);

test.concurrent("nothing is started without an anvil, or with data that has other columns", async () => {
  const none = await startDemo([], { TALLYROLL_ANVIL: "/nowhere/anvil" }).ended;
  expect([none.code, none.err]).toEqual([
    2,
    expect.stringMatching(/^tallyroll: The anvil binary \/nowhere\/anvil does not exist.*\n$/),
  ]);
  expectNothingLeft(none);

  folder.file("weather.csv", SMALL_CSV);
  const wrong = await startDemo([], { TALLYROLL_DATA: folder.path }).ended;
  expect([wrong.code, wrong.out]).toEqual([2, ""]);
  expect(wrong.err).toMatch(/^tallyroll: .*weather\.csv.*no such column.*\n$/);
  expectNothingLeft(wrong);
});
