import type { Readable, Writable } from "node:stream";
import { ClientError } from "../../errors.ts";

/** 0: done or verified. 1: the claim is wrong. 2: usage, could not tell, any error. */
export type ExitCode = 0 | 1 | 2;

/** Everything of the process that a command may touch: tests hand in their own. */
export interface Io {
  readonly stdin: Readable;
  readonly stdout: Writable;
  readonly stderr: Writable;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Relative paths of the command line start here. */
  readonly cwd: string;
  /** Whether a person watches standard error: progress is drawn there. */
  readonly isTerminal: boolean;
  /** The width of standard output; `undefined` where it is not a terminal and nobody set one. */
  readonly columns?: number | undefined;
  /** The same of standard error. */
  readonly errorColumns?: number | undefined;
  /** How this command was called, such as `npx tallyroll`: hints name it. */
  readonly commandName?: string;
  /** The folder of `package.json`: the sample data is looked for beside it. */
  readonly projectRoot: string;
  /**
   * Hears SIGINT and SIGTERM in place of the process, which otherwise ends at once; gives what stops
   * hearing. Absent where nobody can interrupt.
   */
  readonly onInterrupt?: (listener: () => void) => () => void;
}

/** Does work that Ctrl-C asks to end: it hears the signal, and ends where it leaves nothing half done. */
export async function untilInterrupted(
  { onInterrupt }: Io,
  work: (signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const ended = new AbortController();
  const release = onInterrupt?.(() => ended.abort());
  try {
    await work(ended.signal);
  } finally {
    release?.();
  }
}

/** All of a listing at once, or the first of it. */
export async function collect<Item>(
  listing: AsyncIterable<Item>,
  countMax = Number.POSITIVE_INFINITY,
): Promise<Item[]> {
  const items: Item[] = [];
  for await (const item of listing) {
    items.push(item);
    if (items.length === countMax) break;
  }
  return items;
}

/** A kind of error that has nothing to say beside its sentences: a program knows it by its name. */
export const errorKind = (kind: string) =>
  class extends ClientError {
    override readonly name: string = kind;
  };
