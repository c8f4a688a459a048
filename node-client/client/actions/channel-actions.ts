import { hexToBytes, zeroHash } from "viem";
import type {
  ChannelPayments,
  ChannelTerms,
  PaymentForm,
} from "../../../spec/channel-operations.ts";
import type { BodyOf } from "../../../spec/operations.ts";
import type { Hex } from "../../../spec/outputs.ts";
import { checkOpening, type SignedOpening, signOpening } from "../payment/signed-opening.ts";
import type { PaymentSigner } from "../payment/signed-payment.ts";
import {
  type Acting,
  type ApplyOptions,
  actingOf,
  applyAndRead,
  defineAction,
  type OwnFields,
  readOwn,
} from "./define-action.ts";
import type { Told } from "./operation-outcomes.ts";
import { ownAction } from "./own-action.ts";
import type { TallyrollClient } from "./tallyroll-client.ts";

/** What a channel is opened with. */
export interface ChannelTermsOptions {
  /** Who may claim. */
  readonly recipient: Hex;
  /** `ETHER`, or an ERC-20. */
  readonly token: Hex;
  /** Base units that move from the payer's balance into the channel. */
  readonly value: bigint;
  /** The block from which on the sender may take back what is left. */
  readonly expirationBlock: number;
  /** Whose signature counts beside the sender's; the sender's own account by default. */
  readonly signer?: Hex;
  /** 32 bytes: the recipient's payment group; zero by default. */
  readonly groupId?: Hex;
  /** Which payments it takes; "both" by default. */
  readonly payments?: ChannelPayments;
  /**
   * Lanes that it has room for, 1 to this number, at most 256; 8 by default, none of a
   * channel that takes MPE's payments only. Each costs some 42 bytes of calldata.
   */
  readonly lanes?: number;
}

/** What a channel has room for if nobody says otherwise. */
const LANES = 8;

/**
 * Opens a payment channel from the account's balance to a recipient.
 *
 * @throws OperationRefused: balance_too_low, channel_signer_zero.
 * @example
 * const { channelId } = await openChannel(client, {
 *   recipient, token: ETHER, value: 10n ** 18n, expirationBlock: 1_000_000,
 * });
 */
export const openChannel = defineAction({
  body: (terms: ChannelTermsOptions, { account }: Pick<Acting, "account">) => ({
    kind: "open_channel",
    ...toChannelTerms(terms, account),
  }),
  read: readChannelOpened,
});

/** What both ways of opening a channel give. */
export function readChannelOpened(
  told: Told,
): Omit<OwnFields<"open_channel">, "payments" | "lanes"> {
  const { payments: _, lanes: __, ...opened } = readOwn("open_channel", told);
  return opened;
}

/** The terms as the operation takes them, with `sender` as signer by default. */
export function toChannelTerms(options: ChannelTermsOptions, sender: Hex): ChannelTerms {
  const { payments = "both" } = options;
  return {
    recipient: hexToBytes(options.recipient),
    signer: hexToBytes(options.signer ?? sender),
    groupId: hexToBytes(options.groupId ?? zeroHash),
    token: hexToBytes(options.token),
    value: options.value,
    expirationBlock: options.expirationBlock,
    payments,
    lanes: options.lanes ?? (payments === "mpe" ? 0 : LANES),
  };
}

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

const toBody = (opening: SignedOpening): BodyOf<"open_channel_by_third_party"> => ({
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

export interface AddChannelFundsOptions {
  readonly channelId: number;
  /** Base units of the channel's token. */
  readonly amount: bigint;
}

/**
 * Puts more money into a channel. Anybody may; it is the sender's if it is not claimed.
 *
 * @throws OperationRefused: channel_not_found, balance_too_low.
 * @example
 * await addChannelFunds(client, { channelId: 0, amount: 5n });
 */
export const addChannelFunds = ownAction(
  "add_channel_funds",
  ({ channelId, amount }: AddChannelFundsOptions) => ({ channelId, amount }),
);

export interface ExtendChannelOptions {
  readonly channelId: number;
  /** At or above the channel's present one. */
  readonly expirationBlock: number;
  /** Base units to add as well: both happen, or neither. */
  readonly amount?: bigint;
}

/**
 * Moves a channel's expiration to a later block, and may add funds at once.
 *
 * @throws OperationRefused: channel_not_found, channel_sender_not_actor, channel_expiration_lower,
 * balance_too_low.
 * @example
 * await extendChannel(client, { channelId: 0, expirationBlock: 2_000_000, amount: 5n });
 */
export const extendChannel = defineAction({
  body: ({ channelId, expirationBlock, amount }: ExtendChannelOptions) =>
    amount === undefined
      ? { kind: "extend_channel", channelId, expirationBlock }
      : { kind: "extend_and_add_channel_funds", channelId, expirationBlock, amount },
  read: (told) => readOwn("extend_channel", told),
});
