import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { widthOf } from "../../node-client/command/terminal/wrap-text.ts";
import { COMMAND } from "./fixtures/node-process.ts";
import { REPOSITORY } from "./fixtures/run-cli.ts";
import { takeTestPort } from "./fixtures/test-port.ts";

/** The README's stories, by its own words: piped, and in a terminal of 80 columns. */

const COLUMNS = 80;
/** What stands for the name that `escrow open` has printed. */
const PLACEHOLDER = "standard:0x…";

/** The commands of all code blocks below a heading, up to the next one. */
function readStory(heading: string): string[] {
  const text = readFileSync(join(REPOSITORY, "README.md"), "utf8");
  const [, section = ""] = text.split(`### ${heading}\n`);
  const [body = ""] = section.split(/\n#+ /);
  return [...body.matchAll(/^```\n(.*?)^```$/gms)].flatMap(([, block]) =>
    (block ?? "").trimEnd().split("\n"),
  );
}

interface Ended {
  readonly code: number | null;
  /** Both outputs as they came; of a terminal with what moves its cursor. */
  readonly text: string;
}

/** A folder as the README's reader has it, with a rollup that runs. */
class Reader {
  readonly folder = mkdtempSync(join(tmpdir(), "tallyroll-reader-"));
  readonly #env = { PATH: process.env.PATH, TALLYROLL_HOME: join(this.folder, "home") };
  #rollup: ChildProcess | undefined;
  #escrowId = "";

  async start(): Promise<void> {
    symlinkSync(join(REPOSITORY, "dist"), join(this.folder, "dist"));
    const ports = ["--port", String(await takeTestPort()), "--rpc-port", "0"];
    const words = ["start", ...ports, "--inspect-port", "0", "--health-port", "0", "--json"];
    const rollup = spawn(process.execPath, [COMMAND, ...words, "--epoch-length", "5"], {
      ...{ env: this.#env, stdio: ["ignore", "pipe", "ignore"] },
    });
    this.#rollup = rollup;
    await once(rollup.stdout!, "data");
  }

  /** Types a command, with the escrow's name in place of the README's. */
  async run(line: string, isTerminal: boolean): Promise<Ended> {
    const command = line.replace(PLACEHOLDER, this.#escrowId);
    const ended = isTerminal ? await this.#type(command) : await this.#pipe(command);
    this.#escrowId = /standard:0x[0-9a-f]{32}/.exec(ended.text)?.[0] ?? this.#escrowId;
    return ended;
  }

  #pipe(command: string): Promise<Ended> {
    return this.#collect(
      spawn("sh", ["-c", command], { cwd: this.folder, env: this.#env, stdio: "pipe" }),
      "",
    );
  }

  /** In a pseudo-terminal, where a person says yes to what is asked. */
  #type(command: string): Promise<Ended> {
    const asked = command.replace(" --yes", "");
    const inTerminal = `stty cols ${COLUMNS} rows 24; ${asked}`;
    const child = spawn("script", ["-qefc", inTerminal, "/dev/null"], {
      ...{ cwd: this.folder, env: { ...this.#env, TERM: "xterm" }, stdio: "pipe" },
    });
    return this.#collect(child, asked === command ? "" : "y\n");
  }

  async #collect(child: ChildProcess, answer: string): Promise<Ended> {
    let [text, isAnswered] = ["", answer === ""];
    for (const stream of [child.stdout!, child.stderr!]) {
      stream.setEncoding("utf8").on("data", (chunk: string) => {
        text += chunk;
        if (isAnswered || !text.includes("[y/N]")) return;
        isAnswered = true;
        child.stdin!.write(answer);
      });
    }
    const [code] = await once(child, "close");
    return { code, text };
  }

  async close(): Promise<void> {
    if (this.#rollup !== undefined && this.#rollup.exitCode === null) {
      this.#rollup.kill("SIGTERM");
      await once(this.#rollup, "close");
    }
    rmSync(this.folder, { recursive: true });
  }
}

/** What a terminal shows at most, line by line: drawn over or not. */
const linesOf = (text: string): string[] =>
  text
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken away.
    .replace(/\u001b\[[0-9;?]*[A-Za-z]/g, "")
    .split(/[\r\n]+/);

/** A word that is longer than the terminal is wide, such as calldata, cannot be broken. */
const isTooWide = (line: string): boolean => widthOf(line) > COLUMNS && line.trim().includes(" ");

const SAID: readonly (readonly [command: RegExp, said: RegExp])[] = [
  [/--dry-run/, /Nothing was sent \(--dry-run\)/],
  [
    /'\*=2' --yes/,
    /8760 readings are in 5 streams \(1, 2, 3, 4, 5\); 5 inputs sent; batches 1 to 70/,
  ],
  [/--sealed/, /(7999|8760) readings are in 5 streams \(6, 7, 8, 9, 10\).*; \d+ inputs? sent/],
  [/stream latest/, /sequence/],
  [/discover/, /roof-weather/],
  [/escrow deliver/, /Delivering batch \d+ of stream 6, the newest that can be/],
  [/escrow accept/, /0\.01 ETH/],
  [/execute/, /Output \d+ is executed/],
  [/statement/, /The state holds the same: 0 ETH/],
  [/channel pay/, /"channelId"|"channel_id"|channel/],
  [/multi-claim/, /0\.03 ETH/],
  [/replay/, /^verified: every input is the InputBox's/m],
  [/prove/, /claim/],
];

/** Types all stories, one after the other as the README has them. */
async function readAll(isTerminal: boolean): Promise<void> {
  const reader = new Reader();
  try {
    await reader.start();
    for (const heading of ["A device owner", "A buyer", "A recipient", "A verifier"]) {
      const story = readStory(heading);
      expect(story.length).toBeGreaterThan(2);
      for (const line of story) {
        const { code, text } = await reader.run(line, isTerminal);
        expect([line, code, code === 0 ? "" : text]).toEqual([line, 0, ""]);
        for (const [command, said] of SAID) if (command.test(line)) expect(text).toMatch(said);
        if (isTerminal) expect(linesOf(text).filter(isTooWide)).toEqual([]);
      }
    }
    checkBooks(reader.folder);
  } finally {
    await reader.close();
  }
}

/** What was bought is what was sold, and the owner's statement has it. */
function checkBooks(folder: string): void {
  const statement = readFileSync(join(folder, "statement.csv"), "utf8");
  expect(statement).toMatch(/,escrow_paid,0\.01,ETH,0\.01,.*\n.*,withdrawal,-0\.01,ETH,0,/);
  const [header, ...bought] = readFileSync(join(folder, "bought.csv"), "utf8")
    .trimEnd()
    .split("\n");
  expect(header).toMatch(/^sequence,timestamp,/);
  expect(bought.length).toBeGreaterThan(100);
  expect(bought.join("")).not.toContain("null");
}

test.concurrent("owner, buyer, recipient and verifier do what the README says", () =>
  readAll(false));

test.concurrent("so they do in a terminal of 80 columns", () => readAll(true));
