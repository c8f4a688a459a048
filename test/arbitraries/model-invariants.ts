import assert from "node:assert/strict";
import { computeRangeRoot, hashBatchLeaf } from "../../spec/batch-range.ts";
import { computeRoot } from "../../spec/merkle.ts";
import type { Model } from "../../spec/model.ts";
import type { Row } from "../../spec/model-rows.ts";
import { bytes, type Tables } from "../../spec/model-state.ts";
import { rememberingCrypto as crypto } from "./model-crypto.ts";

/**
 * What must hold whatever anybody sends, said of the rows alone. Rows are the model's; that the
 * engine has the same ones the roots say.
 */

type Escrow = Row<"escrows">;
const ETHER = `0x${"0".repeat(40)}`;
const TERMINAL = ["released", "refunded", "expired"];

/** Every token: deposited = withdrawn + what is held, and each place adds up (spec §5.5). */
export function checkConservation({ state }: Model): void {
  const sums = new Map<string, bigint>();
  const add = (place: string, token: string, amount: bigint) =>
    sums.set(place + token, (sums.get(place + token) ?? 0n) + amount);
  for (const { token, amount } of state.list("balances")) add("balances", token, amount);
  for (const { token, value } of state.list("channels")) add("channels", token, value);
  for (const { escrow_number, held } of state.list("escrows")) {
    assert.ok(held >= 0n, "an escrow holds no debt");
    add("escrows", state.get("escrow_terms", escrow_number)!.token, held);
  }
  for (const { locked, released } of state.list("bonds")) add("bonds", ETHER, locked + released);
  for (const row of state.list("tokens")) {
    const { token, deposited, withdrawn } = row;
    assert.equal(sums.get(`balances${token}`) ?? 0n, row.in_balances, "balances add up");
    assert.equal(sums.get(`channels${token}`) ?? 0n, row.in_channels, "channels add up");
    assert.equal(sums.get(`escrows${token}`) ?? 0n, row.in_escrows, "escrows add up");
    assert.equal(sums.get(`bonds${token}`) ?? 0n, row.in_bonds, "bonds add up");
    const inside = row.in_balances + row.in_channels + row.in_escrows + row.in_bonds;
    assert.equal(deposited, withdrawn + inside, "money is conserved");
  }
}

/** Open intents are the escrows that are offered, no more and no fewer. */
export function checkOpenIntents({ state }: Model): void {
  const offered = state.list("escrows").filter(({ status }) => status === "offered");
  const open = state.list("open_intents").map(({ escrow_number }) => escrow_number);
  assert.deepEqual(
    open.sort((a, b) => a - b),
    offered.map(({ escrow_number }) => escrow_number).sort((a, b) => a - b),
  );
}

/** What one input may do to escrows and channels, from their rows before and after it. */
export function checkTransitions(model: Model, before: Tables, kinds: readonly string[]): void {
  for (const after of model.state.list("escrows")) {
    const old = before.get("escrows")!.get(String(after.escrow_number)) as unknown as Escrow;
    if (old === after) continue;
    const terms = model.state.get("escrow_terms", after.escrow_number)!;
    const isTerminal = TERMINAL.includes(after.status);
    assert.equal(after.deadline === null, isTerminal, "what is open has a deadline");
    if (isTerminal) assert.equal(after.held, 0n, "a closed escrow holds nothing");
    assert.ok(after.paid_units + after.refunded_units <= terms.unit_count, "units within the cap");
    if (old === undefined) continue;
    assert.ok(!TERMINAL.includes(old.status), "nothing happens to a closed escrow");
    assert.ok(after.paid_units >= old.paid_units && after.refunded_units >= old.refunded_units);
    assert.ok(
      after.fill_left <= old.fill_left || kinds.includes("set_auto_fill"),
      "auto-fill stays within its limit",
    );
    if (terms.mode === "pubsub" && terms.auto_renew === 0) {
      assert.ok(after.paid_units + after.refunded_units <= 1, "one session without renewal");
    }
    if (after.paid_units === old.paid_units) continue;
    const isJudged = terms.predicate !== "0x";
    const isAccepted =
      (old.status === "delivered" && !isJudged) ||
      (old.status === "disputed" && kinds.includes("arbitrate")) ||
      kinds.includes("redeem_receipt") ||
      isJudged ||
      kinds.filter((kind) => kind !== "transfer").length > 1;
    assert.ok(isAccepted, "no release without an accepted delivery");
  }
  for (const after of model.state.list("channels")) {
    const old = before.get("channels")!.get(String(after.channel_id)) as unknown as
      | Row<"channels">
      | undefined;
    if (old === undefined || old === after) continue;
    assert.ok(after.nonce >= old.nonce && after.generation >= old.generation);
    const isFunded = kinds.some((kind) => kind.includes("add_channel_funds"));
    assert.ok(after.value <= old.value || isFunded, "only funds fill a channel");
    if (after.generation > old.generation && !isFunded) {
      assert.equal(after.value, 0n, "an ended generation leaves nothing");
    }
  }
}

export function listOpenEscrows({ state }: Model): Row<"escrow_terms">[] {
  return state
    .list("escrows")
    .filter(({ status }) => !TERMINAL.includes(status))
    .map(({ escrow_number }) => state.get("escrow_terms", escrow_number)!);
}

/** Every batch that there ever was, by its identifier: what is archived is remembered here. */
export type SeenBatches = Map<number, Row<"batches">>;

/**
 * What is due and what is kept fit each other, no identifier returns, and the range of every stream
 * is the tree over the leaves of its first batches (spec §3.8).
 */
export function checkRetention({ state }: Model, seen: SeenBatches): void {
  for (const row of state.list("batches")) {
    const old = seen.get(row.batch_id);
    assert.ok(old === undefined || old.batch_hash === row.batch_hash, "no identifier returns");
    seen.set(row.batch_id, row);
  }
  for (const stream of state.list("streams")) {
    const batches = [...seen.values()]
      .filter((row) => row.stream_id === stream.stream_id)
      .sort((a, b) => a.first_sequence - b.first_sequence);
    const range = state.get("stream_ranges", stream.stream_id);
    const foldedCount = range?.folded_count ?? 0;
    batches.forEach((row, i) => {
      const isKept = state.get("batch_bodies", row.batch_id) !== undefined;
      assert.equal(isKept, row.first_sequence >= stream.kept_from, "what is kept has its body");
      const isFolded = i < foldedCount;
      assert.equal(isFolded, row.first_sequence < stream.folded_from, "what has folded");
      const hasRow = !isFolded || row.disproved_group !== null;
      assert.equal(state.get("batches", row.batch_id) !== undefined, hasRow, "what has a row");
    });
    const isVisited = stream.retention > 0 && foldedCount < batches.length;
    assert.equal(stream.tidy_due !== null, isVisited, "what ages is visited");
    if (range === undefined) continue;
    const leaves = batches.slice(0, foldedCount).map((row) =>
      hashBatchLeaf(crypto, {
        ...{ batchId: row.batch_id, batchHash: bytes(row.batch_hash) },
        disprovedGroup: row.disproved_group,
      }),
    );
    const kept = { foldedCount, peaks: bytes(range.peaks) };
    assert.deepEqual(computeRangeRoot(crypto, kept), computeRoot(crypto, leaves), "the range");
  }
}
