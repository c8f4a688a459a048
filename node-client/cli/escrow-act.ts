import type { EscrowBody } from "../../spec/escrow-operations.ts";
import { type EscrowInfo, getEscrow } from "../actions/get-escrow.ts";
import { ClientError } from "../errors.ts";
import { fromEscrowNotices } from "../escrow/escrow-change.ts";
import { parseEscrowId, toEscrowIdBytes } from "../escrow/escrow-id-text.ts";
import { actForNotices, type OperationOptions, requirePlace } from "./act.ts";
import type { TokenUnits } from "./amounts.ts";
import { formatChange } from "./escrow-change-text.ts";
import type { ExitCode, Io } from "./io.ts";
import { connectActor, type OnlineActor } from "./online.ts";
import type { Terminal } from "./terminal.ts";
import { readTokenUnits, unitsOf } from "./token-option.ts";

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
  const escrow = await getEscrow(online.client, { escrowId: id });
  const { baseUnits = false } = options;
  const units = await unitsOf(online.client, escrow.token, { baseUnits });
  const place = { online, escrow, escrowId: toEscrowIdBytes(id), units };
  const body = await toBody(place);
  const shown = await readTokenUnits(online.client, escrow.token);
  await actForNotices(online, body, options, {
    ...{ io, terminal },
    describe: (notices) => {
      const change = fromEscrowNotices(notices);
      const text = formatChange(escrow, change, shown, describeDone?.(place, shown));
      return { text, json: { escrowId: id, change } };
    },
  });
  exit(0);
}
