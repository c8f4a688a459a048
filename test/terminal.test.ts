import { Writable } from "node:stream";
import { zeroAddress } from "viem";
import { describe, expect, test } from "vitest";
import type { ServiceInfo } from "../node-client/client/actions/service-queries.ts";
import { reportError } from "../node-client/command/operation/report-error.ts";
import { formatRefusal } from "../node-client/command/replay/replay-lines.ts";
import { formatService, formatServices } from "../node-client/command/service/service-table.ts";
import { formatJson } from "../node-client/command/terminal/format-json.ts";
import { formatFields, formatTable } from "../node-client/command/terminal/format-table.ts";
import type { Io } from "../node-client/command/terminal/io.ts";
import { Terminal } from "../node-client/command/terminal/terminal.ts";
import { ClientError } from "../node-client/errors.ts";
import { escapeLine } from "../node-client/escape-text.ts";

/** Other people's texts on their way to a terminal: shown, never obeyed. */

const HOSTILE = [
  ...["\u001b[2J", "\u009b31m", "\u0007", "\u007f", "\r", "\n", "\t", "\u2028"],
  ...["\u202e", "\u2066", "\u200f", "\u061c", "\u200b", "\ufeff", "\ud800", "\u{e0041}", "\u3164"],
];
const ALL = HOSTILE.join("x");
const OBEYED = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\u3164]/u;

function open(isTTY = false): { readonly terminal: Terminal; readonly io: Io; said(): string } {
  const written: string[] = [];
  const stream = new Writable({
    decodeStrings: false,
    write(chunk: string, _, done) {
      written.push(chunk);
      done();
    },
  });
  const stdout = Object.assign(stream, { isTTY });
  const io = { stdout, stderr: stream, env: { TALLYROLL_DEBUG: "1" }, isTerminal: true };
  const typed = io as unknown as Io;
  return { terminal: new Terminal(typed), io: typed, said: () => written.join("") };
}

const service = {
  ...{ serviceId: 1, version: 1, currentVersion: 1, mode: "pull", price: 5n, token: zeroAddress },
  ...{ name: ALL, tags: [ALL, ALL], provider: ALL, paymentAddress: ALL, endpoints: [ALL, ALL] },
  ...{ organization: ALL, groupId: ALL, streamId: undefined, groups: 0, isWithdrawn: false },
  facts: { released: 1, refunded: 0, lapsed: 0, challenged: 0 },
} as unknown as ServiceInfo;

describe("a hostile text", () => {
  test.each(HOSTILE)("is shown by its number: %j", (text) => {
    const [first = "", ...rest] = [...text];
    const number = first.codePointAt(0)?.toString(16);
    expect(escapeLine(`a${text}b`)).toBe(`a\\u{${number}}${rest.join("")}b`);
  });

  test("ordinary texts of any script stay as they are", () => {
    for (const text of ["Wetter Zürich", "天気", "מזג", "☀️ 21 °C", "\u{1f321}"]) {
      expect(escapeLine(text)).toBe(text);
    }
  });

  test("neither breaks a table nor makes a line in it", async () => {
    const client = {} as never;
    const texts: readonly (readonly [string, number])[] = [
      [formatTable([ALL, "b"], [[ALL, ALL]], undefined), 2],
      [formatFields([["name", ALL]], undefined), 1],
      [await formatServices(client, [service, service], undefined), 3],
      [await formatService(client, service, undefined), 13],
      [
        `${formatRefusal({ input: 1, operation: 0, refusal: "stream_not_found", code: 1, detail: ALL })}\n`,
        1,
      ],
    ];
    for (const [text, lineCount] of texts) {
      const lines = text.split("\n");
      expect(lines).toHaveLength(lineCount + 1);
      for (const line of lines) expect(line).not.toMatch(OBEYED);
    }
  });

  test("reaches the terminal by no way", async () => {
    const { terminal, io, said } = open(true);
    await terminal.print(`${ALL}\n`);
    await terminal.printLine(ALL);
    await terminal.printData(`${ALL}\n`);
    terminal.note(ALL);
    await reportError(new ClientError(ALL, { whatToDo: ALL }), terminal, io, true);
    await reportError(new Error(ALL), terminal, io, true);
    expect(said().replaceAll("\n", "")).not.toMatch(OBEYED);
    const drawn = open();
    drawn.terminal.progress(() => ALL);
    expect(drawn.said().replace("\r\u001b[K", "")).not.toMatch(OBEYED);
  });

  test("is the same text in JSON, and untouched in data for programs", async () => {
    const json = formatJson({ [ALL]: ALL });
    expect(json.trimEnd()).not.toMatch(OBEYED);
    expect(JSON.parse(json)).toEqual({ [ALL]: ALL });
    expect(JSON.parse(formatJson({ ALL }, 2))).toEqual({ ALL });
    const { terminal, said } = open();
    await terminal.printData(ALL);
    expect(said()).toBe(ALL);
  });
});
