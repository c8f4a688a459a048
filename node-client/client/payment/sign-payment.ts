import { bytesToHex } from "viem";
import { encodeMpePayment } from "../../../spec/channel-payment.ts";
import type { Crypto } from "../../../spec/crypto.ts";
import type { Hex } from "../../../spec/outputs.ts";
import type { TypedDataSigner } from "../signing/sign-operation.ts";
import type { ChannelPayment, PaymentTerms, SettlementPlace } from "./signed-payment.ts";

/** Whoever can sign typed data and plain messages for one account: viem's local accounts. */
export interface PaymentSigner extends TypedDataSigner {
  signMessage(message: { readonly message: { readonly raw: Hex } }): Promise<Hex>;
}

const PAYMENT_FIELDS = {
  ChannelPayment: [
    { name: "channelId", type: "uint256" },
    { name: "nonce", type: "uint256" },
    { name: "amount", type: "uint256" },
  ],
  LanePayment: [
    { name: "channelId", type: "uint256" },
    { name: "generation", type: "uint256" },
    { name: "lane", type: "uint256" },
    { name: "cumulative", type: "uint256" },
  ],
} as const;

/** The domain of everything that accounts sign for an application (spec §1.5). */
export const domainOf = ({ chainId, app }: SettlementPlace) =>
  ({ name: "tallyroll", version: "1", chainId, verifyingContract: bytesToHex(app) }) as const;

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
  const { form: _, ...members } = terms;
  const primaryType = terms.form === "lane" ? "LanePayment" : "ChannelPayment";
  const message = Object.fromEntries(
    Object.entries(members).map(([name, value]) => [name, BigInt(value)]),
  );
  const types = { [primaryType]: PAYMENT_FIELDS[primaryType] };
  const typedData = { domain: domainOf(at), types, primaryType, message };
  return { ...terms, signature: await signer.signTypedData(typedData as never) };
}
