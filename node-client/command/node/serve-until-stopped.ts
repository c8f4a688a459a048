import { formatJson } from "../terminal/format-json.ts";
import type { Terminal } from "../terminal/terminal.ts";

/** Something that serves until it is stopped. */
export interface Started {
  /** What to print of it under `--json`, and in words. */
  readonly facts: object;
  readonly words: string;
  /** Resolves with the reason when it ends by itself. */
  readonly failed: Promise<Error>;
  close(): Promise<void>;
}

/**
 * Starts something, says so, and ends it at Ctrl-C or SIGTERM, or when it cannot go on. Whatever
 * goes wrong on the way, it is closed, so that neither a child nor a port is left.
 *
 * @throws what it ended with, ClientErrors mostly.
 */
export async function serveUntilStopped(
  start: () => Promise<Started>,
  { json }: { readonly json: boolean },
  terminal: Terminal,
): Promise<void> {
  let unhear = (): void => {};
  const stopped = new Promise<undefined>((resolve) => {
    unhear = terminal.io.onInterrupt?.(() => resolve(undefined)) ?? unhear;
  });
  try {
    const started = await start();
    const failure = await serve(started, stopped, json, terminal);
    // Why it ended says more than how its end went.
    await started.close().catch((error: unknown) => {
      throw failure ?? error;
    });
    if (failure !== undefined) throw failure;
    terminal.note("Stopped; the next start goes on from here.");
  } finally {
    // From here on the signals end the process again, whatever still holds it.
    unhear();
  }
}

/** Until it is to end; gives why, where nobody asked for it. */
async function serve(
  { facts, words, failed }: Started,
  stopped: Promise<undefined>,
  json: boolean,
  terminal: Terminal,
): Promise<unknown> {
  try {
    await terminal.print(json ? formatJson(facts) : words);
  } catch (error) {
    return error;
  }
  const failure = await Promise.race([stopped, failed]);
  if (failure === undefined) terminal.note("Stopping …");
  return failure;
}
