import { chmodSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { QUERY_ERRORS } from "../../spec/query-errors.ts";
import { type CliOptions, Folder, lastJson, runCli, SMALL_CSV } from "./fixtures/run-cli.ts";

/** What goes wrong: always exit code 2, one line that says what to do, nothing half done. */

const folder = new Folder();
afterAll(() => folder.remove());
const csv = folder.file("small.csv", SMALL_CSV);
const encode = (...options: string[]) => ["encode", "--csv", csv, "--batch", "2", ...options];
const replay = (...options: string[]) => ["replay", "--inputs", "-", ...options];
const ADDRESS = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8";
let history: string;
beforeAll(async () => {
  history = (await runCli(encode("--seed", "failures"))).out;
});

/** Runs what has to fail, and gives its one line. */
async function fail(args: readonly string[], options: CliOptions = {}): Promise<string> {
  const { code, out, err } = await runCli(args, options);
  expect([code, out]).toEqual([2, ""]);
  const lines = err.trimEnd().split("\n");
  expect(lines.at(-1)).toMatch(/^tallyroll: .*[^.][.)] .*[^.]\.$/);
  expect(err).not.toContain("    at ");
  return lines.at(-1) ?? "";
}

describe("usage", () => {
  test.each([
    [["nonsense"], "unknown command 'nonsense'."],
    [
      ["nonsense", "--help"],
      'tallyroll has no command "nonsense": it has start, status, doctor, demo, ',
    ],
    [["channel", "claim-multi", "--help"], 'channel has no command "claim-multi": it has open, '],
    [["encode"], "required option '--csv <file>' not specified."],
    [encode("--sealled"), "(Did you mean --sealed?)"],
    [encode("--batch", "0"), "from 1 to 4096."],
    [encode("--batch", "4097"), "from 1 to 4096."],
    [encode("--batch", "1e3"), "from 1 to 4096."],
    [encode("--scale", "temperature"), "NAME=N."],
    [encode("--scale", "temperature=13"), "from 0 to 12."],
    [encode("--scale", "sky=1", "--scale", "sky=1"), "has a scale already."],
    [encode("--key-type", "rsa"), "Allowed choices are ed25519, p256, secp256k1."],
    [encode("--stream-name", ""), "printable text."],
    [encode("--owner", "0x12"), "40 hexadecimal digits."],
    [encode("--owner", ADDRESS.replace("C5", "c5")), "its checksum is wrong."],
    [encode("--owner", "0xa632c5c05812c6a6149b7af5c56117d1d2603828"), "is a portal's"],
    [encode("--buyer", ADDRESS), "ADDRESS=X25519PUBLICKEY."],
    [encode("--buyer", `${ADDRESS}=00`), "64 hexadecimal digits."],
    [encode("--chain-id", "0"), "from 1 to"],
    [replay("--threads", "3"), "Allowed choices are 1, 2."],
    [replay("--claims", "-"), "Only one of --inputs and --claims"],
    [["inspect", "--inputs", "-"], "missing required argument 'query'."],
    [["inspect", "--inputs", "-", "7"], "begins with its name"],
    [["inspect", "--inputs", "-", "latest", "5"], "name=value"],
  ])("%j", async (args, expected) => {
    expect(await fail(args, { stdin: history })).toContain(expected);
  });

  test("no command shows the help, on standard error", async () => {
    const { code, out, err } = await runCli([]);
    expect([code, out]).toEqual([2, ""]);
    expect(err).toContain("Usage: tallyroll");
  });

  test.each([[["--help"]], [["encode", "--help"]], [["replay", "-h"]], [["--version"]]])(
    "%j exits with 0",
    async (args) => expect(await runCli(args)).toMatchObject({ code: 0, err: "" }),
  );
});

describe("encode", () => {
  test.each([
    ["a missing file", ["--csv", "nowhere.csv"], "Cannot read nowhere.csv: there is no such file."],
    ["a folder", ["--csv", "."], "it is a folder."],
    ["a missing column", ["--columns", "sky,rain"], 'column "rain": There is no such column'],
    ["a scale of no column", ["--scale", "rain=1"], 'column "rain": There is no such column'],
    ["text in a number", ["--scale", "sky=1"], 'line 2, column "sky", cell "Clear": This is no'],
    ["no id column", ["--device-column", "station"], 'There is no device column named "station".'],
    ["no time column", ["--time", "when"], 'There is no time column named "when".'],
    ["a metric in no group", ["--key-groups", "sky"], 'No key group has metric "temperature".'],
    ["a metric in two", ["--key-groups", "sky|sky,*"], 'Two key groups have metric "sky".'],
    ["an unknown metric", ["--key-groups", "rain|*"], 'There is no metric "rain" for a key group'],
    ["an empty group", ["--key-groups", "*|*"], "Key group 2 has no metric."],
    ["a grant of nothing", ["--buyer", `${ADDRESS}=${"09".repeat(32)}`], "nothing to grant"],
    ["a weak buyer key", ["--sealed", "--buyer", `${ADDRESS}=${"00".repeat(32)}`], "not a usable"],
    ["a weak machine key", ["--machine-public-key", "00".repeat(32)], "not a usable X25519 key."],
    ["keys into no folder", ["--keys", "nowhere/keys.json"], "There is no folder"],
  ])("refuses %s", async (_, options, expected) => {
    expect(await fail(encode(...options), { cwd: folder.path })).toContain(expected);
  });

  test("refuses a file without readings, one that is no UTF-8, an unprintable name", async () => {
    const args = ["encode", "--csv", "-", "--batch", "2"];
    expect(await fail(args, { stdin: "device_id,time,a\n" })).toContain("There are no readings.");
    const name = 'device_id,time,"a\nb"\nx,1700000000,2\n';
    expect(await fail(args, { stdin: name })).toContain("not printable text.");
    const latin1 = folder.file("latin1.csv");
    writeFileSync(latin1, Buffer.from("device_id,time,\xb0C\n", "latin1"));
    expect(await fail(["encode", "--csv", latin1, "--batch", "2"])).toContain("is not UTF-8.");
  });

  test("a batch too large for an input names the way out", async () => {
    const rows = Array.from(
      { length: 4_096 },
      (_, i) => `x,${1_700_000_000 + i},${i % 7}${"é".repeat(50)}${i}`,
    );
    const stdin = ["device_id,time,note", ...rows].join("\n");
    const { code, err } = await runCli(["encode", "--csv", "-", "--batch", "4096"], { stdin });
    expect(code).toBe(2);
    expect(err).toContain("A batch of 4096 readings does not fit");
    expect(err).toContain("Lower --batch");
  });

  test("many large batches an input are cut where the payload ends", async () => {
    const rows = Array.from(
      { length: 2_000 },
      (_, i) => `x,${1_700_000_000 + i},${i}${"é".repeat(50)}`,
    );
    const stdin = ["device_id,time,note", ...rows].join("\n");
    const args = ["encode", "--csv", "-", "--batch", "100", "--batches-per-input", "256"];
    const encoded = await runCli(args, { stdin });
    const replayed = await runCli(replay("--json"), { stdin: encoded.out });
    const { inputs, accepted } = lastJson(replayed.out);
    expect(accepted).toBe(inputs);
    expect(inputs).toBeGreaterThan(3);
  });

  test("stops quietly, and at once, when the reader goes away", async () => {
    const rows = Array.from({ length: 4_000 }, (_, i) => {
      // The second batch would fail, if anybody still encoded it.
      return `x,${1_700_000_000 + i},${i < 2_000 ? "a" : `${i}${"é".repeat(50)}`}`;
    });
    const stdin = ["device_id,time,note", ...rows].join("\n");
    const args = ["encode", "--csv", "-", "--batch", "2000", "--seed", "gone"];
    const { code, out, err } = await runCli(args, { stdin, writesMax: 1 });
    expect(code).toBe(0);
    expect(out.split("\n")).toHaveLength(2);
    expect(err).not.toMatch(/inputs|EPIPE|tallyroll:/);
    expect((await runCli(args, { stdin })).code).toBe(2);
  });
});

describe("replay", () => {
  const change = (from: string | RegExp, to: string): string => {
    const lines = history.split("\n");
    lines[1] = lines[1]?.replace(from, to) ?? "";
    return lines.join("\n");
  };

  test.each([
    ["no JSON", () => change("{", ""), "Line 2 of standard input is not JSON."],
    ["no object", () => change(/.*/, "7"), "Line 2 of standard input is not a JSON object."],
    ["no payload", () => change("payload", "load"), 'has no hexadecimal "payload".'],
    ["odd digits", () => change("0x01", "0x1"), 'has no hexadecimal "payload".'],
    ["a short sender", () => change("0xf3", "0x"), '"msg_sender" of other than 20 bytes.'],
    ["a fraction", () => change("1700000001", "1.5"), 'no whole number "block_timestamp".'],
    ["a huge line", () => `${history}${"7".repeat(2_000_000)}`, "Line 5 of standard input is over"],
    ["nothing", () => "\n\n", "There is no input in standard input: nothing to verify."],
  ])("a malformed history: %s", async (_, make, expected) => {
    expect(await fail(replay(), { stdin: make() })).toContain(expected);
  });

  test("a file that is no history is named", async () => {
    const file = folder.file("weather.csv", "timestamp,temperature\n");
    const said = await fail(["replay", "--inputs", file]);
    expect(said).toContain(`Line 1 of ${file} is not JSON.`);
  });

  test.each([
    ["no JSON", "[{]", "is not JSON."],
    ["no claim", "[]", "There is no claim in"],
    ["no object", "7", "The claim in line 1 of"],
    ["no input", '{"root":"0x"}', 'has no whole number "input".'],
    ["a misspelt field", '{"input":1,"rot":"0x"}', 'has an unknown field "rot".'],
    ["nothing claimed", '{"input":1}', "claims nothing."],
    ["a short root", '[{"input":1,"root":"0x12"}]', "The claim in entry 0 of"],
  ])("malformed claims: %s", async (_, text, expected) => {
    const claims = folder.file("claims.json", text);
    expect(await fail(replay("--claims", claims), { stdin: history })).toContain(expected);
  });

  test("the largest payloads pass: only the application judges them", async () => {
    const line = history.split("\n")[0]?.replace(/0x01[0-9a-f]*/, `0x01${"00".repeat(100_000)}`);
    const { code, out } = await runCli(replay("--reports"), { stdin: `${line}\n` });
    expect(code).toBe(0);
    expect(out).toMatch(/^input 0: envelope_over_bounds/);
  });
});

test("inspect: the application's refusal is the error, and with --json the answer too", async () => {
  const args = ["inspect", "--inputs", "-", "balance", "account=0x12"];
  const expected = '"account" is no address: expected 0x and 40 hexadecimal digits';
  expect(await fail(args, { stdin: history })).toContain(`cannot be answered: ${expected}.`);
  const { code, out } = await runCli([...args, "--json"], { stdin: history });
  expect([code, lastJson(out)]).toEqual([
    2,
    {
      error: expected,
      code: QUERY_ERRORS.field_invalid,
      reason: "field_invalid",
      field: "account",
    },
  ]);
});

test("TALLYROLL_DEBUG adds the stack", async () => {
  const env = { TALLYROLL_DEBUG: "1" };
  const { err } = await runCli(["replay", "--inputs", "nowhere"], { env });
  expect(err).toMatch(/^tallyroll: Cannot read nowhere.*\nClientError: .*\n[\s\S]* {4}at /);
});

describe("the machine's key", () => {
  const args = ["encode", "--csv", csv, "--batch", "2", "--seed", "key"];

  test("is made on first use, for its owner alone, and told once", async () => {
    const home = folder.file("home/deep");
    const first = await runCli(args, { env: { TALLYROLL_HOME: home } });
    const path = join(home, "machine-key");
    expect(first.err).toContain(`Made the machine's key: ${path}\n`);
    expect(first.err).toMatch(/Back it up.*\n.*Keep it secret.*open streams/);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(readFileSync(path, "utf8")).toMatch(/^[0-9a-f]{64}\n$/i);
    const again = await runCli([...args, "--data-folder", home], { env: {} });
    expect(again.err).not.toContain("Made");
    expect(again.out).toBe(first.out);
  });

  test("is found by XDG_DATA_HOME, then by HOME", async () => {
    const xdg = folder.file("xdg");
    await runCli(args, { env: { XDG_DATA_HOME: xdg, HOME: folder.path } });
    expect(existsSync(join(xdg, "tallyroll/machine-key"))).toBe(true);
    await runCli(args, { env: { XDG_DATA_HOME: "relative", HOME: folder.path } });
    expect(existsSync(folder.file(".local/share/tallyroll/machine-key"))).toBe(true);
  });

  test("comes from the environment first, then from the named file", async () => {
    const file = folder.file("kept-key", `0x${"5e".repeat(32)}\n`);
    chmodSync(file, 0o600);
    const byFile = await runCli(args, { env: { TALLYROLL_MACHINE_KEY_FILE: file } });
    const byDefault = await runCli(args);
    expect(byFile.out).toBe(byDefault.out);
    const both = { TALLYROLL_MACHINE_KEY: "07".repeat(32), TALLYROLL_MACHINE_KEY_FILE: file };
    expect((await runCli(args, { env: both })).out).not.toBe(byFile.out);
    chmodSync(file, 0o644);
    const open = await runCli(args, { env: { TALLYROLL_MACHINE_KEY_FILE: file } });
    expect(open.err).toContain(`Others on this computer can read the machine key: chmod 600`);
  });

  test("is never replaced, shown or guessed when it is wrong", async () => {
    const short = "ab".repeat(31);
    const home = folder.file("broken");
    mkdirSync(home);
    const path = join(home, "machine-key");
    folder.file("broken/machine-key", short);
    chmodSync(path, 0o600);
    for (const env of [{ TALLYROLL_MACHINE_KEY: short }, { TALLYROLL_HOME: home }]) {
      const line = await fail(args, { env });
      expect(line).toContain("holds no machine key.");
      expect(line).not.toContain(short.slice(0, 8));
    }
    expect(readFileSync(path, "utf8")).toBe(short);
    const absent = { TALLYROLL_MACHINE_KEY_FILE: folder.file("absent") };
    expect(await fail(args, { env: absent })).toContain("There is no machine key at");
  });

  test("has no place in a folder that cannot be made", async () => {
    const inFile = { TALLYROLL_HOME: join(csv, "home") };
    expect(await fail(args, { env: inFile })).toContain("machine key");
    expect(await fail(args, { env: { TALLYROLL_HOME: "/proc/tallyroll" } })).toContain(
      "can be made",
    );
  });
});
