import { hexToBytes } from "viem";
import type { OpenChannelByThirdParty, PaymentForm } from "../../../spec/channel-operations.ts";
import { checkOpening, type SignedOpening } from "../payment/check-opening.ts";
import { signOpening } from "../payment/sign-opening.ts";
import type { PaymentSigner } from "../payment/sign-payment.ts";
import type { ApplyOptions } from "./apply-operation.ts";
import { actingOf, applyAndRead } from "./define-action.ts";
import { type ChannelTermsOptions, readChannelOpened, toChannelTerms } from "./open-channel.ts";
import type { TallyrollClient } from "./tallyroll-client.ts";

export interface OpenChannelByThirdPartyOptions extends ChannelTermsOptions {
  /** Whose channel it becomes: an account that signs here, or one that has signed. */
  readonly sender:
    | PaymentSigner
    | { readonly address: `0x${string}`; readonly signature: Uint8Array };
  /** Makes otherwise equal openings differ: each message counts once. */
  readonly messageNonce: bigint;
  /** What the sender signs; "eip712", which binds every field by default. */
  readonly form?: PaymentForm;
}

const toBody = (opening: SignedOpening): OpenChannelByThirdParty => ({
  kind: "open_channel_by_third_party",
  ...opening,
});

/**
 * Opens a channel of somebody else, who signs for it, with the client's money.
 *
 * @throws OpeningNotSigned, before anything is sent; OperationRefused: balance_too_low,
 * channel_signer_zero, channel_message_used, channel_message_signature_wrong.
 * @example
 * await openChannelByThirdParty(sponsorClient, {
 *   sender: user, messageNonce: 1n, recipient, token, value: 5n, expirationBlock: 1_000_000,
 * });
 */
export const openChannelByThirdParty = Object.assign(
  async (client: TallyrollClient, options: OpenChannelByThirdPartyOptions & ApplyOptions) => {
    const { sender, messageNonce, form = "eip712" } = options;
    const { crypto, at } = client;
    const terms = toChannelTerms(options, sender.address);
    const payer = actingOf(client, options.relay).account;
    const signature =
      "signature" in sender
        ? sender.signature
        : await signOpening(crypto, sender, at, { payer, terms, messageNonce, form });
    const opening = { sender: hexToBytes(sender.address), messageNonce, form, signature, ...terms };
    checkOpening(crypto, at, hexToBytes(payer), opening);
    return await applyAndRead(client, toBody(opening), readChannelOpened, options);
  },
  { body: toBody, read: readChannelOpened },
);
