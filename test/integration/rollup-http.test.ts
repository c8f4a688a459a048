import { spawn } from "node:child_process";
import { once } from "node:events";
import { rmSync } from "node:fs";
import { dirname } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import {
  HttpMachine,
  type HttpMachineOptions,
} from "../../node-client/node/machine/http-machine.ts";
import {
  isRestorable,
  MachineException,
  MachineLost,
} from "../../node-client/node/machine/machine.ts";
import { buildStubGuest, contextOf, hexOf, text } from "./fixtures/start-stub-guest.ts";

/** The real loop in a real process, the real host and real sockets between them. */

const DESTINATION = "0x00000000000000000000000000000000000000ff";
let guestPath: string;
const machines: HttpMachine[] = [];

beforeAll(async () => {
  guestPath = await buildStubGuest();
});
afterEach(async () => {
  await Promise.all(machines.splice(0).map((machine) => machine.close()));
});
afterAll(() => rmSync(dirname(guestPath), { recursive: true }));

async function start(options: HttpMachineOptions = {}): Promise<HttpMachine> {
  const guest = { command: process.execPath, args: [guestPath] };
  const machine = await HttpMachine.start({ guest, ...options });
  machines.push(machine);
  return machine;
}

describe("advance", () => {
  test("every kind of output arrives whole and in order", async () => {
    const machine = await start();
    const payload = hexOf("v and the rest");
    expect(await machine.advance(contextOf(0), text("v and the rest"))).toEqual({
      status: "accepted",
      outputs: [
        { kind: "voucher", destination: DESTINATION, value: 0n, payload: "0x" },
        { kind: "notice", payload },
        { kind: "voucher", destination: DESTINATION, value: 2n ** 256n - 1n, payload },
        { kind: "delegate_call_voucher", destination: DESTINATION, payload },
        { kind: "voucher", destination: DESTINATION, value: 10n ** 18n, payload: "0xabcd" },
      ],
      reports: [],
    });
  });

  test("three hundred outputs keep their order, input after input", async () => {
    const machine = await start();
    for (let index = 0; index < 3; index++) {
      const { outputs, reports } = await machine.advance(contextOf(index), text("m"));
      expect(outputs.map(({ payload }) => payload)).toEqual(
        Array.from({ length: 300 }, (_, i) => hexOf(`${i}`)),
      );
      expect(reports).toEqual(Array.from({ length: 30 }, (_, i) => hexOf(`report ${i}`)));
    }
  });

  test("the context arrives exactly, as plain byte arrays", async () => {
    const machine = await start();
    const at = contextOf(2 ** 53 - 1);
    const { reports } = await machine.advance(at, text("c"));
    expect(JSON.parse(Buffer.from(reports[0]!.slice(2), "hex").toString())).toEqual([
      "31337n",
      `Uint8Array ${hexOf(at.app)}`,
      `Uint8Array ${hexOf(at.sender)}`,
      4_294_967_296,
      1_700_000_000,
      `Uint8Array ${hexOf(at.prevRandao)}`,
      2 ** 53 - 1,
    ]);
  });

  test("a rejected input leaves its reports and no outputs", async () => {
    const machine = await start();
    expect(await machine.advance(contextOf(0), text("r"))).toEqual({
      status: "rejected",
      outputs: [],
      reports: [hexOf("refused"), hexOf("twice")],
    });
    const next = await machine.advance(contextOf(1), text("n"));
    expect(next).toEqual({
      status: "accepted",
      outputs: [{ kind: "notice", payload: hexOf("n") }],
      reports: [],
    });
  });

  test("overlapping calls are served in the order in which they were made", async () => {
    const machine = await start();
    const calls = ["n0", "r1", "n2", "n3"].map((input, index) =>
      machine.advance(contextOf(index), text(input)),
    );
    const query = machine.inspect(text("after"));
    expect((await Promise.all(calls)).map(({ status }) => status)).toEqual([
      "accepted",
      "rejected",
      "accepted",
      "accepted",
    ]);
    expect((await query).status).toBe("accepted");
  });

  test("the largest input the InputBox takes comes back as a notice", async () => {
    const machine = await start();
    const payload = new Uint8Array(65_216).map((_, i) => (i === 0 ? 0x6e : i % 251));
    const { outputs } = await machine.advance(contextOf(0), payload);
    expect(outputs).toEqual([{ kind: "notice", payload: hexOf(payload) }]);
  });

  test("a report of one megabyte arrives whole", async () => {
    const machine = await start();
    const { reports } = await machine.advance(contextOf(0), text("b"));
    expect(reports[0] === `0x${"5a".repeat(1_000_000)}`).toBe(true);
  });

  test("a guest left waiting is told to ask again, and goes on", async () => {
    const machine = await start({ retryMs: 30 });
    await machine.advance(contextOf(0), text("r"));
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect((await machine.advance(contextOf(1), text("n"))).status).toBe("accepted");
  });
});

describe("inspect", () => {
  test("answers with reports, between inputs", async () => {
    const machine = await start();
    await machine.advance(contextOf(0), text("n"));
    expect(await machine.inspect(text("query"))).toEqual({
      status: "accepted",
      reports: [hexOf("answer to"), hexOf("query")],
    });
    expect((await machine.advance(contextOf(1), text("n"))).outputs).toHaveLength(1);
  });

  test("an exception is the answer's status, and the end of the machine", async () => {
    const machine = await start();
    expect(await machine.inspect(text("t"))).toEqual({ status: "exception", reports: [] });
    await expect(machine.advance(contextOf(0), text("n"))).rejects.toThrow(MachineLost);
  });

  test("a process behind HTTP has no snapshots", async () => {
    expect(isRestorable(await start())).toBe(false);
  });
});

describe("a guest that fails", () => {
  test("a thrown error ends the process with code 1, and its words reach the host", async () => {
    const machine = await HttpMachine.start();
    machines.push(machine);
    const env = { ROLLUP_HTTP_SERVER_URL: machine.url };
    const guest = spawn(process.execPath, [guestPath], { env, stdio: "ignore" });
    const exit = once(guest, "exit");
    const failing = machine.advance(contextOf(0), text("t"));
    const waiting = machine.advance(contextOf(1), text("n"));
    const error = await failing.catch((error: unknown) => error);
    expect(error).toBeInstanceOf(MachineException);
    expect((error as MachineException).payload).toBe(hexOf("TypeError: the stub's own bug"));
    expect((error as MachineException).message).toContain("the stub's own bug");
    await expect(waiting).rejects.toThrow(MachineLost);
    await expect(machine.advance(contextOf(1), text("n"))).rejects.toThrow(MachineLost);
    expect(await exit).toEqual([1, null]);
  });

  test("a guest killed over an input rejects it by name", async () => {
    const machine = await start();
    await machine.advance(contextOf(0), text("n"));
    const killed = machine.advance(contextOf(1), text("k"));
    await expect(killed).rejects.toThrow("killed by SIGKILL");
    await expect(killed).rejects.toThrow(MachineLost);
  });

  test("a guest that does not come back misses its deadline and is ended", async () => {
    // Enough for its start and the first input, whatever else the computer does.
    const machine = await start({ answerMsMax: 5_000 });
    await machine.advance(contextOf(0), text("n"));
    await expect(machine.advance(contextOf(1), text("h"))).rejects.toThrow("within 5000 ms");
  });

  test("a command that does not exist is named", async () => {
    const machine = await start({ guest: { command: "/no/such/dapp" } });
    await expect(machine.advance(contextOf(0), text("n"))).rejects.toThrow("/no/such/dapp");
  });

  test("a guest that exits at once is quoted", async () => {
    const args = ["-e", "console.error('no key'); process.exit(3)"];
    const machine = await start({ guest: { command: process.execPath, args } });
    const lost = machine.advance(contextOf(0), text("n"));
    await expect(lost).rejects.toThrow("exited with code 3. It said: no key");
  });

  test("closing the machine rejects what waits", async () => {
    const machine = await start();
    const waiting = machine.advance(contextOf(0), text("h"));
    const lost = expect(waiting).rejects.toThrow("closed");
    await machine.close();
    await lost;
  });
});
