import { beforeEach, expect, test } from "vitest";
import type { EpochStatus } from "../node-client/chain/epoch-status.ts";
import { EpochWatch } from "../node-client/node/run/node-activity.ts";
import type { StoredEpoch } from "../node-client/node/store/node-store.ts";
import type { NodeView } from "../node-client/node/store/sqlite-node-view.ts";

/** What a node says of its claims, once each, however many come between two looks. */

let statuses: EpochStatus[];
let told: string[];
const view = {
  getLastAcceptedEpochIndex: () => {
    const index = statuses.lastIndexOf("CLAIM_ACCEPTED");
    return index === -1 ? undefined : index;
  },
  listEpochs: ({ from = 0 }, { limit }) => {
    const items = statuses
      .map((status, index) => ({ index, status }) as StoredEpoch)
      .slice(from, from + limit);
    return { items, totalCount: statuses.length - from };
  },
} as Pick<NodeView, "getLastAcceptedEpochIndex" | "listEpochs"> as NodeView;
const watch = () => new EpochWatch(view, ({ index, status }) => told.push(`${index} ${status}`));

beforeEach(() => {
  statuses = [];
  told = [];
});

test("what became of a claim is said once, and what was known at the start is not", () => {
  statuses = ["CLAIM_ACCEPTED", "CLAIM_SUBMITTED", "OPEN"];
  const epochs = watch();
  epochs.look();
  expect(told).toEqual([]);
  statuses = ["CLAIM_ACCEPTED", "CLAIM_ACCEPTED", "CLAIM_SUBMITTED"];
  epochs.look();
  epochs.look();
  expect(told).toEqual(["1 CLAIM_ACCEPTED", "2 CLAIM_SUBMITTED"]);
});

test("none is left out where hundreds come between two looks", () => {
  const epochs = watch();
  statuses = Array<EpochStatus>(300).fill("CLAIM_SUBMITTED");
  epochs.look();
  expect(told).toHaveLength(300);
  statuses.fill("CLAIM_ACCEPTED");
  epochs.look();
  expect(told.slice(300)).toEqual(statuses.map((status, index) => `${index} ${status}`));
});

test("a claim that a reorganisation took back is said again", () => {
  const epochs = watch();
  for (const status of ["CLAIM_ACCEPTED", "CLAIM_COMPUTED", "CLAIM_ACCEPTED"] as const) {
    statuses = [status];
    epochs.look();
  }
  expect(told).toEqual(["0 CLAIM_ACCEPTED", "0 CLAIM_ACCEPTED"]);
});
