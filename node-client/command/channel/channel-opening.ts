import { type Command, Option } from "commander";
import { isAddressEqual, zeroAddress, zeroHash } from "viem";
import { CHANNEL_PAYMENTS, type ChannelPayments } from "../../../spec/channel-operations.ts";
import type { Hex } from "../../../spec/outputs.ts";
import type { ChannelTermsOptions } from "../../client/actions/channel-actions.ts";
import { countOf } from "../../count-of.ts";
import { ClientError } from "../../errors.ts";
import type { OnlineActor } from "../connection/online.ts";
import { formatAmount, parseAmount, type TokenUnits } from "../money/token-amounts.ts";
import { addTokenOptions, chooseToken, type TokenOptions } from "../money/token-option.ts";
import { parseAddressHex } from "../options/parse-arguments.ts";
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
): Promise<ChannelOpening> {
  const { address } = online;
  const { token, units } = await chooseToken(online, options);
  const value = parseAmount(words.value, units);
  const { recipient, groupId } = await findRecipient(online, words, options);
  requireRecipient(recipient, address);
  const expiration = await findExpiration(online.client, options, OPENING_BLOCKS_MIN);
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

const SIGNATURES: Readonly<Record<ChannelPayments, string>> = {
  mpe: "in MPE's form only",
  eip712: "in EIP-712's form only",
  both: "in MPE's form or EIP-712's",
};

/** The terms of a channel about to be opened, defaults and all, said before they are signed. */
export function tellChannelTerms(
  { fields: terms, expiration: { text: until, blocksLeft }, units }: ChannelOpening,
  { address: sender, terminal }: OnlineActor,
): void {
  const { recipient, value, payments = "both", groupId = zeroHash, signer = sender } = terms;
  const also = isAddressEqual(signer, sender) ? "" : ` or ${signer}`;
  const group = groupId === zeroHash ? "no payment group" : `payment group ${groupId}`;
  terminal.note(
    `Terms: ${formatAmount(value, units)} for ${recipient}, who redeems payments signed by ` +
      `${sender}${also} ${SIGNATURES[payments]}; ${group}; from ${until} on, ` +
      `${countOf(blocksLeft, "block")} from now, the sender takes back what is left.`,
  );
}
