import { bytesToHex, hexToBytes } from "viem";
import type { Hex } from "../../../spec/outputs.ts";
import { toChannelTerms } from "../../client/actions/open-channel.ts";
import { openChannelByThirdParty } from "../../client/actions/open-channel-by-third-party.ts";
import { readBlockCalendar } from "../../client/actions/read-block-calendar.ts";
import { checkOpening, type SignedOpening } from "../../client/payment/check-opening.ts";
import { signOpening } from "../../client/payment/sign-opening.ts";
import { formatAmount, parseAmount, type TokenUnits } from "../money/token-amounts.ts";
import { addTokenOptions, chooseToken } from "../money/token-option.ts";
import { act } from "../operation/act.ts";
import type { CommandGroup } from "../operation/command-group.ts";
import { requireBalance } from "../operation/require-balance.ts";
import { parseAddressHex, parseWhole } from "../options/parse-arguments.ts";
import { errorKind } from "../terminal/error-kind.ts";
import { readText } from "../terminal/read-file.ts";
import { describeBlock } from "./channel-expiration.ts";
import { addOpeningOptions, prepareChannelOpening, tellChannelTerms } from "./channel-opening.ts";
import { formatOpening, parseOpening } from "./channel-opening-file.ts";
import { parseOpeningWords, RECIPIENT_WORD, VALUE_WORD } from "./channel-recipient.ts";

const HELP = `
A third party can open a channel for somebody who has no money: the sender signs what it shall be,
off chain; the payer sends that and pays. Each message counts once. The payer says the amount, and
the token unless it is Ether: what another file asks for is not paid.

Examples:
  $ tallyroll channel sign-opening 0xf39F…2266 0.5 --payer 0x3C44…93BC --dev-account 1 > opening.json
  $ tallyroll channel open-signed opening.json --amount 0.5 --dev-account 2`;

/** A signed opening asks for something else than its payer means to pay. */
const OpeningNotMeant = errorKind("OpeningNotMeant");

/** `tallyroll channel sign-opening` and `open-signed`: channels that somebody else pays for. */
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
