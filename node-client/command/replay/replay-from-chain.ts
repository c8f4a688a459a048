import {
  countExceptions,
  type ReplayException,
  replayWithout,
} from "../../replay/count-exceptions.ts";
import { replayChain } from "../../replay/replay-chain.ts";
import { VERDICTS } from "../../replay/verdict.ts";
import type { NamedChainPlace } from "../../replay/verify-chain.ts";
import { formatJson } from "../terminal/format-json.ts";
import type { ExitCode } from "../terminal/io.ts";
import type { Terminal } from "../terminal/terminal.ts";
import type { ReplayOptions } from "./local-application.ts";
import { atChainPlace, describeClosed, openReplay } from "./local-application.ts";
import type { HandedOut } from "./replay-lines.ts";
import {
  type ChainReplayResult,
  describeException,
  formatChainReplay,
  handOut,
  noteClosed,
  toChainReplayJson,
} from "./replay-lines.ts";

/** One whole re-execution: nothing of it is shown before its block is known to have stayed. */
interface Replayed extends ChainReplayResult, HandedOut {
  /** What to say when nothing sealed has opened. */
  readonly closed: string | undefined;
}

/** `tallyroll replay --rpc --app`: re-executes an application from the chain alone. */
export async function replayFromChain(
  options: ReplayOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  const replayed = await atChainPlace(options, terminal, (place) =>
    replayWithout((known) => replayOnce(options, place, known, terminal)),
  );
  terminal.endProgress();
  await handOut(replayed, options, terminal);
  for (const exception of replayed.exceptions) terminal.note(describeException(exception));
  if (replayed.unseenBlocks > 0) {
    terminal.note(
      `The provider keeps no old states: that the consensus was the same in ${replayed.unseenBlocks} ` +
        "blocks with claims or executed outputs is known from its logs alone. An archive node tells.",
    );
  }
  const verdict = judge(replayed);
  await terminal.print(
    options.json
      ? formatJson(toChainReplayJson(replayed, verdict))
      : formatChainReplay(replayed, verdict),
  );
  if (replayed.closed !== undefined) noteClosed(replayed.closed, verdict, terminal);
  return verdict;
}

async function replayOnce(
  options: ReplayOptions,
  place: NamedChainPlace,
  known: readonly ReplayException[],
  terminal: Terminal,
): Promise<Replayed> {
  const local = await openReplay(options, terminal);
  try {
    const { application, exceptions } = countExceptions(local.application, local.store, known);
    const replay = await replayChain({ ...local, application }, place, (inputIndex) => {
      terminal.progress(() => `re-executing input ${inputIndex}`);
    });
    const closedInput = local.findClosedInput();
    return {
      ...replay,
      place,
      exceptions,
      refusals: local.refusals,
      snapshot: options.snapshot === undefined ? undefined : local.store.snapshot(),
      closedInput,
      closed: closedInput === undefined ? undefined : describeClosed(local, closedInput),
    };
  } finally {
    await local.close();
  }
}

const judge = ({ verdict }: ChainReplayResult): ExitCode => VERDICTS.indexOf(verdict) as ExitCode;
