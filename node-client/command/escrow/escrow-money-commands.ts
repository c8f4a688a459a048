import { OPEN_ESCROW_STATUSES } from "../../../spec/escrow-operations.ts";
import { endEscrow } from "../../client/actions/end-escrow.ts";
import { fundEscrow } from "../../client/actions/fund-escrow.ts";
import { pokeEscrow } from "../../client/actions/poke-escrow.ts";
import { setEscrowAutoFill } from "../../client/actions/set-escrow-auto-fill.ts";
import { formatAmount, parseAmount, parseAmountOrNone } from "../money/token-amounts.ts";
import { addAmountUnits } from "../money/token-option.ts";
import type { CommandGroup } from "../operation/command-group.ts";
import { requireBalance } from "../operation/require-balance.ts";
import { actOnEscrow, type EscrowAct, escrowOperation } from "./escrow-act.ts";

/** `escrow fund`, `auto-fill`, `end` and `poke`. */
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
