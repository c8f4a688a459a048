/** Wakes one waiting loop; a wake-up while nobody waits is kept for the next wait. */
export class Signal {
  #isSet = false;
  #wake: (() => void) | undefined;

  /** Ends the current wait, or the next one at once. */
  set(): void {
    this.#isSet = true;
    this.#wake?.();
  }

  /** Waits until `set`, at most so long. True when it was set. */
  async wait(timeoutMs: number): Promise<boolean> {
    if (!this.#isSet) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, timeoutMs);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
      this.#wake = undefined;
    }
    const wasSet = this.#isSet;
    this.#isSet = false;
    return wasSet;
  }
}
