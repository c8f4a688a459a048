import {
  type EscrowBody,
  type EscrowStatus,
  OPEN_ESCROW_STATUSES,
} from "../../../spec/escrow-operations.ts";
import type { Hex } from "../../../spec/outputs.ts";
import type { Refusal } from "../../../spec/refusals.ts";
import type { EscrowInfo } from "../../client/actions/get-escrow.ts";
import { WouldBeRefused } from "../operation/would-be-refused.ts";

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
export function requireEscrowStep(address: Hex, escrow: EscrowInfo, body: EscrowBody): void {
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
