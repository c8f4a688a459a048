import { concatBytes } from "@noble/hashes/utils.js";
import type { Crypto } from "./crypto.ts";
import { MACHINE_ID } from "./genesis.ts";
import { RETENTION_VISITS } from "./limits.ts";
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

/** Visits the streams whose time has come. Gives how many batches were archived and folded. */
export function tidy(
  world: Pick<ModelAct, "state" | "crypto" | "stateBytesMax">,
  now: number,
  tidying: ModelTidying,
): { archived: number; folded: number } {
  const { state } = world;
  const counts = { archived: 0, folded: 0 };
  for (;;) {
    const [first] = state
      .list("streams")
      .filter(({ tidy_due }) => tidy_due !== null && tidy_due <= now)
      .sort((a, b) => a.tidy_due! - b.tidy_due! || a.stream_id - b.stream_id);
    if (first === undefined || !tidying.mayGoOn) return counts;
    const { stream_id, retention } = first;
    const unfolded = listUnfolded(state, stream_id);
    const isDue = ({ accepted_at }: Row<"batches">, times: number) =>
      accepted_at + times * retention <= now;
    for (const batch of unfolded.filter((row) => hasBody(state, row) && isDue(row, 1))) {
      if (!tidying.mayGoOn) break;
      tidying.spend(bytes(state.get("batch_bodies", batch.batch_id)!.body).length);
      releaseWhile(world, batch, () => archive(state, batch));
      counts.archived += 1;
    }
    const folding: Row<"batches">[] = [];
    for (const batch of unfolded.filter((row) => isDue(row, 2))) {
      if (!tidying.mayGoOn) break;
      tidying.spend(0);
      fold(world, batch);
      folding.push(batch);
    }
    for (const batch of folding) appendLeaf(world, batch);
    counts.folded += folding.length;
    state.put("streams", {
      ...state.get("streams", stream_id)!,
      tidy_due: nextVisit(state, stream_id, now) ?? null,
    });
  }
}

const hasBody = (state: ModelState, { batch_id }: Row<"batches">): boolean =>
  state.get("batch_bodies", batch_id) !== undefined;

function listUnfolded(state: ModelState, streamId: number): Row<"batches">[] {
  const { folded_from } = state.get("streams", streamId)!;
  return state
    .list("batches")
    .filter((row) => row.stream_id === streamId && row.first_sequence >= folded_from)
    .sort((a, b) => a.first_sequence - b.first_sequence);
}

/** The stream's own time while anything is due; then the next one's, not too soon. */
function nextVisit(state: ModelState, streamId: number, now: number): number | undefined {
  const { retention, tidy_due } = state.get("streams", streamId)!;
  const dues = listUnfolded(state, streamId).map(
    (row) => row.accepted_at + (hasBody(state, row) ? 1 : 2) * retention,
  );
  if (dues.length === 0) return undefined;
  const next = Math.min(...dues);
  return next <= now ? tidy_due! : Math.max(next, now + Math.ceil(retention / RETENTION_VISITS));
}

/** What goes of a batch is released to whoever bonded it. */
function releaseWhile(
  { state, stateBytesMax }: Pick<ModelAct, "state" | "stateBytesMax">,
  { batch_id }: Row<"batches">,
  remove: () => void,
): void {
  const bonded = state.get("batch_bonds", batch_id);
  const before = state.weight();
  remove();
  if (bonded === undefined) return;
  const aboveHalf = before - Math.floor(stateBytesMax / 2);
  release(state, bonded.account, Math.min(before - state.weight(), aboveHalf));
}

function archive(state: ModelState, batch: Row<"batches">): void {
  const { batch_id, first_sequence, reading_count } = batch;
  state.remove("batch_bodies", batch_id);
  const stream = state.get("streams", batch.stream_id)!;
  state.put("streams", { ...stream, kept_from: first_sequence + reading_count });
}

function fold(world: Pick<ModelAct, "state" | "stateBytesMax">, batch: Row<"batches">): void {
  const { state } = world;
  const { batch_id, stream_id, disproved_group, first_sequence, reading_count } = batch;
  const stream = state.get("streams", stream_id)!;
  state.put("streams", { ...stream, folded_from: first_sequence + reading_count });
  if (disproved_group === null) {
    if (batch_id === highestBatchId(state)) {
      const machine = state.get("machine", MACHINE_ID)!;
      state.put("machine", { ...machine, highest_folded_batch: batch_id });
    }
    releaseWhile(world, batch, () => {
      state.remove("batches", batch_id);
      if (state.get("batch_bonds", batch_id) !== undefined) state.remove("batch_bonds", batch_id);
    });
  }
}

function appendLeaf(
  { state, crypto }: Pick<ModelAct, "state" | "crypto">,
  { batch_id, stream_id, batch_hash, disproved_group }: Row<"batches">,
): void {
  const said = disproved_group === null ? 0 : 1 + disproved_group;
  const number = encodeWord(BigInt(batch_id)).subarray(24);
  const leaf = concatBytes(number, bytes(batch_hash), Uint8Array.of(said));
  const range = state.get("stream_ranges", stream_id);
  state.put("stream_ranges", {
    stream_id,
    folded_count: (range?.folded_count ?? 0) + 1,
    peaks: append(crypto, range, hashLeaf(crypto, leaf)),
  });
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
