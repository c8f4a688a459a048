import type { Command } from "commander";
import { addReaderOptions, type ReaderOptions } from "../connection/online.ts";
import { formatJson } from "../terminal/format-json.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { type Finding, runChecks } from "./doctor-checks.ts";

const HELP = `
Looks at what commands need: this computer, the data folder, keys, chain and node, and whether they
belong together. It changes nothing and sends nothing. Exit code 0: no fault; 2: at least one.

Examples:
  $ tallyroll doctor
  $ tallyroll doctor --rpc https://rpc.example --app 0x… --node http://127.0.0.1:10011/rpc`;

const MARKS = { ok: "ok", warning: "WARNING", fault: "FAULT" } as const;

/** `tallyroll doctor`: what is wrong here, and what to do about it. */
export function addDoctorCommand(program: Command, terminal: Terminal): void {
  addReaderOptions(program.command("doctor"))
    .description("say what is wrong here, and what to do about it")
    .addHelpText("after", HELP)
    .action(async (options: ReaderOptions) => {
      const findings: Finding[] = [];
      for await (const found of runChecks(options, terminal, Math.floor(Date.now() / 1_000))) {
        const finding = withHints(found, terminal);
        findings.push(finding);
        if (!options.json) await terminal.print(formatFinding(finding));
      }
      if (options.json) await terminal.print(formatJson({ findings }));
      terminal.exitCode = findings.some(({ verdict }) => verdict === "fault") ? 2 : 0;
    });
}

function withHints(finding: Finding, terminal: Terminal): Finding {
  const { whatToDo } = finding;
  return whatToDo === undefined ? finding : { ...finding, whatToDo: terminal.hint(whatToDo) };
}

function formatFinding({ check, verdict, found, whatToDo }: Finding): string {
  const advice = whatToDo === undefined ? "" : `${"".padEnd(9)}${whatToDo}\n`;
  return `${MARKS[verdict].padEnd(9)}${check}: ${found}\n${advice}`;
}
