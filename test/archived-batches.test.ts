import { beforeAll, describe, expect, test } from "vitest";
import { createApplication } from "../dapp/engine/create-application.ts";
import { getHighestBatchId } from "../dapp/engine/retention.ts";
import { openStore } from "../dapp/store/sql-store.ts";
import type { HistoryInput } from "../node-client/history/history-lines.ts";
import {
  computeBatchKeyHash,
  computeCommitment,
  computeGroupRoot,
  deriveColumnKeys,
} from "../spec/batch.ts";
import { decodeOpenBody } from "../spec/batch-body.ts";
import { hashBatchLeaf } from "../spec/batch-range.ts";
import { encodeEvmAdvance } from "../spec/evm-advance.ts";
import { computeInclusionProof } from "../spec/merkle.ts";
import { openArchivedState, READING, RETENTION_SEC } from "./arbitraries/archived-state.ts";
import { integers } from "./arbitraries/world.ts";

/** What queries say of batches whose bodies have left the state (spec §3.8, §9). */

const ROUNDS = 7;
const hex = (bytes: Uint8Array): string => `0x${Buffer.from(bytes).toString("hex")}`;
const fromHex = (text: unknown): Uint8Array => Buffer.from(String(text).slice(2), "hex");
const blobOf = ({ at, payload }: HistoryInput): string => hex(encodeEvmAdvance(at, payload));

let state: Awaited<ReturnType<typeof openArchivedState>>;
const ask = (query: string, fields: object = {}) => state.engine.query({ query, ...fields });
const archived = (round: number, fields: object = {}) =>
  ask("archived_batch", { input: blobOf(state.inputs[round]!), operation: 0, ...fields });

/** The commitment of what `archived_batch` gave, from its body and key alone. */
function recompute({ body, batch_key, reading_count }: Record<string, unknown>): string {
  const { crypto } = state;
  const { times, columns } = decodeOpenBody(fromHex(body), READING, Number(reading_count))!;
  const key = fromHex(batch_key);
  const { saltKey } = deriveColumnKeys(crypto, key);
  const root = computeGroupRoot(crypto, saltKey, times, columns);
  return hex(computeCommitment(crypto, [{ keyHash: computeBatchKeyHash(crypto, key), root }]));
}

/** What the asker of a folded batch of stream 1 brings. */
function proofOf(round: number, foldedCount: number) {
  const leaves = state.batches
    .slice(0, foldedCount)
    .map(([{ batchHash }], i) =>
      hashBatchLeaf(state.crypto, { batchId: 2 * i + 1, batchHash, disprovedGroup: null }),
    );
  const previous = state.batches[round - 1]?.[0].batchHash ?? new Uint8Array(32);
  return {
    ...{ batch_id: 2 * round + 1, previous_hash: hex(previous), leaf_index: round },
    path: computeInclusionProof(state.crypto, leaves, round).map(hex),
  };
}

describe("after the first rounds are archived", () => {
  beforeAll(async () => {
    state = await openArchivedState(ROUNDS);
    state.passTo(RETENTION_SEC + 200);
  });

  test("readings begin where they are kept, and the answer says so", () => {
    const { kept_from, readings } = ask("readings", { stream_id: 1 });
    expect(kept_from).toBe(6);
    expect(readings).toHaveLength(2 * ROUNDS - 6);
    expect(readings).toMatchObject([
      { sequence: 6 },
      { sequence: 7 },
      { sequence: 8 },
      {},
      {},
      {},
      {},
      {},
    ]);
    expect(ask("readings", { stream_id: 1, from_sequence: 7, limit: 1 })).toMatchObject({
      ...{ kept_from: 6, readings: [{ sequence: 7 }] },
    });
    const latest = ask("latest", { stream_id: 1 });
    expect(latest).toMatchObject({ kept_from: 6 });
    expect(latest.readings).toHaveLength(2 * ROUNDS - 6);
    const span = { stream_id: 1, metric: "t", from: 0, to: 1, bucket: "day" };
    expect(ask("statistics", span)).toMatchObject({ kept_from: 6, buckets: [] });
  });

  test("a batch has its row, and neither salt nor body", () => {
    const gone = { is_archived: true, salt: null, body: null };
    expect(ask("batch", { batch_id: 1 })).toMatchObject({ batch_id: 1, ...gone });
    expect(ask("batch", { stream_id: 1, sequence: 1 })).toMatchObject({ batch_id: 1, ...gone });
    const { batches } = ask("batches", { stream_id: 1 });
    expect((batches as { is_archived: boolean }[]).map(({ is_archived }) => is_archived)).toEqual([
      ...[true, true, true, false, false, false, false],
    ]);
    for (const query of ["proof", "batch_key"]) {
      const answer = ask(query, { stream_id: 1, sequence: 1 });
      expect(answer).toMatchObject({ reason: "batch_archived", batch_id: 1 });
    }
  });

  test("archived_batch gives it from the input of the chain: open", () => {
    const answer = archived(1);
    const { batchHash, commitment } = state.batches[1]![0];
    expect(answer).toMatchObject({
      ...{ batch_id: 3, stream_id: 1, first_sequence: 2, reading_count: 2, is_folded: false },
      commitment: hex(commitment),
    });
    expect(recompute(answer)).toBe(hex(commitment));
    expect(ask("batch", { batch_id: 3 })).toMatchObject({ batch_hash: hex(batchHash) });
  });

  test("and sealed, whose values stay sealed", () => {
    const answer = archived(1, { operation: 1 });
    expect(answer).toMatchObject({ batch_id: 4, stream_id: 2, batch_key: null });
    expect(fromHex(answer.body).length).toBeGreaterThan(0);
  });

  test("also of a batch that is still kept", () => {
    const { batch_id, body } = archived(6);
    expect(ask("batch", { batch_id })).toMatchObject({ body, is_archived: false });
  });
});

describe("after the first rounds have folded", () => {
  const FOLDED = 5;
  beforeAll(async () => {
    state = await openArchivedState(ROUNDS);
    state.passTo(2 * RETENTION_SEC + 100 * (FOLDED - 1));
  });

  test("the stream says how many, and what their paths lead to", () => {
    expect(ask("stream", { stream_id: 1 })).toMatchObject({
      ...{ retention: RETENTION_SEC, kept_from: 2 * ROUNDS, folded_count: FOLDED },
      range_root: expect.stringMatching(/^0x[0-9a-f]{64}$/),
    });
    expect(ask("batch", { batch_id: 1 })).toMatchObject({ reason: "batch_not_found" });
  });

  test.each([0, 1, 2, 3, 4])("archived_batch proves round %d by a path", (round) => {
    const answer = archived(round, proofOf(round, FOLDED));
    expect(answer).toMatchObject({ batch_id: 2 * round + 1, is_folded: true });
    expect(recompute(answer)).toBe(hex(state.batches[round]![0].commitment));
  });

  test("and no other", () => {
    const proof = proofOf(2, FOLDED);
    expect(archived(2)).toMatchObject({ reason: "batch_not_found" });
    for (const wrong of [
      { leaf_index: 3 },
      { batch_id: 7 },
      { previous_hash: hex(new Uint8Array(32)) },
      { disproved_group: 0 },
      { path: proof.path.slice(1) },
    ]) {
      expect(archived(2, { ...proof, ...wrong })).toMatchObject({ reason: "path_wrong" });
    }
    expect(archived(2, { ...proof, path: ["0x"] })).toMatchObject({ reason: "field_invalid" });
  });

  test("an identifier never returns, whatever folds and however the state is restored", async () => {
    const late = await openArchivedState(2);
    late.passTo(5 * RETENTION_SEC);
    const { store } = late.engine;
    expect(store.batches.get(4)).toBeUndefined();
    expect(getHighestBatchId(store)).toBe(4);
    const other = await openStore(late.crypto);
    other.restore(store.snapshot());
    expect(other.getRoot()).toEqual(store.getRoot());
    const twin = createApplication(other, late.crypto, late.world.machineSecret);
    const next = late.world.send(
      late.cleo,
      late.open.write(Float64Array.of(1), [integers(1)]).operation,
    );
    twin.advance(next.at, next.payload);
    late.happens(next);
    expect(store.batches.get(5)).toMatchObject({ batchId: 5, streamId: 1 });
    expect(other.getRoot()).toEqual(store.getRoot());
    expect(other.rescanRoot()).toEqual(store.getRoot());
  });
});
