import { Agent, request } from "node:http";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { GuestRequestError } from "../../node-client/node/machine/guest-requests.ts";
import {
  createAdvanceJob,
  keepOutput,
  keepReport,
} from "../../node-client/node/machine/http-job.ts";
import { HttpMachine } from "../../node-client/node/machine/http-machine.ts";
import { MachineLost } from "../../node-client/node/machine/machine.ts";
import { GuestConnection } from "./fixtures/guest-connection.ts";
import { contextOf, hexOf, text } from "./fixtures/start-stub-guest.ts";

/** The host against guests that send what they should not; the test itself is the guest. */

interface Answer {
  readonly status: number;
  readonly body: string;
}

let machine: HttpMachine;
// One connection, as a guest has it.
const agent = new Agent({ keepAlive: true, maxSockets: 1 });

beforeEach(async () => {
  machine = await HttpMachine.start();
});
afterEach(() => machine.close());

const JSON_TYPE = { "content-type": "application/json" };

function send(method: string, path: string, body: string, headers = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    request(`${machine.url}${path}`, { method, agent, headers }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (chunk: string) => {
        text += chunk;
      });
      response.on("end", () => resolve({ status: response.statusCode ?? 0, body: text }));
    })
      .on("error", reject)
      .end(body);
  });
}

const post = (path: string, body: unknown): Promise<Answer> =>
  send("POST", path, typeof body === "string" ? body : JSON.stringify(body), JSON_TYPE);
const accept = (): Promise<Answer> => post("/finish", { status: "accept" });

/** By itself `expect.poll` gives up after a second. */
const SOON = { timeout: 90_000 };
const ADDRESS = `0x${"11".repeat(20)}`;

describe("a malformed request is refused and leaves no trace", () => {
  test.each([
    ["no JSON", "/notice", "{", 400],
    ["no object", "/notice", "7", 400],
    ["null", "/notice", "null", 400],
    ["no payload", "/notice", {}, 400],
    ["a payload that is no string", "/report", { payload: 7 }, 400],
    ["a payload without 0x", "/notice", { payload: "ab" }, 400],
    ["half a byte", "/notice", { payload: "0xabc" }, 400],
    ["a digit that is none", "/report", { payload: "0xag" }, 400],
    ["a line end after the digits", "/report", { payload: "0xaa\n\n" }, 400],
    ["a short destination", "/voucher", { destination: "0x11", payload: "0x" }, 400],
    ["no destination", "/delegate-call-voucher", { payload: "0x" }, 400],
    [
      "a value of odd length",
      "/voucher",
      { destination: ADDRESS, value: "0x1", payload: "0x" },
      400,
    ],
    [
      "a value over 256 bits",
      "/voucher",
      { destination: ADDRESS, value: `0x01${"00".repeat(32)}`, payload: "0x" },
      400,
    ],
    ["a number as value", "/voucher", { destination: ADDRESS, value: 1, payload: "0x" }, 400],
    ["an unknown verdict", "/finish", { status: "ok" }, 400],
    ["an unknown path", "/gio", {}, 404],
    ["a body over 5 MiB", "/report", { payload: `0x${"00".repeat(5 * 2 ** 19)}` }, 413],
  ])("%s", async (_name, path, body, status) => {
    const result = machine.advance(contextOf(0), text("any"));
    expect((await accept()).status).toBe(200);
    expect((await post(path, body)).status).toBe(status);
    expect(await post("/notice", { payload: "0x01" })).toEqual({
      status: 201,
      body: '{"index":0}',
    });
    const parked = accept();
    expect(await result).toEqual({
      status: "accepted",
      outputs: [{ kind: "notice", payload: "0x01" }],
      reports: [],
    });
    await machine.close();
    await expect(parked).rejects.toThrow();
  });

  test("any method but POST", async () => {
    expect((await send("GET", "/finish", "")).status).toBe(405);
  });

  test.each(["text/plain", "application/x-www-form-urlencoded", "application/jsonp", ""])(
    "a body that is declared as %j",
    async (type) => {
      const headers = type === "" ? {} : { "content-type": type };
      expect((await send("POST", "/notice", '{"payload":"0x01"}', headers)).status).toBe(400);
    },
  );
});

describe("sizes", () => {
  test.each([
    ["/notice", 2_097_056],
    ["/voucher", 2_096_992],
    ["/delegate-call-voucher", 2_097_024],
    ["/report", 2_097_152],
  ])("%s takes %i bytes and not one more", async (path, bytesMax) => {
    const result = machine.advance(contextOf(0), text("any"));
    await accept();
    const body = (bytes: number): object => ({
      destination: ADDRESS,
      payload: `0x${"00".repeat(bytes)}`,
    });
    expect((await post(path, body(bytesMax + 1))).status).toBe(400);
    expect((await post(path, body(bytesMax))).status).toBe(path === "/report" ? 202 : 201);
    accept().catch(() => undefined);
    const { outputs, reports } = await result;
    expect(outputs.length + reports.length).toBe(1);
  });
});

describe("order of requests", () => {
  test("outputs are numbered through accepted inputs; rejected ones leave no gap", async () => {
    const notice = async (): Promise<string> => (await post("/notice", { payload: "0x" })).body;
    const finish = async (status: string): Promise<unknown> =>
      (await post("/finish", { status })).status;
    const inputs = [0, 1, 2].map((index) => machine.advance(contextOf(index), text("any")));
    const query = machine.inspect(text("any"));
    const last = machine.advance(contextOf(3), text("any"));
    await accept();
    expect([await notice(), await notice()]).toEqual(['{"index":0}', '{"index":1}']);
    await finish("accept");
    expect(await notice()).toBe('{"index":2}');
    await finish("reject");
    expect(await notice()).toBe('{"index":2}');
    await finish("accept");
    // The query: its outputs are taken and forgotten.
    expect(await notice()).toBe('{"index":3}');
    await post("/report", { payload: hexOf("answer") });
    await finish("accept");
    expect(await notice()).toBe('{"index":3}');
    finish("accept").catch(() => undefined);
    expect((await Promise.all(inputs)).map(({ outputs }) => outputs.length)).toEqual([2, 0, 1]);
    expect(await query).toEqual({ status: "accepted", reports: [hexOf("answer")] });
    expect((await last).outputs).toHaveLength(1);
  });

  test("a second finish while one waits is refused, and the first is served", async () => {
    const guest = new GuestConnection(machine.url);
    const verdict = (status: string): string => guest.encode("/finish", { status });
    const [early, first, second, third] = guest.sendAll([
      guest.encode("/report", { payload: "0x" }),
      verdict("accept"),
      verdict("accept"),
      verdict("reject"),
    ]);
    // They came as one piece: when the report is answered, the others have been read.
    expect((await early!).status).toBe(202);
    const result = machine.advance(contextOf(0), text("any"));
    expect((await first!).status).toBe(200);
    expect((await second!).status).toBe(400);
    expect((await third!).status).toBe(400);
    guest.post("/finish", { status: "accept" }).catch(() => undefined);
    expect((await result).status).toBe("accepted");
  });

  test("an output while no input is processed is refused; one before the first is ignored", async () => {
    const guest = new GuestConnection(machine.url);
    const [early, asked, ...outputs] = guest.sendAll([
      guest.encode("/notice", { payload: "0x01" }),
      guest.encode("/finish", { status: "accept" }),
      guest.encode("/notice", { payload: "0x02" }),
      guest.encode("/voucher", { destination: ADDRESS, payload: "0x03" }),
      guest.encode("/report", { payload: "0x04" }),
    ]);
    expect((await early!).status).toBe(201);
    const result = machine.advance(contextOf(0), text("any"));
    expect((await asked!).status).toBe(200);
    for (const output of outputs) expect((await output).status).toBe(400);
    guest.post("/finish", { status: "accept" }).catch(() => undefined);
    expect(await result).toEqual({ status: "accepted", outputs: [], reports: [] });
  });

  test("upper-case digits are the same bytes", async () => {
    const result = machine.advance(contextOf(0), text("any"));
    await accept();
    await post("/voucher", { destination: `0x${"AB".repeat(20)}`, payload: "0xFf" });
    accept().catch(() => undefined);
    expect((await result).outputs).toEqual([
      { kind: "voucher", destination: `0x${"ab".repeat(20)}`, value: 0n, payload: "0xff" },
    ]);
  });

  test("a guest that hangs up while it waits is lost", async () => {
    const guest = new GuestConnection(machine.url);
    const [early, asked] = guest.sendAll([
      guest.encode("/report", { payload: "0x" }),
      guest.encode("/finish", { status: "accept" }),
    ]);
    asked!.catch(() => undefined);
    await early;
    await guest.close();
    await expect
      .poll(async () => (await post("/report", { payload: "0x" })).body, SOON)
      .toContain("stopped");
    await expect(machine.advance(contextOf(0), text("any"))).rejects.toThrow(MachineLost);
  });

  const createJob = (): ReturnType<typeof createAdvanceJob> =>
    createAdvanceJob(
      contextOf(0),
      text("any"),
      () => {},
      () => {},
    );

  test("an input leaves at most 65,536 outputs and as many reports", () => {
    const job = createJob();
    const notice = { kind: "notice", payload: "0x01" } as const;
    for (let i = 0; i < 65_536; i++) keepOutput(job, notice);
    expect(() => keepOutput(job, notice)).toThrow(GuestRequestError);
    for (let i = 0; i < 65_536; i++) keepReport(job, "0x");
    expect(() => keepReport(job, "0x")).toThrow(GuestRequestError);
    expect([job.outputs.length, job.reports.length]).toEqual([65_536, 65_536]);
  });

  test("outputs and reports of an input hold at most 64 MiB together", () => {
    const job = createJob();
    const payload = `0x${"00".repeat(2 ** 20)}` as const;
    for (let i = 0; i < 60; i++) keepOutput(job, { kind: "notice", payload });
    for (let i = 0; i < 4; i++) keepReport(job, payload);
    expect(() => keepReport(job, "0x00")).toThrow("67108864 bytes");
    expect(() => keepOutput(job, { kind: "notice", payload: "0x00" })).toThrow(GuestRequestError);
    keepReport(job, "0x");
    expect([job.outputs.length, job.reports.length]).toEqual([60, 5]);
  });
});
