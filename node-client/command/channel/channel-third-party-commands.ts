import type { Command } from "commander";
import { bytesToHex, hexToBytes } from "viem";
import type { Hex } from "../../../spec/outputs.ts";
import { readBlockCalendar } from "../../client/actions/chain-status.ts";
import { openChannelByThirdParty, toChannelTerms } from "../../client/actions/channel-actions.ts";
import {
  checkOpening,
  type SignedOpening,
  signOpening,
} from "../../client/payment/signed-opening.ts";
import { ClientError } from "../../errors.ts";
import { type ActorOptions, addActorOptions, connectActor } from "../connection/online.ts";
import { formatAmount, parseAmount, type TokenUnits } from "../money/token-amounts.ts";
import { addTokenOptions, chooseToken, type TokenOptions } from "../money/token-option.ts";
import { act, addOperationOptions, connectToAct, type OperationOptions } from "../operation/act.ts";
import { requireBalance } from "../operation/require-balance.ts";
import { parseAddressHex, parseWhole } from "../options/parse-arguments.ts";
import { describeBlock } from "../terminal/block-text.ts";
import { readText } from "../terminal/read-file.ts";
import type { Terminal } from "../terminal/terminal.ts";
import {
  addOpeningOptions,
  type ChannelOpeningOptions,
  prepareChannelOpening,
  tellChannelTerms,
} from "./channel-opening.ts";
import { formatOpening, parseOpening } from "./channel-opening-file.ts";
import { parseOpeningWords } from "./channel-recipient.ts";

const HELP = `
A third party can open a channel for somebody who has no money: the sender signs what it shall be,
off chain; the payer sends that and pays. Each message counts once. The payer says the amount, and
the token unless it is Ether: what another file asks for is not paid.

Examples:
  $ tallyroll channel sign-opening 0xf39F…2266 0.5 --payer 0x3C44…93BC --dev-account 1 > opening.json
  $ tallyroll channel open-signed opening.json --amount 0.5 --dev-account 2`;

/** A signed opening asks for something else than its payer means to pay. */
class OpeningNotMeant extends ClientError {
  override readonly name = "OpeningNotMeant";
}

/** `tallyroll channel sign-opening` and `open-signed`: channels that somebody else pays for. */
export function addChannelThirdPartyCommands(channel: Command, terminal: Terminal): void {
  for (const add of [addSignOpeningCommand, addOpenSignedCommand]) add(channel, terminal);
}

function addSignOpeningCommand(channel: Command, terminal: Terminal): void {
  type SignOptions = ActorOptions &
    ChannelOpeningOptions & {
      readonly payer: Hex;
      readonly mpe: boolean;
      readonly messageNonce?: number;
    };
  addOpeningOptions(addActorOptions(channel.command("sign-opening")))
    .description("sign, off chain, that a payer may open a channel for this account")
    .requiredOption("--payer <address>", "who will send it and pay", parseAddressHex)
    .option("--mpe", "sign MPE's message, which binds neither token nor chain", false)
    .option(
      "--message-nonce <n>",
      "makes equal openings differ (default: the time)",
      parseWhole(0, Number.MAX_SAFE_INTEGER),
    )
    .addHelpText("after", HELP)
    .action(async (first: string, second: string | undefined, options: SignOptions) => {
      const words = parseOpeningWords([first, second], options);
      const online = await connectActor(options, terminal);
      const { client, account } = online;
      const prepared = await prepareChannelOpening(online, words, options);
      const { fields } = prepared;
      tellChannelTerms(prepared, online);
      const terms = toChannelTerms(fields, online.address);
      const { timestamp } = await client.publicClient.getBlock();
      const messageNonce = BigInt(options.messageNonce ?? timestamp);
      const form = options.mpe ? "mpe" : "eip712";
      const { payer } = options;
      const signature = await signOpening(client.crypto, account, client.at, {
        ...{ payer, terms, messageNonce, form },
      });
      const sender = hexToBytes(online.address);
      const opening = { sender, ...terms, messageNonce, form, signature } as const;
      await terminal.print(`${formatOpening(client.at, opening)}\n`);
    });
}

function addOpenSignedCommand(channel: Command, terminal: Terminal): void {
  type OpenOptions = OperationOptions & TokenOptions & { readonly amount: string };
  const openSigned = channel.command("open-signed").argument("<file>", "by sign-opening");
  addTokenOptions(addOperationOptions(openSigned))
    .description("open and pay for a channel of somebody who has signed for it")
    .requiredOption("--amount <amount>", "what you mean to pay: the file must ask for as much")
    .addHelpText("after", HELP)
    .action(async (file: string, options: OpenOptions) => {
      const online = await connectToAct(options, terminal);
      const { token, units } = await chooseToken(online, options);
      const meant = parseAmount(options.amount, units);
      const opening = parseOpening(online.client.at, await readText(file, terminal.io));
      requireMeant(opening, token, meant, units);
      checkOpening(online.client.crypto, online.client.at, hexToBytes(online.address), opening);
      await requireBalance(online, { token, amount: opening.value, units });
      const calendar = await readBlockCalendar(online.client);
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
