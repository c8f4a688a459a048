/**
 * What the application leaves on chain, by the SDK: vouchers executed, notices validated, a reading
 * proved to a contract, and an input that a reorganisation moves. Real contracts on anvil, our node;
 * one story, each test goes on where the one before it ended.
 */
import { serializeTransaction, zeroAddress } from "viem";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createNodeCrypto } from "../../dapp/crypto/node-crypto.ts";
import { getDevelopmentAccount } from "../../node-client/chain/chain-client.ts";
import {
  deployClaimedReading,
  readClaimedReading,
} from "../../node-client/chain/claimed-reading.ts";
import { ContractReverted } from "../../node-client/chain/contract-errors.ts";
import { mintTestToken } from "../../node-client/chain/deploy-token.ts";
import { getRoot } from "../../node-client/client/actions/account-queries.ts";
import { transfer, withdraw } from "../../node-client/client/actions/balance-actions.ts";
import {
  proveReading,
  ReadingUnproven,
  submitBatches,
} from "../../node-client/client/actions/batch-actions.ts";
import { depositErc20, depositEther } from "../../node-client/client/actions/deposit-actions.ts";
import { declareStream, registerDevice } from "../../node-client/client/actions/device-actions.ts";
import {
  executeOutput,
  OutputNotExecutable,
} from "../../node-client/client/actions/execute-output.ts";
import { getEpoch, listEpochs } from "../../node-client/client/actions/node-epochs.ts";
import { listInputs, listReports } from "../../node-client/client/actions/node-inputs.ts";
import type { DataAnswer, OutputAnswer } from "../../node-client/client/actions/node-methods.ts";
import {
  getOutput,
  listOutputs,
  readPayout,
} from "../../node-client/client/actions/node-outputs.ts";
import {
  ClaimNotAccepted,
  ClaimRejected,
  validateOutput,
  waitForClaim,
} from "../../node-client/client/actions/output-on-chain.ts";
import type { Query } from "../../node-client/client/actions/query-refused.ts";
import {
  type OwnOperation,
  sendOperations,
} from "../../node-client/client/actions/send-operations.ts";
import type { TallyrollClient } from "../../node-client/client/actions/tallyroll-client.ts";
import { waitForInput } from "../../node-client/client/actions/wait-for-input.ts";
import { createDeviceSigner, systemRandom } from "../../node-client/client/device/device-signer.ts";
import { StreamWriter } from "../../node-client/client/device/stream-writer.ts";
import type { Hex } from "../../spec/outputs.ts";
import { integers, metric } from "../arbitraries/world.ts";
import { ClientStack, EPOCH_LENGTH } from "./fixtures/client-stack.ts";
import { HandMiner } from "./fixtures/hand-miner.ts";

const crypto = await createNodeCrypto();
const [owner, buyer, relayer] = [0, 1, 2].map((i) => getDevelopmentAccount(i)) as Accounts;
type Accounts = [Account, Account, Account];
type Account = ReturnType<typeof getDevelopmentAccount>;
const ETHER: Hex = zeroAddress;
const METRICS = [metric("temperature", { scale: 1 })];

let stack: ClientStack;
let asOwner: TallyrollClient;
let asBuyer: TallyrollClient;
let asRelayer: TallyrollClient;

beforeAll(async () => {
  stack = await ClientStack.start();
  asOwner = await stack.connect(owner);
  asBuyer = await stack.connect(buyer);
  asRelayer = await stack.connect(relayer);
  await mintTestToken(stack.chain, asBuyer.walletClient!.account.address, 800n);
  await depositEther(asBuyer, { amountWei: 1_000n });
  await depositErc20(asBuyer, { token: stack.token, amount: 500n, approve: true });
  const device = createDeviceSigner("ed25519", systemRandom);
  await registerDevice(asOwner, { device });
  await declareStream(asOwner, { deviceId: 1, name: "roof", metrics: METRICS });
  const { machineKey } = await getRoot(asOwner);
  const writer = new StreamWriter(crypto, device, machineKey, systemRandom, {
    ...{ ...asOwner.at, deviceId: 1, streamId: 1, metrics: METRICS, epochKeys: undefined },
  });
  const operations = [1, 2, 3].map(
    (at) => writer.write(Float64Array.of(at, at + 1), [integers(10 * at, null)]).operation,
  );
  await submitBatches(asRelayer, { operations });
  const tooMuch = transfer(asBuyer, { token: ETHER, to: ETHER, amount: 1n });
  await expect(tooMuch).rejects.toMatchObject({ refusal: "recipient_not_payable" });
});
afterAll(() => stack?.close());

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const item of items) list.push(item);
  return list;
}

/** The chain goes on only because somebody waits. */
const onWait = (): void => void stack.mine(1);

describe("outputs on chain", () => {
  let ether: number;
  let tokens: number;
  const recipient: Hex = `0x${"42".repeat(20)}`;
  const balanceOf = (address: Hex) => asOwner.publicClient.getBalance({ address });

  test("withdrawals leave vouchers, whose claim is not there yet", async () => {
    const amount = 50n;
    const paid = await withdraw(asRelayer, {
      ...{ token: ETHER, amount, recipient, relay: { signer: buyer } },
    });
    const account = buyer.address.toLowerCase();
    expect(paid).toMatchObject({ account, recipient, token: ETHER, amount });
    ether = paid.outputIndex;
    const { token } = stack;
    tokens = (await withdraw(asBuyer, { token, amount: 20n })).outputIndex;
    const voucher = await getOutput(asBuyer, { outputIndex: tokens });
    expect(readPayout(voucher)).toEqual({ recipient: account, token, amount: 20n });
    const early = executeOutput(asOwner, { outputIndex: ether, waitForClaim: false });
    await expect(early).rejects.toBeInstanceOf(ClaimNotAccepted);
    await expect(early).rejects.toThrow(
      /^The claim is not there yet: output \d+ waits .* ends in \d+ bl/,
    );
    await expect(validateOutput(asOwner, { outputIndex: ether })).rejects.toBeInstanceOf(
      ClaimNotAccepted,
    );
  });

  test("executing tells the gas, waits for the claim, pays once", async () => {
    const gas: bigint[] = [];
    let waits = 0;
    const execution = executeOutput(asOwner, {
      outputIndex: ether,
      onGas: (cost) => {
        expect(cost.costWei).toBe(cost.gas * cost.maxFeePerGasWei);
        gas.push(cost.gas);
      },
      onWait: ({ blocksLeft, notBeforeSec, blockIntervalSec }) => {
        waits += 1;
        expect(blocksLeft).toBeLessThanOrEqual(EPOCH_LENGTH);
        expect(notBeforeSec).toBe(Math.ceil(blocksLeft * blockIntervalSec));
        onWait();
      },
    });
    const result = await execution;
    if (result.status !== "executed") throw new Error(`it was ${result.status}`);
    expect(waits).toBeGreaterThan(0);
    expect(gas).toHaveLength(1);
    // Told before the claim was there: enough, and not much more.
    expect(gas[0]).toBeGreaterThanOrEqual(result.gasUsed);
    expect(Number(gas[0])).toBeLessThan(Number(result.gasUsed) * 1.35);
    expect(await balanceOf(recipient)).toBe(50n);

    const again = await executeOutput(asBuyer, { outputIndex: ether });
    expect(again.status).toBe("executed_before");
    expect(await balanceOf(recipient)).toBe(50n);
  });

  test("two at once: one executes, the other is told that it is paid", async () => {
    await waitForClaim(asOwner, { outputIndex: tokens, onWait });
    await stack.request("evm_setAutomine", [false]);
    let isSettled = false;
    const both = Promise.all(
      [asBuyer, asRelayer].map((client) => executeOutput(client, { outputIndex: tokens })),
    ).finally(() => {
      isSettled = true;
    });
    // Both are sent, or the second one sees the first among the pending ones.
    while (!isSettled) {
      const pool = (await stack.request("txpool_status", [])) as { readonly pending: Hex };
      if (Number(pool.pending) > 0) await stack.mine(1);
    }
    await stack.request("evm_setAutomine", [true]);
    const statuses = (await both).map(({ status }) => status);
    expect(statuses.sort()).toEqual(["executed", "executed_before"]);
  });

  test("a notice is validated on chain, and cannot be executed", async () => {
    for await (const { outputIndex } of listOutputs(asOwner, { kind: "notice" })) {
      if (outputIndex > 2) break;
      const output = await waitForClaim(asOwner, { outputIndex, onWait });
      expect(await validateOutput(asOwner, { outputIndex })).toEqual(output);
      const executed = executeOutput(asOwner, { outputIndex });
      await expect(executed).rejects.toBeInstanceOf(OutputNotExecutable);
    }
  });

  test("a node that gives a false proof is found out by the chain", async () => {
    const lying: TallyrollClient = {
      ...asOwner,
      requestNode: async (method, params) => {
        const answer = await asOwner.requestNode(method, params);
        if (method !== "cartesi_getOutput") return answer;
        const { data } = answer as DataAnswer<OutputAnswer>;
        return { data: { ...data, index: "0x0" } } as typeof answer;
      },
    };
    const validated = validateOutput(lying, { outputIndex: 1 });
    await expect(validated).rejects.toBeInstanceOf(ContractReverted);
    await expect(validated).rejects.toMatchObject({ errorName: "InvalidOutputsMerkleRoot" });
  });

  test("a reading is proved to a contract", async () => {
    await deployClaimedReading(stack.chain);
    const proven = await proveReading(asOwner, { streamId: 1, sequence: 4, onWait });
    expect(proven.batch).toMatchObject({ batchId: 3, streamId: 1 });
    const read = await readClaimedReading(stack.chain, { ...proven, metrics: [0] });
    const place = { streamId: 1, epoch: 0, batchId: 3, sequence: 4, groupIndex: 0, groupCount: 1 };
    expect(read).toEqual({ ...place, timeSec: 3, values: [30n] });
  });

  test("a proof that does not lead to the notice is not passed on", async () => {
    const lying: TallyrollClient = {
      ...asOwner,
      inspect: async <Answer>(query: Query) => {
        const answer = await asOwner.inspect<Answer & object>(query);
        return query.query === "proof" ? { ...answer, key_hash: `0x${"00".repeat(32)}` } : answer;
      },
    };
    const proven = proveReading(lying, { streamId: 1, sequence: 4 });
    await expect(proven).rejects.toBeInstanceOf(ReadingUnproven);
  });

  test("a claim that the chain took from somebody else ends the wait", async () => {
    const disagreeing: TallyrollClient = {
      ...asOwner,
      requestNode: async (method, params) => {
        const answer = await asOwner.requestNode(method, params);
        if (method !== "cartesi_getEpoch") return answer;
        const { data } = answer as DataAnswer<object>;
        return { data: { ...data, status: "CLAIM_REJECTED" } } as typeof answer;
      },
    };
    const waited = waitForClaim(disagreeing, { outputIndex: 0 });
    await expect(waited).rejects.toBeInstanceOf(ClaimRejected);
  });

  test("everything is listed: inputs, reports, epochs", async () => {
    const inputs = await collect(listInputs(asOwner, { pageSize: 4 }));
    expect(inputs.map(({ inputIndex }) => inputIndex)).toEqual(inputs.map((_, i) => i));
    const count = await asOwner.requestNode("cartesi_getProcessedInputCount", {
      application: stack.app,
    });
    expect(inputs).toHaveLength(Number(count.data));
    const reports = await collect(listReports(asOwner, { pageSize: 3 }));
    expect(reports.map(({ refusal }) => refusal?.refusal)).toEqual(["recipient_not_payable"]);
    const epochs = await collect(listEpochs(asOwner, { status: "CLAIM_ACCEPTED", pageSize: 1 }));
    expect(epochs.length).toBeGreaterThan(0);
    const [first] = epochs;
    expect(await getEpoch(asOwner, { epochIndex: first!.epochIndex })).toEqual(first);
  });
});

describe("a chain that changes its mind", () => {
  test("an input that a reorganisation moves is waited for at its new place", async () => {
    const operation: OwnOperation = {
      authorization: { by: "sender" },
      body: { kind: "register_encryption_key", key: crypto.x25519PublicKey(systemRandom(32)) },
    };
    const miner = await HandMiner.start(stack);
    const { transactionHash } = await sendOperations(asBuyer, { operations: [operation] });
    const before = await waitForInput(asBuyer, { transactionHash });
    await miner.pause();
    const raw = await asBuyer.publicClient.getTransaction({ hash: transactionHash });
    const signed = serializeTransaction(
      { ...raw, type: "eip1559", data: raw.input, gasPrice: undefined } as never,
      { r: raw.r, s: raw.s, yParity: raw.yParity! },
    );
    // The same transaction, one block later. A claim of the node may have made a block behind it.
    await stack.mine(1);
    const head = await asBuyer.publicClient.getBlockNumber({ cacheTime: 0 });
    const depth = Number(head) - before.blockNumber + 1;
    await stack.request("anvil_reorg", [depth, [[signed, 1]]]);
    await miner.stop();
    const after = await waitForInput(asBuyer, { transactionHash });
    expect(after.blockNumber).toBe(before.blockNumber + 1);
    expect(after).toMatchObject({ inputIndex: before.inputIndex, status: "ACCEPTED" });
  });

  test("what another input left at its place in between is not taken for its own", async () => {
    const [input] = await collect(listInputs(asOwner));
    const { inputIndex } = input!;
    const whole = await waitForInput(asOwner, { inputIndex });
    expect(whole.notices.length).toBeGreaterThan(0);
    let [hasMoved, isMoved] = [false, false];
    // While its outputs are listed the node goes back, and an input without outputs is there.
    const requestNode = (async (method: "cartesi_getInput", params: never) => {
      const answer = await asOwner.requestNode(method, params);
      if ((method as string) === "cartesi_listOutputs" && !hasMoved) {
        [hasMoved, isMoved] = [true, true];
        return { data: [], pagination: { total_count: 0, limit: 50, offset: 0 } };
      }
      if (method !== "cartesi_getInput" || !isMoved) return answer;
      isMoved = false;
      return { data: { ...answer.data, status: "NONE" } };
    }) as unknown as TallyrollClient["requestNode"];
    expect(await waitForInput({ ...asOwner, requestNode }, { inputIndex })).toEqual(whole);
    expect(hasMoved).toBe(true);
  });
});
