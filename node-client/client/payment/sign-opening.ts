import { bytesToHex, hexToBytes } from "viem";
import type { ChannelTerms, PaymentForm } from "../../../spec/channel-operations.ts";
import { encodeMpeOpening, encodePayments } from "../../../spec/channel-payment.ts";
import type { Crypto } from "../../../spec/crypto.ts";
import type { Hex } from "../../../spec/outputs.ts";
import { domainOf, type PaymentSigner } from "./sign-payment.ts";
import type { SettlementPlace } from "./signed-payment.ts";

const FIELDS = [
  ...[
    ["payer", "address"],
    ["sender", "address"],
    ["signer", "address"],
  ],
  ...[
    ["recipient", "address"],
    ["groupId", "bytes32"],
    ["token", "address"],
  ],
  ...[
    ["value", "uint256"],
    ["expirationBlock", "uint256"],
    ["payments", "uint256"],
  ],
  ["messageNonce", "uint256"],
].map(([name, type]) => ({ name, type }));

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
  const typedData = {
    domain: domainOf(at),
    types: { ChannelOpening: FIELDS },
    primaryType: "ChannelOpening",
    message: {
      ...{ payer, sender: sender.address, value: terms.value, messageNonce },
      signer: bytesToHex(terms.signer),
      recipient: bytesToHex(terms.recipient),
      groupId: bytesToHex(terms.groupId),
      token: bytesToHex(terms.token),
      expirationBlock: BigInt(terms.expirationBlock),
      payments: BigInt(encodePayments(terms.payments)),
    },
  };
  return hexToBytes(await sender.signTypedData(typedData as never));
}
