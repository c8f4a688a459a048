import { createApplication } from "../../dapp/engine/create-application.ts";
import { openStore } from "../../dapp/store/sql-store.ts";
import type { Crypto } from "../../spec/crypto.ts";
import type { HistoryInput } from "../history/history-lines.ts";
import { MACHINE_SECRET } from "./bench-history.ts";

type TimedApplication = Awaited<ReturnType<typeof openTimed>>;

/** An application of its own over an empty state, the engine in process. */
export async function openTimed(crypto: Crypto) {
  const store = await openStore(crypto);
  const application = createApplication(store, crypto, MACHINE_SECRET);
  /** Milliseconds that the inputs took. They are applied in the order they were made. */
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
  return { store, apply };
}

/**
 * The time of inputs on a large state over that of the same kind of inputs on a small one.
 *
 * @param inputsOf Makes or finds the next inputs; called in turns, so that whatever slows the machine
 * for a while slows both.
 */
export function measureRatio(
  large: TimedApplication,
  small: TimedApplication,
  turns: number,
  inputsOf: (state: "large" | "small", turn: number) => readonly HistoryInput[],
): number {
  let largeMs = 0;
  let smallMs = 0;
  for (let turn = 0; turn < turns; turn++) {
    const [ofSmall, ofLarge] = [inputsOf("small", turn), inputsOf("large", turn)];
    smallMs += small.apply(ofSmall);
    largeMs += large.apply(ofLarge);
  }
  return largeMs / smallMs;
}
