import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { build } from "esbuild";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openNodeStore } from "../../node-client/node/store/open-node-store.ts";
import { IDENTITY } from "../arbitraries/node-store-steps.ts";
import { runs, seed } from "../seed.ts";
import { describeStore, writeNext } from "./fixtures/node-store-script.ts";

const ROUND_MS_MAX = 150;

let folder: string;
let writer: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "tallyroll-crash-"));
  writer = join(folder, "writer.mjs");
  symlinkSync(resolve(import.meta.dirname, "../../node_modules"), join(folder, "node_modules"));
  await build({
    entryPoints: [join(import.meta.dirname, "fixtures/node-store-writer-guest.ts")],
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node20",
    packages: "external",
    outfile: writer,
  });
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Lets a process write for a while, kills it, and gives the last place it called durable. */
async function writeAndKill(path: string, first: number, delayMs: number): Promise<number> {
  const child = spawn(process.execPath, [writer, path, String(first)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const exited = new Promise<NodeJS.Signals | null>((done) => {
    child.once("close", (_, signal) => done(signal));
  });
  let printed = "";
  child.stdout.setEncoding("utf8");
  const isWriting = new Promise((done) => child.stdout.once("data", done));
  child.stdout.on("data", (chunk: string) => {
    printed += chunk;
  });
  await Promise.race([isWriting, exited]);
  // The moment is the point here, not a wait for something.
  await sleep(delayMs);
  child.kill("SIGKILL");
  expect(await exited).toBe("SIGKILL");
  return Number(printed.trimEnd().split("\n").at(-1));
}

test("a file whose process was killed holds whole writes only, and all that were durable", async () => {
  const path = join(folder, "node.sqlite");
  openNodeStore(path, IDENTITY).close();
  const reference = openNodeStore(join(folder, "reference.sqlite"), IDENTITY, { now: () => 0 });
  let next = 0;
  let random = seed("node-store-crash") >>> 0;
  let unconfirmedCount = 0;
  try {
    for (let round = 0; round < runs(200); round++) {
      random = (Math.imul(random, 1_664_525) + 1_013_904_223) >>> 0;
      const durable = await writeAndKill(path, next, random % ROUND_MS_MAX);
      expect(durable).toBeGreaterThanOrEqual(next);
      for (; next <= durable; next++) writeNext(reference, next);
      const store = openNodeStore(path, IDENTITY, { now: () => 0 });
      try {
        const actual = describeStore(store);
        // One more write may have become durable before it could be said.
        if (actual !== describeStore(reference)) {
          writeNext(reference, next);
          next += 1;
          unconfirmedCount += 1;
        }
        expect(actual).toBe(describeStore(reference));
      } finally {
        store.close();
      }
    }
  } finally {
    reference.close();
  }
  process.stdout.write(`${next} writes, ${unconfirmedCount} of them durable but not yet said\n`);
});
