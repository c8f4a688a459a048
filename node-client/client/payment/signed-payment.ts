import { bytesToHex, hexToBytes, isAddress, isHex } from "viem";
import type { ChannelClaim } from "../../../spec/channel-operations.ts";
import {
  CHANNEL_DEFINITIONS,
  computeLaneDigest,
  computeMpeDigest,
  computePaymentDigest,
  encodeMpePayment,
} from "../../../spec/channel-payment.ts";
import type { Crypto } from "../../../spec/crypto.ts";
import type { InputContext } from "../../../spec/input.ts";
import { AMOUNT_MAX, COUNTER_MAX, LANE_MAX } from "../../../spec/limits.ts";
import type { Hex } from "../../../spec/outputs.ts";
import { computeDomainSeparator } from "../../../spec/typed-hash.ts";
import { ClientError } from "../../errors.ts";
import { findSignatureFlaw } from "../signing/find-signature-flaw.ts";
import type { TypedDataSigner } from "../signing/sign-operation.ts";
import { signStruct } from "../signing/sign-struct.ts";

/** The application that settles a payment. */
export type SettlementPlace = Pick<InputContext, "chainId" | "app">;

/** What a payment promises, before it is signed. Each later one of a lane is for more. */
export type PaymentTerms =
  | {
      readonly form: "mpe" | "eip712";
      readonly channelId: number;
      /** The channel's nonce: a claim ends it. */
      readonly nonce: number;
      /** Base units, all that was promised under this nonce. */
      readonly amount: bigint;
    }
  | {
      readonly form: "lane";
      readonly channelId: number;
      /** The channel's generation: a send-back or a timeout ends it. */
      readonly generation: number;
      /** From 1. */
      readonly lane: number;
      /** Base units, all that was ever promised on this lane in its generation. */
      readonly cumulative: bigint;
    };

/** A signed payment: what a payer hands over off chain, and the recipient redeems. */
export type ChannelPayment = PaymentTerms & {
  /** r ‖ s ‖ v by the channel's signer or sender. */
  readonly signature: Hex;
};

/** What can be wrong with a payment: for programs, where the sentences are for people. */
export type PaymentFault =
  /** The channel has no room for its lane: it can never be redeemed. */
  | "lane_beyond"
  /** The text is no payment. */
  | "malformed"
  | "other_application"
  /** No such channel, or none that pays this recipient. */
  | "channel_not_found"
  | "other_channel"
  | "other_recipient"
  | "form_not_taken"
  /** Of nobody who may pay from the channel. */
  | "signature_wrong"
  /** Its nonce or generation is over: redeemed, or void with the rest of it. */
  | "round_over"
  | "round_not_begun"
  /** The book knows of a later nonce or generation than the state that was given. */
  | "state_outdated"
  | "expires_soon"
  /** It promises nothing above what was promised or redeemed before. */
  | "nothing_new"
  | "price_differs"
  /** The channel does not hold it beside what else was promised. */
  | "over_value";

/** A payment is none, or its recipient shall not take it for one. */
export class PaymentError extends ClientError {
  override readonly name: string = "PaymentError";
  readonly fault: PaymentFault;
  /** What is wrong, as a part of another sentence; of what `verifyPayment` finds. */
  readonly clause: string | undefined;

  constructor(
    fault: PaymentFault,
    shortMessage: string,
    options: { readonly whatToDo: string; readonly cause?: unknown; readonly clause?: string },
  ) {
    super(shortMessage, options);
    this.fault = fault;
    this.clause = options.clause;
  }
}

/** Whoever can sign typed data and plain messages for one account: viem's local accounts. */
export interface PaymentSigner extends TypedDataSigner {
  signMessage(message: { readonly message: { readonly raw: Hex } }): Promise<Hex>;
}

/**
 * Signs a payment of a channel, off chain: MPE's bytes as a personal message, as MPE's clients do
 * it, the others as EIP-712 typed data that a wallet can show.
 *
 * @example
 * const payment = await signPayment(crypto, account, client.at, {
 *   form: "lane", channelId: 0, generation: 0, lane: 1, cumulative: 1_000n,
 * });
 */
export async function signPayment(
  crypto: Crypto,
  signer: PaymentSigner,
  at: SettlementPlace,
  terms: PaymentTerms,
): Promise<ChannelPayment> {
  if (terms.form === "mpe") {
    const raw = bytesToHex(crypto.keccak256(encodeMpePayment(at.app, terms)));
    return { ...terms, signature: await signer.signMessage({ message: { raw } }) };
  }
  const signature = await signStruct(signer, at, CHANNEL_DEFINITIONS[terms.form], { ...terms });
  return { ...terms, signature };
}

/** All that a payment promises on its lane, in base units. */
export const totalOf = (payment: PaymentTerms): bigint =>
  payment.form === "lane" ? payment.cumulative : payment.amount;

/** The lane that a payment is on; 0 for one of a nonce. */
export const laneOf = (payment: PaymentTerms): number =>
  payment.form === "lane" ? payment.lane : 0;

/** The 32 bytes whose signature makes the payment (spec §10.4). */
export function computeDigestOfPayment(
  crypto: Crypto,
  at: SettlementPlace,
  payment: PaymentTerms,
): Uint8Array {
  if (payment.form === "mpe") return computeMpeDigest(crypto, encodeMpePayment(at.app, payment));
  const domain = computeDomainSeparator(crypto, at);
  return payment.form === "lane"
    ? computeLaneDigest(crypto, domain, payment)
    : computePaymentDigest(crypto, domain, payment);
}

/** Who signed a payment; `undefined` for a signature of nobody. Lower case. */
export function recoverPayer(
  crypto: Crypto,
  at: SettlementPlace,
  payment: ChannelPayment,
): Hex | undefined {
  const digest = computeDigestOfPayment(crypto, at, payment);
  const address = crypto.recoverAddress(digest, hexToBytes(payment.signature));
  return address && bytesToHex(address);
}

/**
 * The claim that redeems a payment.
 *
 * @param actual Of a nonce's payment: how much of it to take, all by default.
 * @param isSendBack Close the channel: what is left goes back to its sender.
 */
export function toClaim(
  payment: ChannelPayment,
  { actual, isSendBack = false }: { readonly actual?: bigint; readonly isSendBack?: boolean } = {},
): ChannelClaim {
  const planned = totalOf(payment);
  const isLane = payment.form === "lane";
  return {
    channelId: payment.channelId,
    lane: laneOf(payment),
    actual: isLane ? 0n : (actual ?? planned),
    planned,
    form: payment.form === "mpe" ? "mpe" : "eip712",
    isSendBack,
    signature: hexToBytes(payment.signature),
  };
}

/** A payment as JSON, with the application it is for: for files and messages. */
export function formatPayment(at: SettlementPlace, payment: ChannelPayment): string {
  const { signature, ...terms } = payment;
  const place = { chainId: at.chainId.toString(), app: bytesToHex(at.app) };
  const digits = (_: string, value: unknown) => (typeof value === "bigint" ? `${value}` : value);
  return JSON.stringify({ ...place, ...terms, signature }, digits);
}

/**
 * Reads what `formatPayment` wrote. The one door for payments that others hand over: what comes out
 * has the form of a payment, and nothing of it is verified yet.
 *
 * @throws PaymentError when it is none, or for another application than `at`.
 */
export function parsePayment(at: SettlementPlace, text: string): ChannelPayment {
  let fields: Record<string, unknown>;
  try {
    fields = JSON.parse(text) ?? {};
  } catch (cause) {
    throw noPayment("it is not JSON", cause);
  }
  const { chainId, app } = fields;
  if (typeof app !== "string" || !isAddress(app, { strict: false })) {
    throw noPayment("it names no application");
  }
  if (typeof chainId !== "string" || !/^\d{1,78}$/.test(chainId)) {
    throw noPayment("it names no chain");
  }
  if (chainId !== at.chainId.toString() || app.toLowerCase() !== bytesToHex(at.app)) {
    throw new PaymentError("other_application", `The payment is for ${app} on chain ${chainId}.`, {
      whatToDo: `Ask the payer for one for ${bytesToHex(at.app)} on chain ${at.chainId}.`,
    });
  }
  return fromFields(fields);
}

/** The payment in an object of a file. */
function fromFields(fields: Readonly<Record<string, unknown>>): ChannelPayment {
  const { form, signature } = fields;
  const count = (name: string, max: number = COUNTER_MAX): number => {
    const value = fields[name];
    if (Number.isSafeInteger(value) && Number(value) >= 0 && Number(value) <= max) {
      return Number(value);
    }
    throw noPayment(`its ${name} is not a whole number from 0 to ${max}`);
  };
  const amountOf = (name: string): bigint => {
    const value = fields[name];
    const isDigits = typeof value === "string" && /^\d{1,78}$/.test(value);
    if (isDigits && BigInt(value) <= AMOUNT_MAX) return BigInt(value);
    throw noPayment(`its ${name} is not an amount in decimal digits`);
  };
  if (!isHex(signature) || signature.length !== 132)
    throw noPayment("its signature does not have 65 bytes");
  const flaw = findSignatureFlaw(hexToBytes(signature));
  if (flaw?.reason === "high_s") throw noPayment(`its signature ${flaw.words}`);
  const common = { channelId: count("channelId"), signature };
  if (form === "lane") {
    const lane = count("lane", LANE_MAX);
    if (lane === 0) throw noPayment("lanes are counted from 1");
    const cumulative = amountOf("cumulative");
    return { form, ...common, generation: count("generation"), lane, cumulative };
  }
  if (form !== "mpe" && form !== "eip712") throw noPayment("its form is unknown");
  return { form, ...common, nonce: count("nonce"), amount: amountOf("amount") };
}

const noPayment = (why: string, cause?: unknown): PaymentError =>
  new PaymentError("malformed", `This is not a channel's payment: ${why}.`, {
    whatToDo: "Give one that `tallyroll channel pay` or a ChannelPayer has signed.",
    cause,
  });
