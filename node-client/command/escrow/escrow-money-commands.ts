import type { Command } from "commander";
import { OPEN_ESCROW_STATUSES } from "../../../spec/escrow-operations.ts";
import {
  endEscrow,
  fundEscrow,
  pokeEscrow,
  setEscrowAutoFill,
} from "../../client/actions/escrow-actions.ts";
import { formatAmount, parseAmount, parseAmountOrNone } from "../money/token-amounts.ts";
import type { OperationOptions } from "../operation/act.ts";
import { requireBalance } from "../operation/require-balance.ts";
import { examplesText } from "../options/help-text.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { actOnEscrow, addEscrowOperation, type EscrowAct } from "./escrow-act.ts";

type AmountOptions = OperationOptions & { readonly baseUnits: boolean };

/** `escrow fund`, `auto-fill`, `end` and `poke`. */
export function addEscrowMoneyCommands(escrow: Command, terminal: Terminal): void {
  for (const add of [addFundCommand, addAutoFillCommand, addEndCommand, addPokeCommand])
    add(escrow, terminal);
}

const addAmountCommand = (escrow: Command, name: string): Command =>
  addEscrowOperation(escrow, name)
    .argument("<amount>", "such as 0.5")
    .option("--base-units", "the amount is a whole number of the smallest unit", false);

function addFundCommand(escrow: Command, terminal: Terminal): void {
  addAmountCommand(escrow, "fund")
    .description("put more money into an escrow; anybody may")
    .addHelpText("after", examplesText("escrow fund standard:0x5f… 0.05 --dev-account 1"))
    .action(async (text: string, amount: string, options: AmountOptions) => {
      await actOnEscrow(
        text,
        options,
        terminal,
        fundEscrow,
        async ({ online, escrow: { token, status }, escrowId, units }) => {
          const funds = { escrowId, amount: parseAmount(amount, units) };
          const isOpen = OPEN_ESCROW_STATUSES.some((open) => open === status);
          if (isOpen) await requireBalance(online, { token, units, ...funds });
          return funds;
        },
        ({ units }, shown) => `${formatAmount(parseAmount(amount, units), shown)} put in.`,
      );
    });
}

function addAutoFillCommand(escrow: Command, terminal: Terminal): void {
  addAmountCommand(escrow, "auto-fill")
    .description("let it draw up to an amount from your balance when it runs low; 0 ends it")
    .addHelpText("after", examplesText("escrow auto-fill standard:0x5f… 0.1 --dev-account 1"))
    .action(async (text: string, amount: string, options: AmountOptions) => {
      const limitOf = ({ units }: EscrowAct): bigint => parseAmountOrNone(amount, units);
      await actOnEscrow(
        text,
        options,
        terminal,
        setEscrowAutoFill,
        (act) => ({ ...act, limit: limitOf(act) }),
        (act, shown) =>
          limitOf(act) === 0n
            ? "It draws nothing more from your balance."
            : `It may draw ${formatAmount(limitOf(act), shown)} from your balance.`,
      );
    });
}

function addEndCommand(escrow: Command, terminal: Terminal): void {
  addEscrowOperation(escrow, "end")
    .description("end an escrow before its last unit, as its buyer or provider")
    .addHelpText("after", examplesText("escrow end standard:0x5f… --dev-account 1"))
    .action((text: string, options: OperationOptions) =>
      actOnEscrow(text, options, terminal, endEscrow, (at) => at),
    );
}

function addPokeCommand(escrow: Command, terminal: Terminal): void {
  addEscrowOperation(escrow, "poke")
    .description("have applied what time has decided; anybody may")
    .addHelpText("after", examplesText("escrow poke standard:0x5f… --dev-account 2"))
    .action((text: string, options: OperationOptions) =>
      actOnEscrow(text, options, terminal, pokeEscrow, (at) => at),
    );
}
