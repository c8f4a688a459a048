/**
 * How the SDK speaks to a node: pages, errors, what it asks for, and what it makes of a node that
 * is absent, slow, or no node. The node is a stand-in that answers the official node's shapes.
 */
import { afterEach, describe, expect, test } from "vitest";
import { WaitTimeout } from "../../node-client/chain/poll.ts";
import { getBalance } from "../../node-client/client/actions/account-queries.ts";
import { InspectFailed } from "../../node-client/client/actions/inspect-application.ts";
import { getEpoch, listEpochs } from "../../node-client/client/actions/node-epochs.ts";
import {
  isNotFound,
  NodeAnswerInvalid,
  NodeRequestRefused,
  NodeUnreachable,
} from "../../node-client/client/actions/node-errors.ts";
import { getInput, listInputs, listReports } from "../../node-client/client/actions/node-inputs.ts";
import { getOutput, listOutputs } from "../../node-client/client/actions/node-outputs.ts";
import {
  AccountMissing,
  ClientOptionsInvalid,
  createTallyrollClient,
  requireWallet,
} from "../../node-client/client/actions/tallyroll-client.ts";
import { waitForInput } from "../../node-client/client/actions/wait-for-input.ts";
import { encodeEvmAdvance } from "../../spec/evm-advance.ts";
import { encodeNotice } from "../../spec/notices.ts";
import { encodeOutput, type Hex } from "../../spec/outputs.ts";
import {
  type Asked,
  page,
  RpcFault,
  type StandInScript,
  startMuteServer,
  startStandInNode,
} from "./fixtures/stand-in-node.ts";

const APP: Hex = `0x${"aa".repeat(20)}`;
const HASH: Hex = `0x${"cd".repeat(32)}`;
const NO_RESOURCE = -31_001;
const CHAIN_ID = 31_337;
const number = (value: number): Hex => `0x${value.toString(16)}`;
const hexOf = (bytes: Uint8Array): Hex => `0x${Buffer.from(bytes).toString("hex")}`;

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

/** A client of a stand-in with this script; what it was asked is in `node.asked`. */
async function connect(script: StandInScript) {
  const node = await startStandInNode(script);
  closing.push(() => node.close());
  const { nodeUrl, inspectUrl } = node;
  const timeouts = { pollMs: 5, requestMs: 5_000 };
  const options = { app: APP, chainId: CHAIN_ID, nodeUrl, inspectUrl, timeouts };
  return { node, client: await createTallyrollClient(options) };
}

const notice = (raw: Uint8Array, index: number) => ({
  ...{ index: number(index), input_index: number(index), epoch_index: "0x0" },
  ...{ raw_data: hexOf(raw), hash: HASH, decoded_data: null },
  ...{ output_hashes_siblings: null, execution_transaction_hash: null },
});
const revoked = (deviceId: number) =>
  encodeOutput(encodeNotice("DeviceRevoked", [BigInt(deviceId)]));

function inputAnswer(index: number, status: string, payload = Uint8Array.of(1)) {
  const at = {
    ...{ chainId: BigInt(CHAIN_ID), app: new Uint8Array(20).fill(0xaa), blockNumber: 70 + index },
    ...{ sender: new Uint8Array(20).fill(0xb0), timestampSec: 1_700_000_000 + index },
    ...{ prevRandao: new Uint8Array(32), inputIndex: index },
  };
  const raw_data = hexOf(encodeEvmAdvance(at, payload));
  const place = { index: number(index), epoch_index: "0x7", block_number: number(at.blockNumber) };
  return { ...place, raw_data, decoded_data: null, status, machine_hash: null };
}

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const item of items) list.push(item);
  return list;
}

describe("lists", () => {
  const outputs = Array.from({ length: 7 }, (_, i) => notice(revoked(i), i));

  test.each([
    [1, 7],
    [3, 3],
    [7, 1],
    [100, 1],
  ])("outputs in pages of %d: %d requests, every item once", async (pageSize, requests) => {
    const { node, client } = await connect({ rpc: (asked) => page(outputs, asked) });
    const list = await collect(listOutputs(client, { pageSize }));
    expect(list.map(({ outputIndex }) => outputIndex)).toEqual([0, 1, 2, 3, 4, 5, 6]);
    expect(node.asked).toHaveLength(requests);
  });

  test("a node that gives less than it was asked for is asked on", async () => {
    const { client } = await connect({ rpc: (asked) => page(outputs, asked, 2) });
    expect(await collect(listOutputs(client, { pageSize: 5 }))).toHaveLength(7);
  });

  test("pages get shorter where an answer would be too large, and every item comes once", async () => {
    const { node, client } = await connect({
      rpc: (asked) => {
        if (Number(asked.params.limit) > 2) throw new RpcFault(-31_003, "the answer is too large");
        return page(outputs, asked);
      },
    });
    const list = await collect(listOutputs(client, { pageSize: 7 }));
    expect(list.map(({ outputIndex }) => outputIndex)).toEqual([0, 1, 2, 3, 4, 5, 6]);
    expect(node.asked.map(({ params }) => params.limit)).toEqual([7, 4, 2, 2, 2, 2]);
  });

  test("an item that no answer holds is an error, not an endless question", async () => {
    const { client } = await connect({
      rpc: () => {
        throw new RpcFault(-31_003, "the answer is too large");
      },
    });
    await expect(collect(listOutputs(client, { pageSize: 4 }))).rejects.toThrow(/-31003/);
  });

  test("an empty list is one request", async () => {
    const { node, client } = await connect({ rpc: (asked) => page([], asked) });
    expect(await collect(listOutputs(client))).toEqual([]);
    expect(node.asked).toHaveLength(1);
  });

  test("whoever stops early asks for no more pages", async () => {
    const { node, client } = await connect({ rpc: (asked) => page(outputs, asked) });
    for await (const { outputIndex } of listOutputs(client, { pageSize: 2 })) {
      if (outputIndex === 1) break;
    }
    expect(node.asked).toHaveLength(1);
  });

  test("filters travel under the official names, counters in hexadecimal", async () => {
    const { node, client } = await connect({ rpc: (asked) => page([], asked) });
    const at = { epochIndex: 17, inputIndex: 300 };
    await collect(listOutputs(client, { ...at, kind: "voucher", voucherAddress: APP, offset: 4 }));
    await collect(listReports(client, { ...at, descending: true }));
    await collect(listInputs(client, { epochIndex: 17, sender: APP }));
    await collect(listEpochs(client, { status: "CLAIM_ACCEPTED", pageSize: 9 }));
    const place = { application: APP, epoch_index: "0x11" };
    const both = { ...place, input_index: "0x12c" };
    const voucher = { output_type: "0x237a816f", voucher_address: APP };
    expect(node.asked).toEqual([
      { method: "cartesi_listOutputs", params: { ...both, ...voucher, limit: 200, offset: 4 } },
      {
        method: "cartesi_listReports",
        params: { ...both, limit: 200, offset: 0, descending: true },
      },
      {
        method: "cartesi_listInputs",
        params: { ...place, sender: APP, limit: 200, offset: 0 },
      },
      {
        method: "cartesi_listEpochs",
        params: { application: APP, status: "CLAIM_ACCEPTED", limit: 9, offset: 0 },
      },
    ]);
  });
});

describe("single resources", () => {
  test("an input, decoded from its blob", async () => {
    const data = inputAnswer(3, "REJECTED", Uint8Array.of(1, 2, 3));
    const { client } = await connect({ rpc: () => ({ data }) });
    expect(await getInput(client, { inputIndex: 3 })).toEqual({
      ...{ inputIndex: 3, epochIndex: 7, blockNumber: 73, timestampSec: 1_700_000_003 },
      ...{ sender: `0x${"b0".repeat(20)}`, payload: "0x010203", blob: data.raw_data },
      status: "REJECTED",
    });
  });

  test("an epoch", async () => {
    const data = {
      ...{ index: "0x7", first_block: "0x46", last_block: "0x4f", status: "CLAIM_COMPUTED" },
      ...{ input_index_lower_bound: "0x2", input_index_upper_bound: "0x5", virtual_index: "0x1" },
      ...{ outputs_merkle_root: HASH, claim_transaction_hash: null, machine_hash: null },
    };
    const { client } = await connect({ rpc: () => ({ data }) });
    expect(await getEpoch(client, { epochIndex: 7 })).toEqual({
      ...{ epochIndex: 7, firstBlock: 70, lastBlock: 79, status: "CLAIM_COMPUTED" },
      ...{ inputIndexLowerBound: 2, inputIndexUpperBound: 5, outputsMerkleRoot: HASH },
      claimTransactionHash: undefined,
    });
  });

  test("an input that is no EvmAdvance is not believed", async () => {
    const data = { ...inputAnswer(3, "ACCEPTED"), raw_data: "0x415bf363" };
    const { client } = await connect({ rpc: () => ({ data }) });
    await expect(getInput(client, { inputIndex: 3 })).rejects.toBeInstanceOf(NodeAnswerInvalid);
  });
});

describe("a node that refuses", () => {
  test.each([
    [NO_RESOURCE, true],
    [-31_002, false],
    [-32_602, false],
  ])("code %d: an error with method, reason and code", async (code, isAbsent) => {
    const { client } = await connect({
      rpc: () => {
        throw new RpcFault(code, "nothing here");
      },
    });
    const error = await getOutput(client, { outputIndex: 5 }).catch((thrown) => thrown);
    expect(error).toBeInstanceOf(NodeRequestRefused);
    expect(error.shortMessage).toBe(`The node refused cartesi_getOutput: nothing here (${code}).`);
    expect(error.code).toBe(code);
    expect(isNotFound(error)).toBe(isAbsent);
  });
});

describe("no node", () => {
  const at = async (url: string, requestMs = 5_000) =>
    await createTallyrollClient({
      ...{ app: APP, chainId: CHAIN_ID, nodeUrl: `${url}/rpc`, inspectUrl: url },
      timeouts: { requestMs, pollMs: 5 },
    });

  test("nobody listens: says where, and what to start", async () => {
    const { url, close } = await startMuteServer(200, "");
    await close();
    const client = await at(url);
    // One after the other: a refusal that comes before its turn would be nobody's.
    for (const ask of [
      () => getOutput(client, { outputIndex: 0 }),
      () => getBalance(client, { account: APP, token: APP }),
      () => waitForInput(client, { inputIndex: 0 }),
    ]) {
      const asked = ask();
      await expect(asked).rejects.toBeInstanceOf(NodeUnreachable);
      await expect(asked).rejects.toThrow(`No node answers at ${url}`);
      await expect(asked).rejects.toThrow("(ECONNREFUSED)");
      await expect(asked).rejects.toMatchObject({ whatToDo: expect.stringContaining("start") });
    }
  });

  test("silence: says for how long", async () => {
    const { url, close } = await startMuteServer(200, undefined);
    closing.push(close);
    const client = await at(url, 50);
    const asked = getOutput(client, { outputIndex: 0 });
    await expect(asked).rejects.toBeInstanceOf(NodeUnreachable);
    await expect(asked).rejects.toThrow("silent for 50 ms");
  });

  test.each([
    ["a page", 404, "<html>not found</html>", 'HTTP 404 "<html>not found</html>"'],
    ["a list", 200, "[]", "HTTP 200 without a JSON object"],
    ["no result", 200, "{}", "cartesi_getOutput without data"],
  ])("%s instead of an answer", async (_, status, text, problem) => {
    const { url, close } = await startMuteServer(status, text);
    closing.push(close);
    const asked = getOutput(await at(url), { outputIndex: 0 });
    await expect(asked).rejects.toBeInstanceOf(NodeAnswerInvalid);
    await expect(asked).rejects.toThrow(`The answer of ${url}/rpc is not a node's: ${problem}.`);
  });

  test("a machine that gave up over a query", async () => {
    const text = JSON.stringify({ status: "EXCEPTION", reports: [{ payload: "0x7b7d" }] });
    const { url, close } = await startMuteServer(200, text);
    closing.push(close);
    const asked = getBalance(await at(url), { account: APP, token: APP });
    await expect(asked).rejects.toBeInstanceOf(InspectFailed);
    await expect(asked).rejects.toThrow('did not answer "balance": EXCEPTION');
  });
});

describe("a node that comes and goes", () => {
  test("a request over a connection that breaks is sent once more", async () => {
    let cuts = 1;
    const epoch = { index: "0x7", first_block: "0x1", last_block: "0x2", status: "OPEN" };
    const data = { ...epoch, input_index_lower_bound: "0x0", input_index_upper_bound: "0x1" };
    const { client } = await connect({ rpc: () => ({ data }), isDown: () => cuts-- > 0 });
    expect(await getEpoch(client, { epochIndex: 7 })).toMatchObject({ status: "OPEN" });
    cuts = 2;
    await expect(getEpoch(client, { epochIndex: 7 })).rejects.toBeInstanceOf(NodeUnreachable);
  });

  test("a restart does not end a wait that has begun", async () => {
    let requests = 0;
    const { client } = await connect({
      isDown: () => {
        requests += 1;
        return requests > 1 && requests < 12;
      },
      rpc: (asked) =>
        asked.method === "cartesi_getInput"
          ? { data: inputAnswer(6, requests < 12 ? "NONE" : "ACCEPTED") }
          : page([], asked),
    });
    const { status } = await waitForInput(client, { inputIndex: 6, timeoutMs: 60_000 });
    expect(status).toBe("ACCEPTED");
    expect(requests).toBeGreaterThan(12);
  });
});

describe("options", () => {
  test.each([
    [{ app: "0x12" }, "is not an application's address"],
    [{ app: APP, nodeUrl: "localhost:10011" }, "is not a URL"],
    [{ app: APP, inspectUrl: "nowhere" }, "is not a URL"],
    [{ app: APP, chain: { rpcUrl: "8545" } }, "is not a URL"],
  ])("%o %s", async (options, message) => {
    const made = createTallyrollClient({ chainId: CHAIN_ID, ...options });
    await expect(made).rejects.toBeInstanceOf(ClientOptionsInvalid);
    await expect(made).rejects.toThrow(message);
  });

  test("without an account it only reads", async () => {
    const client = await createTallyrollClient({ app: APP, chainId: CHAIN_ID });
    expect(() => requireWallet(client)).toThrow(AccountMissing);
  });
});

describe("waiting for an input by its index", () => {
  test("until the node has a verdict, and then for what it left", async () => {
    let looks = 0;
    const refusal = { refusal: "amount_zero", code: 30, operation: 1, detail: "" };
    const payload = hexOf(Buffer.from(JSON.stringify(refusal)));
    const voucher = { kind: "voucher", destination: APP, value: 5n, payload: "0x" } as const;
    const left = [notice(revoked(9), 0), notice(encodeOutput(voucher), 1)];
    const script = (asked: Asked): unknown => {
      if (asked.method === "cartesi_listOutputs") return page(left, asked);
      if (asked.method === "cartesi_listReports") {
        return page([{ ...notice(revoked(1), 0), raw_data: payload }], asked);
      }
      looks += 1;
      if (looks === 1) throw new RpcFault(NO_RESOURCE, "not yet");
      return { data: inputAnswer(6, looks < 4 ? "NONE" : "ACCEPTED") };
    };
    const { client } = await connect({ rpc: script });
    const stages: string[] = [];
    const onProgress = ({ stage }: { stage: string }): void => void stages.push(stage);
    const result = await waitForInput(client, { inputIndex: 6, onProgress });
    // Once more behind what it left: that it is still the same input's.
    expect(looks).toBe(5);
    expect(stages).toEqual(["processed"]);
    expect(result).toMatchObject({
      ...{ inputIndex: 6, blockNumber: 76, transactionHash: undefined, status: "ACCEPTED" },
      notices: [{ name: "DeviceRevoked", args: { deviceId: 9n } }],
      refusals: [refusal],
      vouchers: [{ kind: "voucher", destination: APP, valueWei: 5n, outputIndex: 1 }],
    });
  });

  test("gives up in time, and says what it waited for", async () => {
    const { client } = await connect({ rpc: () => ({ data: inputAnswer(6, "NONE") }) });
    const waited = waitForInput(client, { inputIndex: 6, timeoutMs: 40 });
    await expect(waited).rejects.toBeInstanceOf(WaitTimeout);
    await expect(waited).rejects.toThrow("The verdict over input 6 did not come within 0.04 s.");
  });
});
