import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Folder, lastJson, runCli, SMALL_CSV } from "./fixtures/run-cli.ts";

/** What the machine's key has to do with `replay --inputs`. Chains: replay-chain-verdict.test.ts. */

const folder = new Folder();
afterAll(() => folder.remove());
const replay = (...options: string[]) => ["replay", "--inputs", "-", ...options];
let history: string;
beforeAll(async () => {
  const csv = folder.file("small.csv", SMALL_CSV);
  history = (await runCli(["encode", "--csv", csv, "--batch", "2", "--seed", "key"])).out;
});

describe("another machine's key", () => {
  const env = { TALLYROLL_MACHINE_KEY: "07".repeat(32) };
  const write = (name: string, ...claims: object[]) => folder.file(name, JSON.stringify(claims));
  const lie = { input: 0, root: `0x${"01".repeat(32)}` };
  const replayed = async (options = {}) =>
    lastJson((await runCli(replay("--json"), { stdin: history, ...options })).out);

  test("is 2 before anything else where the claims name the genesis root", async () => {
    const { genesisRoot, root } = await replayed();
    const claims = write("named.json", lie, { input: -1, root: genesisRoot });
    const wrong = await runCli(replay("--claims", claims), { stdin: history, env });
    expect([wrong.code, wrong.out]).toEqual([2, ""]);
    expect(wrong.err).toContain(`The claims begin at the genesis root ${genesisRoot}, and the`);
    expect(wrong.err).toContain("it is another machine's. Set TALLYROLL_MACHINE_KEY or");
    // Under the right one the same claims are told from a lie.
    expect((await runCli(replay("--claims", claims), { stdin: history })).code).toBe(1);
    const honest = write("honest.json", { input: 3, root }, { input: -1, root: genesisRoot });
    expect((await runCli(replay("--claims", honest), { stdin: history, env })).code).toBe(2);
    const right = await runCli(replay("--claims", honest), { stdin: history });
    expect([right.code, right.err]).toEqual([0, ""]);
    const none = { HOME: folder.file("nobody") };
    const keyless = await runCli(replay("--claims", honest), { stdin: history, env: none });
    expect([keyless.code, keyless.out]).toEqual([2, ""]);
    expect(keyless.err).toContain("and there is no machine key at ");
  });

  test("is what a difference may come from where they do not", async () => {
    const { root } = await replayed();
    const claims = write("unnamed.json", { input: 3, root });
    const { code, err } = await runCli(replay("--claims", claims), { stdin: history, env });
    expect([code, err]).toEqual([2, expect.stringContaining("Nothing proves that the machine")]);
    // It has roots of its own, also where nothing was sealed yet.
    const early = write("early.json", lie);
    expect((await runCli(replay("--claims", early), { stdin: history, env })).code).toBe(2);
    const other = await replayed({ env });
    expect(other).toMatchObject({ verified: true, keyProved: false });
    const theirs = write("theirs.json", { input: 3, root: other.root });
    expect((await runCli(replay("--claims", theirs), { stdin: history, env })).code).toBe(0);
    expect((await runCli(replay("--claims", theirs), { stdin: history })).code).toBe(2);
  });
});

test("a seal's version and nothing after it, and a lying claim: it lies", async () => {
  const line = history.split("\n")[0]?.replace(/"0x01[0-9a-f]*"/, '"0x02"');
  const stdin = `${line}\n`;
  const { rejected, genesisRoot } = lastJson((await runCli(replay("--json"), { stdin })).out);
  expect(rejected).toBe(1);
  const claims = folder.file(
    "seal.jsonl",
    `{"input":-1,"root":"${genesisRoot}"}\n{"input":0,"root":"0x${"01".repeat(32)}"}\n`,
  );
  const { code, out } = await runCli(replay("--claims", claims), { stdin });
  expect([code, out]).toEqual([1, expect.stringContaining("DIVERGES at input 0, in the state")]);
});

test("a claim that any key meets verifies nothing", async () => {
  const line = history.split("\n")[0]?.replace(/"0x01[0-9a-f]*"/, '"0x02"');
  const stdin = `${line}\n`;
  const { outputsMerkleRoot } = lastJson((await runCli(replay("--json"), { stdin })).out);
  const claims = folder.file("any.json", JSON.stringify([{ input: 0, outputsMerkleRoot }]));
  const { code, out, err } = await runCli(replay("--claims", claims), { stdin });
  expect([code, out]).toEqual([2, expect.stringContaining("claims               1 of 1 hold")]);
  expect(err).toContain("Nothing proves that the machine key");
});

test.each([
  [{ input: -1, outputsMerkleRoot: `0x${"01".repeat(32)}` }, 'which has a "root" and no outputs.'],
  [{ input: -2, root: `0x${"01".repeat(32)}` }, 'no whole number "input".'],
])("refuses the claim %j", async (claim, words) => {
  const claims = folder.file("refused.json", JSON.stringify([claim]));
  const { code, err } = await runCli(replay("--claims", claims), { stdin: history });
  expect([code, err]).toEqual([2, expect.stringContaining(words)]);
});
