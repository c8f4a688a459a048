import type { Crypto } from "../../spec/crypto.ts";
import { computeEscrowId } from "../../spec/escrow-id.ts";
import type { EscrowTerms } from "../../spec/escrow-operations.ts";
import { OPERATIONS_MAX, TERM_SEC_MAX, UNITS_MAX } from "../../spec/limits.ts";
import type { OperationBody } from "../../spec/operations.ts";
import { ETHER } from "../../spec/portals.ts";
import { encodeWord } from "../../spec/words.ts";
import type { HistoryInput } from "../history/history-lines.ts";
import type { InputClock } from "./input-clock.ts";

/** Transitions of one input of the benchmark. */
export const TRANSITIONS_PER_INPUT = 50;

const PROVIDER = new Uint8Array(20).fill(0x33);
const BUYER = new Uint8Array(20).fill(0x44);
/** A price with 18 decimals, as tokens have them: 0.0123 of one. */
const PRICE = 12_300_000_000_000_000n;
const ESCROW_AMOUNT = 1_000_000n * PRICE;
/** Steps through the escrows so that neighbours in time are not neighbours in the table. */
const STRIDE = 7_919;

const TERMS: EscrowTerms = {
  ...{ unitCount: UNITS_MAX, deliveryTimeSec: TERM_SEC_MAX, answerTimeSec: TERM_SEC_MAX },
  ...{ arbiter: new Uint8Array(20), arbitrationTimeSec: 0, autoFillLimit: 0n },
  ...{ durationSec: 0, expectedMsgs: 0, minMsgCount: 0, minValidBasisPoints: 0 },
  ...{ autoRenew: false, predicate: new Uint8Array(0) },
};

/**
 * A provider with many escrows who delivers pull after pull, and their buyer who accepts each.
 * Inputs are made one after another and have to be applied in that order.
 */
export class EscrowHistory {
  readonly #crypto: Crypto;
  readonly #escrowCount: number;
  readonly #ids: Uint8Array[] = [];
  readonly #units: Uint32Array;
  readonly #clock: InputClock;
  #deliveryCount = 0;
  #acceptanceCount = 0;

  /** @param escrowCount How many escrows `openAll` opens. Not a multiple of 7,919. */
  constructor(crypto: Crypto, escrowCount: number, clock: InputClock) {
    if (escrowCount % STRIDE === 0) throw new RangeError("units would meet a few escrows only");
    this.#crypto = crypto;
    this.#clock = clock;
    this.#escrowCount = escrowCount;
    this.#units = new Uint32Array(escrowCount);
  }

  /** A deposit, a service, and every opening, as many an input as there may be. */
  *openAll(): Iterable<HistoryInput> {
    yield this.#clock.deposit(BUYER, BigInt(this.#escrowCount) * ESCROW_AMOUNT);
    yield this.#clock.send(PROVIDER, [SERVICE]);
    for (let opened = 0; opened < this.#escrowCount; opened += OPERATIONS_MAX) {
      const length = Math.min(OPERATIONS_MAX, this.#escrowCount - opened);
      for (let operationIndex = 0; operationIndex < length; operationIndex++) {
        const { chainId, app, nextIndex: inputIndex } = this.#clock;
        const place = { chainId, app, inputIndex, operationIndex };
        this.#ids.push(computeEscrowId(this.#crypto, place));
      }
      yield this.#clock.send(BUYER, new Array<OperationBody>(length).fill(OPENING));
    }
  }

  /** 50 units delivered, then the same 50 accepted: two inputs, 100 transitions. */
  nextRound(): readonly [HistoryInput, HistoryInput] {
    const list = (next: () => OperationBody): OperationBody[] =>
      Array.from({ length: TRANSITIONS_PER_INPUT }, next);
    const deliveries = list(() => this.#nextDelivery());
    const acceptances = list(() => this.#nextAcceptance());
    return [this.#clock.send(PROVIDER, deliveries), this.#clock.send(BUYER, acceptances)];
  }

  #nextDelivery(): OperationBody {
    const place = (this.#deliveryCount++ * STRIDE) % this.#escrowCount;
    const commitment = encodeWord(BigInt(this.#deliveryCount));
    const unit = ++this.#units[place]!;
    return { kind: "deliver_unit", escrowId: this.#ids[place]!, unit, batchId: 0, commitment };
  }

  #nextAcceptance(): OperationBody {
    const place = (this.#acceptanceCount++ * STRIDE) % this.#escrowCount;
    return { kind: "accept_unit", escrowId: this.#ids[place]!, unit: this.#units[place]! };
  }
}

const SERVICE: OperationBody = {
  kind: "publish_service",
  name: "pulls",
  offer: {
    ...{ organization: "", groupId: new Uint8Array(0), tags: ["weather"], mode: "pull" },
    ...{ token: ETHER, price: PRICE, paymentAddress: PROVIDER, endpoints: [] },
    ...{ streamId: 0, groups: 0 },
  },
};
const OPENING: OperationBody = {
  ...{ kind: "open_escrow", serviceId: 1, version: 1 },
  ...{ amount: ESCROW_AMOUNT, terms: TERMS },
};
