import { bytesToHex } from "viem";
import type { OpenChannelByThirdParty } from "../../../spec/channel-operations.ts";
import {
  computeMpeDigest,
  computeOpeningDigest,
  encodeMpeOpening,
} from "../../../spec/channel-payment.ts";
import type { Crypto } from "../../../spec/crypto.ts";
import { computeDomainSeparator } from "../../../spec/typed-hash.ts";
import { ClientError } from "../../errors.ts";
import { findSignatureFlaw } from "../signing/find-signature-flaw.ts";
import type { SettlementPlace } from "./signed-payment.ts";

/** What a channel's sender has signed for a third party. */
export type SignedOpening = Omit<OpenChannelByThirdParty, "kind">;

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
  const { sender, messageNonce, form, signature, ...terms } = opening;
  const [from, by] = [bytesToHex(sender), bytesToHex(payer)];
  const askAgain = `Ask ${from} to sign an opening for the payer ${by}, and do not pay before.`;
  const flaw = findSignatureFlaw(signature);
  if (flaw !== undefined) {
    const words = `The signature of the opening of ${from} ${flaw.words}.`;
    throw new OpeningNotSigned("signature", words, askAgain);
  }
  const domain = computeDomainSeparator(crypto, at);
  const digest =
    form === "mpe"
      ? computeMpeDigest(crypto, encodeMpeOpening(at.app, payer, terms, messageNonce))
      : computeOpeningDigest(crypto, domain, payer, sender, terms, messageNonce);
  const signer = crypto.recoverAddress(digest, signature);
  if (signer !== undefined && bytesToHex(signer) === from) return;
  const words = `The opening of ${from} is not signed by it, or for another payer than ${by}.`;
  throw new OpeningNotSigned("signer", words, askAgain);
}
