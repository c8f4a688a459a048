import { createApplication } from "../../dapp/engine/create-application.ts";
import { openStore } from "../../dapp/store/sql-store.ts";
import type { Crypto } from "../../spec/crypto.ts";
import type { HistoryInput } from "../history/history-lines.ts";
import { MACHINE_SECRET } from "./bench-history.ts";
import { ChannelHistory } from "./channel-history.ts";
import { EscrowHistory } from "./escrow-history.ts";
import { InputClock } from "./input-clock.ts";

/** Rounds of each kind before any is timed. */
const WARM_UP_ROUNDS = 100;

/** One kind of settlement on a warm application. */
interface TimedKind {
  /** The inputs of the next rounds, made and signed before anything is timed. */
  nextInputs(roundCount: number): readonly HistoryInput[];
}

/** A warm application with so many channels and as many escrows. */
interface SettlementBench {
  /** A round is a multi-claim of 50. */
  readonly channels: TimedKind;
  /** A round is an input of 50 deliveries and one of the 50 acceptances. */
  readonly escrows: TimedKind;
  /** Milliseconds that the inputs took. Inputs are applied in the order they were made. */
  apply(inputs: Iterable<HistoryInput>): number;
  close(): void;
}

export async function openSettlement(
  crypto: Crypto,
  storedCount: number,
): Promise<SettlementBench> {
  const store = await openStore(crypto);
  const application = createApplication(store, crypto, MACHINE_SECRET);
  const clock = new InputClock();
  const channelHistory = new ChannelHistory(crypto, storedCount, clock);
  const escrowHistory = new EscrowHistory(crypto, storedCount, clock);
  const apply = (inputs: Iterable<HistoryInput>): number => {
    const beganMs = performance.now();
    for (const { at, payload } of inputs) {
      const { status, reports } = application.advance(at, payload);
      if (status !== "accepted" || reports.length > 0) {
        throw new Error("an input of the benchmark was refused");
      }
    }
    return performance.now() - beganMs;
  };
  const rounds = (next: () => readonly HistoryInput[]): TimedKind => ({
    nextInputs: (roundCount) => Array.from({ length: roundCount }, next).flat(),
  });
  const channels = rounds(() => [channelHistory.nextMultiClaim()]);
  const escrows = rounds(() => escrowHistory.nextRound());
  apply(channelHistory.openAll());
  apply(escrowHistory.openAll());
  apply(channels.nextInputs(WARM_UP_ROUNDS));
  apply(escrows.nextInputs(WARM_UP_ROUNDS));
  return { channels, escrows, apply, close: () => store.close() };
}
