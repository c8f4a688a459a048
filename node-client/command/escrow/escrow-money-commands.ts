import { OPEN_ESCROW_STATUSES } from "../../../spec/escrow-operations.ts";
import { MESSAGES_MAX } from "../../../spec/limits.ts";
import {
  endEscrow,
  fundEscrow,
  pokeEscrow,
  redeemEscrowReceipt,
  setEscrowAutoFill,
} from "../../client/actions/escrow-actions.ts";
import { type EscrowInfo, getEscrow } from "../../client/actions/escrow-queries.ts";
import { parseEscrowId } from "../../client/escrow/escrow-id-text.ts";
import {
  checkReceipt,
  escrowOfReceipt,
  formatReceipt,
  parseReceipt,
  signReceipt,
} from "../../client/escrow/receipt.ts";
import { countOf } from "../../count-of.ts";
import { formatAmount, parseAmount, parseAmountOrNone } from "../money/token-amounts.ts";
import { addAmountUnits } from "../money/token-option.ts";
import { addOperationOptions, connectToAct, requireBalance } from "../operation/act.ts";
import type { CommandGroup } from "../operation/command-group.ts";
import { parseIndex, parseWhole } from "../options/parse-arguments.ts";
import { readText } from "../terminal/read-file.ts";
import {
  actOnEscrow,
  ESCROW_WORD,
  type EscrowAct,
  EscrowActError,
  escrowOperation,
} from "./escrow-act.ts";

const HELP = `
A receipt is the buyer's word, off chain: in pull mode, how many units they have accepted in all; in
pubsub mode, how many messages of a session they have had, and how many of them were valid. It is
cumulative, so the provider needs the last one only. Signing costs nothing.

Examples:
  $ tallyroll escrow receipt sign standard:0x5f… --unit 3 --dev-account 1 > receipt.json
  $ tallyroll escrow receipt sign standard:0x5f… --messages 15 --valid 14 --dev-account 1 > receipt.json
  $ tallyroll escrow receipt redeem receipt.json --dev-account 0`;

export function addEscrowReceiptCommands(escrow: CommandGroup): void {
  const about = "accept units off chain, and redeem what was accepted";
  const receipt = escrow.group("receipt", about, HELP);
  receipt
    .signer("sign", "sign a receipt, as the buyer, and print it")
    .argument("<escrow>", ESCROW_WORD)
    .option("--unit <n>", "units accepted in all, or the session (default: the next)", parseIndex)
    .option("--messages <n>", "of the session so far", parseWhole(0, MESSAGES_MAX))
    .option("--valid <n>", "of them valid (default: all)", parseWhole(0, MESSAGES_MAX))
    .check((_options, text) => parseEscrowId(text))
    .run(async ({ client, account, found: escrowId, options, terminal }) => {
      const escrow = await getEscrow(client, { escrowId });
      const { messages: messageCount = 0, unit = escrow.unit, valid: validCount } = options;
      requireReceipt(escrow, unit, options, account.address);
      const counts = { messageCount, validCount: validCount ?? messageCount };
      const signed = await signReceipt(account, client.at, { escrowId, unit, ...counts });
      checkReceipt(client.crypto, client.at, signed, escrow.buyer);
      await terminal.print(`${formatReceipt(client.at, signed)}\n`);
    });
  receipt
    .local("redeem", "redeem a receipt, as the provider")
    .with(addOperationOptions)
    .argument("<file>", "a receipt; - is stdin")
    .option("--batch <n>", "a batch of the session, where a stream is sold", parseIndex, 0)
    .run(async ({ options, terminal }, file) => {
      const text = await readText(file, terminal.io);
      const found = parseEscrowId(escrowOfReceipt(text));
      const actor = { ...(await connectToAct(options, terminal)), found };
      await actOnEscrow(actor, redeemEscrowReceipt, ({ online, escrow }) => {
        const { crypto, at } = online.client;
        const receipt = parseReceipt(at, text);
        checkReceipt(crypto, at, receipt, escrow.buyer);
        if (!online.isForRelay) requireUnredeemed(receipt.unit, escrow);
        return { receipt, batchId: options.batch };
      });
    });
}

/** A receipt redeemed a second time pays nothing: said before gas is spent. */
function requireUnredeemed(
  unit: number,
  { escrowId, mode, paidUnits, refundedUnits, status }: EscrowInfo,
): void {
  const settledUnits = paidUnits + refundedUnits;
  if (unit > settledUnits) return;
  const what = mode === "pull" ? `accepts ${countOf(unit, "unit")}` : `is of session ${unit}`;
  throw new EscrowActError(
    `The receipt ${what}, and ${escrowId} has ${paidUnits} paid and ${refundedUnits} refunded, so it ` +
      `was redeemed or settled already; the escrow is ${status}. Nothing was sent ` +
      `(${mode === "pull" ? "receipt_not_needed" : "escrow_unit_wrong"}).`,
    { whatToDo: "Do nothing, or redeem a later receipt of the buyer's." },
  );
}

/** A receipt that could never be redeemed, or says less than its buyer meant, is not signed. */
function requireReceipt(
  { escrowId, buyer, mode, terms }: EscrowInfo,
  unit: number,
  { messages, valid }: { readonly messages?: number; readonly valid?: number },
  signer: string,
): void {
  const fail = (what: string, whatToDo: string) =>
    new EscrowActError(`${what}; nothing was signed.`, { whatToDo });
  if (signer.toLowerCase() !== buyer) {
    throw fail(
      `The buyer of ${escrowId} is ${buyer}, not ${signer}`,
      "Sign with the buyer's account.",
    );
  }
  if (unit < 1 || unit > terms.unitCount) {
    throw fail(
      `${escrowId} has units 1 to ${terms.unitCount}, not ${unit}`,
      "Give one of them with --unit, or none for the next.",
    );
  }
  if (mode === "pull" && (messages !== undefined || valid !== undefined)) {
    throw fail(
      `${escrowId} is paid by the pull, and a pull has no messages`,
      "Leave --messages and --valid away.",
    );
  }
  if (mode === "pubsub" && messages === undefined) {
    throw fail(
      `${escrowId} is paid by the session, and nothing says what session ${unit} had`,
      "Give --messages, 0 if there were none.",
    );
  }
  if (valid !== undefined && messages !== undefined && valid > messages) {
    throw fail(
      `${valid} valid messages are more than all ${messages}`,
      "Count the valid ones of --messages with --valid.",
    );
  }
}

export function addEscrowMoneyCommands(escrow: CommandGroup): void {
  escrowOperation(escrow, "fund", "put more money into an escrow; anybody may")
    .argument("<amount>", "such as 0.5")
    .with(addAmountUnits)
    .examples("escrow fund standard:0x5f… 0.05 --dev-account 1")
    .run((online, _escrow, text) =>
      actOnEscrow(
        online,
        fundEscrow,
        async ({ escrow: { token, status }, escrowId, units }) => {
          const funds = { escrowId, amount: parseAmount(text, units) };
          const isOpen = OPEN_ESCROW_STATUSES.some((open) => open === status);
          if (isOpen) await requireBalance(online, { token, units, ...funds });
          return funds;
        },
        ({ units }, shown) => `${formatAmount(parseAmount(text, units), shown)} put in.`,
      ),
    );
  const autoFill = "let it draw up to an amount from your balance when it runs low; 0 ends it";
  escrowOperation(escrow, "auto-fill", autoFill)
    .argument("<amount>", "such as 0.5")
    .with(addAmountUnits)
    .examples("escrow auto-fill standard:0x5f… 0.1 --dev-account 1")
    .run((online, _escrow, text) => {
      const limitOf = ({ units }: EscrowAct): bigint => parseAmountOrNone(text, units);
      return actOnEscrow(
        online,
        setEscrowAutoFill,
        (act) => ({ ...act, limit: limitOf(act) }),
        (act, shown) =>
          limitOf(act) === 0n
            ? "It draws nothing more from your balance."
            : `It may draw ${formatAmount(limitOf(act), shown)} from your balance.`,
      );
    });
  escrowOperation(escrow, "end", "end an escrow before its last unit, as its buyer or provider")
    .examples("escrow end standard:0x5f… --dev-account 1")
    .run((online) => actOnEscrow(online, endEscrow, (at) => at));
  escrowOperation(escrow, "poke", "have applied what time has decided; anybody may")
    .examples("escrow poke standard:0x5f… --dev-account 2")
    .run((online) => actOnEscrow(online, pokeEscrow, (at) => at));
}
