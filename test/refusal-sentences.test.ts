import { readFileSync } from "node:fs";
import { PassThrough } from "node:stream";
import { describe, expect, test } from "vitest";
import { createNodeCrypto } from "../dapp/crypto/node-crypto.ts";
import { OperationRefused } from "../node-client/client/actions/operation-outcomes.ts";
import {
  decodeRefusal,
  type RefusedOperation,
} from "../node-client/client/decoding/decode-refusal.ts";
import { REFUSAL_ADVICE } from "../node-client/command/operation/command-advice.ts";
import { reportError } from "../node-client/command/operation/report-error.ts";
import type { Io } from "../node-client/command/terminal/io.ts";
import { Terminal } from "../node-client/command/terminal/terminal.ts";
import { CHANNEL_PAYMENTS } from "../spec/channel-operations.ts";
import { isSealedEnvelope } from "../spec/envelope.ts";
import { ESCROW_STATUSES } from "../spec/escrow-operations.ts";
import { OPERATION_KINDS } from "../spec/operations.ts";
import { REFUSALS, type Refusal } from "../spec/refusals.ts";
import { lastJson, runCli } from "./integration/fixtures/run-cli.ts";
import {
  fromHex,
  readTransitionFiles,
  type TransitionFile,
  toHistoryInput,
} from "./vectors/transition-vectors.ts";
import { openVectorEngine } from "./vectors/vector-engine.ts";

/**
 * What a user reads who met a refusal: the machine's own report of every refused vector, told by
 * the function that tells every command's errors.
 */

const crypto = await createNodeCrypto();
const INPUT_INDEX = 41;
/** Refusals of channels, services and escrows have their way out in commands. */
const SETTLEMENT_CODE_MIN = 140;
/** What a detail can be about beside numbers, accounts and quoted texts. */
const TERMS = new Set<string>([
  ...ESCROW_STATUSES,
  ...Object.keys(CHANNEL_PAYMENTS),
  ...OPERATION_KINDS,
  ...["pull", "pubsub", "standard", "metric", "device", "device's", "authorization"],
]);

/** The one line that a command ends with, and the object of `--json`. */
async function tell(refused: RefusedOperation): Promise<{ line: string; error: unknown }> {
  const out = new PassThrough();
  const err = new PassThrough();
  const io = {
    ...{ stdin: new PassThrough(), stdout: out, stderr: err, env: {}, cwd: "/" },
    ...{ isTerminal: false, projectRoot: "/" },
  } satisfies Io;
  const error = new OperationRefused(INPUT_INDEX, refused);
  expect(await reportError(error, new Terminal(io), io, true)).toBe(2);
  return { line: String(err.read()), error: lastJson(String(out.read())).error };
}

/** The reports of every refused vector of a file, with what is to be known of them. */
async function listRefused(file: TransitionFile) {
  const { application, goTo } = await openVectorEngine(file, crypto);
  return file.vectors.flatMap((vector) => {
    if (vector.refusals.length === 0) return [];
    goTo(vector.history);
    const { at, payload } = toHistoryInput(file, vector.input, vector.history.length);
    const isSealed = isSealedEnvelope(fromHex(vector.input.payload));
    return application.advance(at, payload).reports.map((report) => {
      const refused = decodeRefusal(report);
      if (refused === undefined) throw new Error(`${vector.id}: an unknown report`);
      return { id: vector.id, refused, isHidden: isSealed && refused.operation !== null };
    });
  });
}

/** Refusals about times, which the machine tells in Unix seconds; people read dates. */
const TIMED: readonly Refusal[] = [
  ...(["authorization_expired", "grant_expired_already", "grant_exists"] as const),
  ...(["escrow_nothing_due", "session_not_over", "escrow_judged_by_machine"] as const),
  ...(["delivery_grant_missing", "retention_nothing_due"] as const),
];
const writeTimes = ({ refusal, detail }: RefusedOperation): string =>
  TIMED.includes(refusal)
    ? detail.replace(/(?<=\b(at|is|until|after) )\d+\b/g, (seconds) =>
        new Date(Number(seconds) * 1000).toISOString().replace("T", " ").replace(".000Z", " UTC"),
      )
    : detail;

/** True where a detail has a number, bytes, a quoted text or a term of the protocol. */
const hasValues = (detail: string): boolean =>
  /\d|"/.test(detail) || detail.split(/[\s,[\]]+/).some((word) => TERMS.has(word));

describe("a refusal", () => {
  const told = new Set<Refusal>();
  const valued: Partial<Record<Refusal, readonly string[]>> = {};

  test.each(readTransitionFiles())("of $subject says rule, values and way out", async (file) => {
    for (const { id, refused, isHidden } of await listRefused(file)) {
      const { refusal, rule, detail } = refused;
      told.add(refusal);
      const { line, error } = await tell(refused);
      const name = isHidden ? refusal : `${refusal}: ${writeTimes(refused)}`;
      const wayOut = REFUSAL_ADVICE[refusal] ?? refused.advice;
      const message = `Input ${INPUT_INDEX} was refused (${name}). ${rule}`;
      expect(line, id).toBe(`tallyroll: ${message} ${wayOut}\n`);
      expect(error, id).toEqual({ name: "OperationRefused", message, whatToDo: wayOut });
      expect(isHidden ? detail === "" : hasValues(detail), `${id}: ${detail}`).toBe(true);
      // What people read, programs get; of what was sealed neither gets anything.
      const names = Object.keys(refused.values).filter((value) => value !== "claim");
      if (isHidden) expect(refused.values, id).toEqual({});
      else valued[refusal] = [...new Set([...(valued[refusal] ?? []), ...names])];
      for (const value of Object.values(refused.values).filter((each) => each !== null)) {
        const shown = Array.isArray(value) ? value.map(String) : [String(value)];
        for (const each of shown) expect(detail, id).toContain(each);
      }
      // No control character reaches the terminal, whatever an operation held.
      expect(line.trimEnd(), id).toMatch(/^\P{Cc}+$/u);
    }
  });

  test("is told for every name that there is", () => {
    expect([...told].sort()).toEqual(Object.keys(REFUSALS).sort());
  });

  test("has the values that are specified", () => {
    const spec = readFileSync(new URL("../spec/REFUSALS.md", import.meta.url), "utf8");
    const rows = [...spec.matchAll(/^\| ([a-z_]+_[a-z_]+) \| (.+) \|$/gm)];
    const specified = Object.fromEntries(
      rows.map(([, refusal = "", values = ""]) => [refusal, values.split(", ")]),
    );
    for (const [refusal, values] of Object.entries(valued)) {
      expect(specified[refusal] ?? [], refusal).toEqual(expect.arrayContaining([...values]));
    }
    const without = Object.keys(specified).filter((refusal) => !valued[refusal as Refusal]?.length);
    expect(without).toEqual([]);
  });
});

describe("the way out in commands", () => {
  const entries = Object.entries(REFUSAL_ADVICE) as [Refusal, string][];
  const commandsIn = (sentence: string): string[] =>
    [...sentence.matchAll(/`(?:their )?tallyroll ([a-z -]+)/g)].map(([, words = ""]) =>
      words.split(" --")[0]!.trim(),
    );

  test("is there for every refusal of settlement, and names a command", () => {
    const settlement = Object.entries(REFUSALS).filter(([, code]) => code >= SETTLEMENT_CODE_MIN);
    for (const [refusal] of settlement) {
      expect(commandsIn(REFUSAL_ADVICE[refusal as Refusal] ?? ""), refusal).not.toEqual([]);
    }
  });

  test("is a sentence of commands and options that there are", async () => {
    const names = new Set(["transfer", ...entries.flatMap(([, sentence]) => commandsIn(sentence))]);
    let help = "";
    for (const name of names) {
      const { code, out } = await runCli([...name.split(" "), "--help"]);
      expect(code, name).toBe(0);
      const [, command = "", rest = ""] =
        /^Usage: tallyroll ([a-z -]+?) (?=[[<])(.*)/.exec(out) ?? [];
      // What stands behind the command's name is its argument: inspect's queries.
      const isKnown = name === command || (name.startsWith(`${command} `) && rest.includes("<"));
      expect(isKnown, `${name} is ${command}`).toBe(true);
      help += out;
    }
    for (const [refusal, sentence] of entries) {
      expect(sentence, refusal).toMatch(/^[A-Z`].{10,}\.$/);
      for (const [option] of sentence.matchAll(/--[a-z-]+/g)) {
        expect(help, `${refusal}: ${option}`).toMatch(new RegExp(`^ +(-\\w, )?${option} `, "m"));
      }
    }
  });
});
