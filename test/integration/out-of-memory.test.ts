import { existsSync } from "node:fs";
import { afterEach, beforeAll, expect, test } from "vitest";
import { HttpMachine } from "../../node-client/node/machine/http-machine.ts";
import {
  type Machine,
  MachineException,
  MachineOutOfMemory,
} from "../../node-client/node/machine/machine.ts";
import { WorkerMachine } from "../../node-client/node/machine/worker-machine.ts";
import { recordHistory } from "../arbitraries/histories.ts";
import { MACHINE_SECRET } from "../arbitraries/shared-keys.ts";
import { contextOf, text } from "./fixtures/start-stub-guest.ts";

/** Machines on a computer with too little memory: that is never a verdict on an input. */

const DIST = new URL("../../dist/", import.meta.url);
const SHORT_MEMORY = new URL("./fixtures/short-memory.mjs", import.meta.url);

let machine: Machine | undefined;
beforeAll(async () => {
  if (!existsSync(new URL("machine-worker.js", DIST)))
    await import(new URL("../../node-client/build/build.mjs", import.meta.url).href);
});
afterEach(async () => await machine?.close());

test("the worker stops before the input, and says why", async () => {
  const options = { machineSecret: MACHINE_SECRET, workerUrl: SHORT_MEMORY };
  machine = await WorkerMachine.start(options);
  const history = recordHistory(5, 400);
  const verdicts = await Promise.allSettled(
    history.map(({ at, payload }) => machine!.advance(at, payload)),
  );
  const count = verdicts.findIndex(({ status }) => status === "rejected");
  expect(count).toBeGreaterThan(20);
  for (const verdict of verdicts.slice(count)) {
    expect(verdict).toMatchObject({ reason: { name: "MachineOutOfMemory" } });
  }
  await expect(machine.inspect(text('{"query":"root"}'))).rejects.toThrow(MachineOutOfMemory);
});

/** The real dApp with that little memory. */
function startDapp(onShort: Record<string, string>): Promise<HttpMachine> {
  const env = { TALLYROLL_MACHINE_KEY: Buffer.from(MACHINE_SECRET).toString("hex"), ...onShort };
  const bundle = new URL("dapp/index.cjs", DIST).pathname;
  const guest = { command: process.execPath, args: ["--import", SHORT_MEMORY.href, bundle], env };
  return HttpMachine.start({ guest: { ...guest, outOfMemoryExitCode: 12 } });
}

test("the dApp's process on a host exits without a verdict", async () => {
  machine = await startDapp({ TALLYROLL_OUT_OF_MEMORY: "exit" });
  const error = await machine.advance(contextOf(0), text("any")).catch((cause) => cause);
  expect(error).toBeInstanceOf(MachineOutOfMemory);
  expect(error.cause.message).toContain("It said: OutOfMemory: SQLite failed: out of memory");
});

test("in the machine, whose RAM is its own, it reports an exception", async () => {
  machine = await startDapp({});
  // It may come before the input is asked for: then the machine is lost by it.
  const error = await machine.advance(contextOf(0), text("any")).catch((cause) => cause);
  expect(error.cause ?? error).toBeInstanceOf(MachineException);
  expect((error.cause ?? error).message).toContain("OutOfMemory: SQLite failed");
});
