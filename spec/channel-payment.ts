import { concatBytes, utf8ToBytes } from "@noble/hashes/utils.js";
import { CHANNEL_PAYMENTS, type ChannelPayments, type ChannelTerms } from "./channel-operations.ts";
import type { Crypto } from "./crypto.ts";
import type { InputContext } from "./input.ts";
import type { BodyOf } from "./operations.ts";
import { computeDomainSeparator, computeTypedDigest, computeTypeHash } from "./typed-hash.ts";
import { encodeWord } from "./words.ts";

/**
 * What payers of channels sign (spec §10.4): MPE's bytes as they are, and EIP-712 payments. Every
 * function gives the 32-byte digest that `Crypto.recoverAddress` takes.
 */

const CLAIM_PREFIX = utf8ToBytes("__MPE_claim_message");
const OPEN_PREFIX = utf8ToBytes("__openChannelByThirdParty");
const PERSONAL_PREFIX = utf8ToBytes("\x19Ethereum Signed Message:\n32");

/** What is signed of payments and openings, as EIP-712 writes types. */
export const CHANNEL_DEFINITIONS = {
  eip712: "ChannelPayment(uint256 channelId,uint256 nonce,uint256 amount)",
  lane: "LanePayment(uint256 channelId,uint256 generation,uint256 lane,uint256 cumulative)",
  opening:
    "ChannelOpening(address payer,address sender,address signer,address recipient,bytes32 groupId,address token,uint256 value,uint256 expirationBlock,uint256 payments,uint256 lanes,uint256 messageNonce)",
} as const;
const PAYMENT_TYPE = computeTypeHash(CHANNEL_DEFINITIONS.eip712);
const LANE_TYPE = computeTypeHash(CHANNEL_DEFINITIONS.lane);
const OPENING_TYPE = computeTypeHash(CHANNEL_DEFINITIONS.opening);

/** What MPE signs for every purpose: keccak256(prefix ‖ keccak256(M)). */
export function computeMpeDigest(crypto: Crypto, message: Uint8Array): Uint8Array {
  return crypto.keccak256(concatBytes(PERSONAL_PREFIX, crypto.keccak256(message)));
}

/**
 * M of a payment: "__MPE_claim_message" ‖ mpe ‖ channel id ‖ nonce ‖ amount, 135 bytes. It binds
 * no chain.
 *
 * @param mpe The address that settles: here the application's.
 */
export function encodeMpePayment(
  mpe: Uint8Array,
  payment: { readonly channelId: number; readonly nonce: number; readonly amount: bigint },
): Uint8Array {
  const numbers = [BigInt(payment.channelId), BigInt(payment.nonce), payment.amount];
  return concatBytes(CLAIM_PREFIX, mpe, ...numbers.map(encodeWord));
}

/**
 * M of a third party's opening. It binds neither chain, token, kinds of payment nor lanes: the one who
 * signs pays nothing, so nothing of theirs is at stake in them (spec §10.2).
 */
export function encodeMpeOpening(
  mpe: Uint8Array,
  payer: Uint8Array,
  opening: Omit<ChannelTerms, "token" | "payments" | "lanes">,
  messageNonce: bigint,
): Uint8Array {
  const { signer, recipient, groupId, value, expirationBlock } = opening;
  const numbers = [value, BigInt(expirationBlock), messageNonce].map(encodeWord);
  return concatBytes(OPEN_PREFIX, mpe, payer, signer, recipient, groupId, ...numbers);
}

/** EIP-712 `ChannelPayment`: a payment of lane 0. */
export function computePaymentDigest(
  crypto: Crypto,
  domainSeparator: Uint8Array,
  payment: { readonly channelId: number; readonly nonce: number; readonly amount: bigint },
): Uint8Array {
  const { channelId, nonce, amount } = payment;
  return computeTypedDigest(crypto, domainSeparator, PAYMENT_TYPE, [channelId, nonce, amount]);
}

/** EIP-712 `LanePayment`: everything paid on a lane since the generation began. */
export function computeLaneDigest(
  crypto: Crypto,
  domainSeparator: Uint8Array,
  payment: {
    readonly channelId: number;
    readonly generation: number;
    readonly lane: number;
    readonly cumulative: bigint;
  },
): Uint8Array {
  const { channelId, generation, lane, cumulative } = payment;
  const words = [channelId, generation, lane, cumulative];
  return computeTypedDigest(crypto, domainSeparator, LANE_TYPE, words);
}

/** EIP-712 `ChannelOpening`: the sender's word to a third party, every field of it. */
export function computeOpeningDigest(
  crypto: Crypto,
  domainSeparator: Uint8Array,
  payer: Uint8Array,
  sender: Uint8Array,
  opening: ChannelTerms,
  messageNonce: bigint,
): Uint8Array {
  const { signer, recipient, groupId, token, value, expirationBlock, payments, lanes } = opening;
  return computeTypedDigest(crypto, domainSeparator, OPENING_TYPE, [
    ...[payer, sender, signer, recipient, groupId, token, value],
    ...[expirationBlock, encodePayments(payments), lanes, messageNonce],
  ]);
}

/** The digest that the sender of a third party's opening signs, in the form that it names. */
export function computeDigestOfOpening(
  crypto: Crypto,
  at: Pick<InputContext, "chainId" | "app">,
  payer: Uint8Array,
  opening: Omit<BodyOf<"open_channel_by_third_party">, "kind" | "signature">,
): Uint8Array {
  const { sender, messageNonce, form } = opening;
  if (form === "mpe") {
    return computeMpeDigest(crypto, encodeMpeOpening(at.app, payer, opening, messageNonce));
  }
  const domain = computeDomainSeparator(crypto, at);
  return computeOpeningDigest(crypto, domain, payer, sender, opening, messageNonce);
}

/** The number that stands for a channel's kinds of payment on the wire and in digests. */
export function encodePayments(payments: ChannelPayments): number {
  return CHANNEL_PAYMENTS.indexOf(payments);
}
