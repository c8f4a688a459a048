import { availableParallelism } from "node:os";

/** About half a millisecond of event-loop turns. */
const TURNS_MAX = 200;
const SKIPPED_WAITS_MAX = 256;

/**
 * Keeps the event loop turning for a moment while the other end of a connection works, instead of
 * putting the core to sleep at once.
 *
 * Guest and host answer each other in about 30 µs, but waking a sleeping core of a virtual machine
 * costs more than that: on two cores this takes the bare loop from about 2,000 to over 5,000
 * inputs/s. It is bounded by a count of turns, not by a clock, and a wait that was in vain makes it
 * sit out the next ones (1, 3, 7, … up to 256), so that an idle or crowded host pays nearly
 * nothing. With one core, as in the Cartesi Machine, it does nothing at all: there the other end
 * needs that very core, and every turn would be paid for in cycles.
 *
 * It decides only when bytes are looked for, never what they are.
 */
export class BusyWait {
  readonly #turnsMax: number;
  #turnsLeft = 0;
  #isWaiting = false;
  #isScheduled = false;
  #skippedWaits = 0;
  #waitsToSkip = 0;

  constructor(isEnabled = availableParallelism() > 1, turnsMax = TURNS_MAX) {
    this.#turnsMax = isEnabled ? turnsMax : 0;
  }

  /** An answer is awaited from now on; called again while it waits, it starts counting afresh. */
  begin(): void {
    if (this.#turnsMax === 0) return;
    if (this.#waitsToSkip > 0 && !this.#isWaiting) {
      this.#waitsToSkip -= 1;
      return;
    }
    this.#turnsLeft = this.#turnsMax;
    this.#isWaiting = true;
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(this.#turn);
  }

  /** The answer has come (or never will). */
  end(): void {
    if (!this.#isWaiting) return;
    this.#isWaiting = false;
    this.#skippedWaits = 0;
  }

  readonly #turn = (): void => {
    if (!this.#isWaiting) {
      this.#isScheduled = false;
      return;
    }
    this.#turnsLeft -= 1;
    if (this.#turnsLeft > 0) {
      setImmediate(this.#turn);
      return;
    }
    this.#isScheduled = false;
    this.#isWaiting = false;
    this.#skippedWaits = Math.min(SKIPPED_WAITS_MAX, this.#skippedWaits * 2 + 1);
    this.#waitsToSkip = this.#skippedWaits;
  };
}
