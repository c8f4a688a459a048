import { bytesToHex, hexToBytes, isHex } from "viem";
import { CHANNEL_PAYMENTS } from "../../../spec/channel-operations.ts";
import { AMOUNT_MAX, COUNTER_MAX, LANES_RESERVED_MAX } from "../../../spec/limits.ts";
import type { Hex } from "../../../spec/outputs.ts";
import { readBlockCalendar } from "../../client/actions/chain-status.ts";
import { openChannelByThirdParty, toChannelTerms } from "../../client/actions/channel-actions.ts";
import {
  checkOpening,
  type SignedOpening,
  signOpening,
} from "../../client/payment/signed-opening.ts";
import type { SettlementPlace } from "../../client/payment/signed-payment.ts";
import type { ClientError } from "../../errors.ts";
import { escapeValue } from "../../escape-value.ts";
import { formatAmount, parseAmount, type TokenUnits } from "../money/token-amounts.ts";
import { addTokenOptions, chooseToken } from "../money/token-option.ts";
import { act, requireBalance } from "../operation/act.ts";
import type { CommandGroup } from "../operation/command-group.ts";
import { theirs } from "../options/command-hints.ts";
import { parseAddressHex, parseWhole } from "../options/parse-arguments.ts";
import { errorKind } from "../terminal/io.ts";
import { readText } from "../terminal/read-file.ts";
import { describeBlock } from "./channel-expiration.ts";
import {
  addOpeningOptions,
  parseOpeningWords,
  prepareChannelOpening,
  RECIPIENT_WORD,
  tellChannelTerms,
  VALUE_WORD,
} from "./channel-opening.ts";

const HELP = `
A third party can open a channel for somebody who has no money: the sender signs what it shall be,
off chain; the payer sends that and pays. Each message counts once. The payer says the amount, and
the token unless it is Ether: what another file asks for is not paid.

Examples:
  $ tallyroll channel sign-opening 0xf39F…2266 0.5 --payer 0x3C44…93BC --dev-account 1 > opening.json
  $ tallyroll channel open-signed opening.json --amount 0.5 --dev-account 2`;

const OpeningNotMeant = errorKind("OpeningNotMeant");

export function addChannelThirdPartyCommands(channel: CommandGroup): void {
  addSignOpeningCommand(channel);
  addOpenSignedCommand(channel);
}

function addSignOpeningCommand(channel: CommandGroup): void {
  const nonceBounds = parseWhole(0, Number.MAX_SAFE_INTEGER);
  channel
    .signer("sign-opening", "sign, off chain, that a payer may open a channel for this account")
    .argument("<recipient>", RECIPIENT_WORD)
    .argument("[value]", VALUE_WORD)
    .with(addOpeningOptions)
    .requiredOption("--payer <address>", "who will send it and pay", parseAddressHex)
    .flag("--mpe", "sign MPE's message, which binds neither token nor chain")
    .option("--message-nonce <n>", "makes equal openings differ (default: the time)", nonceBounds)
    .help(HELP)
    .check((options, ...words) => parseOpeningWords(words, options))
    .run(async (online) => {
      const { client, account, options } = online;
      const prepared = await prepareChannelOpening(online, online.found);
      tellChannelTerms(prepared, online);
      const terms = toChannelTerms(prepared.fields, online.address);
      const { timestamp } = await client.publicClient.getBlock();
      const messageNonce = BigInt(options.messageNonce ?? timestamp);
      const form = options.mpe ? "mpe" : "eip712";
      const { payer } = options;
      const signature = await signOpening(client.crypto, account, client.at, {
        ...{ payer, terms, messageNonce, form },
      });
      const sender = hexToBytes(online.address);
      const opening = { sender, ...terms, messageNonce, form, signature } as const;
      await online.terminal.print(`${formatOpening(client.at, opening)}\n`);
    });
}

function addOpenSignedCommand(channel: CommandGroup): void {
  channel
    .operation("open-signed", "open and pay for a channel of somebody who has signed for it")
    .argument("<file>", "by sign-opening")
    .with(addTokenOptions)
    .requiredOption("--amount <amount>", "what you mean to pay: the file must ask for as much")
    .help(HELP)
    .run(async (online, file) => {
      const { client, options, terminal } = online;
      const { token, units } = await chooseToken(online);
      const meant = parseAmount(options.amount, units);
      const opening = parseOpening(client.at, await readText(file, terminal.io));
      requireMeant(opening, token, meant, units);
      checkOpening(client.crypto, client.at, hexToBytes(online.address), opening);
      await requireBalance(online, { token, amount: opening.value, units });
      const calendar = await readBlockCalendar(client);
      const { expirationBlock } = opening;
      const until = await describeBlock(calendar, expirationBlock);
      const expiresAboutSec = (await calendar.findTime(expirationBlock)) ?? null;
      await act(online, openChannelByThirdParty, {
        fields: opening,
        more: () => ({ expiresAboutSec }),
        describe: ({ channelId, sender, value, recipient }) =>
          `Channel ${channelId} of ${sender} holds ` +
          `${formatAmount(value, units)} for ${recipient} until ${until}.`,
      });
    });
}

/** MPE's form does not even sign the token: what is paid is the payer's word alone. */
function requireMeant(opening: SignedOpening, token: Hex, meant: bigint, units: TokenUnits): void {
  const asked = bytesToHex(opening.token);
  if (asked !== token.toLowerCase()) {
    throw new OpeningNotMeant(`The opening asks for the token ${asked}, not for ${token}.`, {
      whatToDo: `If you mean to pay that, add --token ${asked}. Nothing was sent.`,
    });
  }
  if (opening.value === meant) return;
  const [is, should] = [opening.value, meant].map((amount) => formatAmount(amount, units));
  throw new OpeningNotMeant(`The opening asks for ${is}, not for ${should}.`, {
    whatToDo: "Ask its sender which is right, and do not pay before. Nothing was sent.",
  });
}

const OpeningFileError = errorKind("OpeningFileError");

const BYTES = {
  ...{ sender: 20, recipient: 20, signer: 20, groupId: 32, token: 20, signature: 65 },
} as const;
const FORMS = ["mpe", "eip712"] as const;

/** A signed opening as JSON, with the application it is for. */
export function formatOpening(at: SettlementPlace, opening: SignedOpening): string {
  const place = { chainId: at.chainId, app: at.app };
  return JSON.stringify({ ...place, ...opening }, (_, value) => {
    if (value instanceof Uint8Array) return bytesToHex(value);
    return typeof value === "bigint" ? value.toString() : value;
  });
}

/**
 * Reads what `formatOpening` wrote, perhaps a stranger. Nothing of it is verified yet:
 * `checkOpening` looks at its signature.
 *
 * @throws OpeningFileError when it is none, naming the field and its bound, or for another
 * application than `at`.
 */
export function parseOpening(at: SettlementPlace, text: string): SignedOpening {
  let fields: Record<string, unknown>;
  try {
    fields = JSON.parse(text) ?? {};
  } catch (cause) {
    throw none("it is not JSON", cause);
  }
  const { chainId, app } = fields;
  if (chainId !== at.chainId.toString() || app !== bytesToHex(at.app)) {
    throw none(`it is for ${escapeValue(app)} on chain ${escapeValue(chainId)}`);
  }
  const misfit = (name: string, bound: string) =>
    none(`its ${name} is ${escapeValue(fields[name])}; it takes ${bound}`);
  const bytes = (name: keyof typeof BYTES): Uint8Array => {
    const value = fields[name];
    if (isHex(value) && value.length === 2 + 2 * BYTES[name]) return hexToBytes(value);
    throw misfit(name, `0x and ${BYTES[name]} bytes in hex`);
  };
  const amount = (name: string): bigint => {
    const value = fields[name];
    const isDigits = typeof value === "string" && /^\d{1,78}$/.test(value);
    if (isDigits && BigInt(value) <= AMOUNT_MAX) return BigInt(value);
    throw misfit(name, "decimal digits from 0 to 2^256 - 1");
  };
  const word = <Word extends string>(name: string, words: readonly Word[]): Word => {
    const found = words.find((each) => each === fields[name]);
    if (found !== undefined) return found;
    throw misfit(name, `one of ${words.join(", ")}`);
  };
  const expirationBlock = fields.expirationBlock;
  if (!Number.isSafeInteger(expirationBlock) || Number(expirationBlock) < 0) {
    throw misfit("expirationBlock", `a whole number from 0 to ${COUNTER_MAX}`);
  }
  const { lanes } = fields;
  if (!Number.isSafeInteger(lanes) || Number(lanes) < 0 || Number(lanes) > LANES_RESERVED_MAX) {
    throw misfit("lanes", `a whole number from 0 to ${LANES_RESERVED_MAX}`);
  }
  return {
    ...{ sender: bytes("sender"), recipient: bytes("recipient"), signer: bytes("signer") },
    ...{ groupId: bytes("groupId"), token: bytes("token"), value: amount("value") },
    ...{ expirationBlock: Number(expirationBlock), payments: word("payments", CHANNEL_PAYMENTS) },
    lanes: Number(lanes),
    ...{ form: word("form", FORMS), messageNonce: amount("messageNonce") },
    signature: bytes("signature"),
  };
}

const none = (why: string, cause?: unknown): ClientError =>
  new OpeningFileError(`This is not a signed opening of a channel here: ${why}.`, {
    whatToDo: `Give a file of ${theirs("channel sign-opening RECIPIENT AMOUNT --payer ADDRESS")} for this application.`,
    cause,
  });
