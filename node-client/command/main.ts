import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { findCommandName } from "./options/command-hints.ts";
import { run } from "./run.ts";

/** The width of a terminal, asked again each time: its window may change. */
const columnsOf = (stream: NodeJS.WriteStream): number | undefined =>
  Number(stream.isTTY ? stream.columns : process.env.COLUMNS) || undefined;

/** The process around `run`: nothing else reads its arguments, environment or streams. */
process.exitCode = await run(process.argv.slice(2), {
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  env: process.env,
  cwd: process.cwd(),
  get columns() {
    return columnsOf(process.stdout);
  },
  get errorColumns() {
    return columnsOf(process.stderr);
  },
  commandName: findCommandName(process.argv[1] ?? "", process.env, process.cwd()),
  isTerminal: process.stderr.isTTY === true,
  // The built command is dist/tallyroll.js.
  projectRoot: resolve(dirname(fileURLToPath(import.meta.url)), ".."),
  onInterrupt: (listener) => {
    const signals = ["SIGINT", "SIGTERM"] as const;
    for (const signal of signals) process.on(signal, listener);
    return () => {
      for (const signal of signals) process.off(signal, listener);
    };
  },
});
// Nothing is left to do: what still holds the process, such as a socket, shall not hold its caller.
setTimeout(() => process.exit(), 5_000).unref();
