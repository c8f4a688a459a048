import type { ChannelPayments } from "../../../spec/channel-operations.ts";
import type { Hex } from "../../../spec/outputs.ts";
import type { TallyrollClient } from "./tallyroll-client.ts";

export interface ChannelAnswer {
  readonly channel_id: number;
  readonly nonce: number;
  readonly generation: number;
  readonly sender: Hex;
  readonly signer: Hex;
  readonly recipient: Hex;
  readonly group_id: Hex;
  readonly token: Hex;
  readonly value: string;
  readonly expiration_block: number;
  readonly payments: ChannelPayments;
  readonly last_planned: string;
  readonly last_actual: string;
}

export interface ChannelInfo {
  /** Counted from 0. */
  readonly channelId: number;
  /** Of the next payment that is no lane's: a claim ends it. */
  readonly nonce: number;
  /** Of the lanes' payments: a send-back or a timeout ends it. */
  readonly generation: number;
  readonly sender: Hex;
  /** Whose signature counts beside the sender's. */
  readonly signer: Hex;
  readonly recipient: Hex;
  /** 32 bytes: the recipient's payment group. */
  readonly groupId: Hex;
  /** `ETHER`, or an ERC-20. */
  readonly token: Hex;
  /** Base units that are still in it. */
  readonly value: bigint;
  /** From this block on the sender may take back what is left. */
  readonly expirationBlock: number;
  /** Which signatures it takes. */
  readonly payments: ChannelPayments;
  /** Of the last claim under a nonce: what its payment promised, and what was taken of it. */
  readonly lastPlanned: bigint;
  readonly lastActual: bigint;
}

/**
 * One payment channel.
 *
 * @throws QueryRefused where there is none, and what `inspectApplication` throws.
 * @example
 * const { value, nonce } = await getChannel(client, { channelId: 0 });
 */
export async function getChannel(
  client: Pick<TallyrollClient, "inspect">,
  { channelId }: { readonly channelId: number },
): Promise<ChannelInfo> {
  const query = { query: "channel", channel_id: channelId };
  return fromChannelAnswer(await client.inspect<ChannelAnswer>(query));
}

/** An answer to `channel`, or one of those to a list of channels. */
export function fromChannelAnswer(answer: ChannelAnswer): ChannelInfo {
  return {
    channelId: answer.channel_id,
    nonce: answer.nonce,
    generation: answer.generation,
    sender: answer.sender,
    signer: answer.signer,
    recipient: answer.recipient,
    groupId: answer.group_id,
    token: answer.token,
    value: BigInt(answer.value),
    expirationBlock: answer.expiration_block,
    payments: answer.payments,
    lastPlanned: BigInt(answer.last_planned),
    lastActual: BigInt(answer.last_actual),
  };
}
