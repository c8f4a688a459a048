import { bytesToHex, hexToBytes } from "viem";
import type { PaymentForm } from "../../../spec/channel-operations.ts";
import { checkOpening } from "../channel/check-opening.ts";
import { signOpening } from "../channel/sign-opening.ts";
import type { PaymentSigner } from "../channel/sign-payment.ts";
import { type ApplyOptions, actorOf, applyOperation } from "./apply-operation.ts";
import {
  type ChannelTermsOptions,
  fromChannelOpened,
  type OpenChannelResult,
  toChannelTerms,
} from "./open-channel.ts";
import type { TallyrollClient } from "./tallyroll-client.ts";

export interface OpenChannelByThirdPartyOptions extends ApplyOptions, ChannelTermsOptions {
  /** Whose channel it becomes: an account that signs here, or one that has signed. */
  readonly sender:
    | PaymentSigner
    | { readonly address: `0x${string}`; readonly signature: Uint8Array };
  /** Makes otherwise equal openings differ: each message counts once. */
  readonly messageNonce: bigint;
  /** What the sender signs; "eip712", which binds every field, unless told. */
  readonly form?: PaymentForm;
}

/**
 * Opens a channel of somebody else, who signs for it, with the client's money.
 *
 * @throws OpeningNotSigned, before anything is sent; OperationRefused: balance_too_low, channel_signer_zero, channel_message_used,
 * channel_message_signature_wrong.
 * @example
 * await openChannelByThirdParty(sponsorClient, {
 *   sender: user, messageNonce: 1n, recipient, token, value: 5n, expirationBlock: 1_000_000,
 * });
 */
export async function openChannelByThirdParty(
  client: TallyrollClient,
  { sender, messageNonce, form = "eip712", ...options }: OpenChannelByThirdPartyOptions,
): Promise<OpenChannelResult> {
  const terms = toChannelTerms(options, hexToBytes(sender.address));
  const payer = bytesToHex(actorOf(client, options.relay));
  const signature =
    "signature" in sender
      ? sender.signature
      : await signOpening(client.crypto, sender, client.at, { payer, terms, messageNonce, form });
  const opening = { sender: hexToBytes(sender.address), messageNonce, form, signature, ...terms };
  checkOpening(client.crypto, client.at, actorOf(client, options.relay), opening);
  const body = { kind: "open_channel_by_third_party", ...opening } as const;
  const { at, fields } = await applyOperation(client, body, "ChannelOpened", options);
  return { ...at, ...fromChannelOpened(fields) };
}
