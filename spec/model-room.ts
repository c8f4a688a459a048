import { MACHINE_ID } from "./genesis.ts";
import { BOND_STEPS, BOND_WEI_PER_BYTE, SHORT_PART } from "./limits.ts";
import { demand, type ModelAct, type ModelRules, ZERO_ADDRESS } from "./model-act.ts";
import { credit, moveTotal, takeOff } from "./model-money.ts";
import type { ModelState } from "./model-state.ts";
import { encodeNotice } from "./notices.ts";
import type { Hex, Output } from "./outputs.ts";

/** What an operation adds to the state, and who pays for it (spec §14). */

export const ROOM_RULES = { withdraw_bond: withdrawBond } satisfies Partial<ModelRules>;

/** An input begins: whether it is short of room. */
export function noteShortage(state: ModelState, stateBytesMax: number, now: number): void {
  if (stateBytesMax - state.weight() >= stateBytesMax / SHORT_PART) return;
  state.put("machine", { ...state.get("machine", MACHINE_ID)!, short_at: now });
}

export const wasShortSince = (act: ModelAct, since: number): boolean =>
  (act.state.get("machine", MACHINE_ID)!.short_at ?? -1) >= since;

/** The last check of an operation that has been applied. `released`: whose bond is given back. */
export function payForGrowth(
  act: ModelAct,
  before: number,
  released: Hex,
  batch_id: number | undefined,
): void {
  const payer = act.actor;
  const growth = act.state.weight() - before;
  const half = Math.floor(act.stateBytesMax / 2);
  if (growth < 0) {
    const told = release(act.state, released, Math.min(-growth, before - half));
    if (told !== undefined) act.paid.push(told);
  }
  if (growth <= 0) return;
  const old = act.state.get("bonds", payer) ?? NO_BOND(payer);
  demand(act.state.weight() <= act.stateBytesMax, "state_full");
  act.budget.checkGrowth(growth);
  if (act.state.weight() > half) {
    act.state.put("bonds", old);
    if (batch_id !== undefined) act.state.put("batch_bonds", { batch_id, account: payer });
    const weight = act.state.weight();
    demand(weight <= act.stateBytesMax, "state_full");
    const bytes = weight - before;
    const step = BigInt(Math.floor((BOND_STEPS * (weight - half)) / act.stateBytesMax));
    const bond = BigInt(bytes) * BOND_WEI_PER_BYTE * 2n ** step;
    demand((act.state.get("balances", payer, ZERO_ADDRESS)?.amount ?? 0n) >= bond, "bond_too_low");
    act.state.put("bonds", { ...old, bytes: old.bytes + bytes, locked: old.locked + bond });
    act.paid.push(encodeNotice("BondLocked", [payer, bytes, bond]));
    const lowBefore = act.lowBalances.length;
    takeOff(act, payer, ZERO_ADDRESS, bond);
    act.paid.push(...act.lowBalances.splice(lowBefore));
    moveTotal(act, ZERO_ADDRESS, "in_balances", "in_bonds", bond);
  }
  act.budget.spendGrowth(growth);
}

const NO_BOND = (account: Hex) => ({ account, bytes: 0, locked: 0n, released: 0n });

/** What has gone gives its bond back. */
export function release(state: ModelState, account: Hex, freed: number): Output | undefined {
  const row = state.get("bonds", account);
  if (row === undefined || row.bytes === 0 || freed <= 0) return undefined;
  const bytes = freed < row.bytes ? freed : row.bytes;
  const amount = (row.locked * BigInt(bytes)) / BigInt(row.bytes);
  const [locked, released] = [row.locked - amount, row.released + amount];
  state.put("bonds", { account, bytes: row.bytes - bytes, locked, released });
  return encodeNotice("BondReleased", [account, bytes, amount]);
}

function withdrawBond(act: ModelAct): void {
  const row = act.state.get("bonds", act.actor) ?? NO_BOND(act.actor);
  const { released } = row;
  demand(released > 0n, "bond_nothing_released");
  act.state.put("bonds", { ...row, released: 0n });
  credit(act, act.actor, ZERO_ADDRESS, released);
  moveTotal(act, ZERO_ADDRESS, "in_bonds", "in_balances", released);
  act.notify("BondWithdrawn", [act.actor, released]);
}
