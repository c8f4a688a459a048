import { secp256k1 } from "@noble/curves/secp256k1.js";
import { concatBytes } from "@noble/hashes/utils.js";
import type { ChannelClaim } from "../../spec/channel-operations.ts";
import { computeMpeDigest, encodeMpePayment } from "../../spec/channel-payment.ts";
import type { Crypto } from "../../spec/crypto.ts";
import { OPERATIONS_MAX } from "../../spec/limits.ts";
import type { OperationBody } from "../../spec/operations.ts";
import { ETHER } from "../../spec/portals.ts";
import type { HistoryInput } from "../history/history-lines.ts";
import type { InputClock } from "./input-clock.ts";

/** Claims of one multi-claim of the benchmark. */
export const CLAIMS_PER_INPUT = 50;

const SENDER = new Uint8Array(20).fill(0x11);
const RECIPIENT = new Uint8Array(20).fill(0x22);
const SIGNER_SECRET = new Uint8Array(32).fill(0x51);
/** A price with 18 decimals, as tokens have them: 0.0123 of one. */
const PRICE = 12_300_000_000_000_000n;
const CHANNEL_VALUE = 1_000n * PRICE;
/** Steps through the channels so that neighbours in time are not neighbours in the table. */
const STRIDE = 7_919;

/**
 * A recipient with many channels, as one sees them who is paid off chain and claims now and then.
 * Inputs are made one after another and have to be applied in that order.
 */
export class ChannelHistory {
  readonly #crypto: Crypto;
  readonly #channelCount: number;
  readonly #nonces: Uint32Array;
  readonly #clock: InputClock;
  #claimCount = 0;

  /** @param channelCount How many channels `openAll` opens. Not a multiple of 7,919. */
  constructor(crypto: Crypto, channelCount: number, clock: InputClock) {
    if (channelCount % STRIDE === 0) throw new RangeError("claims would meet a few channels only");
    this.#crypto = crypto;
    this.#clock = clock;
    this.#channelCount = channelCount;
    this.#nonces = new Uint32Array(channelCount);
  }

  /** A deposit and every opening, as many an input as there may be. */
  *openAll(): Iterable<HistoryInput> {
    yield this.#clock.deposit(SENDER, BigInt(this.#channelCount) * CHANNEL_VALUE);
    for (let opened = 0; opened < this.#channelCount; opened += OPERATIONS_MAX) {
      const length = Math.min(OPERATIONS_MAX, this.#channelCount - opened);
      const bodies = Array.from({ length }, (_, i) => this.#opening(opened + i));
      yield this.#clock.send(SENDER, bodies);
    }
  }

  /** A multi-claim over 50 channels: MPE payments of lane 0, each under its channel's nonce. */
  nextMultiClaim(): HistoryInput {
    const claims = Array.from({ length: CLAIMS_PER_INPUT }, () => this.#nextClaim());
    return this.#clock.send(RECIPIENT, [{ kind: "multi_claim", claims }]);
  }

  #opening(channelId: number): OperationBody {
    return {
      kind: "open_channel",
      recipient: RECIPIENT,
      signer: computeAddress(this.#crypto, SIGNER_SECRET),
      groupId: new Uint8Array(32).fill(0x67),
      token: ETHER,
      value: CHANNEL_VALUE,
      expirationBlock: 1_000_000 + (channelId % 1_000),
      payments: "both",
    };
  }

  #nextClaim(): ChannelClaim {
    const channelId = (this.#claimCount++ * STRIDE) % this.#channelCount;
    const payment = { channelId, nonce: this.#nonces[channelId]!++, amount: PRICE };
    const digest = computeMpeDigest(this.#crypto, encodeMpePayment(this.#clock.app, payment));
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
