import { concatBytes, hexToBytes } from "@noble/hashes/utils.js";
import { encodePlainEnvelope } from "../../spec/envelope.ts";
import type { OperationBody } from "../../spec/operations.ts";
import { PORTALS } from "../../spec/portals.ts";
import { encodeWord } from "../../spec/words.ts";
import type { HistoryInput } from "../history/history-lines.ts";

const CHAIN_ID = 31_337n;
const APP = new Uint8Array(20).fill(0xaa);

/**
 * Makes the inputs of one application, however many histories take part: a second and a block each.
 */
export class InputClock {
  readonly chainId = CHAIN_ID;
  readonly app = APP;
  #inputIndex = 0;

  /** The index that the next input gets. */
  get nextIndex(): number {
    return this.#inputIndex;
  }

  /** Wei for an account, from the Ether portal. */
  deposit(account: Uint8Array, amount: bigint): HistoryInput {
    return this.#next(hexToBytes(PORTALS.ether), concatBytes(account, encodeWord(amount)));
  }

  /** Operations of their sender. */
  send(sender: Uint8Array, bodies: readonly OperationBody[]): HistoryInput {
    const operations = bodies.map((body) => ({ authorization: { by: "sender" } as const, body }));
    return this.#next(sender, encodePlainEnvelope(operations));
  }

  #next(sender: Uint8Array, payload: Uint8Array): HistoryInput {
    const inputIndex = this.#inputIndex++;
    const at = {
      ...{ chainId: this.chainId, app: this.app, sender, inputIndex },
      ...{ blockNumber: inputIndex + 1, timestampSec: 1_700_000_000 + inputIndex },
      prevRandao: new Uint8Array(32),
    };
    return { at, payload };
  }
}
