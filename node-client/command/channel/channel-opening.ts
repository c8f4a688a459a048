import { InvalidArgumentError } from "commander";
import { bytesToHex, isAddressEqual, zeroAddress, zeroHash } from "viem";
import { CHANNEL_PAYMENTS, type ChannelPayments } from "../../../spec/channel-operations.ts";
import { LANES_RESERVED_MAX } from "../../../spec/limits.ts";
import type { Hex } from "../../../spec/outputs.ts";
import type { ChannelTermsOptions } from "../../client/actions/channel-actions.ts";
import { getOrganization } from "../../client/actions/service-queries.ts";
import { countOf } from "../../count-of.ts";
import { escapeText } from "../../escape-text.ts";
import type { Online, OnlineActor } from "../connection/online.ts";
import { formatAmount, parseAmount } from "../money/token-amounts.ts";
import { addTokenOptions, chooseToken } from "../money/token-option.ts";
import { type OptionsIn, shareOptions } from "../options/declared-command.ts";
import { parseAddressHex, parseBytes, parseOr, parseWhole } from "../options/parse-arguments.ts";
import { errorKind } from "../terminal/io.ts";
import { addExpirationOptions, findExpiration, OPENING_BLOCKS_MIN } from "./channel-expiration.ts";

const PaymentGroupUnknown = errorKind("PaymentGroupUnknown");

/** The words of an opening: who is paid, and how much is put in. */
interface OpeningWords {
  /** None where an organization's payment group names the recipient. */
  readonly recipient: Hex | undefined;
  /** As it was typed. */
  readonly value: string;
}

/** What the words of an opening are, for its help. */
export const RECIPIENT_WORD = "who may claim; left out with --organization";
export const VALUE_WORD = "how much to put in, such as 1.5";

/** Adds the token of an opening, whom it pays, its expiration and who signs. */
export const addOpeningOptions = shareOptions((command) =>
  command
    .with(addTokenOptions)
    .usage("[options] <recipient> <value>\n       or with --organization: [options] <value>")
    .option("--organization <name>", "pay a payment group of this organization")
    .option("--payment-group <name>", "the organization's group: its address may claim")
    .option(
      "--group <hex>",
      "the recipient's payment group, or the organization's (default: none)",
      parseBytes(32, "a payment group"),
    )
    .with(addExpirationOptions(OPENING_BLOCKS_MIN))
    .option(
      "--signer <address>",
      "who signs payments beside the sender (default: nobody)",
      parseAddressHex,
    )
    .choice("--payments <kind>", "which signatures it takes", CHANNEL_PAYMENTS, "both")
    .option(
      "--lanes <n>",
      "the lanes that it has room for (default: 8, none with --payments mpe)",
      parseWhole(0, LANES_RESERVED_MAX),
    ),
);
type OpeningOptions = OptionsIn<typeof addOpeningOptions>;

/** @throws InvalidArgumentError where words or options are missing, or say the recipient twice. */
export function parseOpeningWords(
  [first, second]: readonly [first: string, second: string | undefined],
  { organization, paymentGroup, group }: OpeningOptions,
): OpeningWords {
  if (organization === undefined) {
    if (paymentGroup !== undefined) {
      throw new InvalidArgumentError("--payment-group needs --organization: whose group it is.");
    }
    if (second === undefined) {
      throw new InvalidArgumentError(
        "Give recipient and value, or the value alone with --organization and --payment-group.",
      );
    }
    return {
      recipient: parseOr(
        parseAddressHex,
        first,
        (why) => `<recipient> '${first}' is invalid. ${why}`,
      ),
      value: second,
    };
  }
  if (second !== undefined) {
    throw new InvalidArgumentError(
      "Give either a recipient or --organization: the group says who is paid.",
    );
  }
  if ((paymentGroup === undefined) === (group === undefined)) {
    throw new InvalidArgumentError(
      "Beside --organization give its group: either --payment-group NAME or --group ID.",
    );
  }
  return { recipient: undefined, value: first };
}

/** @throws PaymentGroupUnknown, QueryRefused where there is no such organization. */
async function findRecipient(
  { client, terminal }: Online,
  { recipient }: Pick<OpeningWords, "recipient">,
  { organization, paymentGroup, group }: OpeningOptions,
) {
  const named = group === undefined ? undefined : bytesToHex(group);
  if (organization === undefined || recipient !== undefined) {
    if (recipient === undefined) throw new RangeError("an opening without a recipient");
    return { recipient, groupId: named };
  }
  const { name, owner, paymentGroups } = await getOrganization(client, { organization });
  const found = paymentGroups.filter((one) =>
    named === undefined ? one.name === paymentGroup : one.groupId === named,
  );
  const [only] = found;
  if (only === undefined || found.length > 1) {
    const asked = named ?? `named ${escapeText(paymentGroup ?? "")}`;
    const all = paymentGroups.map((one) => `${escapeText(one.name)} (${one.groupId})`).join(", ");
    throw new PaymentGroupUnknown(
      `${organization} has ${found.length === 0 ? "no payment group" : "several payment groups"} ` +
        `${asked}; nothing was sent.`,
      {
        whatToDo:
          paymentGroups.length === 0
            ? "It has none at all: ask its owner for an address to pay."
            : `Name one of these, by --payment-group NAME or --group ID: ${all}.`,
      },
    );
  }
  terminal.note(
    `${organization} (${name}, of ${owner}) has its payment group ${only.name} paid to ` +
      `${only.paymentAddress}.`,
  );
  return { recipient: only.paymentAddress, groupId: only.groupId };
}

export const ChannelError = errorKind("ChannelError");

/** @throws ChannelError for a recipient who is nobody. */
export async function prepareChannelOpening(
  online: OnlineActor & { readonly options: OpeningOptions },
  words: OpeningWords,
) {
  const { address, options } = online;
  const { token, units } = await chooseToken(online);
  const value = parseAmount(words.value, units);
  const { recipient, groupId } = await findRecipient(online, words, options);
  requireRecipient(recipient, address);
  const expiration = await findExpiration(online.client, options, OPENING_BLOCKS_MIN);
  const { expirationBlock } = expiration;
  const { payments, signer, lanes } = options;
  const fields: ChannelTermsOptions = {
    ...{ recipient, token, value, expirationBlock, payments },
    ...(groupId === undefined ? {} : { groupId }),
    ...(signer === undefined ? {} : { signer }),
    ...(lanes === undefined ? {} : { lanes }),
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
  {
    fields: terms,
    expiration: { text: until, blocksLeft },
    units,
  }: Awaited<ReturnType<typeof prepareChannelOpening>>,
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
