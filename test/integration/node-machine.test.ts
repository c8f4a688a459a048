import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { DatabaseSync } from "@photostructure/sqlite";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { HttpMachine } from "../../node-client/node/machine/http-machine.ts";
import { type Machine, MachineLost } from "../../node-client/node/machine/machine.ts";
import type { WorkerMachine } from "../../node-client/node/machine/worker-machine.ts";
import type { Hex } from "../../spec/outputs.ts";
import { buildStubGuest, text } from "./fixtures/start-stub-guest.ts";
import { startTestChain, type TestChain } from "./fixtures/test-chain.ts";
import {
  addInputs,
  deployApp,
  readView,
  startGuest,
  startWorker,
  TestNode,
  type TestNodeOptions,
} from "./fixtures/test-node.ts";

/** The node and what runs its dApp: restarts, stops, losses, queries. */
let chain: TestChain;
let stub: string;
let folder: string;
let app: Hex;
const nodes: TestNode[] = [];

beforeAll(async () => {
  chain = await startTestChain();
  stub = await buildStubGuest();
});
afterAll(async () => {
  rmSync(dirname(stub), { recursive: true });
  await chain.stop();
});
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "tallyroll-node-"));
  app = await deployApp(chain);
});
afterEach(async () => {
  for (const node of nodes.splice(0)) await node.close();
  rmSync(folder, { recursive: true });
});

async function start(options: Partial<TestNodeOptions> = {}): Promise<TestNode> {
  const { rpcUrl } = chain.anvil;
  const databasePath = join(folder, "node.sqlite");
  const node = await TestNode.start(chain, { app, rpcUrl, databasePath, ...options });
  nodes.push(node);
  return node;
}

/** The worker, and what it was asked for. */
function watchWorker(calls: string[]): () => Promise<Machine> {
  return async () => {
    const worker = await startWorker();
    const watched = new Proxy(worker, {
      get(target, name: keyof WorkerMachine) {
        const member = target[name] as unknown;
        if (typeof member !== "function") return member;
        return (...args: unknown[]) => {
          calls.push(name);
          return member.apply(target, args);
        };
      },
    });
    return watched;
  };
}

const count = (calls: readonly string[], name: string): number =>
  calls.filter((call) => call === name).length;

const refused = (number: number): string[] => Array.from({ length: number }, (_, i) => `no ${i}`);

describe("a restart", () => {
  test("puts the snapshot back and executes nothing twice", async () => {
    const first = await start();
    await addInputs(chain, app, refused(12));
    await first.processed(12);
    await first.close();

    const calls: string[] = [];
    const second = await start({ startMachine: watchWorker(calls) });
    await addInputs(chain, app, refused(3));
    await second.processed(15);
    expect(count(calls, "restore")).toBe(1);
    expect(count(calls, "advance")).toBe(3);
  });

  test("executes again what no snapshot holds, and gets the same", async () => {
    const first = await start({ startMachine: () => startGuest() });
    await addInputs(chain, app, refused(12));
    await first.processed(12);
    const before = readView(first.view);
    await first.close();

    const calls: string[] = [];
    const second = await start({ startMachine: watchWorker(calls) });
    expect(count(calls, "advance")).toBe(12);
    await second.processed(12);
    expect(readView(second.view)).toEqual(before);
  });

  test("goes on from an older snapshot where the newest is damaged", async () => {
    for (const inputs of [5, 7]) {
      const node = await start();
      await addInputs(chain, app, refused(inputs));
      await node.processed(inputs === 5 ? 5 : 12);
      await node.close();
    }
    const file = new DatabaseSync(join(folder, "node.sqlite"));
    file.exec(
      "UPDATE snapshot_chunks SET bytes = zeroblob(length(bytes)) WHERE input_count = 12 AND position = 0",
    );
    file.close();

    const calls: string[] = [];
    const next = await start({ startMachine: watchWorker(calls) });
    await next.processed(12);
    expect(next.lines.join()).toContain("The snapshot of 12 inputs cannot be put back");
    expect(count(calls, "restore")).toBe(2);
    expect(count(calls, "advance")).toBe(7);
    await addInputs(chain, app, refused(1));
    await next.processed(13);
  });

  test("is refused with another program than the file was made with", async () => {
    const first = await start({ startMachine: () => startGuest(stub) });
    await addInputs(chain, app, ["n"]);
    await first.processed(1);
    await first.close();
    await expect(start()).rejects.toThrow(/Input 0 was ACCEPTED, and is REJECTED/);
  });
});

test("worker and http drivers leave equal files", async () => {
  await addInputs(chain, app, refused(8));
  const worker = await start();
  const http = await start({
    databasePath: join(folder, "http.sqlite"),
    startMachine: () => startGuest(),
  });
  await worker.processed(8);
  await http.processed(8);
  expect(readView(http.view)).toEqual(readView(worker.view));
  expect(worker.view.listReports({}, { limit: 1, offset: 0 }).totalCount).toBe(8);
});

describe("an input that stops the dApp", () => {
  test("is an EXCEPTION, keeps its words, and holds nothing up", async () => {
    await addInputs(chain, app, ["n", "t", "n", "t", "n"]);
    const node = await start({ startMachine: () => startGuest(stub) });
    await node.processed(5);
    const statuses = ["ACCEPTED", "EXCEPTION", "ACCEPTED", "EXCEPTION", "ACCEPTED"];
    expect(node.statuses()).toEqual(statuses);
    const words = Buffer.from(node.view.getInput(1)?.exception ?? []).toString("utf8");
    expect(words).toContain("the stub's own bug");
    expect(node.view.getOutputCount()).toBe(3);
    await node.close();

    const again = await start({ startMachine: () => startGuest(stub) });
    await again.processed(5);
    expect(again.statuses()).toEqual(statuses);
  });

  test.each([
    ["exits", "k", undefined],
    // Again and again, and each time the guest has to start within it as well.
    ["never answers", "h", 5_000],
  ])("stops the node with its sentence when the dApp %s", async (_, payload, answerMsMax) => {
    await addInputs(chain, app, ["n", payload, "n"]);
    const node = await start({ startMachine: () => startGuest(stub, answerMsMax) });
    const failure = await node.node.failed;
    expect(failure.message).toMatch(/^The machine went away over input 1, again and again\.\nLook/);
    expect(node.statuses()).toEqual(["ACCEPTED", "NONE", "NONE"]);
  });

  test("stops the node before it, for lack of memory", async () => {
    await addInputs(chain, app, ["n", "o", "n"]);
    const guest = { command: process.execPath, args: [stub], outOfMemoryExitCode: 12 };
    const node = await start({ startMachine: () => HttpMachine.start({ guest }) });
    expect(await node.node.failed).toMatchObject({ name: "MachineOutOfMemory" });
    expect(node.statuses()).toEqual(["ACCEPTED", "NONE", "NONE"]);
  });

  test("is tried again when only the machine was at fault", async () => {
    let losses = 0;
    const startMachine = async (): Promise<Machine> => {
      const machine = await startGuest(stub);
      return new Proxy(machine, {
        get(target, name: keyof Machine) {
          if (name === "advance" && losses < 2) {
            losses += 1;
            const lost = new MachineLost("The power went.", { whatToDo: "Wait." });
            return () => Promise.reject(lost);
          }
          const member = target[name] as unknown;
          return typeof member === "function" ? member.bind(target) : member;
        },
      });
    };
    await addInputs(chain, app, ["n", "n"]);
    const node = await start({ startMachine });
    await node.processed(2);
    expect(losses).toBe(2);
    expect(node.statuses()).toEqual(["ACCEPTED", "ACCEPTED"]);
  });
});

describe("queries", () => {
  const root = text('{"query":"root"}');

  test("are answered while inputs run, and change nothing", async () => {
    const node = await start();
    const sending = addInputs(chain, app, refused(40));
    for (let i = 0; i < 60; i++) {
      const { status, reports } = await node.node.inspect(root);
      expect([status, reports.length]).toEqual(["accepted", 1]);
    }
    await sending;
    await node.processed(40);
    const quiet = await start({ databasePath: join(folder, "quiet.sqlite") });
    await quiet.processed(40);
    expect(readView(node.view)).toEqual(readView(quiet.view));
  });

  test("that break the machine, however often, leave no trace", async () => {
    const node = await start({ startMachine: () => startGuest(stub) });
    const sending = addInputs(chain, app, Array<string>(30).fill("n"));
    for (let i = 0; i < 12; i++) {
      expect((await node.node.inspect(text("t"))).status).toBe("exception");
    }
    await sending;
    await node.processed(30);
    expect(new Set(node.statuses())).toEqual(new Set(["ACCEPTED"]));
    expect(node.view.getOutputCount()).toBe(30);
    expect((await node.node.inspect(text("q"))).status).toBe("accepted");
  });

  test("find the machine again after its thread broke while nothing happened", async () => {
    const workers: WorkerMachine[] = [];
    const startMachine = async () => {
      const worker = await startWorker();
      workers.push(worker);
      return worker;
    };
    const node = await start({ startMachine });
    await addInputs(chain, app, refused(2));
    await node.processed(2);
    await workers[0]?.close();
    expect((await node.node.inspect(root)).status).toBe("accepted");
    await addInputs(chain, app, refused(2));
    await node.processed(4);
    expect(workers.length).toBe(2);
  });

  test("that break it between two groups leave no gap in what was run", async () => {
    // Five of these make a group, and the machine gets two groups at once.
    const large = Array<Uint8Array>(15).fill(new Uint8Array(30_000).fill(0x6e));
    await addInputs(chain, app, large);
    let starts = 0;
    let breaking: Promise<unknown> | undefined;
    let quiet: NodeJS.Timeout | undefined;
    let close: () => void = () => {};
    const closing = new Promise<void>((resolve) => {
      close = resolve;
    });
    const startMachine = async (): Promise<Machine> => {
      starts += 1;
      const isFirst = starts === 1;
      let count = 0;
      // Its state is how many inputs it has seen, and every output tells it.
      return {
        async advance() {
          count += 1;
          const payload: Hex = `0x${count.toString(16).padStart(2, "0")}`;
          if (isFirst) {
            // Once it has all that it gets at once: ten, where the chain was read in one piece.
            clearTimeout(quiet);
            quiet = setTimeout(() => {
              breaking = node.node.inspect(text("t"));
            }, 200);
          }
          // What it has done is known when the next one is being brought back already.
          if (isFirst) await closing;
          return { status: "accepted", outputs: [{ kind: "notice", payload }], reports: [] };
        },
        inspect: async () => ({ status: isFirst ? "exception" : "accepted", reports: [] }),
        close: async () => close(),
      };
    };
    const node: TestNode = await start({ startMachine });
    await node.processed(15);
    await breaking;
    expect(starts).toBeGreaterThan(1);
    const { items } = node.view.listOutputs({}, { limit: 100, offset: 0 });
    // Behind the notice's selector, offset and length.
    expect(items.map(({ raw }) => raw[4 + 64])).toEqual(large.map((_, i) => i + 1));
  });
});
