import type { Crypto } from "../../spec/crypto.ts";
import type { HistoryInput } from "../history/history-lines.ts";
import { ChannelHistory } from "./channel-history.ts";
import { EscrowHistory } from "./escrow-history.ts";
import { InputClock } from "./input-clock.ts";
import { openTimed, type TimedApplication } from "./timed-application.ts";

/** Rounds of each kind before any is timed. */
const WARM_UP_ROUNDS = 100;

/** One kind of settlement on a warm application. */
interface TimedKind {
  /** The inputs of the next rounds, made and signed before anything is timed. */
  nextInputs(roundCount: number): readonly HistoryInput[];
}

/** A warm application with so many channels and as many escrows. */
interface SettlementBench extends TimedApplication {
  /** A round is a multi-claim of 50. */
  readonly channels: TimedKind;
  /** A round is an input of 50 deliveries and one of the 50 acceptances. */
  readonly escrows: TimedKind;
}

export async function openSettlement(
  crypto: Crypto,
  storedCount: number,
): Promise<SettlementBench> {
  const timed = await openTimed(crypto);
  const clock = new InputClock();
  const channelHistory = new ChannelHistory(crypto, storedCount, clock);
  const escrowHistory = new EscrowHistory(crypto, storedCount, clock);
  const rounds = (next: () => readonly HistoryInput[]): TimedKind => ({
    nextInputs: (roundCount) => Array.from({ length: roundCount }, next).flat(),
  });
  const channels = rounds(() => [channelHistory.nextMultiClaim()]);
  const escrows = rounds(() => escrowHistory.nextRound());
  timed.apply(channelHistory.openAll());
  timed.apply(escrowHistory.openAll());
  timed.apply(channels.nextInputs(WARM_UP_ROUNDS));
  timed.apply(escrows.nextInputs(WARM_UP_ROUNDS));
  return { ...timed, channels, escrows };
}
