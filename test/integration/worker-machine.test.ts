import { existsSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { HistoryInput } from "../../node-client/history/history-lines.ts";
import {
  isRestorable,
  type Machine,
  MachineException,
  MachineLost,
} from "../../node-client/node/machine/machine.ts";
import { WorkerMachine } from "../../node-client/node/machine/worker-machine.ts";
import { HistoryBuilder, recordHistory } from "../arbitraries/histories.ts";
import { MACHINE_SECRET } from "../arbitraries/shared-keys.ts";
import { seed } from "../seed.ts";
import { startBundle } from "../simulation/bundle.ts";

/** The two drivers run the same inputs to the same outputs; the worker gives its state away too. */
const WORKER_URL = new URL("../../dist/machine-worker.js", import.meta.url);
const machines: Machine[] = [];

async function startWorker(machineSecret = MACHINE_SECRET): Promise<WorkerMachine> {
  const options = { machineSecret, workerUrl: WORKER_URL };
  const machine = await WorkerMachine.start(options);
  machines.push(machine);
  return machine;
}

let history: readonly HistoryInput[];
beforeAll(async () => {
  if (!existsSync(WORKER_URL))
    await import(new URL("../../node-client/build/build.mjs", import.meta.url).href);
  history = await recordHistory(seed("worker machine"), 600);
});
afterAll(() => Promise.all(machines.map((machine) => machine.close())));

const ask = (machine: Machine, query: object) =>
  machine.inspect(new TextEncoder().encode(JSON.stringify(query)));

describe("worker and http drivers", () => {
  test("give the same verdicts, outputs, reports and answers", async () => {
    const worker = await startWorker();
    const http = await startBundle();
    machines.push(http);
    let accepted = 0;
    for (const { at, payload } of history) {
      const result = await worker.advance(at, payload);
      expect(await http.advance(at, payload)).toEqual(result);
      if (result.status === "accepted") accepted += 1;
    }
    expect(accepted).toBeGreaterThan(history.length / 2);
    for (const query of [{ query: "root" }, { query: "device", device_id: 1 }, { query: "no" }]) {
      expect(await ask(worker, query)).toEqual(await ask(http, query));
    }
    expect(isRestorable(worker)).toBe(true);
    expect(isRestorable(http)).toBe(false);
  });

  test("calls that overlap are served in their order", async () => {
    const [one, many] = [await startWorker(), await startWorker()];
    const results = [];
    for (const { at, payload } of history) results.push(await one.advance(at, payload));
    const overlapping = await Promise.all(
      history.map(({ at, payload }) => many.advance(at, payload)),
    );
    expect(overlapping).toEqual(results);
  });
});

describe("snapshots of the worker", () => {
  test("go on elsewhere exactly where they were taken", async () => {
    const [first, second] = [await startWorker(), await startWorker()];
    const half = history.length / 2;
    for (const { at, payload } of history.slice(0, half)) await first.advance(at, payload);
    const snapshot = await first.snapshot();
    await second.restore(snapshot);
    for (const { at, payload } of history.slice(half)) {
      expect(await second.advance(at, payload)).toEqual(await first.advance(at, payload));
    }
    expect((await second.snapshot()).root).toBe((await first.snapshot()).root);
    expect((await second.snapshot()).root).not.toBe(snapshot.root);
  });

  test("are refused where they are of another machine's key, by both keys", async () => {
    const [own, other] = [await startWorker(), await startWorker(new Uint8Array(32).fill(9))];
    const snapshot = await own.snapshot();
    const words = /machine key 0x[0-9a-f]{64}, not of 0x[0-9a-f]{64}: use its key, or replay/;
    await expect(other.restore(snapshot)).rejects.toThrow(words);
  });

  test("are refused when damaged, or when their rows do not give their root", async () => {
    const first = await startWorker();
    for (const { at, payload } of history.slice(0, 50)) await first.advance(at, payload);
    const snapshot = await first.snapshot();
    const root = `0x${"11".repeat(32)}` as const;
    const wrong = await startWorker();
    await expect(wrong.restore({ ...snapshot, root })).rejects.toThrow(MachineLost);
    await expect(ask(wrong, { query: "root" })).rejects.toThrow(MachineLost);

    const state = snapshot.state.slice(0, snapshot.state.length / 2);
    const damaged = await startWorker();
    await expect(damaged.restore({ state, root: snapshot.root })).rejects.toThrow(MachineLost);
  });
});

describe("a worker that stops", () => {
  // Accepted by any state, so that the engine comes to the context: it refuses some first inputs
  // of a random history before it looks.
  const { at, payload } = new HistoryBuilder().build({ kind: "deposit", seed: 1 });

  test("says what the application threw, and answers nothing more", async () => {
    const machine = await startWorker();
    // No chain delivers such a context: the engine takes it for a bug of its host, and stops.
    const absurd = { ...at, inputIndex: -1 };
    const [first, second] = [machine.advance(absurd, payload), machine.advance(at, payload)];
    const error: unknown = await first.catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(MachineException);
    await expect(second).rejects.toThrow(MachineLost);
    await expect(machine.advance(at, payload)).rejects.toThrow(MachineLost);
  });

  test("rejects what waits when it is closed", async () => {
    const machine = await startWorker();
    const waiting = machine.advance(at, payload).catch((caught: unknown) => caught);
    await machine.close();
    expect(await waiting).toBeInstanceOf(MachineLost);
    await expect(ask(machine, { query: "root" })).rejects.toThrow(MachineLost);
  });

  test("cannot be started without its built file", async () => {
    const workerUrl = new URL("file:///nowhere/machine-worker.js");
    const start = WorkerMachine.start({ machineSecret: MACHINE_SECRET, workerUrl });
    await expect(start).rejects.toThrow("npm run build");
  });
});
