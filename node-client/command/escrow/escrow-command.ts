import type { Command } from "commander";
import type { Hex } from "../../../spec/outputs.ts";
import type { DeliveryMode } from "../../../spec/service-operations.ts";
import { openEscrow, openEscrowIntent } from "../../client/actions/escrow-opening-actions.ts";
import { getService } from "../../client/actions/service-queries.ts";
import { formatAmount, parseAmount } from "../money/token-amounts.ts";
import { addTokenOptions, chooseToken, type TokenOptions } from "../money/token-option.ts";
import { act, addOperationOptions, connectToAct, type OperationOptions } from "../operation/act.ts";
import { requireBalance } from "../operation/require-balance.ts";
import { parseAddressHex, parseIndex, splitList } from "../options/parse-arguments.ts";
import { modeOption } from "../service/service-offer-options.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { addEscrowMoneyCommands } from "./escrow-money-commands.ts";
import {
  type OpeningOptions,
  prepareOpening,
  requireAmount,
  tellIntentTerms,
} from "./escrow-opening.ts";
import { addEscrowReadCommands } from "./escrow-read-commands.ts";
import { addEscrowReceiptCommands } from "./escrow-receipt-commands.ts";
import { addEscrowSessionCommands } from "./escrow-session-commands.ts";
import { addTermsOptions, type TermsOptions, timeOption, toTerms } from "./escrow-terms-options.ts";
import { addEscrowUnitCommands } from "./escrow-unit-commands.ts";

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

/** `tallyroll escrow`: money for units of a service. */
export function addEscrowCommand(program: Command, terminal: Terminal): void {
  const escrow = program
    .command("escrow")
    .description("buy and sell units of a service")
    .addHelpText("after", HELP);
  for (const add of [addOpenCommand, addIntentCommand]) add(escrow, terminal);
  addEscrowUnitCommands(escrow, terminal);
  addEscrowSessionCommands(escrow, terminal);
  addEscrowReceiptCommands(escrow, terminal);
  addEscrowMoneyCommands(escrow, terminal);
  addEscrowReadCommands(escrow, terminal);
}

function addOpenCommand(escrow: Command, terminal: Terminal): void {
  type OpenOptions = OperationOptions & OpeningOptions;
  addTermsOptions(
    addOperationOptions(escrow.command("open").argument("<service>", "its number", parseIndex)),
  )
    .argument("<amount>", "how much to put in: one unit's price at least")
    .option("--service-version <n>", "refuse any other (default: the current one)", parseIndex)
    .option("--base-units", "amounts are whole numbers of the smallest unit", false)
    .description("open an escrow on a service")
    .action(async (serviceId: number, text: string, options: OpenOptions) => {
      const online = await connectToAct(options, terminal);
      const service = await getService(online.client, { serviceId });
      const { fields, sentence } = await prepareOpening(online, service, text, options);
      await act(online, openEscrow, {
        fields,
        more: ({ escrowId, ect }) => ({ escrowId, ect, token: service.token }),
        describe: ({ escrowId }) => `${escrowId}: ${sentence}`,
      });
    });
}

function addIntentCommand(escrow: Command, terminal: Terminal): void {
  type IntentOptions = OperationOptions &
    TermsOptions &
    TokenOptions & {
      readonly ceiling: string;
      readonly mode: DeliveryMode;
      readonly acceptTime: number;
      readonly providers?: readonly Hex[];
    };
  addTokenOptions(
    addTermsOptions(
      addOperationOptions(escrow.command("intent").argument("<tag>", "such as weather")),
    ),
  )
    .argument("<amount>", "how much to put in: the ceiling at least")
    .requiredOption("--ceiling <amount>", "a unit costs at most this")
    .addOption(modeOption().default("pull"))
    .addOption(timeOption("--accept-time <time>", "how long it waits for a provider", "1d"))
    .option("--providers <a,b,…>", "who may take it (default: anybody)", (list) =>
      splitList(list, ",").map((part) => parseAddressHex(part.trim())),
    )
    .description("open an escrow that any fitting provider may take")
    .action(async (tag: string, text: string, options: IntentOptions) => {
      const online = await connectToAct(options, terminal);
      const { token, units } = await chooseToken(online, options);
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
