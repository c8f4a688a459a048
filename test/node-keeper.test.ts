import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { InspectResult, Machine } from "../node-client/node/machine/machine.ts";
import { MachineLost } from "../node-client/node/machine/machine.ts";
import { MachineKeeper } from "../node-client/node/run/machine-keeper.ts";
import { openNodeStore } from "../node-client/node/store/open-node-store.ts";
import type { NodeStore } from "../node-client/node/store/sqlite-node-store.ts";
import { hexOf } from "./arbitraries/node-store-model.ts";
import { createInput, IDENTITY } from "./arbitraries/node-store-steps.ts";

/** Who may take the machine away from whom: queries, rollbacks and the node's end at one moment. */

let folder: string;
let store: NodeStore;
let machines: SlowMachine[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "tallyroll-keeper-"));
  store = openNodeStore(join(folder, "node.sqlite"), IDENTITY);
  machines = [];
});
afterEach(() => {
  store.close();
  rmSync(folder, { recursive: true });
});

/** A machine whose work ends when the test says so. */
class SlowMachine implements Machine {
  advanced = 0;
  isClosed = false;
  isHeld = false;
  readonly #held: (() => void)[] = [];
  answer: () => Promise<InspectResult> = async () => ({ status: "accepted", reports: [] });

  async advance(): ReturnType<Machine["advance"]> {
    this.advanced += 1;
    if (this.isHeld) await new Promise<void>((resolve) => this.#held.push(resolve));
    return { status: "rejected", outputs: [], reports: [] };
  }

  inspect(): Promise<InspectResult> {
    return this.isClosed ? Promise.reject(lost()) : this.answer();
  }

  async close(): Promise<void> {
    this.isClosed = true;
  }

  release(): void {
    this.isHeld = false;
    for (const resolve of this.#held.splice(0)) resolve();
  }
}

const lost = (): MachineLost => new MachineLost("Gone.", { whatToDo: "Start it again." });

/** So many inputs, ten a block from block 6 on, */
function record(count: number): void {
  const end = store.getInputCount() + count;
  while (store.getInputCount() < end) {
    const first = store.getInputCount();
    const number = 1 + (store.getHead()?.number ?? 5);
    const inputs = Array.from({ length: Math.min(10, end - first) }, (_, i) =>
      createInput(first + i, number),
    );
    const head = { number, hash: hexOf(number) };
    store.appendSegment({ head, inputs, claims: [], executions: [] });
  }
}

function process(count: number): void {
  const first = store.getProcessedInputCount();
  store.commitResults(
    Array.from({ length: count }, (_, i) => {
      return { index: first + i, status: "REJECTED" as const, outputs: [], reports: [] };
    }),
  );
}

async function open(prepare: (machine: SlowMachine, number: number) => void = () => {}) {
  const startMachine = async () => {
    const machine = new SlowMachine();
    machines.push(machine);
    prepare(machine, machines.length);
    return machine;
  };
  const keeper = new MachineKeeper(store, startMachine, () => {});
  await keeper.ready();
  return keeper;
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setImmediate(resolve));
}

describe("while a query has the machine brought back", () => {
  test("a rollback takes over, however far it had come", async () => {
    record(300);
    process(300);
    const keeper = await open((machine, number) => {
      machine.isHeld = number === 2;
      if (number === 1) machine.answer = () => Promise.reject(lost());
    });
    const answer = keeper.inspect(new Uint8Array());
    await until(() => machines[1]?.advanced === 256);
    store.rollBackTo({ number: 6, hash: hexOf(6) });
    const restarted = keeper.restart();
    machines[1]!.release();
    await restarted;
    expect(machines.map(({ advanced }) => advanced)).toEqual([300, 256, 10]);
    expect(machines.map(({ isClosed }) => isClosed)).toEqual([true, true, false]);
    expect(await answer).toEqual({ status: "accepted", reports: [], inputCount: 10 });
  });

  test("inputs of another chain are not taken for the recorded ones", async () => {
    record(300);
    process(300);
    const keeper = await open((machine, number) => {
      machine.isHeld = number === 2;
      if (number === 1) machine.answer = () => Promise.reject(lost());
    });
    const answer = keeper.inspect(new Uint8Array());
    await until(() => machines[1]?.advanced === 256);
    store.rollBackTo({ number: 6, hash: hexOf(6) });
    record(300);
    machines[1]!.release();
    await expect(answer).rejects.toThrow("where the node no longer is");
    await keeper.restart();
    expect(machines[1]!.advanced).toBe(256);
    expect(machines[2]!.advanced).toBe(10);
  });

  test("the runner does not have it brought back a second time", async () => {
    record(300);
    process(300);
    const keeper = await open((machine, number) => {
      machine.isHeld = number === 2;
      if (number === 1) machine.answer = async () => ({ status: "exception", reports: [] });
    });
    await keeper.inspect(new Uint8Array());
    await until(() => machines[1]?.advanced === 256);
    const needsRestart = keeper.needsRestart();
    machines[1]!.release();
    expect(await needsRestart).toBe(false);
  });
});

test("a machine that a query broke and that cannot be started again is nobody's crash", async () => {
  const rejections: unknown[] = [];
  const listen = (reason: unknown): void => void rejections.push(reason);
  globalThis.process.on("unhandledRejection", listen);
  try {
    const keeper = await open((machine, number) => {
      if (number > 1) throw lost();
      machine.answer = async () => ({ status: "exception", reports: [] });
    });
    expect((await keeper.inspect(new Uint8Array())).status).toBe("exception");
    await until(() => machines.length === 2);
    // Rejections are told when the event loop has come round.
    for (let i = 0; i < 3; i++) await new Promise((resolve) => setImmediate(resolve));
    expect(rejections).toEqual([]);
    await expect(keeper.inspect(new Uint8Array())).rejects.toThrow("Gone.");
  } finally {
    globalThis.process.off("unhandledRejection", listen);
  }
});

test("a query that is not answered when the node ends starts no machine behind it", async () => {
  const keeper = await open();
  machines[0]!.answer = async () => {
    await until(() => machines[0]!.isClosed);
    throw lost();
  };
  const answer = keeper.inspect(new Uint8Array());
  await keeper.close();
  await expect(answer).rejects.toThrow(MachineLost);
  expect(machines.length).toBe(1);
  await expect(keeper.restart()).rejects.toThrow("The node is being stopped.");
});

test("an answer counts the inputs that the machine was sent before, committed or not", async () => {
  record(4);
  const keeper = await open();
  const running = keeper.run(store.listInputsFrom(0, 3));
  await Promise.resolve();
  const { inputCount } = await keeper.inspect(new Uint8Array());
  expect([inputCount, store.getProcessedInputCount()]).toEqual([3, 0]);
  expect((await running).length).toBe(3);
});

test("inputs wait for one query at most, however many there are", async () => {
  record(4);
  const keeper = await open();
  const [machine] = machines;
  const answers: (() => void)[] = [];
  const events: string[] = [];
  machine!.answer = () => {
    events.push("query");
    return new Promise((resolve) => {
      answers.push(() => resolve({ status: "accepted", reports: [] }));
    });
  };
  const asked = [1, 2, 3].map(() => keeper.inspect(new Uint8Array()));
  await until(() => answers.length > 0);
  const running = keeper.run(store.listInputsFrom(0, 4));
  await until(() => machine!.advanced === 4);
  events.push("inputs");
  for (let i = 0; i < 3; i++) {
    await until(() => answers.length > i);
    answers[i]!();
  }
  expect(events).toEqual(["query", "inputs", "query", "query"]);
  expect((await Promise.all(asked)).map(({ inputCount }) => inputCount)).toEqual([0, 4, 4]);
  expect((await running).length).toBe(4);
});
