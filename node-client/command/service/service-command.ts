import type { Command } from "commander";
import type { Hex } from "../../../spec/outputs.ts";
import { ETHER } from "../../client/actions/ether.ts";
import {
  publishService,
  updateService,
  withdrawService,
} from "../../client/actions/service-actions.ts";
import {
  getService,
  listServices,
  type ServiceInfo,
} from "../../client/actions/service-queries.ts";
import {
  type ActorOptions,
  addActorOptions,
  addReaderOptions,
  connect,
  findAccountAddress,
  type ReaderOptions,
} from "../connection/online.ts";
import { answer } from "../money/money-json.ts";
import { act, addOperationOptions, connectToAct, type OperationOptions } from "../operation/act.ts";
import { examplesText } from "../options/help-text.ts";
import { parseAddressHex, parseIndex } from "../options/parse-arguments.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { requireNewName, requireProvider } from "./service-checks.ts";
import { addOfferOptions, type OfferOptions, tellOffer, toOffer } from "./service-offer-options.ts";
import { addServiceOrganizationCommands } from "./service-organization-commands.ts";
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

type PublishOptions = OperationOptions & OfferOptions;

/** `tallyroll service`: what providers sell. */
export function addServiceCommand(program: Command, terminal: Terminal): void {
  const service = program
    .command("service")
    .description("publish what you sell")
    .addHelpText("after", HELP);
  addPublishCommand(service, terminal);
  addUpdateCommand(service, terminal);
  addWithdrawCommand(service, terminal);
  addShowCommand(service, terminal);
  addListCommand(service, terminal);
  addServiceOrganizationCommands(service, terminal);
}

function addPublishCommand(service: Command, terminal: Terminal): void {
  addOfferOptions(
    addOperationOptions(
      service.command("publish").argument("<name>", "a-z, 0-9, and - _ . between them"),
    ),
  )
    .description("publish a service")
    .action(async (name: string, options: PublishOptions) => {
      const online = await connectToAct(options, terminal);
      const { units, isOpen, ...said } = await toOffer(online, options);
      const fields = { name, ...said };
      const { offer } = publishService.body(fields, online.acting);
      tellOffer(offer, { account: online.address, isOpen }, units, terminal);
      await requireNewName(online, name);
      // Without them a search finds pulls for Ether only.
      const filters =
        (offer.mode === "pull" ? "" : ` --mode ${offer.mode}`) +
        (fields.token === ETHER ? "" : ` --token ${options.token}`);
      await act(online, publishService, {
        fields,
        describe: ({ serviceId }, { inputIndex }) =>
          `Service ${serviceId}, ${name}, is published (input ${inputIndex}). ` +
          `Buyers find it with \`tallyroll discover ${offer.tags[0]}${filters}\`.`,
      });
    });
}

function addUpdateCommand(service: Command, terminal: Terminal): void {
  addOfferOptions(
    addOperationOptions(service.command("update").argument("<service>", "its number", parseIndex)),
  )
    .description("publish a service's next version: the whole offer again")
    .action(async (serviceId: number, options: PublishOptions) => {
      const online = await connectToAct(options, terminal);
      await requireProvider(online, serviceId);
      const { units, isOpen, ...said } = await toOffer(online, options);
      const fields = { serviceId, ...said };
      const { offer } = updateService.body(fields, online.acting);
      tellOffer(offer, { account: online.address, isOpen }, units, terminal);
      await act(online, updateService, {
        fields,
        describe: ({ version }) => `Service ${serviceId} is at version ${version}.`,
      });
    });
}

function addWithdrawCommand(service: Command, terminal: Terminal): void {
  addOperationOptions(service.command("withdraw").argument("<service>", "its number", parseIndex))
    .description("end a service for good; escrows that are open go on")
    .action(async (serviceId: number, options: OperationOptions) => {
      const online = await connectToAct(options, terminal);
      await requireProvider(online, serviceId);
      await act(online, withdrawService, {
        fields: { serviceId },
        describe: () => `Service ${serviceId} is withdrawn.`,
      });
    });
}

function addShowCommand(service: Command, terminal: Terminal): void {
  type ShowOptions = ReaderOptions & { readonly serviceVersion?: number };
  addReaderOptions(service.command("show").argument("<service>", "its number", parseIndex))
    .description("show a service and its provider's record")
    .addHelpText(
      "after",
      examplesText("service show 1", "service show 1 --service-version 1 --json"),
    )
    // Not --version, which shows tallyroll's own wherever it stands.
    .option("--service-version <n>", "of this version (default: the current one)", parseIndex)
    .action(async (serviceId: number, { serviceVersion: version, ...options }: ShowOptions) => {
      const online = await connect(options, terminal);
      const info = await getService(online.client, {
        serviceId,
        ...(version === undefined ? {} : { version }),
      });
      await answer(online, info, (columns) => formatService(online.client, info, columns));
    });
}

function addListCommand(service: Command, terminal: Terminal): void {
  addActorOptions(service.command("list"))
    .argument("[provider]", "whose (default: the account that would sign)", parseAddressHex)
    .description("list a provider's services")
    .action(async (given: Hex | undefined, options: ActorOptions) => {
      const provider = await findAccountAddress(given, options, terminal);
      const online = await connect(options, terminal);
      const services: ServiceInfo[] = [];
      for await (const one of listServices(online.client, { provider })) services.push(one);
      await answer(online, { provider, services }, (columns) =>
        formatServices(online.client, services, columns),
      );
    });
}
