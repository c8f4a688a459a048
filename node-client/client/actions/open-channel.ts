import { hexToBytes, zeroHash } from "viem";
import type { ChannelPayments, ChannelTerms } from "../../../spec/channel-operations.ts";
import type { Hex } from "../../../spec/outputs.ts";
import { type AppliedAt, type ApplyOptions, actorOf, applyOperation } from "./apply-operation.ts";
import type { NoticeFields } from "./decode-notice.ts";
import type { TallyrollClient } from "./tallyroll-client.ts";

/** What a channel is opened with. */
export interface ChannelTermsOptions {
  /** Who may claim. */
  readonly recipient: Hex;
  /** The zero address is Ether. */
  readonly token: Hex;
  /** Base units that move from the payer's balance into the channel. */
  readonly value: bigint;
  /** The block from which on the sender may take back what is left. */
  readonly expirationBlock: number;
  /** Whose signature counts beside the sender's; the sender's own account unless told. */
  readonly signer?: Hex;
  /** 32 bytes: the recipient's payment group; zero unless told. */
  readonly groupId?: Hex;
  /** Which payments it takes; "both" unless told. */
  readonly payments?: ChannelPayments;
}

export type OpenChannelOptions = ApplyOptions & ChannelTermsOptions;

export interface OpenChannelResult extends AppliedAt {
  readonly channelId: number;
  readonly sender: Hex;
  readonly signer: Hex;
  readonly recipient: Hex;
  readonly groupId: Hex;
  readonly token: Hex;
  readonly value: bigint;
  readonly expirationBlock: number;
}

/**
 * Opens a payment channel from the account's balance to a recipient.
 *
 * @throws OperationRefused: balance_too_low, channel_signer_zero.
 * @example
 * const { channelId } = await openChannel(client, {
 *   recipient, token: zeroAddress, value: 10n ** 18n, expirationBlock: 1_000_000,
 * });
 */
export async function openChannel(
  client: TallyrollClient,
  options: OpenChannelOptions,
): Promise<OpenChannelResult> {
  const terms = toChannelTerms(options, actorOf(client, options.relay));
  const body = { kind: "open_channel", ...terms } as const;
  const { at, fields } = await applyOperation(client, body, "ChannelOpened", options);
  return { ...at, ...fromChannelOpened(fields) };
}

/** The terms as the operation takes them, with `sender`, 20 bytes, as signer unless told. */
export function toChannelTerms(options: ChannelTermsOptions, sender: Uint8Array): ChannelTerms {
  return {
    recipient: hexToBytes(options.recipient),
    signer: options.signer === undefined ? sender : hexToBytes(options.signer),
    groupId: hexToBytes(options.groupId ?? zeroHash),
    token: hexToBytes(options.token),
    value: options.value,
    expirationBlock: options.expirationBlock,
    payments: options.payments ?? "both",
  };
}

/** The notice's fields in native types. */
export const fromChannelOpened = ({
  payments: _,
  ...fields
}: NoticeFields<"ChannelOpened">): Omit<OpenChannelResult, keyof AppliedAt> => ({
  ...fields,
  channelId: Number(fields.channelId),
  expirationBlock: Number(fields.expirationBlock),
});
