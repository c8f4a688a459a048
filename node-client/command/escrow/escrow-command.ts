import type { Command } from "commander";
import { openEscrow, openEscrowIntent } from "../../client/actions/escrow-opening-actions.ts";
import { getService } from "../../client/actions/service-queries.ts";
import { formatAmount, parseAmount } from "../money/token-amounts.ts";
import { addTokenOptions, chooseToken } from "../money/token-option.ts";
import { act, requireBalance } from "../operation/act.ts";
import { CommandGroup } from "../operation/command-group.ts";
import { parseAddressHex, parseIndex, splitList } from "../options/parse-arguments.ts";
import { addModeOption } from "../service/service-offer-options.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { addEscrowMoneyCommands, addEscrowReceiptCommands } from "./escrow-money-commands.ts";
import {
  addOpeningOptions,
  addTermsOptions,
  prepareOpening,
  requireAmount,
  tellIntentTerms,
  timeOf,
  toTerms,
} from "./escrow-opening.ts";
import { addEscrowReadCommands } from "./escrow-read-commands.ts";
import { addEscrowSessionCommands, addEscrowUnitCommands } from "./escrow-unit-commands.ts";

const HELP = `
An escrow holds a buyer's money for units of a service: pulls, or sessions. Each side risks one unit.
The provider delivers, the buyer accepts or rejects; silence accepts, a provider who does not deliver
loses the escrow, and a predicate lets the machine judge open readings itself. An intent names a tag
and a ceiling instead of a service: the first fitting provider takes it.

Examples:
  $ tallyroll escrow open 1 0.03 --units 3 --dev-account 1
  $ tallyroll escrow open 1 0.03 --units 3 --predicate "temperature in [25, 43)" --dev-account 1
  $ tallyroll escrow intent weather 0.03 --ceiling 0.01 --units 3 --dev-account 1
  $ tallyroll escrow take intent:0x5f… 1 --dev-account 0
  $ tallyroll escrow deliver standard:0x5f… --dev-account 0
  $ tallyroll escrow accept standard:0x5f… --dev-account 1
  $ tallyroll escrow list --dev-account 1`;

export function addEscrowCommand(program: Command, terminal: Terminal): void {
  const about = "buy and sell units of a service";
  const escrow = new CommandGroup(program, terminal).group("escrow", about, HELP);
  escrow
    .operation("open", "open an escrow on a service")
    .argument("<service>", "its number", parseIndex)
    .argument("<amount>", "how much to put in: one unit's price at least")
    .with(addOpeningOptions)
    .run(async (online, serviceId, text) => {
      const service = await getService(online.client, { serviceId });
      const { fields, sentence } = await prepareOpening(online, service, text);
      await act(online, openEscrow, {
        fields,
        more: ({ escrowId, ect }) => ({ escrowId, ect, token: service.token }),
        describe: ({ escrowId }) => `${escrowId}: ${sentence}`,
      });
    });
  addIntentCommand(escrow);
  addEscrowUnitCommands(escrow);
  addEscrowSessionCommands(escrow);
  addEscrowReceiptCommands(escrow);
  addEscrowMoneyCommands(escrow);
  addEscrowReadCommands(escrow);
}

function addIntentCommand(escrow: CommandGroup): void {
  escrow
    .operation("intent", "open an escrow that any fitting provider may take")
    .argument("<tag>", "such as weather")
    .argument("<amount>", "how much to put in: the ceiling at least")
    .with(addTermsOptions)
    .with(addTokenOptions)
    .requiredOption("--ceiling <amount>", "a unit costs at most this")
    .with(addModeOption)
    .option("--accept-time <time>", "how long it waits for a provider", ...timeOf("1d"))
    .option("--providers <a,b,…>", "who may take it (default: anybody)", (list) =>
      splitList(list, ",").map((part) => parseAddressHex(part.trim())),
    )
    .run(async (online, tag, text) => {
      const { options, terminal } = online;
      const { token, units } = await chooseToken(online);
      const { mode, acceptTime: acceptTimeSec, providers = [] } = options;
      const amount = parseAmount(text, units);
      const ceiling = parseAmount(options.ceiling, units);
      requireAmount(amount, ceiling, "The ceiling of a unit is", units);
      await requireBalance(online, { token, amount, units });
      const fields = {
        ...{ tag, mode, token, ceiling, acceptTimeSec, amount, providers },
        ...toTerms(options, mode, units, undefined),
      };
      tellIntentTerms(openEscrowIntent.body(fields), units, terminal);
      await act(online, openEscrowIntent, {
        fields,
        more: ({ escrowId, ect }) => ({ escrowId, ect }),
        describe: ({ escrowId }) =>
          `${escrowId}: ${formatAmount(amount, units)} for whoever sells ${tag} at ` +
          `${formatAmount(ceiling, units)} or less.`,
      });
    });
}
