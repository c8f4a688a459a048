import type { Store } from "../../dapp/engine/store.ts";
import type { Application } from "../../spec/application.ts";
import type { Crypto } from "../../spec/crypto.ts";
import type { Hex } from "../../spec/outputs.ts";
import type { AcceptedClaim, ChainInput } from "../chain/chain-input.ts";
import { decodeEvmAdvance } from "../chain/decode-evm-advance.ts";
import { createReadingPace } from "../chain/read-segment.ts";
import type { HistoryInput } from "../history/history-lines.ts";
import { askAgain } from "./ask-again.ts";
import { ChainReplayer } from "./chain-replayer.ts";
import { requireOneConsensus } from "./check-logs.ts";
import { confirmEvent, type JudgedEvent } from "./confirm-event.ts";
import {
  type ChainDivergence,
  type JudgedClaim,
  type JudgedExecution,
  judgeClaim,
  judgeExecution,
} from "./judge-chain.ts";
import type { OpenAhead } from "./open-ahead.ts";
import { type ChainPlace, readChain } from "./read-chain.ts";
import { replayAhead } from "./replay-ahead.ts";
import type { ReplayedState, ReplayResult } from "./replay-history.ts";
import { judgeChain, VERDICTS } from "./verdict.ts";

/** Inputs applied in one go; in between, the next ones come in over the network. */
const INPUTS_AT_ONCE = 128;

/** An application over an empty state, and what a replay looks at besides. */
export interface ReplayedApplication {
  readonly crypto: Crypto;
  readonly application: Application;
  readonly store: Store & ReplayedState;
  readonly ahead: OpenAhead | undefined;
  /**
   * What an application of this program under this machine key is deployed with (spec §6.8);
   * `undefined` where nobody gave the program.
   */
  readonly templateHash?: Hex | undefined;
}

/** What a re-execution from the chain found. */
export interface ChainReplay extends Omit<ReplayResult, "claims" | "divergence"> {
  readonly claims: readonly JudgedClaim[];
  /** Epochs with inputs that have ended, and of which nothing is claimed yet. */
  readonly unclaimedEpochs: readonly number[];
  readonly executed: readonly JudgedExecution[];
  /** Blocks whose consensus is known from the logs alone: the provider has not their states. */
  readonly unseenBlocks: number;
  /** The first one; `undefined` when everything holds. */
  readonly divergence: ChainDivergence | undefined;
  /** By the application's template hash, or by a claim that holds: no other key gives either. */
  readonly isKeyProved: boolean;
  /** "unclear" where nothing proves the machine's key, so that a wrong one may explain all of it. */
  readonly verdict: (typeof VERDICTS)[number];
}

/**
 * Re-executes an application from the chain alone, as of one block, and compares every input hash
 * with the InputBox, every accepted claim and every executed output with what comes out here.
 * The caller makes sure that the block is still canonical before it believes the result.
 *
 * @param onProgress Called now and then with the inputs re-executed so far.
 * @throws ProviderUnusable, ClientError when the chain's part cannot be read: there is no verdict then.
 * @example
 * const { divergence, verdict } = await replayChain(local, { client, contracts, block }, () => {});
 */
export async function replayChain(
  local: ReplayedApplication,
  place: ChainPlace,
  onProgress: (inputCount: number) => void,
): Promise<ChainReplay> {
  const { crypto, application, store } = local;
  const replayer = new ChainReplayer(crypto, application, store, place.contracts.epochLength);
  const claims: AcceptedClaim[] = [];
  const executed: JudgedExecution[] = [];
  const ofInputs: ChainDivergence[] = [];
  const ofExecutions: ChainDivergence[] = [];
  const events = new Map<ChainDivergence, JudgedEvent>();
  const pace = createReadingPace();
  for await (const segment of readChain(place, crypto, pace)) {
    await applyAll(replayer, local, segment.inputs, onProgress);
    claims.push(...segment.claims);
    for (const execution of segment.executions) {
      const judged = judgeExecution(crypto, execution, replayer);
      executed.push(judged.execution);
      if (judged.divergence === undefined) continue;
      ofExecutions.push(judged.divergence);
      events.set(judged.divergence, { kind: "executedOutput", execution });
    }
    const { wrongInput } = segment;
    if (wrongInput !== undefined) ofInputs.push({ subject: "inputHash", ...wrongInput });
  }
  const blockNumbers = [...claims, ...executed].map(({ blockNumber }) => blockNumber);
  const unseenBlocks = await requireOneConsensus(place, blockNumbers, pace.blocks);
  const { claims: _, divergence: rescan, ...figures } = replayer.finish();
  const judgedClaims = claims.map((claim) => judgeClaim(claim, replayer));
  for (const { claim, divergence } of judgedClaims) {
    if (divergence !== undefined) events.set(divergence, { kind: "claim", claim });
  }
  const ofClaims = judgedClaims.flatMap(({ divergence }) => divergence ?? []);
  // Within a block a claim comes before what was executed under it.
  const divergences: ChainDivergence[] = [...ofInputs, ...ofClaims, ...ofExecutions];
  if (rescan?.subject === "rescannedRoot") {
    const blockNumber = place.block.number;
    divergences.push({ ...rescan, subject: rescan.subject, blockNumber });
  }
  const judged = judgedClaims.map(({ claim }) => claim);
  const isTemplateOurs = local.templateHash === place.contracts.templateHash;
  const { verdict, divergence, isKeyProved } = judgeChain(divergences, judged, isTemplateOurs);
  const event = divergence && events.get(divergence);
  if (verdict === 1 && event !== undefined) await askAgain(() => confirmEvent(place, event));
  return {
    ...figures,
    claims: judged,
    unclaimedEpochs: listUnclaimed(replayer, claims, place.block.number),
    executed,
    unseenBlocks,
    divergence,
    isKeyProved,
    verdict: VERDICTS[verdict],
  };
}

async function applyAll(
  replayer: ChainReplayer,
  { ahead, store }: ReplayedApplication,
  inputs: readonly ChainInput[],
  onProgress: (inputCount: number) => void,
): Promise<void> {
  function* decode(from: number, to: number): Generator<HistoryInput> {
    for (const { index, blob } of inputs.slice(from, to)) {
      onProgress(index);
      yield decodeEvmAdvance(blob);
    }
  }
  if (ahead !== undefined)
    return await replayAhead(replayer, ahead, store, decode(0, inputs.length));
  for (let from = 0; from < inputs.length; from += INPUTS_AT_ONCE) {
    for (const input of decode(from, from + INPUTS_AT_ONCE)) replayer.apply(input);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

function listUnclaimed(
  replayer: ChainReplayer,
  claims: readonly AcceptedClaim[],
  headNumber: number,
): number[] {
  const claimed = new Set(claims.map((claim) => claim.lastProcessedBlockNumber));
  return replayer
    .listEpochs()
    .map(({ index }) => index)
    .filter((index) => {
      const lastBlock = replayer.getLastBlock(index);
      return lastBlock < headNumber && !claimed.has(lastBlock);
    });
}
