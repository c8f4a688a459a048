import {
  type EscrowBody,
  type EscrowStatus,
  OPEN_ESCROW_STATUSES,
} from "../../../spec/escrow-operations.ts";
import { BASIS_POINTS } from "../../../spec/limits.ts";
import type { Hex } from "../../../spec/outputs.ts";
import { areThresholdsMet } from "../../../spec/predicate.ts";
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
import type { TokenUnits } from "../money/token-amounts.ts";
import { readTokenUnits, unitsOf } from "../money/token-option.ts";
import {
  type ActionParts,
  act,
  type CommandActor,
  type OperationOptions,
} from "../operation/act.ts";
import { WouldBeRefused } from "../operation/command-advice.ts";
import type { CommandGroup } from "../operation/command-group.ts";
import { parseIndex } from "../options/parse-arguments.ts";
import { errorKind } from "../terminal/io.ts";
import { formatChange, formatJudged } from "./escrow-change-text.ts";

export const EscrowActError = errorKind("EscrowActError");

/** The options of a command on an escrow. */
interface EscrowActOptions extends OperationOptions {
  readonly baseUnits?: boolean;
  readonly unit?: number;
}
type ActorOnEscrow = CommandActor & { readonly options: EscrowActOptions };

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

/** What the word for an escrow looks like, for its help. */
export const ESCROW_WORD = "standard:0x… or intent:0x…";

/** A command that does one operation on an escrow. */
export const escrowOperation = (group: CommandGroup, name: string, about: string) =>
  group
    .operation(name, about)
    .argument("<escrow>", ESCROW_WORD)
    .check((_options, text) => parseEscrowId(text));

/** A command on an escrow's unit: its next one, unless a script wants to be sure. */
export const unitOperation = (group: CommandGroup, name: string, about: string) =>
  escrowOperation(group, name, about).option(
    "--unit <n>",
    "refuse any other (default: the escrow's next)",
    parseIndex,
  );

/**
 * Does one operation on an escrow and tells what it, and what had lapsed before it, did.
 *
 * @param toFields What the action takes, once the escrow is known.
 * @param describeDone What it did itself, where the change does not tell it.
 */
export async function actOnEscrow<Fields>(
  online: ActorOnEscrow & { readonly found: EscrowIdText },
  action: ActionParts<Fields, EscrowResult, EscrowBody>,
  toFields: (act: EscrowAct) => NoInfer<Fields> | Promise<NoInfer<Fields>>,
  describeDone?: (act: EscrowAct, shown: TokenUnits) => string,
): Promise<void> {
  const { client, found: escrowId, options } = online;
  const { timestamp } = await client.publicClient.getBlock();
  const escrow = await getEscrow(client, { escrowId, nowSec: Number(timestamp) });
  const { token } = escrow;
  const units = await unitsOf(client, token, { baseUnits: options.baseUnits ?? false });
  const place = { online, escrow, escrowId, unit: options.unit ?? escrow.unit, units };
  const fields = await toFields(place);
  if (!online.isForRelay) {
    requireEscrowStep(online.address, escrow, action.body(fields, online.acting));
  }
  const shown = await readTokenUnits(client, token);
  await act(online, action, {
    fields,
    describe: async ({ change }) => {
      const judged = await countJudgement(client, escrow, change);
      const counts = judged && formatJudged(judged, sessionOf(escrow));
      const text = formatChange(escrow, change, shown, describeDone?.(place, shown), counts);
      const more = judged === undefined ? {} : { judged };
      return { text, json: { escrowId, token, change, ...more } };
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

/** Whose step an operation is, and in which status (spec §12.3 to §12.9). */
interface Step {
  readonly by: "buyer" | "provider" | "arbiter";
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

/**
 * Looks, before anything is sent, whether it is this account's turn by the state as it is. Where a
 * deadline has passed the machine changes the state first, and its word stands.
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
    throw new WouldBeRefused(`escrow_sender_not_${step.by}`, detail);
  }
  // Where a predicate judges, the machine says so first; proven fraud may come to a dispute, too.
  const isWord = body.kind === "reject_unit" || body.kind === "anchor_session";
  if (isWord && terms.predicate !== undefined) return;
  if (body.kind === "reject_unit" && body.batchId !== 0) return;
  if (step.in === undefined || step.in.includes(status)) return;
  const detail = `it is ${status}, not ${step.in.join(" or ")}`;
  throw new WouldBeRefused("escrow_status_wrong", detail);
}
