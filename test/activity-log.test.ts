import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { ActivityLog } from "../node-client/command/node/activity-log.ts";
import type { NodeActivity } from "../node-client/node/run/node-activity.ts";
import type {
  StoredEpoch,
  StoredInput,
  StoredResult,
} from "../node-client/node/store/node-store.ts";
import { encodeEvmAdvance } from "../spec/evm-advance.ts";

/** The lines that `tallyroll start` writes of inputs and claims. */

const hash = `0x${"11".repeat(32)}` as const;
const context = {
  ...{ chainId: 31_337n, app: new Uint8Array(20), sender: new Uint8Array(20).fill(0xab) },
  ...{ blockNumber: 5, timestampSec: 1, prevRandao: new Uint8Array(32), inputIndex: 0 },
};

function toInput(index: number, result: Partial<StoredResult> = {}): NodeActivity {
  const blob = encodeEvmAdvance({ ...context, inputIndex: index }, new Uint8Array(312));
  const place = { index, blockNumber: 5, blockHash: hash, transactionHash: hash, blob };
  const outputs = [new Uint8Array(), new Uint8Array()];
  return {
    kind: "input",
    input: place as unknown as StoredInput,
    result: { index, status: "ACCEPTED", outputs, reports: [], ...result },
  };
}

function toEpoch(index: number, status: StoredEpoch["status"]): NodeActivity {
  const blocks = { firstBlock: 10 * index, lastBlock: 10 * index + 9 };
  const inputs = { inputIndexLowerBound: 4, inputIndexUpperBound: 12 };
  const epoch = { index, ...blocks, ...inputs, status, outputsMerkleRoot: hash };
  return { kind: "epoch", epoch: epoch as StoredEpoch };
}

const toReport = (refusal: string, code: number): Uint8Array =>
  Buffer.from(JSON.stringify({ operation: 0, refusal, code, detail: "" }));

let lines: string[];
let log: ActivityLog;
beforeEach(() => {
  vi.useFakeTimers();
  lines = [];
  log = new ActivityLog((line) => lines.push(line));
});
afterEach(() => vi.useRealTimers());

describe("an input's line", () => {
  test("says what came of it, of how much, from whom", () => {
    log.add(toInput(12));
    expect(lines).toEqual(["input 12 accepted: 2 outputs; 312 bytes from 0xabab…abab"]);
  });

  test("names a refusal once, with how many operations it was", () => {
    const reports = [1, 2].map(() => toReport("balance_too_low", 32));
    log.add(toInput(1, { reports: [...reports, toReport("none of ours", 999)] }));
    expect(lines[0]).toContain("input 1 accepted: 2 outputs, 2 refused (balance_too_low); ");
    lines.length = 0;
    log.add(toInput(2, { status: "REJECTED", outputs: [], reports: [] }));
    expect(lines[0]).toContain("input 2 rejected: no reason was reported; ");
  });

  test("cuts what a machine said at its end", () => {
    const exception = Buffer.from("x".repeat(1_000));
    log.add(toInput(3, { status: "EXCEPTION", outputs: [], exception }));
    expect(lines[0]).toBe(`input 3 exception: ${"x".repeat(200)}; 312 bytes from 0xabab…abab`);
  });
});

test("an epoch's line says what became of its claim", () => {
  log.add(toEpoch(3, "CLAIM_SUBMITTED"));
  log.add(toEpoch(3, "CLAIM_ACCEPTED"));
  log.add(toEpoch(4, "CLAIM_REJECTED"));
  expect(lines).toEqual([
    "epoch 3 (blocks 30 to 39, inputs 4 to 11): claim sent, root 0x11111111…",
    "epoch 3 (blocks 30 to 39, inputs 4 to 11): claim accepted, root 0x11111111…",
    "epoch 4 (blocks 40 to 49, inputs 4 to 11): another claim than ours was accepted, root 0x11111111…",
  ]);
});

test("a flood is summed up at the end of its second", () => {
  for (let index = 0; index < 1_000; index++) {
    log.add(toInput(index, index % 10 === 9 ? { status: "REJECTED", outputs: [] } : {}));
  }
  for (let index = 0; index < 40; index++) log.add(toEpoch(index, "CLAIM_ACCEPTED"));
  expect(lines).toHaveLength(20);
  vi.advanceTimersByTime(1_000);
  expect(lines.slice(20)).toEqual([
    "inputs 20 to 999: 882 accepted, 98 rejected",
    "epochs 0 to 39: claim accepted",
  ]);
  log.add(toInput(1_000));
  expect(lines).toHaveLength(23);
});

test("the log's end says what is summed up", () => {
  for (let index = 0; index < 21; index++) log.add(toInput(index));
  log.flush();
  expect(lines.at(-1)).toBe("input 20: 1 accepted, 0 rejected");
  expect(vi.getTimerCount()).toBe(0);
});
