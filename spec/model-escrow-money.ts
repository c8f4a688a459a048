import { demand, type ModelAct, type ModelRules } from "./model-act.ts";
import { findEscrow } from "./model-escrow-case.ts";
import { bringUpToDate, lapse } from "./model-escrow-lapse.ts";
import type { BodyOf } from "./operations.ts";

/** Ending, funding, filling and poking escrows (spec §12.9, §12.3). */

export const ESCROW_MONEY_RULES = {
  end_escrow: endEscrow,
  fund_escrow: fundEscrow,
  set_auto_fill: setAutoFill,
  poke_escrow: pokeEscrow,
} satisfies Partial<ModelRules>;

function endEscrow(act: ModelAct, body: BodyOf<"end_escrow">): void {
  const escrow = bringUpToDate(act, body.escrowId);
  const { buyer, provider, status } = escrow.row;
  demand(act.actor === buyer || act.actor === provider, "escrow_sender_not_party");
  if (act.actor === provider) {
    demand(status !== "disputed", "escrow_status_wrong");
    if (status === "running" || status === "delivered") escrow.refundUnit();
    escrow.close();
    return;
  }
  escrow.demandStatus("offered", "active");
  if (status === "offered") {
    escrow.close();
    return;
  }
  const deadline = act.now + escrow.terms.answer_time;
  escrow.change({ status: "ending", deadline });
  act.notify("EscrowEnding", [escrow.id, deadline]);
}

function fundEscrow(act: ModelAct, body: BodyOf<"fund_escrow">): void {
  const escrow = bringUpToDate(act, body.escrowId);
  demand(body.amount > 0n, "amount_zero");
  escrow.take(act.actor, body.amount);
  act.notify("EscrowFunded", [escrow.id, act.actor, body.amount, false]);
}

function setAutoFill(act: ModelAct, body: BodyOf<"set_auto_fill">): void {
  const escrow = bringUpToDate(act, body.escrowId);
  demand(escrow.row.buyer === act.actor, "escrow_sender_not_buyer");
  escrow.change({ fill_left: body.limit });
  act.notify("AutoFillSet", [escrow.id, body.limit]);
}

function pokeEscrow(act: ModelAct, body: BodyOf<"poke_escrow">): void {
  demand(lapse(findEscrow(act, body.escrowId)), "escrow_nothing_due");
}
