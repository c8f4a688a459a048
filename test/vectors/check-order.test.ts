/**
 * The order of the tables `check | refusal` of `spec/README.md`. The model runs the vectors, and
 * every check that it makes of an operation is written down, those too that it would make after
 * the one that refused. They come in the order of the tables; where several would refuse, the
 * vector, and so the engine, ends in the first.
 */

import { describe, expect, test, vi } from "vitest";
import type { OperationKind } from "../../spec/operations.ts";
import { findPortal } from "../../spec/portals.ts";
import type { Refusal } from "../../spec/refusals.ts";
import { watchKinds } from "../arbitraries/model-kinds.ts";
import { readCheckRows } from "./check-tables.ts";
import {
  readTransitionFiles,
  type TransitionVector,
  toHistoryInput,
} from "./transition-vectors.ts";
import { openVectorModel } from "./vector-model.ts";

interface Check {
  readonly refusal: Refusal;
  readonly isRight: boolean;
}

/** The checks of each operation of an input; which of them lets its failures pass. */
const trace = vi.hoisted(() => ({ operations: [] as Check[][], lenient: -1 }));

vi.mock("../../spec/operation-codec.ts", async (importOriginal) => {
  const original = await importOriginal<typeof import("../../spec/operation-codec.ts")>();
  // The model decodes each operation when its turn comes.
  const decodeOperation: typeof original.decodeOperation = (item) => {
    trace.operations.push([]);
    return original.decodeOperation(item);
  };
  return { ...original, decodeOperation };
});

vi.mock("../../spec/model-act.ts", async (importOriginal) => {
  const original = await importOriginal<typeof import("../../spec/model-act.ts")>();
  const demand = (isRight: boolean, refusal: Refusal): void => {
    trace.operations.at(-1)?.push({ refusal, isRight });
    if (!isRight && trace.operations.length - 1 !== trace.lenient)
      throw new original.ModelRefusal(refusal);
  };
  const demandFound = <T>(value: T | undefined, refusal: Refusal): T => {
    demand(value !== undefined, refusal);
    // Nothing can be looked at further: what follows fails on it, which ends the trace.
    return value as T;
  };
  class ModelBudget extends original.ModelBudget {
    override spendReadings(count: number): void {
      writeDown("operation_readings_over_bounds", () => super.spendReadings(count));
    }
    override spendSignature(): void {
      writeDown("operation_signatures_over_bounds", () => super.spendSignature());
    }
  }
  const writeDown = (refusal: Refusal, spend: () => void): void => {
    let isRight = true;
    try {
      spend();
    } catch {
      isRight = false;
    }
    demand(isRight, refusal);
  };
  return { ...original, demand, demandFound, ModelBudget };
});

const rows = readCheckRows();
/** Vectors of which an operation could be refused for several reasons. */
const ambiguous = new Set<string>();
/** What the model has checked of each kind of operation: "grant stream_not_found". */
const made = new Set<string>();

describe.each(readTransitionFiles())("$subject", (file) => {
  const { model, goTo } = openVectorModel(file);

  /** The checks of the vector's operations; failures of the lenient one are passed over. */
  function traceChecks({ history, input }: TransitionVector, lenient: number): Check[][] {
    Object.assign(trace, { operations: [], lenient: -1 });
    goTo(history);
    Object.assign(trace, { operations: [], lenient });
    const { at, payload } = toHistoryInput(file, input, history.length);
    try {
      model.advance(at, payload);
    } catch (error) {
      // What a passed-over check asked for is missing, and what needs it fails: the trace ends.
      if (lenient === -1) throw error;
    }
    return trace.operations;
  }

  test.each(file.vectors)("$id is checked in the order of the tables", (vector) => {
    const { at, payload } = toHistoryInput(file, vector.input, vector.history.length);
    if (findPortal(at.sender) !== undefined) return;
    const kinds = watchKinds(file, at, payload);
    const strict = traceChecks(vector, -1);
    const seen = new Set<string>();
    for (const [index, kind] of kinds.entries()) {
      if (kind === undefined) continue;
      const end = vector.refusals.find(({ operation }) => operation === index)?.refusal;
      const name = `${kind} ${end}`;
      made.add(name);
      // Claims of one operation take the same rungs again; of many that end alike one is enough.
      if (kind === "multi_claim" || seen.has(name)) continue;
      seen.add(name);
      const checks = end === undefined ? strict[index]! : traceChecks(vector, index)[index]!;
      for (const { refusal } of checks) made.add(`${kind} ${refusal}`);
      expect(findMisplaced(checks, listRungs(kind)), `operation ${index}`).toBeUndefined();
      const violated = new Set(checks.flatMap((check) => (check.isRight ? [] : check.refusal)));
      const [first = end] = violated;
      expect(first).toBe(end);
      if (violated.size > 1) ambiguous.add(vector.id);
    }
  });
});

/** The refusals of one kind of operation, in the order in which the text checks them. */
function listRungs(kind: OperationKind): string[] {
  return rows
    .filter(({ kinds }) => kinds.length === 0 || kinds.includes(kind))
    .map(({ refusal }) => refusal);
}

/** The first check that the ladder does not have below the ones before it. */
function findMisplaced(checks: readonly Check[], rungs: readonly string[]): string | undefined {
  let at = 0;
  const before = new Set<string>();
  for (const { refusal, isRight } of checks) {
    const next = rungs.indexOf(refusal, at);
    // An auto-fill draws what it has found to be there.
    const isFill = refusal === "balance_too_low" && isRight && !rungs.includes(refusal);
    if (next !== -1) at = next;
    else if (!isFill && !before.has(refusal)) return refusal;
    before.add(refusal);
  }
  return undefined;
}

test("no table has a check that is never made", () => {
  const idle = rows.filter(
    ({ kinds, refusal }) =>
      kinds.length > 0 &&
      !refusal.startsWith("§") &&
      !kinds.some((kind) => made.has(`${kind} ${refusal}`)),
  );
  // No story sells a sealed stream by sessions.
  expect(idle.map(({ kinds, refusal }) => `${kinds} ${refusal}`)).toEqual([
    "redeem_receipt delivery_grant_missing",
    "anchor_session delivery_grant_missing",
  ]);
});

test("many vectors could be refused for several reasons", () => {
  expect(ambiguous.size).toBeGreaterThan(40);
});
