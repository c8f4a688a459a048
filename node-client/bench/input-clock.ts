import type { InputContext } from "../../spec/input.ts";

const CHAIN_ID = 31_337n;
const APP = new Uint8Array(20).fill(0xaa);

/** Counts the inputs of one application, however many histories take part: a second and a block each. */
export class InputClock {
  readonly chainId = CHAIN_ID;
  readonly app = APP;
  #inputIndex = 0;

  /** The index that the next input gets. */
  get nextIndex(): number {
    return this.#inputIndex;
  }

  next(sender: Uint8Array): InputContext {
    const inputIndex = this.#inputIndex++;
    return {
      ...{ chainId: this.chainId, app: this.app, sender, inputIndex },
      ...{ blockNumber: inputIndex + 1, timestampSec: 1_700_000_000 + inputIndex },
      prevRandao: new Uint8Array(32),
    };
  }
}
