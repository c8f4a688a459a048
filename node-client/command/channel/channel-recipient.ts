import { type Command, InvalidArgumentError } from "commander";
import { bytesToHex } from "viem";
import type { Hex } from "../../../spec/outputs.ts";
import { getOrganization } from "../../client/actions/service-queries.ts";
import { ClientError } from "../../errors.ts";
import { escapeText } from "../../escape-text.ts";
import type { Online } from "../connection/online.ts";
import { parseAddressHex, parseBytes } from "../options/parse-arguments.ts";

/** An organization has no payment group of that name, or several. */
class PaymentGroupUnknown extends ClientError {
  override readonly name = "PaymentGroupUnknown";
}

/** Who may claim, as the options say it beside the command's words. */
export interface RecipientOptions {
  readonly organization?: string;
  readonly paymentGroup?: string;
  readonly group?: Uint8Array;
}

/** The words of an opening: who is paid, and how much is put in. */
export interface OpeningWords {
  /** None where an organization's payment group names the recipient. */
  readonly recipient: Hex | undefined;
  /** As it was typed. */
  readonly value: string;
}

/** Who a channel pays, and the payment group that it names. */
interface Recipient {
  readonly recipient: Hex;
  readonly groupId: Hex | undefined;
}

/** Adds the words and options that say whom a channel pays, and how much is put in. */
export const addRecipientOptions = (command: Command): Command =>
  command
    .usage("[options] <recipient> <value>\n       or with --organization: [options] <value>")
    .argument("<recipient>", "who may claim; left out with --organization")
    .argument("[value]", "how much to put in, such as 1.5")
    .option("--organization <name>", "pay a payment group of this organization")
    .option("--payment-group <name>", "the organization's group: its address may claim")
    .option(
      "--group <hex>",
      "the recipient's payment group, or the organization's (default: none)",
      parseBytes(32, "a payment group"),
    );

/**
 * Sorts the words of an opening.
 *
 * @throws InvalidArgumentError where words or options are missing, or say the recipient twice.
 */
export function parseOpeningWords(
  [first, second]: readonly [string, string | undefined],
  { organization, paymentGroup, group }: RecipientOptions,
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
    return { recipient: parseRecipient(first), value: second };
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

function parseRecipient(text: string): Hex {
  try {
    return parseAddressHex(text);
  } catch (cause) {
    if (!(cause instanceof InvalidArgumentError)) throw cause;
    throw new InvalidArgumentError(`<recipient> '${text}' is invalid. ${cause.message}`);
  }
}

/**
 * Who is paid: the named account, or the payment address of an organization's group, which is said
 * before anything is signed.
 *
 * @throws PaymentGroupUnknown, QueryRefused where there is no such organization, and what queries
 * throw.
 */
export async function findRecipient(
  { client, terminal }: Online,
  { recipient }: Pick<OpeningWords, "recipient">,
  { organization, paymentGroup, group }: RecipientOptions,
): Promise<Recipient> {
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
