import type { Command } from "commander";
import { addOperationOptions, type OperationOptions } from "./act.ts";
import { parseAmount } from "./amounts.ts";
import { actOnEscrow, type CommandParts } from "./escrow-act.ts";

type AmountOptions = OperationOptions & { readonly baseUnits: boolean };

/** `escrow fund`, `auto-fill`, `end` and `poke`. */
export function addEscrowMoneyCommands(escrow: Command, parts: CommandParts): void {
  const addAmountCommand = (name: string): Command =>
    addOperationOptions(escrow.command(name).argument("<escrow>", "standard:0x… or intent:0x…"))
      .argument("<amount>", "such as 0.5")
      .option("--base-units", "the amount is a whole number of the smallest unit", false);

  addAmountCommand("fund")
    .description("put more money into an escrow; anybody may")
    .action(async (text: string, amount: string, options: AmountOptions) => {
      await actOnEscrow(text, options, parts, ({ escrowId, units }) => ({
        ...{ kind: "fund_escrow", escrowId, amount: parseAmount(amount, units) },
      }));
    });

  addAmountCommand("auto-fill")
    .description("let it draw up to an amount from your balance when it runs low; 0 ends it")
    .action(async (text: string, amount: string, options: AmountOptions) => {
      await actOnEscrow(text, options, parts, ({ escrowId, units }) => {
        const limit = /^0(\.0*)?$/.test(amount) ? 0n : parseAmount(amount, units);
        return { kind: "set_auto_fill", escrowId, limit };
      });
    });

  const addPlainCommand = (name: string): Command =>
    addOperationOptions(escrow.command(name).argument("<escrow>", "standard:0x… or intent:0x…"));

  addPlainCommand("end")
    .description("end an escrow before its last unit, as its buyer or provider")
    .action(async (text: string, options: OperationOptions) => {
      await actOnEscrow(text, options, parts, ({ escrowId }) => ({ kind: "end_escrow", escrowId }));
    });

  addPlainCommand("poke")
    .description("have applied what time has decided; anybody may")
    .action(async (text: string, options: OperationOptions) => {
      await actOnEscrow(text, options, parts, ({ escrowId }) => ({
        kind: "poke_escrow",
        escrowId,
      }));
    });
}
