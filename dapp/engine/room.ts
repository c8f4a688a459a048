import { MACHINE_ID } from "../../spec/genesis.ts";
import {
  BOND_STEPS,
  BOND_WEI_PER_BYTE,
  GROWTH_PER_PAYLOAD_BYTE,
  SHORT_PART,
} from "../../spec/limits.ts";
import { encodeNotice } from "../../spec/notices.ts";
import type { BodyOf } from "../../spec/operations.ts";
import type { Output } from "../../spec/outputs.ts";
import { ETHER } from "../../spec/portals.ts";
import { isRefused, type Refused, refuse } from "../../spec/refusals.ts";
import { add, subtract } from "./amounts.ts";
import {
  assertConservation,
  balanceOf,
  creditBalance,
  debitBalance,
  moveTotal,
} from "./balances.ts";
import { invariant } from "./invariant.ts";
import type {
  Budget,
  EngineParts,
  Handlers,
  OperationContext,
  Outcome,
} from "./operation-context.ts";
import type { Row, Store } from "./store.ts";

export const BOND_HANDLERS = {
  withdraw_bond: applyWithdrawBond,
} satisfies Partial<Handlers>;

type Room = Pick<EngineParts, "store" | "stateBytesMax">;

/** §14.2 Notes that an input begins with little room; part of the input's own transaction. */
export function noteShortage({ store, stateBytesMax }: Room, nowSec: number): void {
  const left = stateBytesMax - store.getWeight();
  if (left >= stateBytesMax / SHORT_PART) return;
  const row = store.machine.get(MACHINE_ID);
  invariant(row !== undefined, "a state begins with the machine's row");
  if (row.shortAtSec !== nowSec) store.machine.put({ ...row, shortAtSec: nowSec });
}

/** §14.2 Whether some input was short of room since then. */
export const wasShortSince = (store: Store, sinceSec: number): boolean =>
  (store.machine.get(MACHINE_ID)?.shortAtSec ?? -1) >= sinceSec;

/** Whose bond is locked, and whose is released. */
interface Bonded {
  readonly payer: Uint8Array;
  /** Asked only where something is. */
  readonly findReleased: () => Uint8Array;
  /** A batch that will leave, and gives its bond back then. */
  readonly batchId: number | undefined;
}

/**
 * §14.2, §14.3 What an operation has added is paid for, and what it has removed is given back. Where
 * it is refused, whoever applied the operation undoes it.
 *
 * @param before The weight before the operation.
 */
export function payForGrowth(
  room: Room,
  before: number,
  { payer, findReleased, batchId }: Bonded,
  budget: Budget,
): Outcome {
  const { store, stateBytesMax } = room;
  const weight = store.getWeight();
  const growth = weight - before;
  if (growth === 0) return [];
  if (growth < 0) {
    const freed = countReleasable(room, before);
    return freed > 0 ? releaseBond(store, findReleased(), freed) : [];
  }
  if (weight > stateBytesMax) return refuseFull(growth, before, stateBytesMax);
  const { growth: growthLeft } = budget;
  if (growth > growthLeft) {
    const missing = Math.ceil((growth - growthLeft) / GROWTH_PER_PAYLOAD_BYTE);
    const detail =
      "adds {growth} bytes, the payload pays for {growthLeft} more: it is {missing} bytes too short";
    return refuse("growth_over_payload", detail, { growth, growthLeft, missing });
  }
  const bonded = lockBond(room, before, payer, batchId);
  if (!isRefused(bonded)) budget.growth -= growth;
  return bonded;
}

const refuseFull = (growth: number, weight: number, weightMax: number): Refused =>
  refuse("state_full", "adds {growth} bytes, the state has {weight} of {weightMax}", {
    ...{ growth, weight, weightMax },
  });

const halfOf = (stateBytesMax: number): number => Math.floor(stateBytesMax / 2);

/** §14.3 Wei for each byte of growth that leaves the state at a weight: 0 up to half of the bound. */
export function computeBondPerByte(weight: number, stateBytesMax: number): bigint {
  const above = weight - halfOf(stateBytesMax);
  if (above <= 0) return 0n;
  return BOND_WEI_PER_BYTE * 2n ** BigInt(Math.floor((BOND_STEPS * above) / stateBytesMax));
}

function lockBond(
  { store, stateBytesMax }: Room,
  before: number,
  payer: Uint8Array,
  batchId: number | undefined,
): Outcome {
  if (computeBondPerByte(store.getWeight(), stateBytesMax) === 0n) return [];
  const row = store.bonds.get(payer);
  if (row === undefined) store.bonds.insert({ account: payer, bytes: 0, locked: 0n, released: 0n });
  if (batchId !== undefined) store.batchBonds.insert({ batchId, account: payer });
  const weight = store.getWeight();
  const growth = weight - before;
  if (weight > stateBytesMax) return refuseFull(growth, before, stateBytesMax);
  const bond = BigInt(growth) * computeBondPerByte(weight, stateBytesMax);
  const balance = balanceOf(store, payer, ETHER);
  if (balance < bond) {
    const detail = "{payer} has {balance} wei, the bond for {growth} bytes is {bond}";
    return refuse("bond_too_low", detail, { payer, balance, growth, bond });
  }
  const { bytes, locked, released } = row ?? { bytes: 0, locked: 0n, released: 0n };
  store.bonds.update({
    ...{ account: payer, bytes: bytes + growth, locked: add(locked, bond), released },
  });
  const low = debitBalance(store, payer, ETHER, bond);
  moveTotal(store, ETHER, "inBalances", "inBonds", bond);
  return [encodeNotice("BondLocked", [payer, growth, bond]), ...low];
}

/** §14.3 Of the bytes that have gone since then, those that were above half of the bound. */
const countReleasable = ({ store, stateBytesMax }: Room, before: number): number =>
  Math.min(before - store.getWeight(), before - halfOf(stateBytesMax));

/** §14.3 What has left of a batch since then gives its bond back, without a notice. */
export function releaseBatchBond(room: Room, batchId: number, before: number): void {
  if (countReleasable(room, before) <= 0) return;
  const bonded = room.store.batchBonds.get(batchId);
  if (bonded !== undefined) releaseFreed(room, bonded.account, before);
}

/** §14.3 What has left since then gives this account's bond back, without a notice. */
export function releaseFreed(room: Room, account: Uint8Array, before: number): void {
  const freed = countReleasable(room, before);
  if (freed > 0) releaseBond(room.store, account, freed);
}

/** Whoever makes room has their own bond back first, in proportion. */
function releaseBond(store: Store, account: Uint8Array, freed: number): readonly Output[] {
  const row = store.bonds.get(account);
  if (row === undefined || row.bytes === 0) return [];
  const byteCount = Math.min(freed, row.bytes);
  const amount = (row.locked * BigInt(byteCount)) / BigInt(row.bytes);
  const changed: Row<"bonds"> = {
    account,
    bytes: row.bytes - byteCount,
    locked: subtract(row.locked, amount),
    released: add(row.released, amount),
  };
  store.bonds.update(changed);
  return [encodeNotice("BondReleased", [account, byteCount, amount])];
}

/** §14.3 Brings to the actor's balance what is released. */
function applyWithdrawBond(_: BodyOf<"withdraw_bond">, context: OperationContext): Outcome {
  const { store, actor } = context;
  const row = store.bonds.get(actor);
  if (row === undefined || row.released === 0n) {
    const { bytes, locked } = row ?? { bytes: 0, locked: 0n };
    const detail = "{actor} has {locked} wei locked for {bytes} bytes, 0 released";
    return refuse("bond_nothing_released", detail, { actor, locked, bytes });
  }

  // COMMIT POINT
  store.bonds.update({ ...row, released: 0n });
  creditBalance(store, actor, ETHER, row.released);
  moveTotal(store, ETHER, "inBonds", "inBalances", row.released);
  assertConservation(store, ETHER);
  return [encodeNotice("BondWithdrawn", [actor, row.released])];
}
