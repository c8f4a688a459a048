import {
  countExceptions,
  type ReplayException,
  replayWithout,
} from "../../replay/count-exceptions.ts";
import type { ChainDivergence } from "../../replay/judge-chain.ts";
import { replayChain } from "../../replay/replay-chain.ts";
import { VERDICTS } from "../../replay/verdict.ts";
import type { NamedChainPlace } from "../../replay/verify-chain.ts";
import { formatJson } from "../terminal/format-json.ts";
import type { ExitCode } from "../terminal/io.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { describeUnprovedChain } from "./key-doubt.ts";
import { atChainPlace, openReplay, type ReplayOptions } from "./local-application.ts";
import { countHolding, formatReplay, handOut, noteExceptions } from "./replay-lines.ts";

/** One whole re-execution: nothing of it is shown before its block is known to have stayed. */
type Replayed = Awaited<ReturnType<typeof replayOnce>>;

/** `tallyroll replay --rpc --app`: re-executes an application from the chain alone. */
export async function replayFromChain(
  options: ReplayOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  const replayed = await atChainPlace(options, terminal, (place) =>
    replayWithout((known) => replayOnce(options, place, known, terminal)),
  );
  terminal.endProgress();
  await handOut(replayed.refusals, replayed.snapshot, options, terminal);
  noteExceptions(replayed.exceptions, terminal);
  if (replayed.unseenBlocks > 0) {
    terminal.note(
      `The provider keeps no old states: that the consensus was the same in ${replayed.unseenBlocks} ` +
        "blocks with claims or executed outputs is known from its logs alone. An archive node tells.",
    );
  }
  const verdict = VERDICTS.indexOf(replayed.verdict) as ExitCode;
  await terminal.print(
    options.json ? formatJson(toJson(replayed, verdict)) : formatResult(replayed, verdict),
  );
  if (verdict === 2 && replayed.doubt !== undefined) terminal.note(replayed.doubt);
  return verdict;
}

async function replayOnce(
  options: ReplayOptions,
  place: NamedChainPlace,
  known: readonly ReplayException[],
  terminal: Terminal,
) {
  const local = await openReplay(options, terminal);
  try {
    const { application, exceptions } = countExceptions(local.application, local.store, known);
    const replay = await replayChain({ ...local, application }, place, (inputIndex) => {
      terminal.progress(() => `re-executing input ${inputIndex}`);
    });
    return {
      ...replay,
      place,
      exceptions,
      refusals: local.refusals,
      genesisRoot: local.genesisRoot,
      snapshot: options.snapshot === undefined ? undefined : local.store.snapshot(),
      doubt: describeUnprovedChain(local, place.contracts.templateHash),
    };
  } finally {
    await local.close();
  }
}

function toJson(result: Replayed, verdict: ExitCode): object {
  const { claims, unclaimedEpochs, executed, divergence, place, genesisRoot } = result;
  const { inputs, accepted, rejected, exceptions, root, outputsMerkleRoot } = result;
  return {
    inputs,
    accepted,
    rejected,
    exceptions: exceptions.length,
    genesisRoot,
    root,
    outputsMerkleRoot,
    claims: claims.map((claim) => ({
      epoch: claim.epochIndex,
      lastProcessedBlockNumber: claim.lastProcessedBlockNumber,
      outputsMerkleRoot: claim.outputsMerkleRoot,
      input: claim.lastInputIndex ?? null,
      transactionHash: claim.transactionHash,
      holds: claim.holds,
    })),
    unclaimedEpochs,
    executed: executed.map(({ outputIndex, outputHash, transactionHash, holds }) => {
      return { outputIndex, outputHash, transactionHash, holds };
    }),
    chainId: place.chainId,
    app: place.contracts.app,
    block: place.block,
    verified: verdict === 0,
    keyProved: result.isKeyProved,
    divergence: divergence && {
      subject: divergence.subject,
      input: divergence.inputIndex ?? null,
      epoch: divergence.epochIndex,
      outputIndex: divergence.outputIndex,
      expected: divergence.expected,
      actual: divergence.actual,
    },
  };
}

function formatResult(result: Replayed, verdict: ExitCode): string {
  const { claims, executed, exceptions, place, divergence } = result;
  const { number, hash } = place.block;
  return formatReplay({
    result,
    verdict,
    exceptions: exceptions.length,
    above: [
      ["chain", `${place.chainId}, application ${place.contracts.app}`],
      ["block", `${number} ${hash}`],
    ],
    judged: [
      ["claims", `${countHolding(claims)}${formatUnclaimed(result.unclaimedEpochs)}`],
      ["executed outputs", countHolding(executed)],
    ],
    divergence,
    subject: divergence && describeSubject(divergence),
    sides: ["on chain", "found here"],
    verified:
      claims.length + executed.length === 0
        ? `replayed: nothing to compare with${describeProof(result)}; every input is the ` +
          "InputBox's, a scan of all rows gives the root"
        : "verified: every input is the InputBox's, every claim and executed output is what the " +
          "re-execution gives, a scan of all rows gives the root",
  });
}

const describeProof = ({ isKeyProved }: Replayed): string =>
  isKeyProved
    ? " but the template hash, which is this program's under this machine key"
    : ", and nothing proves the machine key";

function formatUnclaimed(epochs: readonly number[]): string {
  const [first] = epochs;
  if (first === undefined) return "";
  return epochs.length === 1
    ? `; epoch ${first} has ended and is not claimed yet`
    : `; ${epochs.length} epochs have ended and are not claimed yet, from epoch ${first} on`;
}

const describeSubject = ({ subject, epochIndex, outputIndex }: ChainDivergence): string =>
  ({
    inputHash: "the input's hash in the InputBox",
    claim: `the claim of epoch ${epochIndex}`,
    executedOutput: `the executed output ${outputIndex}`,
    rescannedRoot: "the root of a scan of all rows",
  })[subject];
