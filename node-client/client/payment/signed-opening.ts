import { bytesToHex, hexToBytes } from "viem";
import type { ChannelTerms, PaymentForm } from "../../../spec/channel-operations.ts";
import {
  CHANNEL_DEFINITIONS,
  computeDigestOfOpening,
  encodeMpeOpening,
  encodePayments,
} from "../../../spec/channel-payment.ts";
import type { Crypto } from "../../../spec/crypto.ts";
import type { BodyOf } from "../../../spec/operations.ts";
import type { Hex } from "../../../spec/outputs.ts";
import { ClientError } from "../../errors.ts";
import { findSignatureFlaw } from "../signing/find-signature-flaw.ts";
import { signStruct } from "../signing/sign-struct.ts";
import type { PaymentSigner, SettlementPlace } from "./signed-payment.ts";

export interface SignOpeningOptions {
  /** Who will send the opening and pay for it. */
  readonly payer: Hex;
  readonly terms: ChannelTerms;
  /** Any number that the sender has not used for an equal opening. */
  readonly messageNonce: bigint;
  /** MPE's message binds neither token nor kinds of payment; EIP-712 binds all. */
  readonly form: PaymentForm;
}

/**
 * The word of a channel's sender to a third party that opens and funds it for them (spec §10.2). It
 * counts once.
 *
 * @returns r ‖ s ‖ v, 65 bytes.
 */
export async function signOpening(
  crypto: Crypto,
  sender: PaymentSigner,
  at: SettlementPlace,
  { payer, terms, messageNonce, form }: SignOpeningOptions,
): Promise<Uint8Array> {
  if (form === "mpe") {
    const message = encodeMpeOpening(at.app, hexToBytes(payer), terms, messageNonce);
    const raw = bytesToHex(crypto.keccak256(message));
    return hexToBytes(await sender.signMessage({ message: { raw } }));
  }
  const payments = encodePayments(terms.payments);
  const opening = { ...terms, payments, payer, sender: sender.address, messageNonce };
  return hexToBytes(await signStruct(sender, at, CHANNEL_DEFINITIONS.opening, opening));
}

/** What a channel's sender has signed for a third party. */
export type SignedOpening = Omit<BodyOf<"open_channel_by_third_party">, "kind">;

/** Nobody's signature covers an opening as it is to be sent. */
export class OpeningNotSigned extends ClientError {
  override readonly name = "OpeningNotSigned";
  readonly reason: "signature" | "signer";

  constructor(reason: "signature" | "signer", words: string, whatToDo: string) {
    super(words, { whatToDo });
    this.reason = reason;
  }
}

/**
 * Checks that the sender has signed an opening for this payer, before the payer pays for it.
 *
 * @param payer Who sends the opening, 20 bytes: the signature is for that account alone.
 * @throws OpeningNotSigned
 */
export function checkOpening(
  crypto: Crypto,
  at: SettlementPlace,
  payer: Uint8Array,
  opening: SignedOpening,
): void {
  const { sender, signature } = opening;
  const [from, by] = [bytesToHex(sender), bytesToHex(payer)];
  const askAgain = `Ask ${from} to sign an opening for the payer ${by}, and do not pay before.`;
  const flaw = findSignatureFlaw(signature);
  if (flaw !== undefined) {
    const words = `The signature of the opening of ${from} ${flaw.words}.`;
    throw new OpeningNotSigned("signature", words, askAgain);
  }
  const digest = computeDigestOfOpening(crypto, at, payer, opening);
  const signer = crypto.recoverAddress(digest, signature);
  if (signer !== undefined && bytesToHex(signer) === from) return;
  const words = `The opening of ${from} is not signed by it, or for another payer than ${by}.`;
  throw new OpeningNotSigned("signer", words, askAgain);
}
