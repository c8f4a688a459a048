/**
 * The transition vectors through the model, which knows nothing of the engine: where both agree
 * with a vector, two readings of the spec agree with each other.
 */

import { describe, expect, test } from "vitest";
import { nobleCrypto } from "../../spec/crypto-noble.ts";
import { Model } from "../../spec/model.ts";
import type { Tables } from "../../spec/model-state.ts";
import { OPERATION_KINDS } from "../../spec/operations.ts";
import { findPortal } from "../../spec/portals.ts";
import { REFUSALS } from "../../spec/refusals.ts";
import { keepApplied, watchKinds } from "../arbitraries/model-kinds.ts";
import {
  describeOutput,
  fromHex,
  readTransitionFiles,
  type TransitionFile,
  toHex,
  toHistoryInput,
} from "./transition-vectors.ts";

const files = readTransitionFiles();
const shownRefusals = new Set<string>();
const shownKinds = new Set<string>();

describe.each(files)("$subject", (file) => {
  const { model, goTo } = openModel(file);
  test.each(file.vectors)("$id: $comment", (vector) => {
    goTo(vector.history);
    const before = toHex(model.state.root());
    const { at, payload } = toHistoryInput(file, vector.input, vector.history.length);
    const kinds = findPortal(at.sender) === undefined ? watchKinds(file, at, payload) : [];
    const result = model.advance(at, payload);

    expect(result.refusals).toEqual(vector.refusals);
    expect(result.status).toBe(vector.status);
    expect(result.outputs.map(describeOutput)).toEqual(vector.outputs ?? []);
    expect(toHex(model.state.root())).toBe(vector.root ?? before);
    expect(toHex(model.state.scanRoot())).toBe(vector.root ?? before);
    for (const { refusal } of result.refusals) shownRefusals.add(refusal);
    for (const kind of keepApplied(kinds, result)) shownKinds.add(kind);
  });
});

/** A model that can be put behind any history of its file; each history is applied once. */
function openModel(file: TransitionFile) {
  const model = new Model(nobleCrypto, fromHex(file.machine_secret));
  const copies = new Map<string, Tables>([["", model.state.copy()]]);
  const goTo = (history: readonly string[]): void => {
    const known = copies.get(history.join("\n"));
    if (known !== undefined) {
      model.state.restore(known);
      return;
    }
    goTo(history.slice(0, -1));
    const name = history.at(-1)!;
    const { at, payload } = toHistoryInput(file, file.inputs[name]!, history.length - 1);
    const { status, refusals } = model.advance(at, payload);
    expect({ status, refusals }, name).toEqual({ status: "accepted", refusals: [] });
    copies.set(history.join("\n"), model.state.copy());
  };
  return { model, goTo };
}

test("every refusal and every kind of operation went through the model", () => {
  expect([...shownRefusals].sort()).toEqual(Object.keys(REFUSALS).sort());
  expect([...shownKinds].sort()).toEqual([...OPERATION_KINDS].sort());
});
