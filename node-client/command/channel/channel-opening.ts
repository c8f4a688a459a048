import { type Command, Option } from "commander";
import { zeroAddress } from "viem";
import { CHANNEL_PAYMENTS, type ChannelPayments } from "../../../spec/channel-operations.ts";
import type { Hex } from "../../../spec/outputs.ts";
import type { ChannelTermsOptions } from "../../client/actions/open-channel.ts";
import { ClientError } from "../../errors.ts";
import { parseAddressHex } from "../connection/account-address.ts";
import type { OnlineActor } from "../connection/online.ts";
import { parseAmount, type TokenUnits } from "../money/token-amounts.ts";
import { addTokenOptions, chooseToken, type TokenOptions } from "../money/token-option.ts";
import type { Terminal } from "../terminal/terminal.ts";
import {
  addExpirationOptions,
  type Expiration,
  type ExpirationOptions,
  findExpiration,
  OPENING_BLOCKS_MIN,
} from "./channel-expiration.ts";
import {
  addRecipientOptions,
  findRecipient,
  type OpeningWords,
  type RecipientOptions,
} from "./channel-recipient.ts";

/** The application would do it, and it would be of no use. */
export class ChannelError extends ClientError {
  override readonly name = "ChannelError";
}

/** What an opening's command line says beside recipient and value. */
export interface ChannelOpeningOptions extends TokenOptions, ExpirationOptions, RecipientOptions {
  readonly signer?: Hex;
  readonly payments: ChannelPayments;
}

/** A channel about to be opened. */
interface ChannelOpening {
  readonly fields: ChannelTermsOptions;
  readonly expiration: Expiration;
  readonly units: TokenUnits;
}

/** Recipient, value and terms of an opening. */
export const addOpeningOptions = (command: Command): Command =>
  addExpirationOptions(addRecipientOptions(addTokenOptions(command)), OPENING_BLOCKS_MIN)
    .option(
      "--signer <address>",
      "who signs payments beside the sender (default: nobody)",
      parseAddressHex,
    )
    .addOption(
      new Option("--payments <kind>", "which signatures it takes")
        .choices([...CHANNEL_PAYMENTS])
        .default("both"),
    );

/**
 * Makes an opening of what the command line says.
 *
 * @throws ChannelError for a recipient who is nobody, and what queries throw.
 */
export async function prepareChannelOpening(
  online: OnlineActor,
  words: OpeningWords,
  options: ChannelOpeningOptions,
  terminal: Terminal,
): Promise<ChannelOpening> {
  const { client, address } = online;
  const { token, units } = await chooseToken(online, options);
  const value = parseAmount(words.value, units);
  const { recipient, groupId } = await findRecipient(client, words, options, terminal);
  requireRecipient(recipient, address);
  const expiration = await findExpiration(client, options, OPENING_BLOCKS_MIN);
  const { expirationBlock } = expiration;
  const { payments, signer } = options;
  const fields = {
    ...{ recipient, token, value, expirationBlock, payments },
    ...(groupId === undefined ? {} : { groupId }),
    ...(signer === undefined ? {} : { signer }),
  };
  return { fields, expiration, units };
}

/** Somebody else than the sender shall be able to claim; as in MPE the application takes anybody. */
function requireRecipient(recipient: Hex, sender: Hex): void {
  const isNobody = recipient === zeroAddress;
  if (!isNobody && recipient.toLowerCase() !== sender) return;
  throw new ChannelError(
    `A channel to ${recipient}, ${isNobody ? "the zero address" : "its own sender"}, pays nobody; ` +
      "nothing was sent.",
    { whatToDo: "Give the address of the account that shall be paid." },
  );
}
