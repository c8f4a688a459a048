/**
 * The transition vectors through the model, which knows nothing of the engine: where both agree
 * with a vector, two readings of the spec agree with each other.
 */

import { describe, expect, test } from "vitest";
import { OPERATION_KINDS } from "../../spec/operations.ts";
import { findPortal } from "../../spec/portals.ts";
import { REFUSALS } from "../../spec/refusals.ts";
import { keepApplied, watchKinds } from "../arbitraries/model-kinds.ts";
import {
  describeOutput,
  readTransitionFiles,
  toHex,
  toHistoryInput,
} from "./transition-vectors.ts";
import { openVectorModel } from "./vector-model.ts";

const files = readTransitionFiles();
const shownRefusals = new Set<string>();
const shownKinds = new Set<string>();

describe.each(files)("$subject", (file) => {
  const { model, goTo } = openVectorModel(file);
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

test("every refusal and every kind of operation went through the model", () => {
  expect([...shownRefusals].sort()).toEqual(Object.keys(REFUSALS).sort());
  expect([...shownKinds].sort()).toEqual([...OPERATION_KINDS].sort());
});
