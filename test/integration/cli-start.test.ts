import { type ChildProcess, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createTestClient, http } from "viem";
import { afterAll, afterEach, expect, test } from "vitest";
import { connectChain } from "../../node-client/chain/chain-client.ts";
import { checkApplication } from "../../node-client/chain/check-contracts.ts";
import { nobleCrypto } from "../../spec/crypto-noble.ts";
import { computeGenesisRoot } from "../../spec/genesis.ts";
import type { Hex } from "../../spec/outputs.ts";
import { COMMAND } from "./fixtures/node-process.ts";
import { PAGE_REQUESTS, sendAsPage } from "./fixtures/page-requests.ts";
import { runCli } from "./fixtures/run-cli.ts";
import { takeTestPort } from "./fixtures/test-port.ts";

/** `tallyroll start` with a chain of its own: what it keeps, and what it refuses to do with it. */

const root = mkdtempSync(join(tmpdir(), "tallyroll-start-"));
const children: ChildProcess[] = [];
afterEach(async () => {
  for (const child of children.splice(0)) await end(child);
});
afterAll(() => rmSync(root, { recursive: true }));

const API = ["--rpc-port", "0", "--inspect-port", "0", "--health-port", "0"];

interface Ended {
  readonly code: number | null;
  readonly err: string;
}

/** Runs a start that has to fail, and gives its last line. */
async function fail(dataFolder: string, ...options: string[]): Promise<string> {
  const port = String(await takeTestPort());
  const words = ["start", "--data-folder", dataFolder, "--port", port, ...API, ...options];
  const { code, err } = await runCli(words, { env: { PATH: process.env.PATH ?? "" } });
  expect([code, err]).toEqual([2, expect.stringContaining("tallyroll: ")]);
  return err.trimEnd().split("\n").at(-1) ?? "";
}

/** Starts it as a process, and gives what it says once it serves. */
async function start(dataFolder: string, ...options: string[]) {
  const port = String(await takeTestPort());
  const words = ["start", "--data-folder", dataFolder, "--port", port, ...API, "--json"];
  const child = spawn(process.execPath, [COMMAND, ...words, ...options], {
    env: { PATH: process.env.PATH },
    stdio: ["ignore", "pipe", "pipe"],
  });
  children.push(child);
  let [out, err] = ["", ""];
  child.stderr.on("data", (chunk) => {
    err += chunk;
  });
  const ended = new Promise<Ended>((resolve) => {
    child.once("close", (code) => resolve({ code, err }));
  });
  const facts = await Promise.race([
    ended.then(() => {
      throw new Error(err);
    }),
    new Promise<Record<string, unknown>>((resolve) => {
      child.stdout.on("data", (chunk) => {
        out += chunk;
        if (out.endsWith("\n")) resolve(JSON.parse(out));
      });
    }),
  ]);
  return { facts, child, ended, words: () => err };
}

function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    child.once("close", () => resolve());
    child.kill("SIGTERM");
  });
}

test("an address that this computer has not is the user's error, and leaves nothing", async () => {
  const folder = join(root, "host");
  for (const host of ["999.1.1.1", "192.0.2.1"]) {
    const said = await fail(folder, "--host", host);
    expect(said).toContain(`Nothing can listen at "${host}", meant for the JSON-RPC API`);
    expect(said).toContain("such as 127.0.0.1");
  }
  expect(existsSync(folder)).toBe(false);
});

test("port 0 is none for the chain, and said so at once", async () => {
  const folder = join(root, "port");
  expect(await fail(folder, "--port", "0")).toContain("from 1 to 65535.");
  expect(existsSync(folder)).toBe(false);
});

test("an option that would change nothing is refused, and leaves nothing", async () => {
  const folder = join(root, "options");
  const foreign = ["--rpc", "http://127.0.0.1:9", "--app", `0x${"12".repeat(20)}`];
  expect(await fail(folder, ...foreign)).toContain("'--rpc <url>' cannot be used with");
  expect(existsSync(folder)).toBe(false);
  const own = [["--keystore", "me.json"], ["--dev-account", "1"], ["--no-claims"]];
  for (const words of [...own, ["--settlement", "3"]]) {
    expect(await fail(folder, ...words)).toContain(
      `${words[0]} says how epochs are claimed on a chain that --rpc names. Leave`,
    );
  }
  expect(existsSync(join(folder, "local.json"))).toBe(false);
});

test("a command that starts nothing makes no machine key", async () => {
  const folder = join(root, "keyless");
  expect(await fail(folder, "--rpc", "http://127.0.0.1:1")).toContain("cannot be used with");
  const foreign = ["start", "--rpc", "http://127.0.0.1:1", "--data-folder", folder];
  const { code, err } = await runCli(foreign, { env: {} });
  expect([code, err]).toEqual([2, expect.stringContaining("nothing says which application on it")]);
  const taken = createServer().listen(0, "127.0.0.1");
  await once(taken, "listening");
  const { port } = taken.address() as { readonly port: number };
  const words = ["start", "--data-folder", folder, "--port", String(port), ...API];
  const blocked = await runCli(words, { env: { PATH: process.env.PATH ?? "" } });
  taken.close();
  expect([blocked.code, blocked.err]).toEqual([2, expect.stringContaining("is taken by another")]);
  expect(existsSync(folder)).toBe(false);
});

test("what a rollup was made with stays: epochs, machine key, application", async () => {
  const folder = join(root, "kept");
  const first = await start(folder, "--epoch-length", "7");
  await end(first.child);
  const said = await fail(folder, "--epoch-length", "50");
  expect(said).toContain("has epochs of 7 blocks, which cannot become 50.");
  expect(said).toContain("Leave --epoch-length out");

  const [key, aside] = [join(folder, "machine-key"), join(folder, "aside")];
  renameSync(key, aside);
  const keyless = await fail(folder);
  expect(keyless).toContain(`There is no machine key at ${key}, and local.json beside it`);
  expect(keyless).toContain("Put your backup of that key back there");
  expect(existsSync(key)).toBe(false);
  renameSync(aside, key);

  const env = { PATH: process.env.PATH ?? "", TALLYROLL_MACHINE_KEY: "08".repeat(32) };
  const port = String(await takeTestPort());
  const words = ["start", "--data-folder", folder, "--port", port, ...API];
  const otherKey = await runCli(words, { env });
  expect([otherKey.code, otherKey.err]).toEqual([2, expect.stringMatching(/^[^\n]+\n$/)]);
  const keys = /has the machine key 0x([0-9a-f]{64}), which cannot become 0x([0-9a-f]{64})\./;
  expect(otherKey.err).toMatch(keys);
  expect(otherKey.err).toContain("Put the secret that it was deployed with back:");

  // As after a first start that failed behind the node's file, or a local.json that was no JSON.
  const local = JSON.parse(readFileSync(join(folder, "local.json"), "utf8"));
  rmSync(join(folder, "local.json"));
  const again = await start(folder);
  expect(again.facts).toMatchObject({ app: local.app, epochLength: 7 });
  expect(again.words()).not.toContain("says which application");
  await end(again.child);
  for (const name of ["local.json", "node.sqlite"]) rmSync(join(folder, name));
  const other = await start(folder);
  expect(other.words()).toContain(
    "with epochs of 10 blocks, of this machine key and this build, new",
  );
  expect(other.facts.app).not.toBe(local.app);
});

test("the application's template hash is of the built program and the machine key", async () => {
  const { facts } = await start(join(root, "template"));
  const client = await connectChain(String(facts.rpcUrl), undefined);
  const { templateHash } = await checkApplication(client, facts.app as Hex);
  const key = Buffer.from(String(facts.machineKey).slice(2), "hex");
  const program = readFileSync(new URL("../../dist/dapp/index.cjs", import.meta.url));
  const digest = createHash("sha256").update(program).update(computeGenesisRoot(nobleCrypto, key));
  expect(templateHash).toBe(`0x${digest.digest("hex")}`);
});

test("a chain that was killed: what may be lost is told, and then what is", async () => {
  const folder = join(root, "killed");
  await end((await start(folder)).child);
  const before = await start(folder);
  const deposit = ["deposit", "1", "--dev-account", "0", "--data-folder", folder];
  expect(await runCli(deposit, { env: {} })).toMatchObject({ code: 0 });
  const shell = readFileSync(join(folder, "anvil-state.json.pid"), "utf8").trim();
  const [anvil] = readFileSync(`/proc/${shell}/task/${shell}/children`, "utf8").split(" ");
  process.kill(Number(anvil), "SIGKILL");
  const { code, err } = await before.ended;
  expect(code).toBe(2);
  expect(err).toMatch(/The local chain ended\. Killed\. Start again .* up to 30 s before its end/);

  const after = await start(folder);
  await expect
    .poll(after.words, { timeout: 90_000 })
    .toMatch(/The chain was reorganised: going on from block \d+; input 0 is gone from it/);
});

test("the log has a line for each input and claim, and none where it is to be quiet", async () => {
  const folder = join(root, "log");
  const deposit = ["deposit", "1", "--dev-account", "0", "--data-folder", folder];
  const first = await start(folder, "--epoch-length", "3");
  expect(await runCli(deposit, { env: {} })).toMatchObject({ code: 0 });
  await expect
    .poll(first.words, { timeout: 60_000 })
    .toMatch(/^\S+Z epoch \d+ .*: claim accepted/m);
  expect(first.words()).toMatch(
    /^\d{4}-\d\d-\d\dT[\d:]{8}Z input 0 accepted: 2 outputs; \d+ bytes from /m,
  );
  expect(first.words()).toMatch(
    /^\S+Z epoch \d+ \(blocks \d+ to \d+, input 0\): claim sent, root 0x/m,
  );
  // Of blocks so far back a restarted anvil has no states.
  const chain = createTestClient({ mode: "anvil", transport: http(String(first.facts.rpcUrl)) });
  await chain.mine({ blocks: 300 });
  await end(first.child);
  const quiet = await start(folder, "--quiet");
  expect(await runCli(deposit, { env: {} })).toMatchObject({ code: 0 });
  const replayed = await runCli(["replay", "--data-folder", folder], { env: {} });
  expect(replayed).toMatchObject({ code: 0, out: expect.stringMatching(/^verified: /m) });
  expect(replayed.out).toMatch(/^claims +(\d+) of \1 hold/m);
  await end(quiet.child);
  expect(quiet.words()).toContain("Stopped");
  expect(quiet.words()).not.toMatch(/input 1|claim/);
});

test("pages in a browser do not reach the chain that it starts", async () => {
  const { facts } = await start(join(root, "door"));
  const { port, hostname } = new URL(String(facts.rpcUrl));
  expect(hostname).toBe("127.0.0.1");
  for (const asked of PAGE_REQUESTS) {
    expect([asked.name, await sendAsPage(asked, Number(port))]).toEqual([
      asked.name,
      "HTTP/1.1 403 Forbidden",
    ]);
  }
});

test("a chain's state that is damaged or gone: what is lost, and how to begin anew", async () => {
  const folder = join(root, "damaged");
  await end((await start(folder)).child);
  const state = join(folder, "anvil-state.json");
  writeFileSync(state, "{}");
  const anew = "remove anvil-state.json, local.json and node.sqlite from this one.";
  const damaged = await fail(folder);
  expect(damaged).toContain(`Where ${state} is damaged, put a copy of it back.`);
  expect(damaged).toContain(anew);
  rmSync(state);
  const gone = await fail(folder);
  expect(gone).toContain(`${state} was removed, is another chain's, or`);
  expect(gone).toContain(anew);
  for (const name of ["anvil-state.json", "local.json", "node.sqlite"]) {
    rmSync(join(folder, name), { force: true });
  }
  expect((await start(folder)).facts).toMatchObject({ inputs: 0 });
});
