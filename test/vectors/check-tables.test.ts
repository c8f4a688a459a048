/**
 * The tables `check | refusal` of `spec/README.md` against the refusals and the vectors: whoever
 * writes another engine from them finds every rung, and a vector that stands on it.
 */

import { expect, test } from "vitest";
import { findPortal } from "../../spec/portals.ts";
import { REFUSALS } from "../../spec/refusals.ts";
import { watchKinds } from "../arbitraries/model-kinds.ts";
import { type CheckRow, listSections, readCheckRows } from "./check-tables.ts";
import { readTransitionFiles, toHistoryInput } from "./transition-vectors.ts";

const rows = readCheckRows();
/** Rows that stand for the tables of other sections. */
const isReference = ({ refusal }: CheckRow): boolean => refusal.startsWith("§");
const checks = rows.filter((row) => !isReference(row));

/** Every refusal of every vector: of which kind of operation, under which section. */
const shown = readTransitionFiles().flatMap((file) =>
  file.vectors.flatMap((vector) => {
    const { at, payload } = toHistoryInput(file, vector.input, vector.history.length);
    const kinds = findPortal(at.sender) === undefined ? watchKinds(file, at, payload) : [];
    return vector.refusals.map(({ operation, refusal }) => ({
      section: vector.spec,
      kind: operation === null ? undefined : kinds[operation],
      refusal,
    }));
  }),
);

/** Rows without a vector, by the reason. */
const WITHOUT_VECTOR: Readonly<Record<string, readonly string[]>> = {
  "the InputBox takes no such payload": ["§1.3 envelope_over_bounds"],
  "what an input may spend is one, and vectors of §2.4 show that it ends": [
    "§10.2 open_channel_by_third_party operation_signatures_over_bounds",
    "§10.5 claim_channel operation_signatures_over_bounds",
    "§10.6 claim_channel operation_signatures_over_bounds",
    "§12.5 deliver_unit operation_readings_over_bounds",
    "§12.6 redeem_receipt operation_signatures_over_bounds",
  ],
  "a batch of a session is younger than the escrow needs, and that is less than the retention": [
    "§12.7 anchor_session batch_archived",
  ],
  "reachable, but no story goes there yet": [
    "§4.2 rotate_epoch device_revoked",
    "§4.4 revoke_grant stream_not_found",
    "§4.4 revoke_grant stream_not_sealed",
    "§12.5 reject_unit escrow_unit_wrong",
    "§12.6 redeem_receipt batch_disproved_already",
    "§12.6 redeem_receipt batch_not_found",
    "§12.6 redeem_receipt delivery_grant_missing",
    "§12.7 anchor_session batch_disproved_already",
    "§12.7 anchor_session delivery_grant_missing",
    "§12.7 anchor_session escrow_status_wrong",
    "§12.7 start_session escrow_status_wrong",
  ],
};

const nameRow = ({ section, kinds, refusal }: CheckRow): string =>
  [section, ...kinds, refusal].join(" ");

const isShown = (row: CheckRow): boolean =>
  shown.some(
    ({ section, kind, refusal }) =>
      refusal === row.refusal &&
      listSections(row).includes(section) &&
      (row.kinds.length === 0 || (kind !== undefined && row.kinds.includes(kind))),
  );

test("there are tables, and all rows of them are read", () => {
  expect(checks.length).toBeGreaterThan(180);
});

test("a table names refusals that there are", () => {
  expect(checks.filter(({ refusal }) => !(refusal in REFUSALS)).map(nameRow)).toEqual([]);
});

test("a reference names sections that have tables", () => {
  const sections = new Set(checks.map(({ section }) => section));
  for (const { refusal } of rows.filter(isReference)) {
    for (const section of refusal.split(", ")) expect(sections).toContain(section);
  }
});

test("every refusal stands in a table", () => {
  const named = new Set(checks.map(({ refusal }) => refusal));
  expect(Object.keys(REFUSALS).filter((refusal) => !named.has(refusal))).toEqual([]);
});

test("every row has a vector that ends there, or a reason why not", () => {
  const missing = new Set(checks.filter((row) => !isShown(row)).map(nameRow));
  expect([...missing].sort()).toEqual(Object.values(WITHOUT_VECTOR).flat().sort());
});
