import type { EscrowBody } from "../../../spec/escrow-operations.ts";
import { BASIS_POINTS } from "../../../spec/limits.ts";
import { areThresholdsMet } from "../../../spec/predicate.ts";
import { countJudgedReadings } from "../../client/actions/count-judged-readings.ts";
import { type EscrowInfo, getEscrow } from "../../client/actions/get-escrow.ts";
import type { TallyrollClient } from "../../client/actions/tallyroll-client.ts";
import { type EscrowChange, fromEscrowNotices } from "../../client/escrow/escrow-change.ts";
import { parseEscrowId, toEscrowIdBytes } from "../../client/escrow/escrow-id-text.ts";
import type { JudgedReadings, SessionTime } from "../../client/escrow/judged-readings.ts";
import { ClientError } from "../../errors.ts";
import { connectActor, type OnlineActor } from "../connection/online.ts";
import type { TokenUnits } from "../money/amounts.ts";
import { readTokenUnits, unitsOf } from "../money/token-option.ts";
import { actForNotices, type OperationOptions, requirePlace } from "../operation/act.ts";
import type { ExitCode, Io } from "../terminal/io.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { formatChange } from "./escrow-change-text.ts";
import { formatJudged } from "./judged-text.ts";
import { requireEscrowStep } from "./require-escrow-step.ts";

/** The application would refuse it, or it would be of no use. */
export class EscrowActError extends ClientError {
  override readonly name = "EscrowActError";
}

/** What a command is made of; `exit` tells how it ended. */
export interface CommandParts {
  readonly io: Io;
  readonly terminal: Terminal;
  readonly exit: (code: ExitCode) => void;
}

/** An escrow that is there, as a command's operation needs it. */
export interface EscrowAct {
  readonly online: OnlineActor;
  readonly escrow: EscrowInfo;
  /** 16 bytes. */
  readonly escrowId: Uint8Array;
  /** How the command line writes amounts. */
  readonly units: TokenUnits;
}

/**
 * Does one operation on an escrow and tells what it, and what had lapsed before it, did.
 *
 * @param toBody The operation, once the escrow is known.
 * @param describeDone What it did itself, where the change does not tell it.
 */
export async function actOnEscrow(
  text: string,
  options: OperationOptions & { readonly baseUnits?: boolean },
  { io, terminal, exit }: CommandParts,
  toBody: (act: EscrowAct) => EscrowBody | Promise<EscrowBody>,
  describeDone?: (act: EscrowAct, shown: TokenUnits) => string,
): Promise<void> {
  const id = parseEscrowId(text);
  requirePlace(options, io);
  const online = await connectActor(options, io, terminal);
  const { timestamp } = await online.client.publicClient.getBlock();
  const escrow = await getEscrow(online.client, { escrowId: id, nowSec: Number(timestamp) });
  const { baseUnits = false } = options;
  const units = await unitsOf(online.client, escrow.token, { baseUnits });
  const place = { online, escrow, escrowId: toEscrowIdBytes(id), units };
  const body = await toBody(place);
  if (options.relayOut === undefined) requireEscrowStep(online.address, escrow, body);
  const shown = await readTokenUnits(online.client, escrow.token);
  await actForNotices(online, body, options, {
    ...{ io, terminal },
    describe: async (notices) => {
      const change = fromEscrowNotices(notices);
      const judged = await countJudgement(online.client, escrow, change);
      const counts = judged && formatJudged(judged, sessionOf(escrow));
      const text = formatChange(escrow, change, shown, describeDone?.(place, shown), counts);
      return {
        text,
        json: {
          escrowId: id,
          token: escrow.token,
          change,
          ...(judged === undefined ? {} : { judged }),
        },
      };
    },
  });
  exit(0);
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
