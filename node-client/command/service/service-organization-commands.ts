import type { Command } from "commander";
import { bytesToHex } from "viem";
import type { Hex } from "../../../spec/outputs.ts";
import { putOrganization, putOrganizationGroup } from "../../client/actions/service-actions.ts";
import { getOrganization } from "../../client/actions/service-queries.ts";
import { escapeLine } from "../../escape-text.ts";
import { addReaderOptions, connect, type ReaderOptions } from "../connection/online.ts";
import { answer } from "../money/money-json.ts";
import { act, addOperationOptions, connectToAct, type OperationOptions } from "../operation/act.ts";
import { examplesText } from "../options/help-text.ts";
import { parseAddressHex, parseBytes } from "../options/parse-arguments.ts";
import { formatTable } from "../terminal/format-table.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { requireOwner } from "./service-checks.ts";

const GROUP_HELP = `
A payment group says whom channels pay and where its services answer. Its identifier is any 32 bytes
of your choice.

Examples:
  $ tallyroll service payment-group north-grid default --group 0x00…01 --endpoint https://grid.example/api --dev-account 0`;

/** `tallyroll service organization` and its payment groups. */
export function addServiceOrganizationCommands(service: Command, terminal: Terminal): void {
  for (const add of [addOrganizationCommand, addPaymentGroupCommand, addShowOrganizationCommand])
    add(service, terminal);
}

function addOrganizationCommand(service: Command, terminal: Terminal): void {
  addOperationOptions(service.command("organization").argument("<organization>", "a-z, 0-9, -"))
    .argument("<name>", "for people")
    .description("create an organization of the account, or rename it")
    .action(async (organization: string, name: string, options: OperationOptions) => {
      const online = await connectToAct(options, terminal);
      await requireOwner(online, organization);
      await act(online, putOrganization, {
        fields: { organization, name },
        describe: ({ name, owner }) => `${organization} is ${name}, of ${owner}.`,
      });
    });
}

function addPaymentGroupCommand(service: Command, terminal: Terminal): void {
  type GroupOptions = OperationOptions & {
    readonly group: Uint8Array;
    readonly pay?: Hex;
    readonly endpoint?: readonly string[];
  };
  addOperationOptions(service.command("payment-group").argument("<organization>", "its name"))
    .argument("<name>", "for people")
    .description("create or replace a payment group of an organization")
    .requiredOption("--group <hex>", "its identifier", parseBytes(32, "a payment group"))
    .option("--pay <address>", "the recipient of channels (default: the account)", parseAddressHex)
    .option("--endpoint <url...>", "where its services answer; at most 8")
    .addHelpText("after", GROUP_HELP)
    .action(async (organization: string, name: string, options: GroupOptions) => {
      const online = await connectToAct(options, terminal);
      await requireOwner(online, organization);
      const { endpoint: endpoints = [], pay = online.address } = options;
      const groupId = bytesToHex(options.group);
      const fields = { organization, groupId, name, endpoints, paymentAddress: pay };
      await act(online, putOrganizationGroup, {
        fields,
        describe: ({ paymentAddress }) =>
          `Payment group ${groupId} of ${organization} pays ${paymentAddress}.`,
      });
    });
}

function addShowOrganizationCommand(service: Command, terminal: Terminal): void {
  addReaderOptions(service.command("show-organization").argument("<organization>", "its name"))
    .description("show an organization and its payment groups")
    .addHelpText("after", examplesText("service show-organization north-grid"))
    .action(async (organization: string, options: ReaderOptions) => {
      const online = await connect(options, terminal);
      const info = await getOrganization(online.client, { organization });
      const rows = info.paymentGroups.map(({ groupId, name, paymentAddress, endpoints }) => [
        ...[groupId, name, paymentAddress, endpoints.join(" ")],
      ]);
      const table = formatTable(["group", "name", "pays", "endpoints"], rows, terminal.columns);
      await answer(online, info, `${escapeLine(`${info.name}, of ${info.owner}`)}\n\n${table}`);
    });
}
