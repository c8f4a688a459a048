import { concatBytes } from "@noble/hashes/utils.js";
import type { Crypto } from "./crypto.ts";
import { MACHINE_ID } from "./genesis.ts";
import { hashLeaf, hashNode } from "./merkle.ts";
import { demand, type ModelAct, type ModelRules, type ModelTidying } from "./model-act.ts";
import { release } from "./model-room.ts";
import type { Row } from "./model-rows.ts";
import { bytes, hex, type ModelState } from "./model-state.ts";
import type { Hex } from "./outputs.ts";
import { encodeWord } from "./words.ts";

/** What is archived, what folds, and when (spec §3.8). */

export const RETENTION_RULES = {
  poke_retention: pokeRetention,
} satisfies Partial<ModelRules>;

/** Takes the first of what is due, again and again. Gives how many were archived and folded. */
export function tidy(
  world: Pick<ModelAct, "state" | "crypto" | "stateBytesMax">,
  now: number,
  tidying: ModelTidying,
): { archived: number; folded: number } {
  const { state, crypto, stateBytesMax } = world;
  const half = Math.floor(stateBytesMax / 2);
  const counts = { archived: 0, folded: 0 };
  for (;;) {
    const [first] = state
      .list("retention_due")
      .filter(({ due }) => due <= now)
      .sort((a, b) => a.due - b.due || a.batch_id - b.batch_id);
    if (first === undefined || !tidying.mayGoOn) return counts;
    const before = state.weight();
    const bonded = state.get("batch_bonds", first.batch_id);
    state.remove("retention_due", first.due, first.batch_id);
    const batch = state.get("batches", first.batch_id)!;
    const kept = state.get("batch_bodies", first.batch_id);
    tidying.spend(kept === undefined ? 0 : bytes(kept.body).length);
    if (kept === undefined) {
      fold(state, crypto, batch);
      counts.folded += 1;
    } else {
      archive(state, batch, first.due);
      counts.archived += 1;
    }
    if (bonded === undefined) continue;
    const isGone = state.get("batches", first.batch_id) === undefined;
    const freed = Math.min(before - state.weight(), before - half);
    if (kept !== undefined || isGone) release(state, bonded.account, freed);
    if (isGone) state.remove("batch_bonds", first.batch_id);
  }
}

function archive(state: ModelState, batch: Row<"batches">, due: number): void {
  const { batch_id, first_sequence, reading_count } = batch;
  const stream = state.get("streams", batch.stream_id)!;
  state.remove("batch_bodies", batch_id);
  state.put("retention_due", { due: due + stream.retention, batch_id });
  state.put("streams", { ...stream, kept_from: first_sequence + reading_count });
}

function fold(state: ModelState, crypto: Crypto, batch: Row<"batches">): void {
  const { batch_id, stream_id, disproved_group } = batch;
  const said = disproved_group === null ? 0 : 1 + disproved_group;
  const number = encodeWord(BigInt(batch_id)).subarray(24);
  const leaf = concatBytes(number, bytes(batch.batch_hash), Uint8Array.of(said));
  const range = state.get("stream_ranges", stream_id);
  state.put("stream_ranges", {
    stream_id,
    folded_count: (range?.folded_count ?? 0) + 1,
    peaks: append(crypto, range, hashLeaf(crypto, leaf)),
  });
  if (disproved_group !== null) return;
  if (batch_id === highestBatchId(state)) {
    state.put("machine", { ...state.get("machine", MACHINE_ID)!, highest_folded_batch: batch_id });
  }
  state.remove("batches", batch_id);
}

/** Two full subtrees of one size are one of twice the size. */
function append(crypto: Crypto, range: Row<"stream_ranges"> | undefined, leaf: Uint8Array): Hex {
  const digits = (range?.folded_count ?? 0).toString(2);
  const sizes = [...digits].flatMap((digit, i) => (digit === "1" ? [digits.length - 1 - i] : []));
  const roots = sizes.map((height, i) => ({ height, root: peakAt(range!.peaks, i) }));
  roots.push({ height: 0, root: leaf });
  while (roots.length > 1 && roots.at(-1)!.height === roots.at(-2)!.height) {
    const [left, right] = roots.splice(-2);
    roots.push({ height: left!.height + 1, root: hashNode(crypto, left!.root, right!.root) });
  }
  return hex(concatBytes(...roots.map(({ root }) => root)));
}

const peakAt = (peaks: Hex, i: number): Uint8Array => bytes(peaks).slice(32 * i, 32 * i + 32);

/** Of all batches that there are and have been. */
export function highestBatchId(state: ModelState): number {
  const ids = state.list("batches").map(({ batch_id }) => batch_id);
  return Math.max(state.get("machine", MACHINE_ID)!.highest_folded_batch, ...ids);
}

function pokeRetention(act: ModelAct): void {
  const { now, budget } = act;
  const { archived, folded } = tidy(act, now, budget.pokes);
  demand(budget.hasHeadTidied || archived + folded > 0, "retention_nothing_due");
  act.notify("RetentionPoked", [archived, folded]);
}
