import { createClient } from "@cartesi/rpc";
import { createCartesiPublicClient } from "@cartesi/viem";
import { getAddress, hexToBytes, http, keccak256 } from "viem";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { hexOf } from "../arbitraries/node-store-model.ts";
import { DESTINATIONS, IDENTITY, SENDERS } from "../arbitraries/node-store-steps.ts";
import {
  ACCEPTED_CLAIM,
  EXECUTION,
  INPUT_COUNT,
  type ServedStore,
  serveStore,
} from "./fixtures/served-store.ts";

/** The official clients, as they are, against our API. */
let served: ServedStore;
beforeAll(async () => {
  served = await serveStore();
});
afterAll(() => served.close());

const application = IDENTITY.app;
const viemClient = () => createCartesiPublicClient({ transport: http(served.api.urls.rpc) });
const rpcClient = () => createClient({ uri: served.api.urls.rpc });
const range = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, i) => BigInt(from + i));

describe("@cartesi/viem", () => {
  test("finds the application, by address in any case and by name", async () => {
    const { data, pagination } = await viemClient().listApplications({});
    expect(pagination).toEqual({ totalCount: 1, limit: 50, offset: 0 });
    const [listed] = data;
    expect(listed).toMatchObject({
      name: "tallyroll",
      applicationAddress: getAddress(IDENTITY.app),
      consensusAddress: getAddress(IDENTITY.consensus),
      templateHash: IDENTITY.templateHash,
      epochLength: 7n,
      dataAvailability: { type: "InputBox", inputBoxAddress: getAddress(IDENTITY.inputBox) },
      consensusType: "AUTHORITY",
      state: "ENABLED",
      lastInputCheckBlock: 33n,
      processedInputs: 17n,
    });
    for (const name of ["tallyroll", getAddress(application)]) {
      expect(await viemClient().getApplication({ application: name })).toEqual(listed);
    }
    expect((await viemClient().listApplications({ offset: 1 })).data).toEqual([]);
  });

  test("reads inputs with what they decode to and became", async () => {
    const input = await viemClient().getInput({ application, inputIndex: 4n });
    expect(input).toMatchObject({
      index: 4n,
      epochIndex: 1n,
      blockNumber: 11n,
      status: "ACCEPTED",
      machineHash: null,
      outputsHash: served.store.getInput(4)?.outputsMerkleRoot,
      decodedData: {
        chainId: 31337n,
        applicationContract: getAddress(IDENTITY.app),
        sender: getAddress(SENDERS[1]!),
        blockNumber: 11n,
        blockTimestamp: 1_700_000_011n,
        prevRandao: BigInt(`0x${"07".repeat(32)}`),
        index: 4n,
        payload: "0x000000",
      },
    });
    expect(hexToBytes(input.rawData)).toEqual(new Uint8Array(served.store.getInput(4)!.blob));
    const statuses = await viemClient().listInputs({ application, limit: 6 });
    expect(statuses.data.map(({ status }) => status)).toEqual([
      "ACCEPTED",
      "ACCEPTED",
      "REJECTED",
      "ACCEPTED",
      "ACCEPTED",
      "EXCEPTION",
    ]);
    const waiting = await viemClient().getInput({ application, inputIndex: 17n });
    expect(waiting).toMatchObject({ status: "NONE", outputsHash: null });
  });

  test("pages, filters and turns lists around", async () => {
    const client = viemClient();
    const { data, pagination } = await client.listInputs({
      application,
      limit: 5,
      offset: 3,
      descending: true,
    });
    expect(data.map(({ index }) => index)).toEqual(range(16, 21).reverse());
    expect(pagination).toEqual({ totalCount: INPUT_COUNT, limit: 5, offset: 3 });
    const ofEpoch = await client.listInputs({ application, epochIndex: 2n });
    expect(ofEpoch.data.map(({ index }) => index)).toEqual(range(6, 12));
    const ofSender = await client.listInputs({
      application,
      epochIndex: 2n,
      sender: getAddress(SENDERS[2]!),
    });
    expect(ofSender.data.map(({ index }) => index)).toEqual([8n, 11n]);
    expect(ofSender.pagination.totalCount).toBe(2);
  });

  test("walks all outputs page by page without missing or repeating one", async () => {
    const client = viemClient();
    const indices: bigint[] = [];
    for (let offset = 0; ; offset += 7) {
      const { data, pagination } = await client.listOutputs({ application, limit: 7, offset });
      indices.push(...data.map(({ index }) => index));
      if (offset + 7 >= pagination.totalCount) break;
    }
    expect(indices).toEqual(range(0, served.store.getOutputCount()));
    // More than one chunk of rows in one page.
    const all = await client.listOutputs({ application, limit: 10_000 });
    expect(all.data.map(({ index }) => index)).toEqual(indices);
  });

  test("decodes and filters outputs of all three kinds", async () => {
    const client = viemClient();
    const voucherAddress = getAddress(DESTINATIONS[1]!);
    const [notice, voucher, delegate] = (await client.listOutputs({ application, limit: 3 })).data;
    expect(notice?.decodedData).toEqual({ type: "Notice", payload: hexOf(0, 4) });
    expect(voucher?.decodedData).toEqual({
      type: "Voucher",
      destination: voucherAddress,
      value: 1n,
      payload: hexOf(1, 5),
    });
    expect(delegate?.decodedData).toMatchObject({ type: "DelegateCallVoucher" });
    expect(voucher?.executionTransactionHash).toBe(EXECUTION);
    expect(notice?.executionTransactionHash).toBeNull();
    for (const outputType of ["Notice", "Voucher", "DelegateCallVoucher"] as const) {
      const { data, pagination } = await client.listOutputs({ application, outputType });
      expect(new Set(data.map(({ decodedData }) => decodedData?.type))).toEqual(
        new Set([outputType]),
      );
      expect(pagination.totalCount).toBe(served.store.getOutputCount() / 3);
    }
    const own = await client.listOutputs({ application, epochIndex: 1n, voucherAddress });
    expect(own.data.map(({ index }) => index)).toEqual([1n, 5n, 8n, 10n]);
    const ofInput = await client.listOutputs({ application, inputIndex: 3n });
    expect(ofInput.data.map(({ index }) => index)).toEqual([6n, 7n, 8n]);
  });

  test("proves outputs up to their epoch's root, once it is computed", async () => {
    const client = viemClient();
    const epoch = await client.getEpoch({ application, epochIndex: 2n });
    const { data } = await client.listOutputs({ application, epochIndex: 2n });
    expect(data.length).toBe(12);
    for (const output of data) {
      const siblings = output.outputHashesSiblings ?? [];
      expect(siblings.length).toBe(63);
      let node = keccak256(output.rawData);
      expect(output.hash).toBe(node);
      siblings.forEach((sibling, level) => {
        const isRight = (output.index >> BigInt(level)) % 2n === 1n;
        const pair = isRight ? `${sibling}${node.slice(2)}` : `${node}${sibling.slice(2)}`;
        node = keccak256(pair as `0x${string}`);
      });
      expect(node).toBe(epoch.outputsMerkleRoot);
    }
    const unclaimed = await client.listOutputs({ application, epochIndex: 3n, limit: 1 });
    expect(unclaimed.data[0]?.outputHashesSiblings).toBeNull();
    expect(await client.getOutput({ application, outputIndex: 1n })).toEqual(
      (await client.listOutputs({ application, limit: 1, offset: 1 })).data[0],
    );
  });

  test("follows epochs from open to accepted", async () => {
    const client = viemClient();
    const { data } = await client.listEpochs({ application });
    expect(data.map(({ index, status }) => [index, status])).toEqual([
      [1n, "CLAIM_ACCEPTED"],
      [2n, "CLAIM_SUBMITTED"],
      [3n, "CLOSED"],
      [4n, "OPEN"],
    ]);
    expect(data[0]).toMatchObject({
      firstBlock: 7n,
      lastBlock: 13n,
      inputIndexLowerBound: 0n,
      inputIndexUpperBound: 6n,
      claimTransactionHash: ACCEPTED_CLAIM,
    });
    expect(data.map(({ virtualIndex }) => virtualIndex)).toEqual(range(0, 4));
    const last = await client.listEpochs({ application, descending: true, limit: 2 });
    expect(last.data.map(({ virtualIndex }) => virtualIndex)).toEqual([3n, 2n]);
    expect(await client.getEpoch({ application, epochIndex: 3n })).toEqual(data[2]);
    expect(data[2]).toMatchObject({ outputsMerkleRoot: null, claimTransactionHash: null });
    const open = await client.listEpochs({ application, status: "OPEN" });
    expect(open.data.map(({ index, virtualIndex }) => [index, virtualIndex])).toEqual([[4n, 3n]]);
    expect(await client.getLastAcceptedEpochIndex({ application })).toBe(1n);
  });

  test("reads reports of accepted, rejected and failed inputs alike", async () => {
    const client = viemClient();
    const { data, pagination } = await client.listReports({ application, inputIndex: 5n });
    expect(pagination.totalCount).toBe(1);
    expect(Buffer.from(hexToBytes(data[0]!.rawData)).toString()).toBe("report of 5");
    expect(await client.getReport({ application, reportIndex: 5n })).toEqual(data[0]);
  });

  test("waits for an input, says which chain and which node", async () => {
    const client = viemClient();
    const input = await client.waitForInput({ application, inputIndex: 3n });
    expect(input.status).toBe("ACCEPTED");
    expect(await client.getProcessedInputCount({ application })).toBe(17n);
    expect(await client.getChainId()).toBe(31337);
    expect(await client.getNodeVersion()).toMatch(/^\d+\.\d+\.\d+\+tallyroll$/);
  });

  test("finds no tournament, commitment or match", async () => {
    const client = viemClient();
    const none = { data: [], pagination: { limit: 50, offset: 0, totalCount: 0 } };
    const match = { epochIndex: 1n, tournamentAddress: hexOf(0x70, 20), idHash: hexOf(0x71) };
    expect(await client.listTournaments({ application, level: 0n })).toEqual(none);
    expect(await client.listCommitments({ application, epochIndex: 1n })).toEqual(none);
    expect(await client.listMatches({ application })).toEqual(none);
    expect(await client.listMatchAdvances({ application, ...match })).toEqual(none);
  });

  test("meets the official error codes", async () => {
    const client = viemClient();
    const codeOf = (promise: Promise<unknown>) =>
      promise.then(
        () => undefined,
        (error) => error.walk((cause: { code?: number }) => cause.code !== undefined)?.code,
      );
    const other = hexOf(0xbad, 20);
    expect(await codeOf(client.getInput({ application, inputIndex: 99n }))).toBe(-31001);
    expect(await codeOf(client.getOutput({ application, outputIndex: 2n ** 64n - 1n }))).toBe(
      -31001,
    );
    expect(await codeOf(client.getApplication({ application: other }))).toBe(-31002);
    expect(await codeOf(client.listInputs({ application: other }))).toBe(-31002);
    expect(await codeOf(client.listInputs({ application: "?" }))).toBe(-32602);
    expect(await codeOf(client.listInputs({ application, limit: -1 }))).toBe(-32602);
    expect(await codeOf(client.getTournament({ application, address: other }))).toBe(-31001);
  });
});

describe("@cartesi/rpc", () => {
  test("parses every method's answer", async () => {
    const client = rpcClient();
    const at = { application };
    const get = await client.request("cartesi_getInput", { ...at, input_index: "0x1" });
    expect(get.data.index).toBe("0x1");
    const inputs = await client.request("cartesi_listInputs", { ...at, limit: 2, offset: 1 });
    expect(inputs.data.map(({ index }) => index)).toEqual(["0x1", "0x2"]);
    expect(inputs.pagination).toEqual({ total_count: INPUT_COUNT, limit: 2, offset: 1 });
    const output = await client.request("cartesi_getOutput", { ...at, output_index: "0x1" });
    expect(output.data.decoded_data).toMatchObject({
      ...{ type: "Voucher", destination: getAddress(DESTINATIONS[1]!) },
    });
    // As the official node writes them: in EIP-55's mixed case.
    expect(get.data.decoded_data).toMatchObject({
      sender: getAddress(SENDERS[1]!),
      application_contract: getAddress(IDENTITY.app),
    });
    const report = await client.request("cartesi_getReport", { ...at, report_index: "0x0" });
    expect(report.data.input_index).toBe("0x0");
    const epoch = await client.request("cartesi_getEpoch", { ...at, epoch_index: "0x1" });
    expect(epoch.data.status).toBe("CLAIM_ACCEPTED");
    expect((await client.request("cartesi_getLastAcceptedEpochIndex", at)).data).toBe("0x1");
    expect((await client.request("cartesi_getProcessedInputCount", at)).data).toBe("0x11");
    expect((await client.request("cartesi_listEpochs", at)).data.length).toBe(4);
    expect((await client.request("cartesi_listOutputs", at)).pagination.limit).toBe(50);
    expect((await client.request("cartesi_listReports", at)).data.length).toBe(17);
    expect((await client.request("cartesi_listApplications", {})).data.length).toBe(1);
    expect((await client.request("cartesi_getApplication", at)).data.state).toBe("ENABLED");
    expect((await client.request("cartesi_getChainId", undefined)).data).toBe("0x7a69");
  });

  test("gets errors as errors", async () => {
    const asked = rpcClient().request("cartesi_getInput", { application, input_index: "0x63" });
    await expect(asked).rejects.toMatchObject({ code: -31001 });
  });
});
