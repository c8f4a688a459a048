import type { EscrowBody } from "../../../spec/escrow-operations.ts";
import { BASIS_POINTS } from "../../../spec/limits.ts";
import { areThresholdsMet } from "../../../spec/predicate.ts";
import { countJudgedReadings } from "../../client/actions/count-judged-readings.ts";
import type { EscrowResult } from "../../client/actions/escrow-result.ts";
import { type EscrowInfo, getEscrow } from "../../client/actions/get-escrow.ts";
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
  type CommandActor,
  connectToAct,
  type OperationOptions,
} from "../operation/act.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { formatChange } from "./escrow-change-text.ts";
import { formatJudged } from "./judged-text.ts";
import { requireEscrowStep } from "./require-escrow-step.ts";

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
  /** The one that is meant: the next one unless told. */
  readonly unit: number;
  /** How the command line writes amounts. */
  readonly units: TokenUnits;
}

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
