import { execFile } from "node:child_process";
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type AbiFunction, type AbiParameter, decodeFunctionData } from "viem";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  CLAIMED_READING,
  CLAIMED_READING_ABI,
  deployClaimedReading,
} from "../../node-client/chain/claimed-reading.ts";
import type { Hex } from "../../spec/outputs.ts";
import { OnlineCli } from "./fixtures/online-cli.ts";
import { REPOSITORY } from "./fixtures/run-cli.ts";

/** `spec/VERIFYING.md`, run as it stands: from a reading to a contract of one's own that pays by it. */

interface Block {
  readonly language: string;
  readonly file: string;
  readonly code: string;
}

const page = readFileSync(join(REPOSITORY, "spec/VERIFYING.md"), "utf8");
const blocks: readonly Block[] = [...page.matchAll(/^```(\w+) ?([\w.-]*)\n([\s\S]*?)^```$/gm)].map(
  ([, language = "", file = "", code = ""]) => ({ language, file, code }),
);
const shell = blocks.filter(({ language }) => language === "sh").map(({ code }) => code);
const files = blocks.filter(({ file }) => file !== "");

let cli: OnlineCli;
beforeAll(async () => {
  cli = await OnlineCli.start();
  const { buildCommand } = await import(
    /* @vite-ignore */ join(REPOSITORY, "node-client/build/build.mjs")
  );
  mkdirSync(cli.folder.file("dist"));
  writeFileSync(cli.folder.file("package.json"), '{"type":"module"}');
  for (const name of ["node_modules", "spec"]) {
    symlinkSync(join(REPOSITORY, name), cli.folder.file(name));
  }
  await buildCommand({
    entry: "node-client/command/main.ts",
    outfile: cli.folder.file("dist/tallyroll.js"),
  });
}, 90_000);
afterAll(() => cli?.close());

/** Runs a block of the page as its reader would, in a shell that stops at the first failure. */
function paste(code: string): Promise<string> {
  const env = { ...process.env, TALLYROLL_HOME: cli.home, TALLYROLL_RPC: cli.stack.rpcUrl };
  // The runner's own variables would make the page's test one of the runner's.
  const clean = Object.fromEntries(Object.entries(env).filter(([name]) => name !== "NODE_OPTIONS"));
  return new Promise((resolve, reject) => {
    const options = { cwd: cli.folder.path, env: clean };
    execFile("bash", ["-e", "-c", code], options, (error, out, err) => {
      if (error === null) resolve(out);
      else reject(new Error(`${out}${err}`));
    });
  });
}

test("the page has its steps in order", () => {
  expect(blocks.map(({ language, file }) => file || language)).toEqual([
    ...["sh", "sh", "FrostCover.sol", "frost-cover.test.mjs", "sh"],
  ]);
});

describe("read from the top", () => {
  test("a reading is sent, and its proof says what it proves", async () => {
    expect(await paste(shell[0]!)).toContain("2 readings are in stream 1");
    await cli.stack.mine(60);
    const told = (await paste(shell[1]!)).trimEnd().split("\n");
    const { did } = await cli.ask("device", "show", "roof");
    expect(told.map((line) => line.replace(/(epoch|block|notice) \d+/g, "$1 N"))).toEqual([
      "reading   1 of stream 1, readings",
      "time      2023-11-14 23:13:20 UTC",
      "value     temperature -1.25",
      `device    1, ${did}`,
      "batch     1: readings 0 to 1",
      `claim     of epoch N, which ends with block N: notice N of ${cli.stack.app}`,
      "contract  spec/ClaimedReading.sol, not on this chain yet; spec/VERIFYING.md says how to use it",
      `proof     ${cli.folder.file("frost/proof.json")}`,
    ]);
  });

  test("its contract pays, and its test passes", async () => {
    for (const { file, code } of files) writeFileSync(cli.folder.file(`frost/${file}`), code);
    const told = await paste(shell[2]!);
    expect(told).toMatch(/^# pass 2$/m);
    expect(told).toMatch(/^# fail 0$/m);
  });
});

describe("the proof", () => {
  let proof: Record<string, unknown>;
  beforeAll(async () => {
    proof = await cli.ask("prove", "1", "0", "--no-wait");
  });

  test("has the contract's arguments, by its names and in its order", () => {
    const { inputs } = CLAIMED_READING_ABI.find(
      (item) => item.type === "function" && item.name === "readClaimed",
    ) as AbiFunction;
    const namesOf = (parameters: readonly AbiParameter[]): unknown[] =>
      parameters.map((one) =>
        "components" in one ? [one.name, namesOf(one.components)] : one.name,
      );
    const isTuple = (value: unknown): value is object =>
      typeof value === "object" && !Array.isArray(value);
    const fields = Object.entries(proof).slice(0, inputs.length);
    const names = fields.map(([name, value]) =>
      isTuple(value) ? [name, Object.keys(value)] : name,
    );
    expect(names).toEqual(namesOf(inputs));
    const { functionName, args } = decodeFunctionData({
      abi: CLAIMED_READING_ABI,
      data: proof.calldata as Hex,
    });
    const plain = JSON.parse(
      JSON.stringify(args, (_, value) => (typeof value === "bigint" ? Number(value) : value)),
    );
    expect(functionName).toBe("readClaimed");
    expect([String(plain[0]).toLowerCase(), ...plain.slice(1)]).toEqual(
      fields.map(([, one]) => one),
    );
  });

  test("is calldata that the contract answers, once it is there", async () => {
    await deployClaimedReading(cli.stack.chain);
    const { contract } = await cli.ask("prove", "1", "0", "--no-wait");
    const address = CLAIMED_READING;
    expect(contract).toEqual({ file: "spec/ClaimedReading.sol", address, isDeployed: true });
    const call = { to: address, data: proof.calldata };
    const answer = String(await cli.stack.request("eth_call", [call, "latest"]));
    expect(answer).toContain((750).toString(16).padStart(64, "0"));
    const { out } = await cli.run(["prove", "1", "0"]);
    expect(out).toContain(`contract  spec/ClaimedReading.sol, at ${address}; spec/VERIFYING.md`);
    expect(out.trimEnd().split("\n").at(-1)).toBe(`calldata  ${proof.calldata}`);
  });

  test("asks for numbers of the stream only", async () => {
    expect(await cli.fail(["prove", "1", "0", "--metrics", "rain"])).toContain(
      'Stream 1 has no numeric metric "rain". Name some of temperature with --metrics.',
    );
  });
});
