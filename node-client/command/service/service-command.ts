import type { Command } from "commander";
import { bytesToHex } from "viem";
import { ETHER } from "../../client/actions/ether.ts";
import {
  publishService,
  putOrganization,
  putOrganizationGroup,
  updateService,
  withdrawService,
} from "../../client/actions/service-actions.ts";
import { getOrganization, getService, listServices } from "../../client/actions/service-queries.ts";
import { escapeLine } from "../../escape-text.ts";
import { answer } from "../money/money-json.ts";
import { act } from "../operation/act.ts";
import { CommandGroup } from "../operation/command-group.ts";
import { parseAddressHex, parseBytes, parseIndex } from "../options/parse-arguments.ts";
import { formatTable } from "../terminal/format-table.ts";
import { collect } from "../terminal/io.ts";
import type { Terminal } from "../terminal/terminal.ts";
import {
  addOfferOptions,
  requireNewName,
  requireOwner,
  requireProvider,
  tellOffer,
  toOffer,
} from "./service-offer-options.ts";
import { formatService, formatServices } from "./service-table.ts";

const HELP = `
A service is what a provider sells: units of data at a price. Buyers find it by its tags, and pay
through escrows. An update publishes the whole offer again as its next version; escrows that are open
keep theirs.

Examples:
  $ tallyroll service publish roof-weather --tags weather,berlin --price 0.01 --stream 1 --dev-account 0
  $ tallyroll service publish live --tags weather --mode pubsub --price 0.4 --dev-account 0
  $ tallyroll service update 1 --tags weather --price 0.009 --stream 1 --dev-account 0
  $ tallyroll service list --dev-account 0
  $ tallyroll service withdraw 1 --dev-account 0
  $ tallyroll service organization north-grid "North Grid Ltd" --dev-account 0`;

const GROUP_HELP = `
A payment group says whom channels pay and where its services answer. Its identifier is any 32 bytes
of your choice.

Examples:
  $ tallyroll service payment-group north-grid default --group 0x00…01 --endpoint https://grid.example/api --dev-account 0`;

export function addServiceCommand(program: Command, terminal: Terminal): void {
  const service = new CommandGroup(program, terminal).group(
    "service",
    "publish what you sell",
    HELP,
  );
  addOfferCommands(service);
  addReadCommands(service);
  addOrganizationCommands(service);
}

function addOfferCommands(service: CommandGroup): void {
  service
    .operation("publish", "publish a service")
    .argument("<name>", "a-z, 0-9, and - _ . between them")
    .with(addOfferOptions)
    .run(async (online, name) => {
      const { units, isOpen, ...said } = await toOffer(online);
      const fields = { name, ...said };
      const { offer } = publishService.body(fields, online.acting);
      tellOffer(offer, isOpen, units, online);
      await requireNewName(online, name);
      // Without them a search finds pulls for Ether only.
      const filters =
        (offer.mode === "pull" ? "" : ` --mode ${offer.mode}`) +
        (fields.token === ETHER ? "" : ` --token ${online.options.token}`);
      await act(online, publishService, {
        fields,
        describe: ({ serviceId }, { inputIndex }) =>
          `Service ${serviceId}, ${name}, is published (input ${inputIndex}). ` +
          `Buyers find it with \`tallyroll discover ${offer.tags[0]}${filters}\`.`,
      });
    });
  service
    .operation("update", "publish a service's next version: the whole offer again")
    .argument("<service>", "its number", parseIndex)
    .with(addOfferOptions)
    .run(async (online, serviceId) => {
      await requireProvider(online, serviceId);
      const { units, isOpen, ...said } = await toOffer(online);
      const fields = { serviceId, ...said };
      tellOffer(updateService.body(fields, online.acting).offer, isOpen, units, online);
      await act(online, updateService, {
        fields,
        describe: ({ version }) => `Service ${serviceId} is at version ${version}.`,
      });
    });
  service
    .operation("withdraw", "end a service for good; escrows that are open go on")
    .argument("<service>", "its number", parseIndex)
    .run(async (online, serviceId) => {
      await requireProvider(online, serviceId);
      await act(online, withdrawService, {
        fields: { serviceId },
        describe: () => `Service ${serviceId} is withdrawn.`,
      });
    });
}

function addReadCommands(service: CommandGroup): void {
  service
    .reader("show", "show a service and its provider's record")
    .argument("<service>", "its number", parseIndex)
    // Not --version, which shows tallyroll's own wherever it stands.
    .option("--service-version <n>", "of this version (default: the current one)", parseIndex)
    .examples("service show 1", "service show 1 --service-version 1 --json")
    .run(async (online, serviceId) => {
      const { serviceVersion: version } = online.options;
      const asked = version === undefined ? { serviceId } : { serviceId, version };
      const info = await getService(online.client, asked);
      await answer(online, info, (columns) => formatService(online.client, info, columns));
    });
  service.accountReader("list", "list a provider's services", "[provider]").run(async (online) => {
    const { client, account: provider } = online;
    const services = await collect(listServices(client, { provider }));
    await answer(online, { provider, services }, (columns) =>
      formatServices(client, services, columns),
    );
  });
}

function addOrganizationCommands(service: CommandGroup): void {
  service
    .operation("organization", "create an organization of the account, or rename it")
    .argument("<organization>", "a-z, 0-9, -")
    .argument("<name>", "for people")
    .run(async (online, organization, name) => {
      await requireOwner(online, organization);
      await act(online, putOrganization, {
        fields: { organization, name },
        describe: ({ name, owner }) => `${organization} is ${name}, of ${owner}.`,
      });
    });
  service
    .operation("payment-group", "create or replace a payment group of an organization")
    .argument("<organization>", "its name")
    .argument("<name>", "for people")
    .requiredOption("--group <hex>", "its identifier", parseBytes(32, "a payment group"))
    .option("--pay <address>", "the recipient of channels (default: the account)", parseAddressHex)
    .option("--endpoint <url...>", "where its services answer; at most 8")
    .help(GROUP_HELP)
    .run(async (online, organization, name) => {
      await requireOwner(online, organization);
      const { endpoint: endpoints = [], pay: paymentAddress = online.address } = online.options;
      const groupId = bytesToHex(online.options.group);
      await act(online, putOrganizationGroup, {
        fields: { organization, groupId, name, endpoints, paymentAddress },
        describe: ({ paymentAddress }) =>
          `Payment group ${groupId} of ${organization} pays ${paymentAddress}.`,
      });
    });
  service
    .reader("show-organization", "show an organization and its payment groups")
    .argument("<organization>", "its name")
    .examples("service show-organization north-grid")
    .run(async (online, organization) => {
      const info = await getOrganization(online.client, { organization });
      const rows = info.paymentGroups.map((one) => {
        return [one.groupId, one.name, one.paymentAddress, one.endpoints.join(" ")];
      });
      await answer(online, info, (columns) => {
        const table = formatTable(["group", "name", "pays", "endpoints"], rows, columns);
        return `${escapeLine(`${info.name}, of ${info.owner}`)}\n\n${table}`;
      });
    });
}
