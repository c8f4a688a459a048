import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Folder, lastJson, runCli, SMALL_CSV } from "./fixtures/run-cli.ts";

/** `replay` and `inspect` over small histories. Failures are in cli-failures.test.ts. */

const folder = new Folder();
afterAll(() => folder.remove());
const csv = folder.file("small.csv", SMALL_CSV);

async function encode(...options: string[]): Promise<string> {
  const { code, out } = await runCli(["encode", "--csv", csv, "--batch", "2", ...options]);
  expect(code).toBe(0);
  return out;
}

async function ask(history: string, ...words: string[]): Promise<Record<string, unknown>> {
  const args = ["inspect", "--inputs", "-", "--json", ...words];
  const { code, out, err } = await runCli(args, { stdin: history });
  expect([code, err]).toEqual([0, ""]);
  return lastJson(out);
}

describe("replay", () => {
  const replay = (...options: string[]) => ["replay", "--inputs", "-", ...options];
  let stdin: string;
  beforeAll(async () => {
    stdin = await encode();
  });

  test("claims that hold: exit code 0, as an array and as lines", async () => {
    const replayed = lastJson((await runCli(replay("--json"), { stdin })).out);
    const { genesisRoot, root, outputsMerkleRoot } = replayed;
    expect(replayed).toMatchObject({ verified: true, keyProved: false });
    const claims = [
      { input: 3, root, outputsMerkleRoot },
      { input: 3, outputsMerkleRoot },
      { input: -1, root: genesisRoot },
    ];
    const array = folder.file("claims.json", JSON.stringify(claims));
    const lines = folder.file(
      "claims.jsonl",
      claims.map((claim) => JSON.stringify(claim)).join("\n"),
    );
    for (const file of [array, lines]) {
      const { code, out } = await runCli(replay("--claims", file, "--json"), { stdin });
      expect(code).toBe(0);
      expect(lastJson(out)).toMatchObject({
        verified: true,
        keyProved: true,
        claims: [
          { input: -1, root: genesisRoot, holds: true },
          { input: 3, root, holds: true },
          { input: 3, holds: true },
        ],
      });
    }
    const told = await runCli(replay("--claims", array), { stdin });
    expect(told.out).toContain("claims               3 of 3 hold\nverified:");
  });

  test("a tampered claim under a proved key: exit code 1, with the first input where it differs", async () => {
    const wrong = `0x${"01".repeat(32)}`;
    const { genesisRoot } = lastJson((await runCli(replay("--json"), { stdin })).out);
    const claims = folder.file(
      "tampered.jsonl",
      `{"input":-1,"root":"${genesisRoot}"}\n{"input":2,"outputsMerkleRoot":"${wrong}"}\n{"input":9,"root":"${wrong}"}\n` +
        `{"input":1,"root":"${wrong}"}\n`,
    );
    const { code, out } = await runCli(replay("--claims", claims, "--json"), { stdin });
    expect(code).toBe(1);
    expect(lastJson(out)).toMatchObject({
      verified: false,
      claims: [
        { input: -1, holds: true },
        { input: 1, holds: false },
        { input: 2, holds: false },
        { input: 9, holds: false },
      ],
      divergence: { input: 1, subject: "root", expected: wrong },
    });
    const told = await runCli(replay("--claims", claims), { stdin });
    expect(told.out).toContain(
      `DIVERGES at input 1, in the state's root\n  claimed      ${wrong}\n`,
    );
  });

  test("without a proof of the key a difference may be the key's: exit code 2", async () => {
    const wrong = `0x${"01".repeat(32)}`;
    const { root } = lastJson((await runCli(replay("--json"), { stdin })).out);
    const write = (name: string, ...claims: object[]) => folder.file(name, JSON.stringify(claims));
    const lie = write("lie.json", { input: 1, root: wrong });
    const { code, out, err } = await runCli(replay("--claims", lie), { stdin });
    expect([code, out]).toEqual([2, expect.stringContaining("differs at input 1, in the state")]);
    expect(err).toContain(
      "Nothing proves that the machine key of TALLYROLL_MACHINE_KEY is the one",
    );
    expect(err).toContain('{"input": -1, "root": "0x…"} of the genesis root proves the key.');
    // Another claim, even a later one, that only this key can meet proves it.
    const both = write("both.json", { input: 1, root: wrong }, { input: 3, root });
    expect((await runCli(replay("--claims", both), { stdin })).code).toBe(1);
  });

  test("a claim beyond the history cannot be told, at the first of them", async () => {
    const root = `0x${"02".repeat(32)}`;
    const claims = folder.file(
      "beyond.json",
      JSON.stringify([
        { input: 9, root },
        { input: 4, root },
      ]),
    );
    const { code, out } = await runCli(replay("--claims", claims, "--json"), { stdin });
    expect(code).toBe(2);
    expect(lastJson(out)).toMatchObject({
      verified: false,
      divergence: { input: 4, subject: "missingInput" },
    });
  });

  test("--reports prints every refused operation", async () => {
    const [setup, ...batches] = stdin.trimEnd().split("\n");
    const repeated = [setup, ...batches, batches[0]].join("\n");
    const { code, out } = await runCli(replay("--reports"), { stdin: repeated });
    expect(code).toBe(0);
    expect(out).toMatch(
      /^input 4, operation 0: submission_sequence_used \(91\): the next sequence is 3, not 0\n/,
    );
    const json = await runCli(replay("--reports", "--json"), { stdin: repeated });
    expect(JSON.parse(json.out.split("\n")[0] ?? "")).toMatchObject({
      input: 4,
      operation: 0,
      refusal: "submission_sequence_used",
    });
  });

  test("--snapshot writes the state as a SQLite file, once", async () => {
    const file = folder.file("state.sqlite");
    const { code, err } = await runCli(replay("--snapshot", file), { stdin });
    expect([code, err]).toEqual([0, `The state is in ${file}, a SQLite file.\n`]);
    expect(readFileSync(file, "latin1").startsWith("SQLite format 3\0")).toBe(true);
    // Told before the work, even before the history is looked for.
    const again = await runCli(["replay", "--inputs", "nowhere", "--snapshot", file]);
    expect(again).toMatchObject({ code: 2, err: expect.stringContaining("is not replaced.") });
  });

  test("shows progress on a terminal and leaves nothing of it", async () => {
    const { err } = await runCli(replay(), { stdin, isTerminal: true });
    // A line more every 100 ms: the clock says how many.
    const lines = err.replaceAll("\r\u001b[K", "|");
    expect(lines).toMatch(/^(\|re-executing input \d+)+\|$/);
  });
});

describe("inspect", () => {
  test("a query as JSON, as one word and as several gives one answer", async () => {
    const history = await encode();
    const forms = [
      ['{"query":"device","device_id":1}'],
      ["device device_id=1"],
      ["device", "device_id=1"],
    ];
    const answers = await Promise.all(forms.map((words) => ask(history, ...words)));
    expect(answers[1]).toEqual(answers[0]);
    expect(answers[2]).toEqual(answers[0]);
    expect(answers[0]).toMatchObject({ device_id: 1, is_revoked: false });
  });

  test("digits in quotes and words with spaces are text", async () => {
    const named = ["device_id=1", "name=on the roof"];
    const history = await encode("--stream-name", "on the roof");
    expect(await ask(history, "stream", ...named)).toMatchObject({ name: "on the roof" });
    const digits = await encode("--stream-name", "7");
    expect(await ask(digits, 'stream device_id=1 name="7"')).toMatchObject({ stream_id: 1 });
  });

  test("the help names every query that the application answers", async () => {
    const history = await encode();
    const { err } = await runCli(["inspect", "--inputs", "-", "nothing"], { stdin: history });
    const names = /there are ([a-z_, ]+)\./.exec(err)?.[1]?.split(", ") ?? [];
    expect(names.length).toBeGreaterThan(10);
    const { out } = await runCli(["inspect", "--help"]);
    for (const name of names) expect(out).toMatch(new RegExp(`^  ${name} `, "m"));
  });
});
