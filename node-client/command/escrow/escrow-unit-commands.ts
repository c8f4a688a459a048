import type { Command } from "commander";
import { bytesToHex } from "viem";
import type { Hex } from "../../../spec/outputs.ts";
import {
  acceptEscrowUnit,
  arbitrateEscrowUnit,
  deliverEscrowUnit,
  rejectEscrowUnit,
} from "../../client/actions/escrow-actions.ts";
import { acceptEscrowIntent } from "../../client/actions/escrow-opening-actions.ts";
import { type EscrowInfo, getEscrow } from "../../client/actions/escrow-queries.ts";
import { getService, type ServiceInfo } from "../../client/actions/service-queries.ts";
import type { TallyrollClient } from "../../client/actions/tallyroll-client.ts";
import { parseEscrowId } from "../../client/escrow/escrow-id-text.ts";
import { formatAmount, parseAmountOrNone, type TokenUnits } from "../money/token-amounts.ts";
import { readTokenUnits } from "../money/token-option.ts";
import { act, addOperationOptions, connectToAct, type OperationOptions } from "../operation/act.ts";
import { examplesText } from "../options/help-text.ts";
import { parseBytes, parseIndex } from "../options/parse-arguments.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { actOnEscrow, addEscrowOperation, EscrowActError } from "./escrow-act.ts";
import { tellAcceptedTerms } from "./escrow-opening.ts";
import { findDeliverable } from "./find-deliverable.ts";

/** Which unit is meant: the escrow's next one, unless a script wants to be sure. */
export interface UnitOptions extends OperationOptions {
  readonly unit?: number;
}

/** A command on an escrow's unit. */
export const addUnitCommand = (escrow: Command, name: string): Command =>
  addEscrowOperation(escrow, name).option(
    "--unit <n>",
    "refuse any other (default: the escrow's next)",
    parseIndex,
  );

/** `escrow take`, `deliver`, `accept`, `reject` and `split`: from one unit to the next. */
export function addEscrowUnitCommands(escrow: Command, terminal: Terminal): void {
  addAcceptIntentCommand(escrow, terminal);
  addDeliverCommand(escrow, terminal);
  addAcceptCommand(escrow, terminal);
  addRejectCommand(escrow, terminal);
  addArbitrateCommand(escrow, terminal);
}

function addAcceptIntentCommand(escrow: Command, terminal: Terminal): void {
  type AcceptIntentOptions = OperationOptions & { readonly serviceVersion?: number };
  addOperationOptions(escrow.command("take").argument("<escrow>", "intent:0x…"))
    .argument("<service>", "yours, by its number", parseIndex)
    .option("--service-version <n>", "current when it was opened (default: the newest)", parseIndex)
    .description("take an intent with a service of yours, first come, first served (accept_intent)")
    .action(async (text: string, serviceId: number, options: AcceptIntentOptions) => {
      const id = parseEscrowId(text);
      if (!id.startsWith("intent:")) {
        throw new EscrowActError(`${id} has its provider already; nothing was sent.`, {
          whatToDo: "Take an intent, as `tallyroll escrow intents TAG` shows it: intent:0x….",
        });
      }
      const online = await connectToAct(options, terminal);
      const intent = await getEscrow(online.client, { escrowId: id });
      const service = await getService(online.client, { serviceId });
      const version = options.serviceVersion ?? service.version;
      const units = await readTokenUnits(online.client, service.token);
      if (!online.isForRelay && version === service.version) {
        requireUnderCeiling(intent, service, units);
      }
      tellAcceptedTerms(intent, units, terminal);
      await act(online, acceptEscrowIntent, {
        fields: { escrowId: id, serviceId, version },
        more: () => ({ token: service.token }),
        describe: ({ price, returned }) =>
          `${id} is yours at ${formatAmount(price, units)} a unit; ` +
          `${formatAmount(returned, units)} went back to the buyer.`,
      });
    });
}

function addDeliverCommand(escrow: Command, terminal: Terminal): void {
  type DeliverOptions = UnitOptions & {
    readonly batch?: number;
    readonly commitment?: Uint8Array;
  };
  addUnitCommand(escrow, "deliver")
    .option(
      "--batch <n>",
      "a batch of the service's stream (default: the newest that can be delivered)",
      parseIndex,
    )
    .option(
      "--commitment <hex>",
      "a hash of the data, where no stream is sold",
      parseBytes(32, "a hash"),
    )
    .description("deliver the next unit: a batch, or a commitment")
    .action((text: string, options: DeliverOptions) =>
      actOnEscrow(text, options, terminal, deliverEscrowUnit, async (at) => ({
        ...at,
        ...(await chooseDelivery(at.online.client, at.escrow, options, terminal)),
      })),
    );
}

function addAcceptCommand(escrow: Command, terminal: Terminal): void {
  addUnitCommand(escrow, "accept")
    .description("accept what was delivered: it is paid")
    .action((text: string, options: UnitOptions) =>
      actOnEscrow(text, options, terminal, acceptEscrowUnit, (at) => at),
    );
}

function addRejectCommand(escrow: Command, terminal: Terminal): void {
  addUnitCommand(escrow, "reject")
    .option("--batch <n>", "its batch, where a challenge has proved it false", parseIndex, 0)
    .description("reject what was delivered: the arbiter decides, or it is refunded")
    .addHelpText("after", examplesText("escrow reject standard:0x5f… --dev-account 1"))
    .action(async (text: string, options: UnitOptions & { readonly batch: number }) => {
      const { batch: batchId } = options;
      await actOnEscrow(text, options, terminal, rejectEscrowUnit, (at) => ({ ...at, batchId }));
    });
}

function addArbitrateCommand(escrow: Command, terminal: Terminal): void {
  type ArbitrateOptions = UnitOptions & { readonly baseUnits: boolean };
  addUnitCommand(escrow, "split")
    .argument("<amount>", "of the price, for the provider; 0 refunds it")
    .option("--base-units", "the amount is a whole number of the smallest unit", false)
    .description("decide a disputed unit, as the escrow's arbiter (arbitrate)")
    .addHelpText("after", examplesText("escrow split standard:0x5f… 0.005 --dev-account 2"))
    .action((text: string, share: string, options: ArbitrateOptions) =>
      actOnEscrow(text, options, terminal, arbitrateEscrowUnit, (at) => ({
        ...at,
        amount: parseAmountOrNone(share, at.units),
      })),
    );
}

/** Tells in the token's units, and before anything is sent, that a service is too dear. */
function requireUnderCeiling(
  { terms, status, token }: EscrowInfo,
  service: ServiceInfo,
  units: TokenUnits,
): void {
  if (status !== "offered" || token !== service.token || service.price <= terms.ceiling) return;
  throw new EscrowActError(
    `A unit of ${service.name} costs ${formatAmount(service.price, units)}, more than the intent's ` +
      `ceiling of ${formatAmount(terms.ceiling, units)} (intent_price_over_ceiling); nothing was sent.`,
    { whatToDo: "Take it with a cheaper service, or publish a cheaper version for later intents." },
  );
}

/**
 * What the next unit is delivered with: the named batch or commitment, else the newest batch that can
 * be; said with those that it leaves out.
 *
 * @throws EscrowActError where the service sells a stream and none of its batches can be delivered.
 */
async function chooseDelivery(
  client: TallyrollClient,
  escrow: EscrowInfo,
  { batch = 0, commitment }: { readonly batch?: number; readonly commitment?: Uint8Array },
  terminal: Terminal,
): Promise<{ readonly batchId: number; readonly commitment?: Hex }> {
  const given = commitment === undefined ? {} : { commitment: bytesToHex(commitment) };
  const named = { batchId: batch, ...given };
  const { serviceId, version, status, mode } = escrow;
  if (serviceId === undefined || version === undefined) return named;
  if (status !== "active" || mode !== "pull") return named;
  const { streamId, groups } = await getService(client, { serviceId, version });
  if (streamId === undefined) return named;
  if (commitment !== undefined) {
    throw new EscrowActError(
      `--commitment is not possible: service ${serviceId} sells stream ${streamId}; nothing was sent.`,
      { whatToDo: "Leave it away, which delivers the newest batch that can be, or give --batch." },
    );
  }
  if (batch > 0) return named;
  const { timestamp } = await client.publicClient.getBlock();
  const nowSec = Number(timestamp);
  const { batchIds, barred } = await findDeliverable(client, escrow, { streamId, groups }, nowSec);
  const [newest, ...older] = batchIds;
  const why = barred === undefined ? "" : `batch ${barred.batchId}: ${barred.why}`;
  if (newest === undefined) {
    throw new EscrowActError(
      `Stream ${streamId} has no batch that can be delivered${why && ` (${why})`}; nothing was sent.`,
      {
        whatToDo:
          barred?.grant === undefined
            ? "Send new readings with `tallyroll submit --csv FILE`, then deliver their batch."
            : `Grant it with ${barred.grant}, then deliver again.`,
      },
    );
  }
  terminal.note(
    `Delivering batch ${newest} of stream ${streamId}, the newest that can be.` +
      (older.length === 0
        ? ""
        : ` After it older ones cannot be any more: ${older.join(", ")}; to deliver one of them first, name it with --batch.`),
  );
  const way = barred?.grant === undefined ? "" : `: ${barred.grant}`;
  if (why !== "") terminal.note(`Not deliverable is ${why}${way}.`);
  return { ...named, batchId: newest };
}
