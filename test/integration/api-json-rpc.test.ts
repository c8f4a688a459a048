import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { hexOf } from "../arbitraries/node-store-model.ts";
import { createInput, createOutput, IDENTITY, SENDERS } from "../arbitraries/node-store-steps.ts";
import { runs, seed } from "../seed.ts";
import { type ServedStore, serveStore } from "./fixtures/served-store.ts";

/** Whatever is sent to it, the API answers, stays up, and tells nobody who should not know. */
let served: ServedStore;
beforeEach(async () => {
  served = await serveStore();
});
afterEach(() => served.close());

const application = IDENTITY.app;

async function post(body: string | Uint8Array, headers: Record<string, string> = {}) {
  const response = await fetch(served.api.urls.rpc, { method: "POST", body, headers });
  return { status: response.status, text: await response.text() };
}

/** Calls a method; `params` of any shape. */
async function call(method: unknown, params: unknown, rest: object = { jsonrpc: "2.0", id: 1 }) {
  const { status, text } = await post(JSON.stringify({ ...rest, method, params }));
  expect(status).toBe(200);
  return JSON.parse(text);
}

async function expectAlive() {
  const { result } = await call("cartesi_getChainId", []);
  expect(result).toEqual({ data: "0x7a69" });
  expect(served.log).toEqual([]);
}

describe("JSON-RPC", () => {
  test.each([
    ["nothing", "", -32700],
    ["no JSON", "hello", -32700],
    ["half of a request", '{"jsonrpc":"2.0","id":1,"meth', -32700],
    ["bytes that are no text", Buffer.from([0x22, 0xff, 0xfe, 0x22]), -32700],
    ["a number", "5", -32600],
    ["null", "null", -32600],
    ["another version", '{"jsonrpc":"1.0","id":1,"method":"cartesi_getChainId"}', -32600],
    ["no method", '{"jsonrpc":"2.0","id":1}', -32600],
    ["an object as id", '{"jsonrpc":"2.0","id":{},"method":"cartesi_getChainId"}', -32600],
    ["an empty batch", "[]", -32600],
    ["a long batch", JSON.stringify(new Array(101).fill({ jsonrpc: "2.0", id: 1 })), -32600],
    ["a method nobody knows", '{"jsonrpc":"2.0","id":1,"method":"eth_chainId"}', -32601],
    ["a name every object has", '{"jsonrpc":"2.0","id":1,"method":"constructor"}', -32601],
  ])("refuses %s", async (_, body, code) => {
    const { status, text } = await post(body);
    expect(status).toBe(200);
    expect(JSON.parse(text).error.code).toBe(code);
    await expectAlive();
  });

  test("refuses a body that is too large, and lives through one that is too deep", async () => {
    expect((await post("x".repeat(1024 * 1024 + 1))).status).toBe(413);
    const deep = await post("[".repeat(400_000) + "]".repeat(400_000));
    expect(JSON.parse(deep.text)).toEqual([
      { jsonrpc: "2.0", id: null, error: expect.objectContaining({ code: -32600 }) },
    ]);
    const params = JSON.parse("[".repeat(9) + "]".repeat(9));
    expect((await call("cartesi_getInput", params)).error.code).toBe(-32602);
    await expectAlive();
  });

  test.each([
    ["a negative limit", { limit: -1 }],
    ["half an offset", { offset: 0.5 }],
    ["a limit in words", { limit: "5" }],
    ["an offset beyond all counting", { offset: 2 ** 60 }],
    ["a direction in words", { descending: "yes" }],
    ["a decimal epoch", { epoch_index: 1 }],
    ["an epoch without digits", { epoch_index: "0x" }],
    ["an epoch beyond 64 bits", { epoch_index: `0x1${"0".repeat(16)}` }],
    ["a short sender", { sender: "0x12" }],
    ["an application of no shape", { application: "../x" }],
    ["an application that is a list", { application: [application] }],
  ])("refuses %s as invalid parameters", async (_, params) => {
    const { error } = await call("cartesi_listInputs", { application, ...params });
    expect(error.code).toBe(-32602);
    expect(error.message).toMatch(/^Invalid parameters: "\w+" is /);
  });

  test("takes parameters by position, lets the clients' twins pass, caps the limit", async () => {
    const byName = await call("cartesi_listInputs", {
      application,
      epoch_index: "0x2",
      epochIndex: "2",
      sender: null,
      __proto__: 1,
    });
    const byPlace = await call("cartesi_listInputs", [application, "0x2"]);
    expect(byPlace.result).toEqual(byName.result);
    expect(byPlace.result.data.length).toBe(6);
    const tooMany = await call("cartesi_getInput", [application, "0x1", "0x2"]);
    expect(tooMany.error.code).toBe(-32602);
    const capped = await call("cartesi_listInputs", { application, limit: 99_999 });
    expect(capped.result.pagination.limit).toBe(10_000);
    const byDefault = await call("cartesi_listInputs", { application, limit: 0 });
    expect(byDefault.result.pagination.limit).toBe(50);
    const upperCase = application.toUpperCase().replace("0X", "0x");
    expect((await call("cartesi_getApplication", [upperCase])).result.data.name).toBe("tallyroll");
  });

  test.each([
    ["cartesi_listInputs", { epoch: "0x2" }, "epoch"],
    ["cartesi_listInputs", { executed: true }, "executed"],
    ["cartesi_listInputs", { epochIndex: "2" }, "epochIndex"],
    ["cartesi_listOutputs", { status: "OPEN" }, "status"],
    ["cartesi_listReports", { sender: SENDERS[0] }, "sender"],
    ["cartesi_getEpoch", { epoch_index: "0x1", limit: 5 }, "limit"],
    ["cartesi_getApplication", { constructor: {} }, "constructor"],
    ["cartesi_getChainId", { application }, "application"],
  ])("%s refuses parameters that it would not look at: %j", async (method, params, name) => {
    const { error } = await call(method, { application, ...params });
    expect(error).toMatchObject({ code: -32602 });
    expect(error.message).toContain(`"${name}"`);
  });

  test("lists between bounds, and what is executed or not", async () => {
    const indicesOf = async (method: string, params: object) => {
      const { result } = await call(method, { application, ...params });
      const indices = result.data.map(({ index }: { index: string }) => Number(index));
      return { indices, total: result.pagination.total_count };
    };
    const bounds = { from: "0x3", to: "0x5" };
    const some = { indices: [3, 4, 5], total: 3 };
    for (const method of ["cartesi_listInputs", "cartesi_listOutputs", "cartesi_listReports"]) {
      expect(await indicesOf(method, bounds)).toEqual(some);
    }
    expect(await indicesOf("cartesi_listEpochs", bounds)).toEqual({ indices: [3, 4], total: 2 });
    expect(await indicesOf("cartesi_listInputs", { sender: SENDERS[0], from: "0x14" })).toEqual({
      ...{ indices: [21], total: 1 },
    });
    expect(await indicesOf("cartesi_listOutputs", { executed: true })).toEqual({
      ...{ indices: [1], total: 1 },
    });
    const unexecuted = { executed: false, output_type: "0x237a816f", limit: 2 };
    const vouchers = served.store.getOutputCount() / 3;
    expect(await indicesOf("cartesi_listOutputs", unexecuted)).toEqual({
      ...{ indices: [4, 7], total: vouchers - 1 },
    });
  });

  test("describes itself: every method, and what each of them takes", async () => {
    const { result } = await call("rpc.discover", []);
    expect(result).toMatchObject({ openrpc: "1.3.2", info: { version: expect.any(String) } });
    for (const { name, params, result: shape } of result.methods) {
      const given = Object.fromEntries(params.map((one: { name: string }) => [one.name, null]));
      const { error } = await call(name, given);
      // All that it names is known; what it says is required is asked for.
      const isDemanding = params.some((one: { required: boolean }) => one.required);
      expect([name, error?.code]).toEqual([name, isDemanding ? -32602 : undefined]);
      expect(error?.message ?? "").not.toContain("not known");
      expect(shape.schema.type).toBe("object");
    }
    const names = result.methods.map(({ name }: { name: string }) => name);
    expect(names).toEqual(expect.arrayContaining(["cartesi_listMatches", "rpc.discover"]));
  });

  test.each([
    ["a number", 7],
    ["a text", "seven"],
  ])("gives the id back with a request that is none: %s", async (_, id) => {
    const { text } = await post(
      JSON.stringify({ jsonrpc: "1.0", id, method: "cartesi_getChainId" }),
    );
    expect(JSON.parse(text)).toMatchObject({ id, error: { code: -32600 } });
    const batch = await post(JSON.stringify([{ id }]));
    expect(JSON.parse(batch.text)).toMatchObject([{ id, error: { code: -32600 } }]);
  });

  test("answers a batch in its order, each part for itself", async () => {
    const requests = [
      { jsonrpc: "2.0", id: "a", method: "cartesi_getChainId" },
      { jsonrpc: "2.0", id: "b", method: "nobody" },
      7,
      { jsonrpc: "2.0", method: "cartesi_getChainId" },
    ];
    const answers = JSON.parse((await post(JSON.stringify(requests))).text);
    expect(answers.map((answer: { id: unknown }) => answer.id)).toEqual(["a", "b", null, null]);
    expect(answers[0].result).toEqual({ data: "0x7a69" });
    expect(answers[1].error.code).toBe(-32601);
    expect(answers[2].error.code).toBe(-32600);
  });

  test("says to lower the limit when an answer would be too large, in batches too", async () => {
    const { store } = served;
    const payload = new Uint8Array(60_000);
    const from = store.getInputCount();
    const inputs = Array.from({ length: 100 }, (_, i) => createInput(from + i, 40, payload));
    store.appendSegment({
      head: { number: 40, hash: hexOf(40) },
      inputs,
      claims: [],
      executions: [],
    });
    const all = await call("cartesi_listInputs", { application, limit: 10_000 });
    expect(all.error.code).toBe(-31003);
    expect(all.error.message).toContain('"limit"');
    const params = { application, limit: 30, offset: from };
    expect((await call("cartesi_listInputs", params)).result.data.length).toBe(30);
    const one = { jsonrpc: "2.0", id: 1, method: "cartesi_listInputs", params };
    const { text } = await post(JSON.stringify([one, one, one]));
    expect(text.length).toBeLessThan(10.1 * 1024 * 1024);
    expect(JSON.parse(text).map((answer: object) => "error" in answer)).toEqual([
      false,
      true,
      true,
    ]);
    await expectAlive();
  });

  test("any JSON at all is answered in JSON-RPC", async () => {
    const methods = ["cartesi_listOutputs", "cartesi_getInput", "cartesi_listEpochs"];
    const request = fc.record({
      jsonrpc: fc.oneof({ weight: 9, arbitrary: fc.constant("2.0") }, fc.jsonValue()),
      id: fc.jsonValue(),
      method: fc.oneof({ weight: 9, arbitrary: fc.constantFrom(...methods) }, fc.jsonValue()),
      params: fc.oneof(
        fc.jsonValue(),
        fc.record(
          {
            application: fc.oneof(fc.constant<string>(application), fc.jsonValue()),
            input_index: fc.jsonValue(),
            output_type: fc.jsonValue(),
            limit: fc.jsonValue(),
            offset: fc.oneof(fc.nat(), fc.jsonValue()),
          },
          { requiredKeys: [] },
        ),
      ),
    });
    await fc.assert(
      fc.asyncProperty(fc.oneof(request, fc.jsonValue()), async (value) => {
        const { status, text } = await post(JSON.stringify(value));
        expect(status).toBe(200);
        for (const answer of [JSON.parse(text)].flat()) {
          expect(answer.jsonrpc).toBe("2.0");
          // An internal error would be a bug of ours.
          expect(answer.error?.code).not.toBe(-32603);
        }
      }),
      { seed: seed("api-hostile"), numRuns: runs(3_000) },
    );
    await expectAlive();
  });
});

test("an output that decodes to nothing is still listed", async () => {
  const { store } = served;
  const waiting = store.listInputsFrom(store.getProcessedInputCount(), 1)[0]!;
  const good = createOutput(1, 1);
  const outputs = [Buffer.from("12345678", "hex"), good.subarray(0, good.length - 32), good];
  store.commitResults([{ index: waiting.index, status: "ACCEPTED", outputs, reports: [] }]);
  const index = `0x${waiting.index.toString(16)}`;
  const { result } = await call("cartesi_listOutputs", { application, input_index: index });
  const types = result.data.map(
    (one: { decoded_data: { type: string } | null }) => one.decoded_data?.type,
  );
  expect(types).toEqual([undefined, undefined, "Voucher"]);
});
