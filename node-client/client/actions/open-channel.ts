import { hexToBytes, zeroHash } from "viem";
import type { ChannelPayments, ChannelTerms } from "../../../spec/channel-operations.ts";
import type { Hex } from "../../../spec/outputs.ts";
import type { Told } from "./apply-operation.ts";
import { type Acting, defineAction, type OwnFields, readOwn } from "./define-action.ts";

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
}

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
export function readChannelOpened(told: Told): Omit<OwnFields<"open_channel">, "payments"> {
  const { payments: _, ...opened } = readOwn("open_channel", told);
  return opened;
}

/** The terms as the operation takes them, with `sender` as signer by default. */
export function toChannelTerms(options: ChannelTermsOptions, sender: Hex): ChannelTerms {
  return {
    recipient: hexToBytes(options.recipient),
    signer: hexToBytes(options.signer ?? sender),
    groupId: hexToBytes(options.groupId ?? zeroHash),
    token: hexToBytes(options.token),
    value: options.value,
    expirationBlock: options.expirationBlock,
    payments: options.payments ?? "both",
  };
}
