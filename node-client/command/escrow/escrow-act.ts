import type { Command } from "commander";
import {
  type EscrowBody,
  type EscrowStatus,
  OPEN_ESCROW_STATUSES,
} from "../../../spec/escrow-operations.ts";
import { BASIS_POINTS } from "../../../spec/limits.ts";
import type { Hex } from "../../../spec/outputs.ts";
import { areThresholdsMet } from "../../../spec/predicate.ts";
import type { Refusal } from "../../../spec/refusals.ts";
import type { EscrowResult } from "../../client/actions/escrow-actions.ts";
import {
  countJudgedReadings,
  type EscrowInfo,
  getEscrow,
} from "../../client/actions/escrow-queries.ts";
import type { TallyrollClient } from "../../client/actions/tallyroll-client.ts";
import type { EscrowChange } from "../../client/escrow/escrow-change.ts";
import { type EscrowIdText, parseEscrowId } from "../../client/escrow/escrow-id-text.ts";
import type { JudgedReadings, SessionTime } from "../../client/escrow/judged-readings.ts";
import { ClientError } from "../../errors.ts";
import type { TokenUnits } from "../money/token-amounts.ts";
import { readTokenUnits, unitsOf } from "../money/token-option.ts";
import {
  type ActionParts,
  act,
  addOperationOptions,
  type CommandActor,
  connectToAct,
  type OperationOptions,
} from "../operation/act.ts";
import { WouldBeRefused } from "../operation/would-be-refused.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { formatChange, formatJudged } from "./escrow-change-text.ts";

/** The application would refuse it, or it would be of no use. */
export class EscrowActError extends ClientError {
  override readonly name = "EscrowActError";
}

/** The options of a command on an escrow. */
interface EscrowActOptions extends OperationOptions {
  readonly baseUnits?: boolean;
  readonly unit?: number;
}

/** An escrow that is there, as a command's operation needs it. */
export interface EscrowAct {
  readonly online: CommandActor;
  readonly escrow: EscrowInfo;
  readonly escrowId: EscrowIdText;
  /** The one that is meant: the next one unless named. */
  readonly unit: number;
  /** How the command line writes amounts. */
  readonly units: TokenUnits;
}

/** A command that does one operation on an escrow. */
export const addEscrowOperation = (group: Command, name: string): Command =>
  addOperationOptions(group.command(name).argument("<escrow>", "standard:0x… or intent:0x…"));

/**
 * Does one operation on an escrow and tells what it, and what had lapsed before it, did.
 *
 * @param toFields What the action takes, once the escrow is known.
 * @param describeDone What it did itself, where the change does not tell it.
 */
export async function actOnEscrow<Fields>(
  text: string,
  options: EscrowActOptions,
  terminal: Terminal,
  action: ActionParts<Fields, EscrowResult, EscrowBody>,
  toFields: (act: EscrowAct) => NoInfer<Fields> | Promise<NoInfer<Fields>>,
  describeDone?: (act: EscrowAct, shown: TokenUnits) => string,
): Promise<void> {
  const escrowId = parseEscrowId(text);
  const online = await connectToAct(options, terminal);
  const { timestamp } = await online.client.publicClient.getBlock();
  const escrow = await getEscrow(online.client, { escrowId, nowSec: Number(timestamp) });
  const { baseUnits = false } = options;
  const units = await unitsOf(online.client, escrow.token, { baseUnits });
  const place = { online, escrow, escrowId, unit: options.unit ?? escrow.unit, units };
  const fields = await toFields(place);
  if (!online.isForRelay) {
    requireEscrowStep(online.address, escrow, action.body(fields, online.acting));
  }
  const shown = await readTokenUnits(online.client, escrow.token);
  await act(online, action, {
    fields,
    describe: async ({ change }) => {
      const judged = await countJudgement(online.client, escrow, change);
      const counts = judged && formatJudged(judged, sessionOf(escrow));
      const text = formatChange(escrow, change, shown, describeDone?.(place, shown), counts);
      return {
        text,
        json: {
          escrowId,
          token: escrow.token,
          change,
          ...(judged === undefined ? {} : { judged }),
        },
      };
    },
  });
}

/**
 * What the machine judged by, where it settled the unit that was next.
 *
 * @returns `undefined` where it judged nothing, or where later batches have changed the count.
 */
async function countJudgement(
  client: TallyrollClient,
  escrow: EscrowInfo,
  { delivered, released, refunded }: EscrowChange,
): Promise<JudgedReadings | undefined> {
  const isPaid = released?.firstUnit === escrow.unit;
  if (!isPaid && refunded?.unit !== escrow.unit) return undefined;
  const batch = delivered === undefined ? {} : { batchId: delivered.batchId };
  const counts = await countJudgedReadings(client, { escrow, ...batch });
  if (counts === undefined) return undefined;
  const { minMsgCount, minValidRatio } = escrow.terms;
  const terms = { minMsgCount, minValidBasisPoints: Math.round(minValidRatio * BASIS_POINTS) };
  const { messageCount, validCount } = counts;
  return areThresholdsMet(terms, messageCount, validCount) === isPaid ? counts : undefined;
}

/** The session that runs, if any. */
export function sessionOf({ startedAtSec, terms }: EscrowInfo): SessionTime | undefined {
  if (startedAtSec === undefined) return undefined;
  return { startedAtSec, endsAtSec: startedAtSec + terms.durationSec };
}

type Party = "buyer" | "provider" | "arbiter";

/** Whose step an operation is, and in which status (spec §12.3 to §12.9). */
interface Step {
  readonly by: Party;
  readonly in?: readonly EscrowStatus[];
}

const STEPS: Partial<Record<EscrowBody["kind"], Step>> = {
  deliver_unit: { by: "provider", in: ["active"] },
  accept_unit: { by: "buyer", in: ["delivered"] },
  reject_unit: { by: "buyer", in: ["delivered"] },
  arbitrate: { by: "arbiter", in: ["disputed"] },
  start_session: { by: "provider", in: ["active"] },
  anchor_session: { by: "provider", in: ["running"] },
  set_auto_fill: { by: "buyer" },
};

const PARTY_REFUSALS: Readonly<Record<Party, Refusal>> = {
  buyer: "escrow_sender_not_buyer",
  provider: "escrow_sender_not_provider",
  arbiter: "escrow_sender_not_arbiter",
};

/**
 * Looks, before anything is sent, whether it is this account's turn by the state as it is. Where a
 * deadline has passed the machine changes the state first, and its word stands.
 *
 * @throws WouldBeRefused
 */
function requireEscrowStep(address: Hex, escrow: EscrowInfo, body: EscrowBody): void {
  if (escrow.due !== undefined) return;
  const { status, terms } = escrow;
  if (!OPEN_ESCROW_STATUSES.some((open) => open === status)) {
    throw new WouldBeRefused("escrow_closed", `it is ${status}`);
  }
  const step = STEPS[body.kind];
  if (step === undefined) return;
  const party = step.by === "arbiter" ? terms.arbiter : escrow[step.by];
  if (party !== address) {
    const detail =
      party === undefined
        ? `there is no ${step.by}, this is ${address}`
        : `the ${step.by} is ${party}, not ${address}`;
    throw new WouldBeRefused(PARTY_REFUSALS[step.by], detail);
  }
  // Where a predicate judges, the machine says so first; proven fraud may come to a dispute, too.
  const isWord = body.kind === "reject_unit" || body.kind === "anchor_session";
  if (isWord && terms.predicate !== undefined) return;
  if (body.kind === "reject_unit" && body.batchId !== 0) return;
  if (step.in === undefined || step.in.includes(status)) return;
  const detail = `it is ${status}, not ${step.in.join(" or ")}`;
  throw new WouldBeRefused("escrow_status_wrong", detail);
}
