import { bytesToHex } from "viem";
import { MESSAGES_MAX } from "../../../spec/limits.ts";
import type { Hex } from "../../../spec/outputs.ts";
import {
  acceptEscrowUnit,
  anchorEscrowSession,
  arbitrateEscrowUnit,
  deliverEscrowUnit,
  rejectEscrowUnit,
  startEscrowSession,
} from "../../client/actions/escrow-actions.ts";
import { acceptEscrowIntent } from "../../client/actions/escrow-opening-actions.ts";
import { type EscrowInfo, getEscrow } from "../../client/actions/escrow-queries.ts";
import { getService, type ServiceInfo } from "../../client/actions/service-queries.ts";
import { parseEscrowId } from "../../client/escrow/escrow-id-text.ts";
import { computeSessionAnchor } from "../../client/escrow/session-anchor.ts";
import type { Online } from "../connection/online.ts";
import { formatAmount, parseAmountOrNone, type TokenUnits } from "../money/token-amounts.ts";
import { addAmountUnits, readTokenUnits } from "../money/token-option.ts";
import { act } from "../operation/act.ts";
import type { CommandGroup } from "../operation/command-group.ts";
import { parseBytes, parseIndex, parseWhole } from "../options/parse-arguments.ts";
import { errorKind } from "../terminal/io.ts";
import { readText } from "../terminal/read-file.ts";
import { actOnEscrow, EscrowActError, unitOperation } from "./escrow-act.ts";
import { tellAcceptedTerms } from "./escrow-opening.ts";
import { findDeliverable } from "./find-deliverable.ts";

export function addEscrowUnitCommands(escrow: CommandGroup): void {
  addTakeCommand(escrow);
  unitOperation(escrow, "deliver", "deliver the next unit: a batch, or a commitment")
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
    .run((online) =>
      actOnEscrow(online, deliverEscrowUnit, async (at) => ({
        ...at,
        ...(await chooseDelivery(online, at.escrow)),
      })),
    );
  unitOperation(escrow, "accept", "accept what was delivered: it is paid").run((online) =>
    actOnEscrow(online, acceptEscrowUnit, (at) => at),
  );
  unitOperation(
    escrow,
    "reject",
    "reject what was delivered: the arbiter decides, or it is refunded",
  )
    .option("--batch <n>", "its batch, where a challenge has proved it false", parseIndex, 0)
    .examples("escrow reject standard:0x5f… --dev-account 1")
    .run((online) => {
      const { batch: batchId } = online.options;
      return actOnEscrow(online, rejectEscrowUnit, (at) => ({ ...at, batchId }));
    });
  unitOperation(escrow, "split", "decide a disputed unit, as the escrow's arbiter (arbitrate)")
    .argument("<amount>", "of the price, for the provider; 0 refunds it")
    .with(addAmountUnits)
    .examples("escrow split standard:0x5f… 0.005 --dev-account 2")
    .run((online, _escrow, share) =>
      actOnEscrow(online, arbitrateEscrowUnit, (at) => ({
        ...at,
        amount: parseAmountOrNone(share, at.units),
      })),
    );
}

function addTakeCommand(escrow: CommandGroup): void {
  const about = "take an intent with a service of yours, first come, first served (accept_intent)";
  escrow
    .operation("take", about)
    .argument("<escrow>", "intent:0x…")
    .argument("<service>", "yours, by its number", parseIndex)
    .option("--service-version <n>", "current when it was opened (default: the newest)", parseIndex)
    .check((_options, text) => {
      const id = parseEscrowId(text);
      if (id.startsWith("intent:")) return id;
      throw new EscrowActError(`${id} has its provider already; nothing was sent.`, {
        whatToDo: "Take an intent, as `tallyroll escrow intents TAG` shows it: intent:0x….",
      });
    })
    .run(async (online, _escrow, serviceId) => {
      const { client, found: escrowId, options } = online;
      const intent = await getEscrow(client, { escrowId });
      const service = await getService(client, { serviceId });
      const { token } = service;
      const version = options.serviceVersion ?? service.version;
      const units = await readTokenUnits(client, token);
      if (!online.isForRelay && version === service.version) {
        requireUnderCeiling(intent, service, units);
      }
      tellAcceptedTerms(intent, units, online.terminal);
      await act(online, acceptEscrowIntent, {
        fields: { escrowId, serviceId, version },
        more: () => ({ token }),
        describe: ({ price, returned }) =>
          `${escrowId} is yours at ${formatAmount(price, units)} a unit; ` +
          `${formatAmount(returned, units)} went back to the buyer.`,
      });
    });
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

interface DeliveryOptions {
  readonly json: boolean;
  readonly batch?: number;
  readonly commitment?: Uint8Array;
}

/**
 * @throws EscrowActError where the service sells a stream and none of its batches can be delivered.
 */
async function chooseDelivery(
  { client, options, terminal }: Online & { readonly options: DeliveryOptions },
  escrow: EscrowInfo,
): Promise<{ readonly batchId: number; readonly commitment?: Hex }> {
  const { batch = 0, commitment } = options;
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
  const { batchIds, barred } = await findDeliverable(client, escrow, streamId, groups, nowSec);
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

const HELP = `
A pubsub escrow is paid by the session. The buyer's last signed receipt settles it at any time. A
provider who got none anchors the session when it is over: the Merkle root over its messages and how
many there were. The buyer answers, or stays silent, which accepts. The thresholds of the terms then
decide. Where a predicate was agreed, the machine judges the submitted readings: neither receipt nor
anchor is needed, only a poke when the deadline has passed.

Examples:
  $ tallyroll escrow session start standard:0x5f… --dev-account 0
  $ tallyroll escrow session anchor standard:0x5f… --messages sent.txt --valid 14 --dev-account 0
  $ tallyroll escrow session answer standard:0x5f… --reject --dev-account 1`;

const AnchorIncomplete = errorKind("AnchorIncomplete");

export function addEscrowSessionCommands(escrow: CommandGroup): void {
  const session = escrow.group("session", "run and answer sessions of a pubsub escrow", HELP);
  unitOperation(session, "start", "start the next session, as the provider").run((online) =>
    actOnEscrow(online, startEscrowSession, (at) => at),
  );
  addAnchorCommand(session);
  unitOperation(session, "answer", "answer an anchored session, as the buyer")
    .flag("--reject", "contradict the anchored counts (default: accept them)")
    .run((online) => {
      const action = online.options.reject ? rejectEscrowUnit : acceptEscrowUnit;
      return actOnEscrow(online, action, (at) => at);
    });
}

function addAnchorCommand(session: CommandGroup): void {
  unitOperation(session, "anchor", "say what a session that is over had, as the provider")
    .option("--messages <file>", "the messages, one a line: gives root and count")
    .option(
      "--root <hex>",
      "their Merkle root (RFC 9162), in place of a file",
      parseBytes(32, "a root"),
    )
    .option("--count <n>", "how many there were", parseWhole(0, MESSAGES_MAX))
    .option("--valid <n>", "how many were valid (default: all)", parseWhole(0, MESSAGES_MAX))
    .option("--batch <n>", "a batch of the session, where a stream is sold", parseIndex, 0)
    .check(({ messages, root, count }, text) => {
      if (messages === undefined && !(root && count !== undefined)) {
        // Nothing named would anchor a session of no messages, which refunds it.
        throw new AnchorIncomplete("Nothing says what the session had.", {
          whatToDo: "Give its --messages, an empty file if there were none, or --root and --count.",
        });
      }
      return parseEscrowId(text);
    })
    .run((online) => {
      const { batch: batchId, messages: file, root, count, valid } = online.options;
      return actOnEscrow(online, anchorEscrowSession, async (at) => {
        const text = file === undefined ? "" : await readText(file, online.terminal.io);
        const lines = text.split("\n").filter((line) => line !== "");
        const encoded = lines.map((line) => new TextEncoder().encode(line));
        const anchor = computeSessionAnchor(online.client.crypto, encoded);
        const messageCount = count ?? anchor.messageCount;
        const validCount = valid ?? messageCount;
        return { ...at, batchId, root: root ?? anchor.root, messageCount, validCount };
      });
    });
}
