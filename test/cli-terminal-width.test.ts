import { describe, expect, test } from "vitest";
import { formatFields, formatTable } from "../node-client/command/terminal/format-table.ts";
import { cutLine, widthOf, wrapLine } from "../node-client/command/terminal/wrap-text.ts";
import { runCli } from "./integration/fixtures/run-cli.ts";

/** What is shown at 80 columns: nothing is broken within a word. */
const COLUMNS = 80;
const HASH = `0x${"5f".repeat(32)}`;
const lines = (text: string): string[] => text.trimEnd().split("\n");
const words = (text: string): string[] => text.split(/\s+/).filter((word) => word !== "");

describe("a table", () => {
  const names = ["escrow", "status", "holds"];
  const rows = [
    [`standard:${HASH.slice(0, 34)}`, "waits for its provider", "0.03 ETH"],
    [HASH, "active", "1 ETH"],
  ];

  test("that is too wide becomes records, a line a cell", () => {
    const text = formatTable(names, rows, COLUMNS);
    expect(text).toBe(
      `escrow  standard:${HASH.slice(0, 34)}\nstatus  waits for its provider\nholds   0.03 ETH\n\n` +
        `escrow  ${HASH}\nstatus  active\nholds   1 ETH\n`,
    );
  });

  test("goes out as it is where it fits, or where no terminal is", () => {
    const narrow = formatTable(["id", "name"], [["1", "north"]], COLUMNS);
    expect(narrow).toBe("id  name\n 1  north\n");
    expect(lines(formatTable(names, rows, undefined))).toHaveLength(3);
  });

  test("keeps 64 digits whole beside a name of 12 columns, and breaks sentences between words", () => {
    const sentence = "word ".repeat(40).trim();
    const text = formatTable(["twelve-wide:", "b"], [[HASH, sentence]], COLUMNS);
    expect(lines(text)[0]).toBe(`twelve-wide:  ${HASH}`);
    expect(Math.max(...lines(text).map(widthOf))).toBeLessThanOrEqual(COLUMNS);
    expect(words(text)).toEqual(words(`twelve-wide: ${HASH} b ${sentence}`));
  });

  test("counts what a terminal shows: two columns for a wide character, none for a mark", () => {
    const text = formatTable(
      ["name", "is"],
      [
        ["天気", "x"],
        ["é", "y"],
      ],
      undefined,
    );
    expect(text).toBe("name  is\n天気  x\né     y\n");
  });
});

test("a field that is too long goes on under its beginning", () => {
  const text = formatFields([["terms", `${"word ".repeat(20)}${HASH}`]], COLUMNS);
  const [first = "", ...others] = lines(text);
  expect(first).toMatch(/^terms {5}word/);
  expect(others.at(-1)).toBe(`          ${HASH}`);
  for (const line of lines(text)) expect(widthOf(line)).toBeLessThanOrEqual(COLUMNS);
});

test("lines of one field stand below each other, however long their words", () => {
  const text = formatFields(
    [["what", `Accepted in=1 one=${HASH} longer-name=${HASH} end`]],
    COLUMNS,
  );
  const [, ...others] = lines(text);
  expect(new Set(others.map((line) => /^ */.exec(line)?.[0]))).toEqual(new Set(["  "]));
  expect(words(text)).toContain(`longer-name=${HASH}`);
});

test("a word that no line holds stays whole, alone", () => {
  const calldata = `0x${"ab".repeat(100)}`;
  expect(formatFields([["calldata", calldata]], COLUMNS)).toBe(`calldata\n${calldata}\n`);
  expect(wrapLine(calldata, COLUMNS)).toBe(calldata);
});

test("a progress line is cut to the width", () => {
  expect(cutLine("x".repeat(100), 79)).toBe(`${"x".repeat(78)}…`);
  expect(cutLine("天".repeat(40), 10)).toBe("天天天天…");
  expect(cutLine("short", 79)).toBe("short");
});

describe("at 80 columns", () => {
  test.each([
    "--help",
    "start --help",
    "channel open --help",
    "encode --help",
    "inspect --help",
    "service --help",
  ])("%s has no longer line, and loses no word", async (args) => {
    const { out } = await runCli(args.split(" "), { columns: COLUMNS });
    for (const line of lines(out)) expect(widthOf(line), line).toBeLessThanOrEqual(COLUMNS);
    const piped = await runCli(args.split(" "));
    const plain = (text: string): string[] => words(text).filter((word) => word !== "\\");
    expect(plain(out)).toEqual(plain(piped.out));
  });

  test("an example goes on after a backslash, as a shell takes it", async () => {
    const { out } = await runCli(["channel", "--help"], { columns: 60 });
    expect(out).toContain(
      "  $ tallyroll channel open \\\n      0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266 0.5 \\\n",
    );
  });

  test("an error is broken between words", async () => {
    const { err } = await runCli(["balance", "0x12"], { columns: COLUMNS });
    expect(lines(err).length).toBeGreaterThan(1);
    for (const line of lines(err)) expect(widthOf(line)).toBeLessThanOrEqual(COLUMNS);
  });
});
