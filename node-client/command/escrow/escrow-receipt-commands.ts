import type { Command } from "commander";
import { MESSAGES_MAX } from "../../../spec/limits.ts";
import { redeemEscrowReceipt } from "../../client/actions/escrow-actions.ts";
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
import { type ActorOptions, addActorOptions, connectActor } from "../connection/online.ts";
import { addOperationOptions, type OperationOptions } from "../operation/act.ts";
import { parseIndex, parseWhole } from "../options/parse-arguments.ts";
import { readText } from "../terminal/read-file.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { actOnEscrow, EscrowActError } from "./escrow-act.ts";

const HELP = `
A receipt is the buyer's word, off chain: in pull mode, how many units they have accepted in all; in
pubsub mode, how many messages of a session they have had, and how many of them were valid. It is
cumulative, so the provider needs the last one only. Signing costs nothing.

Examples:
  $ tallyroll escrow receipt sign standard:0x5f… --unit 3 --dev-account 1 > receipt.json
  $ tallyroll escrow receipt sign standard:0x5f… --messages 15 --valid 14 --dev-account 1 > receipt.json
  $ tallyroll escrow receipt redeem receipt.json --dev-account 0`;

/** `escrow receipt sign` and `redeem`: accepting off chain. */
export function addEscrowReceiptCommands(escrow: Command, terminal: Terminal): void {
  const receipt = escrow
    .command("receipt")
    .description("accept units off chain, and redeem what was accepted")
    .addHelpText("after", HELP);
  for (const add of [addSignCommand, addRedeemCommand]) add(receipt, terminal);
}

function addSignCommand(receipt: Command, terminal: Terminal): void {
  type SignOptions = ActorOptions & {
    readonly unit?: number;
    readonly messages?: number;
    readonly valid?: number;
  };
  addActorOptions(receipt.command("sign").argument("<escrow>", "standard:0x… or intent:0x…"))
    .option("--unit <n>", "units accepted in all, or the session (default: the next)", parseIndex)
    .option("--messages <n>", "of the session so far", parseWhole(0, MESSAGES_MAX))
    .option("--valid <n>", "of them valid (default: all)", parseWhole(0, MESSAGES_MAX))
    .description("sign a receipt, as the buyer, and print it")
    .action(async (text: string, options: SignOptions) => {
      const escrowId = parseEscrowId(text);
      const { client, account } = await connectActor(options, terminal);
      const escrow = await getEscrow(client, { escrowId });
      const { messages: messageCount = 0, unit = escrow.unit } = options;
      requireReceipt(escrow, unit, options, account.address);
      const validCount = options.valid ?? messageCount;
      const signed = await signReceipt(account, client.at, {
        ...{ escrowId, unit, messageCount, validCount },
      });
      checkReceipt(client.crypto, client.at, signed, escrow.buyer);
      await terminal.print(`${formatReceipt(client.at, signed)}\n`);
    });
}

function addRedeemCommand(receipt: Command, terminal: Terminal): void {
  type RedeemOptions = OperationOptions & { readonly batch: number };
  addOperationOptions(receipt.command("redeem").argument("<file>", "a receipt; - is stdin"))
    .option("--batch <n>", "a batch of the session, where a stream is sold", parseIndex, 0)
    .description("redeem a receipt, as the provider")
    .action(async (file: string, options: RedeemOptions) => {
      const text = await readText(file, terminal.io);
      const id = escrowOfReceipt(text);
      await actOnEscrow(id, options, terminal, redeemEscrowReceipt, ({ online, escrow }) => {
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
