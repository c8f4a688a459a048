import { secp256k1 } from "@noble/curves/secp256k1.js";
import { concatBytes, hexToBytes } from "@noble/hashes/utils.js";
import type { ChannelClaim } from "../../spec/channel-operations.ts";
import { computeMpeDigest, encodeMpePayment } from "../../spec/channel-payment.ts";
import type { Crypto } from "../../spec/crypto.ts";
import { encodePlainEnvelope } from "../../spec/envelope.ts";
import { computeEscrowId } from "../../spec/escrow-id.ts";
import type { EscrowTerms } from "../../spec/escrow-operations.ts";
import { TERM_SEC_MAX, UNITS_MAX } from "../../spec/limits.ts";
import type { OperationBody } from "../../spec/operations.ts";
import { ETHER, PORTALS } from "../../spec/portals.ts";
import { ESCROW_ID_BYTES } from "../../spec/references.ts";
import { encodeWord } from "../../spec/words.ts";
import type { HistoryInput } from "../history/history-lines.ts";

/** Claims of one multi-claim of the benchmark, and transitions of one input of escrows. */
export const ACTS_PER_INPUT = 50;

/** As many as one payload pays for (spec §14.2). */
const OPENINGS_PER_INPUT = 200;

const CHAIN_ID = 31_337n;
const APP = new Uint8Array(20).fill(0xaa);
/** A price with 18 decimals, as tokens have them: 0.0123 of one. */
const PRICE = 12_300_000_000_000_000n;
/** Steps through what is stored so that neighbours in time are not neighbours in the table. */
const STRIDE = 7_919;

/**
 * Makes the inputs of one application, however many histories take part: a second and a block each.
 */
export class InputClock {
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
      chainId: CHAIN_ID,
      app: APP,
      sender,
      inputIndex,
      blockNumber: inputIndex + 1,
      timestampSec: 1_700_000_000 + inputIndex,
      prevRandao: new Uint8Array(32),
    };
    return { at, payload };
  }
}

/** Something that an application stores many of, and acts upon one after the other. */
abstract class SettlementHistory {
  protected readonly crypto: Crypto;
  protected readonly clock: InputClock;
  protected readonly storedCount: number;
  /** Nonces of channels, units of escrows: how often each was acted upon. */
  protected readonly turns: Uint32Array;

  /** @param storedCount How many `openAll` opens. Not a multiple of 7,919. */
  constructor(crypto: Crypto, storedCount: number, clock: InputClock) {
    if (storedCount % STRIDE === 0) throw new RangeError("inputs would meet a few of them only");
    this.crypto = crypto;
    this.clock = clock;
    this.storedCount = storedCount;
    this.turns = new Uint32Array(storedCount);
  }

  /** What is stored is opened by inputs that hold as many as there may be. */
  protected *openBy(
    sender: Uint8Array,
    open: (id: number) => OperationBody,
  ): Iterable<HistoryInput> {
    for (let opened = 0; opened < this.storedCount; opened += OPENINGS_PER_INPUT) {
      const length = Math.min(OPENINGS_PER_INPUT, this.storedCount - opened);
      yield this.clock.send(
        sender,
        Array.from({ length }, (_, i) => open(opened + i)),
      );
    }
  }

  protected placeOf(act: number): number {
    return (act * STRIDE) % this.storedCount;
  }
}

const listActs = <Act>(next: () => Act): Act[] => Array.from({ length: ACTS_PER_INPUT }, next);

const SENDER = new Uint8Array(20).fill(0x11);
const RECIPIENT = new Uint8Array(20).fill(0x22);
const SIGNER_SECRET = new Uint8Array(32).fill(0x51);
const CHANNEL_VALUE = 1_000n * PRICE;

/**
 * A recipient with many channels, as one sees them who is paid off chain and claims now and then.
 * Inputs are made one after another and have to be applied in that order.
 */
export class ChannelHistory extends SettlementHistory {
  #claimCount = 0;

  /** A deposit and every opening. */
  *openAll(): Iterable<HistoryInput> {
    yield this.clock.deposit(SENDER, BigInt(this.storedCount) * CHANNEL_VALUE);
    yield* this.openBy(SENDER, (channelId) => ({
      kind: "open_channel",
      recipient: RECIPIENT,
      signer: computeAddress(this.crypto, SIGNER_SECRET),
      groupId: new Uint8Array(32).fill(0x67),
      token: ETHER,
      value: CHANNEL_VALUE,
      expirationBlock: 1_000_000 + (channelId % 1_000),
      payments: "both",
      lanes: 0,
    }));
  }

  /** A multi-claim over 50 channels: MPE payments of lane 0, each under its channel's nonce. */
  nextRound(): readonly HistoryInput[] {
    const claims = listActs(() => this.#nextClaim());
    return [this.clock.send(RECIPIENT, [{ kind: "multi_claim", claims }])];
  }

  #nextClaim(): ChannelClaim {
    const channelId = this.placeOf(this.#claimCount++);
    const payment = { channelId, nonce: this.turns[channelId]!++, amount: PRICE };
    const digest = computeMpeDigest(this.crypto, encodeMpePayment(APP, payment));
    const signature = signDigest(digest, SIGNER_SECRET);
    const sums = { actual: PRICE, planned: PRICE };
    return { channelId, lane: 0, ...sums, form: "mpe", isSendBack: false, signature };
  }
}

function computeAddress(crypto: Crypto, secretKey: Uint8Array): Uint8Array {
  return crypto.keccak256(secp256k1.getPublicKey(secretKey, false).subarray(1)).subarray(12);
}

/** r ‖ s ‖ v as wallets give it. */
function signDigest(digest: Uint8Array, secretKey: Uint8Array): Uint8Array {
  const recovered = secp256k1.sign(digest, secretKey, { prehash: false, format: "recovered" });
  return concatBytes(recovered.subarray(1), Uint8Array.of(27 + recovered[0]!));
}

const PROVIDER = new Uint8Array(20).fill(0x33);
const BUYER = new Uint8Array(20).fill(0x44);
const ESCROW_AMOUNT = 1_000_000n * PRICE;

const TERMS: EscrowTerms = {
  ...{ unitCount: UNITS_MAX, deliveryTimeSec: TERM_SEC_MAX, answerTimeSec: TERM_SEC_MAX },
  ...{ arbiter: new Uint8Array(20), arbitrationTimeSec: 0, autoFillLimit: 0n },
  ...{ durationSec: 0, expectedMsgs: 0, minMsgCount: 0, minValidBasisPoints: 0 },
  ...{ autoRenew: false, predicate: new Uint8Array(0) },
};

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

/**
 * A provider with many escrows who delivers pull after pull, and their buyer who accepts each.
 * Inputs are made one after another and have to be applied in that order.
 */
export class EscrowHistory extends SettlementHistory {
  /** In one array: so many of their own would be work for the collector while others are timed. */
  readonly #ids = new Uint8Array(ESCROW_ID_BYTES * this.storedCount);
  #deliveryCount = 0;
  #acceptanceCount = 0;

  /** A deposit, a service, and every opening. */
  *openAll(): Iterable<HistoryInput> {
    yield this.clock.deposit(BUYER, BigInt(this.storedCount) * ESCROW_AMOUNT);
    yield this.clock.send(PROVIDER, [SERVICE]);
    yield* this.openBy(BUYER, (id) => {
      const place = { inputIndex: this.clock.nextIndex, operationIndex: id % OPENINGS_PER_INPUT };
      this.#idAt(id).set(computeEscrowId(this.crypto, { chainId: CHAIN_ID, app: APP, ...place }));
      return OPENING;
    });
  }

  /** 50 units delivered, then the same 50 accepted: two inputs, 100 transitions. */
  nextRound(): readonly HistoryInput[] {
    const deliveries = listActs(() => this.#nextDelivery());
    const acceptances = listActs(() => this.#nextAcceptance());
    return [this.clock.send(PROVIDER, deliveries), this.clock.send(BUYER, acceptances)];
  }

  #idAt(place: number): Uint8Array {
    return this.#ids.subarray(ESCROW_ID_BYTES * place, ESCROW_ID_BYTES * (place + 1));
  }

  #nextDelivery(): OperationBody {
    const place = this.placeOf(this.#deliveryCount++);
    const commitment = encodeWord(BigInt(this.#deliveryCount));
    const unit = ++this.turns[place]!;
    return { kind: "deliver_unit", escrowId: this.#idAt(place), unit, batchId: 0, commitment };
  }

  #nextAcceptance(): OperationBody {
    const place = this.placeOf(this.#acceptanceCount++);
    return { kind: "accept_unit", escrowId: this.#idAt(place), unit: this.turns[place]! };
  }
}
