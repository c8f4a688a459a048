import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import {
  createCartesiPublicClient,
  getInputsAdded,
  getOutputsExecuted,
  publicActionsL1,
  walletActionsL1,
} from "@cartesi/viem";
import {
  createPublicClient,
  createWalletClient,
  decodeFunctionData,
  type Hex,
  hexToBytes,
  http,
  parseEther,
  toHex,
} from "viem";
import { foundry } from "viem/chains";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { getDevelopmentAccount } from "../../node-client/chain/chain-client.ts";
import { type LocalRollup, startLocalRollup } from "../../node-client/node/local-rollup.ts";
import { encodePlainEnvelope } from "../../spec/envelope.ts";
import { NOTICES_ABI } from "../../spec/notices.ts";
import type { OperationBody } from "../../spec/operations.ts";
import { ETHER } from "../../spec/portals.ts";
import { takeTestPort } from "./fixtures/test-port.ts";

/**
 * Cartesi's own clients, unmodified, against our node and real contracts: whoever wrote a frontend
 * for the official node can point it here.
 */
const ALICE = getDevelopmentAccount(0);
const BOB = getDevelopmentAccount(1);
const dataFolder = mkdtempSync(join(tmpdir(), "tallyroll-official-"));

let rollup: LocalRollup;
let l1: ReturnType<typeof connectL1>;
let l2: ReturnType<typeof connectL2>;
let application: Hex;

const connectL2 = (url: string) => createCartesiPublicClient({ transport: http(url) });

function connectL1(rpcUrl: string) {
  const options = { chain: foundry, transport: http(rpcUrl), pollingInterval: 50 };
  return {
    reader: createPublicClient(options).extend(publicActionsL1()),
    wallet: createWalletClient({ ...options, account: ALICE }).extend(walletActionsL1()),
  };
}

beforeAll(async () => {
  rollup = await startLocalRollup({
    dataFolder,
    projectRoot: resolve(import.meta.dirname, "../.."),
    driver: "worker",
    machineSecret: new Uint8Array(32).fill(7),
    anvilPort: await takeTestPort(),
    blockTimeSec: 1,
    epochLength: 2,
    api: { ports: { rpc: 0, inspect: 0, health: 0 } },
    log: () => {},
  });
  application = rollup.app;
  l1 = connectL1(rollup.rpcUrl);
  l2 = connectL2(rollup.running.urls.rpc);
});

afterAll(async () => {
  await rollup?.close();
  rmSync(dataFolder, { recursive: true, force: true });
});

/** Waits until an input is mined and processed; gives its index. */
async function waitUntilProcessed(hash: Hex): Promise<bigint> {
  const receipt = await l1.reader.waitForTransactionReceipt({ hash });
  const [added] = getInputsAdded(receipt);
  const inputIndex = added!.index;
  const input = await l2.waitForInput({ application, inputIndex });
  expect(input.status).toBe("ACCEPTED");
  return inputIndex;
}

async function send(body: OperationBody): Promise<bigint> {
  const payload = toHex(encodePlainEnvelope([{ authorization: { by: "sender" }, body }]));
  return waitUntilProcessed(
    await l1.wallet.addInput({ application, payload, account: ALICE, chain: foundry }),
  );
}

/** The first output of an input that is a call of this selector, once its epoch is claimed. */
async function waitForProof(inputIndex: bigint, outputType: "Notice" | "Voucher") {
  for (;;) {
    const { data } = await l2.listOutputs({ application, inputIndex, outputType });
    const [output] = data;
    if (output?.outputHashesSiblings) {
      const epoch = await l2.getEpoch({ application, epochIndex: output.epochIndex });
      if (epoch.status === "CLAIM_ACCEPTED") return output;
    }
    await new Promise((next) => setTimeout(next, 100));
  }
}

describe("the official clients", () => {
  test("deposit, send, wait, validate a notice and execute a voucher", async () => {
    const deposited = await waitUntilProcessed(
      await l1.wallet.depositEther({
        application,
        value: parseEther("3"),
        execLayerData: "0x",
        account: ALICE,
        chain: foundry,
      }),
    );
    const recipient = hexToBytes(BOB.address);
    const amount = parseEther("2");
    const withdrawn = await send({ kind: "withdraw", token: ETHER, recipient, amount });
    expect(withdrawn).toBe(deposited + 1n);

    const notice = await waitForProof(withdrawn, "Notice");
    expect(notice.decodedData?.type).toBe("Notice");
    const { payload } = notice.decodedData as { payload: Hex };
    const call = decodeFunctionData({ abi: NOTICES_ABI, data: payload });
    expect(call.functionName).toBe("Withdrawn");
    await expect(l1.reader.validateOutput({ application, output: notice })).resolves.toBe(true);
    // The other leaf with this proof: the contract has to see that.
    const voucher = await waitForProof(withdrawn, "Voucher");
    const forged = { ...notice, rawData: voucher.rawData };
    await expect(l1.reader.validateOutput({ application, output: forged })).resolves.toBe(false);

    const before = await l1.reader.getBalance({ address: BOB.address });
    const hash = await l1.wallet.executeOutput({
      application,
      output: voucher,
      account: ALICE,
      chain: foundry,
    });
    const receipt = await l1.reader.waitForTransactionReceipt({ hash });
    expect(getOutputsExecuted(receipt)).toHaveLength(1);
    expect(await l1.reader.getBalance({ address: BOB.address })).toBe(before + amount);
    // The node learns of it from the chain.
    for (;;) {
      const { data } = await l2.listOutputs({ application, inputIndex: withdrawn });
      const executed = data.find(({ index }) => index === voucher.index);
      if (executed?.executionTransactionHash === hash) break;
      await new Promise((next) => setTimeout(next, 100));
    }
  });

  test("list and page inputs, outputs, reports and epochs", async () => {
    const to = hexToBytes(BOB.address);
    const indices: bigint[] = [];
    for (let i = 0; i < 3; i++) {
      indices.push(await send({ kind: "transfer", token: ETHER, to, amount: 1n }));
    }
    const tooMuch = encodePlainEnvelope([
      {
        authorization: { by: "sender" },
        body: { kind: "transfer", token: ETHER, to, amount: 10n ** 30n },
      },
    ]);
    const hash = await l1.wallet.addInput({
      application,
      payload: toHex(tooMuch),
      account: ALICE,
      chain: foundry,
    });
    const receipt = await l1.reader.waitForTransactionReceipt({ hash });
    const inputIndex = getInputsAdded(receipt)[0]!.index;
    expect((await l2.waitForInput({ application, inputIndex })).status).toBe("REJECTED");

    const count = await l2.getProcessedInputCount({ application });
    expect(count).toBe(inputIndex + 1n);
    const firstPage = await l2.listInputs({ application, limit: 2, offset: 0 });
    const rest = await l2.listInputs({ application, limit: 100, offset: 2 });
    expect(firstPage.pagination.totalCount).toBe(Number(count));
    expect([...firstPage.data, ...rest.data].map(({ index }) => index)).toEqual(
      Array.from({ length: Number(count) }, (_, i) => BigInt(i)),
    );
    const newest = await l2.listInputs({ application, limit: 1, descending: true });
    expect(newest.data[0]?.index).toBe(inputIndex);

    const { data: reports } = await l2.listReports({ application, inputIndex });
    const words = Buffer.from(reports[0]!.rawData.slice(2), "hex").toString("utf8");
    expect(JSON.parse(words)).toMatchObject({ refusal: "balance_too_low" });
    const { data: outputs } = await l2.listOutputs({ application, inputIndex: indices[0]! });
    expect(outputs).toHaveLength(2);
    const { data: epochs } = await l2.listEpochs({ application });
    expect(epochs.length).toBeGreaterThan(0);
    const first = await l2.getEpoch({ application, epochIndex: epochs[0]!.index });
    expect(first).toEqual({ ...epochs[0]!, status: first.status, updatedAt: first.updatedAt });
    expect((await l2.getApplication({ application })).applicationAddress.toLowerCase()).toBe(
      application,
    );
  });
});
