/**
 * The SDK end to end: every operation, deposit and output against real contracts on anvil and our
 * node. One story; each test goes on where the one before it ended.
 */
import { zeroAddress } from "viem";
import { generatePrivateKey, privateKeyToAccount } from "viem/accounts";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createNodeCrypto } from "../../dapp/crypto/node-crypto.ts";
import { getDevelopmentAccount } from "../../node-client/chain/chain-client.ts";
import { ApplicationAbsent } from "../../node-client/chain/check-contracts.ts";
import { ChainUnreachable, NoFunds } from "../../node-client/chain/contract-errors.ts";
import { mintTestToken } from "../../node-client/chain/deploy-token.ts";
import {
  getAccount,
  getBalance,
  getRoot,
  getToken,
} from "../../node-client/client/actions/account-queries.ts";
import {
  addInput,
  InputNotAdded,
  PayloadTooLarge,
} from "../../node-client/client/actions/add-input.ts";
import { transfer } from "../../node-client/client/actions/balance-actions.ts";
import { submitBatch, submitBatches } from "../../node-client/client/actions/batch-actions.ts";
import { checkClient } from "../../node-client/client/actions/chain-status.ts";
import {
  AllowanceTooLow,
  depositErc20,
  depositEther,
  TokenBalanceTooLow,
} from "../../node-client/client/actions/deposit-actions.ts";
import {
  challenge,
  declareStream,
  registerDevice,
  revokeDevice,
  rotateDeviceKey,
  rotateEpoch,
} from "../../node-client/client/actions/device-actions.ts";
import {
  BuyerWithoutKey,
  grant,
  registerEncryptionKey,
  revokeGrant,
} from "../../node-client/client/actions/grant-actions.ts";
import { OperationRefused } from "../../node-client/client/actions/operation-outcomes.ts";
import { readSealedStream } from "../../node-client/client/actions/read-sealed-stream.ts";
import {
  type OwnOperation,
  sendOperations,
  signRelayed,
} from "../../node-client/client/actions/send-operations.ts";
import {
  getBatch,
  getDevice,
  getStream,
  listReadings,
} from "../../node-client/client/actions/stream-queries.ts";
import {
  createTallyrollClient,
  type TallyrollClient,
} from "../../node-client/client/actions/tallyroll-client.ts";
import { waitForInput } from "../../node-client/client/actions/wait-for-input.ts";
import {
  listReadings as listUnsealed,
  SealedReadError,
} from "../../node-client/client/buyer/read-sealed.ts";
import { createDeviceSigner, systemRandom } from "../../node-client/client/device/device-signer.ts";
import { StreamWriter } from "../../node-client/client/device/stream-writer.ts";
import type { Operation } from "../../spec/operations.ts";
import type { Hex } from "../../spec/outputs.ts";
import { sealFaulty } from "../arbitraries/faults.ts";
import { integers, metric } from "../arbitraries/world.ts";
import { ClientStack, EPOCH_LENGTH } from "./fixtures/client-stack.ts";

const crypto = await createNodeCrypto();
const [owner, buyer, relayer] = [0, 1, 2].map((i) => getDevelopmentAccount(i)) as Accounts;
type Accounts = [Account, Account, Account];
type Account = ReturnType<typeof getDevelopmentAccount>;
/** Has an account and not one wei. */
const poor = privateKeyToAccount(generatePrivateKey());
const addressOf = ({ address }: { readonly address: string }): Hex => address.toLowerCase() as Hex;
const ETHER: Hex = zeroAddress;
const METRICS = [metric("temperature", { scale: 1 })];
const HIDDEN = [metric("a"), metric("b", { group: 1 })];
const FAR_SEC = 4_102_444_800;
const device = createDeviceSigner("ed25519", systemRandom);
const epochKeys = [systemRandom(32), systemRandom(32)];
const secret = systemRandom(32);

let stack: ClientStack;
let asOwner: TallyrollClient;
let asBuyer: TallyrollClient;
let asRelayer: TallyrollClient;
let machineKey: Uint8Array;

beforeAll(async () => {
  stack = await ClientStack.start();
  asOwner = await stack.connect(owner);
  asBuyer = await stack.connect(buyer);
  asRelayer = await stack.connect(relayer);
});
afterAll(() => stack?.close());

/** A device's end of a stream. */
const openWriter = (streamId: number, metrics = METRICS, keys?: readonly Uint8Array[]) =>
  new StreamWriter(crypto, device, machineKey, systemRandom, {
    ...asOwner.at,
    ...{ deviceId: 1, streamId, metrics, epochKeys: keys },
  });

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const item of items) list.push(item);
  return list;
}

describe("before anything is sent", () => {
  test("chain, contracts, application and node belong together", async () => {
    expect(await checkClient(asOwner)).toMatchObject({ app: stack.app, epochLength: EPOCH_LENGTH });
    machineKey = (await getRoot(asOwner)).machineKey;
  });

  test("an address without code is no application", async () => {
    const app = `0x${"99".repeat(20)}`;
    const client = await createTallyrollClient({
      ...{ app, chain: { rpcUrl: stack.rpcUrl }, ...stack.urls, account: owner },
      timeouts: { pollMs: 20 },
    });
    await expect(checkClient(client)).rejects.toBeInstanceOf(ApplicationAbsent);
  });

  test("a chain that is not there is named", async () => {
    const made = createTallyrollClient({ app: stack.app, chain: { rpcUrl: "http://127.0.0.1:9" } });
    await expect(made).rejects.toBeInstanceOf(ChainUnreachable);
    await expect(made).rejects.toThrow("http://127.0.0.1:9");
  });

  test("a transaction that added no input is an error, not an eternal wait", async () => {
    const wallet = asOwner.walletClient!;
    const transactionHash = await wallet.sendTransaction({ to: `0x${"99".repeat(20)}`, value: 1n });
    const waited = waitForInput(asOwner, { transactionHash });
    await expect(waited).rejects.toBeInstanceOf(InputNotAdded);
    const payload = new Uint8Array(65_217);
    await expect(addInput(asOwner, { payload })).rejects.toBeInstanceOf(PayloadTooLarge);
  });
});

describe("money", () => {
  test("Ether is deposited", async () => {
    const result = await depositEther(asBuyer, { amountWei: 1_000n });
    const credited = { account: addressOf(buyer), token: ETHER, amount: 1_000n };
    expect(result).toMatchObject({ ...credited, inputIndex: 0 });
    expect(await getBalance(asBuyer, { account: addressOf(buyer), token: ETHER })).toBe(1_000n);
  });

  test("a token is deposited, once balance and allowance are there", async () => {
    const { token } = stack;
    const asked = { token, amount: 500n };
    await expect(depositErc20(asBuyer, asked)).rejects.toBeInstanceOf(TokenBalanceTooLow);
    await mintTestToken(stack.chain, addressOf(buyer), 800n);
    await expect(depositErc20(asBuyer, asked)).rejects.toBeInstanceOf(AllowanceTooLow);
    const result = await depositErc20(asBuyer, { ...asked, approve: true });
    expect(result).toMatchObject({ account: addressOf(buyer), token, amount: 500n });
    expect(await getToken(asBuyer, { token })).toMatchObject({ inBalances: 500n });
  });

  test("a balance is transferred", async () => {
    const result = await transfer(asBuyer, { token: ETHER, to: addressOf(poor), amount: 300n });
    const moved = { from: addressOf(buyer), to: addressOf(poor), token: ETHER, amount: 300n };
    expect(result).toMatchObject(moved);
  });

  test("more than there is: refused, with the rule and what to do", async () => {
    const asked = transfer(asBuyer, { token: ETHER, to: addressOf(owner), amount: 701n });
    await expect(asked).rejects.toBeInstanceOf(OperationRefused);
    await expect(asked).rejects.toMatchObject({
      ...{ refusal: "balance_too_low", code: 32, detail: `has 700 of token ${ETHER}, needs 701` },
      whatToDo: "Deposit more first, or move less.",
    });
  });

  test("an account without Ether cannot send, and its signature can be relayed", async () => {
    const asPoor = await stack.connect(poor);
    const asked = { token: ETHER, to: addressOf(owner), amount: 100n };
    await expect(transfer(asPoor, asked)).rejects.toBeInstanceOf(NoFunds);
    const result = await transfer(asRelayer, { ...asked, relay: { signer: poor } });
    expect(result).toMatchObject({ from: addressOf(poor), to: addressOf(owner), amount: 100n });
    expect(await getAccount(asPoor, { account: addressOf(poor) })).toMatchObject({ nonce: 1 });
    const late = { ...asked, relay: { signer: poor, deadlineSec: 1 } };
    await expect(transfer(asRelayer, late)).rejects.toMatchObject({
      refusal: "authorization_expired",
    });
    const used = { ...asked, relay: { signer: poor, nonce: 0 } };
    await expect(transfer(asRelayer, used)).rejects.toMatchObject({
      refusal: "authorization_nonce_wrong",
    });
  });

  test("several operations in one sealed input: each has its own verdict", async () => {
    const move = { kind: "transfer", token: new Uint8Array(20), to: asOwner.at.app } as const;
    const by = { authorization: { by: "sender" } } as const;
    const operations: OwnOperation[] = [
      { ...by, body: { ...move, amount: 0n } },
      { ...by, body: { ...move, amount: 1n } },
    ];
    const { transactionHash } = await sendOperations(asBuyer, { operations, seal: machineKey });
    const stages: string[] = [];
    const onProgress = ({ stage }: { stage: string }): void => void stages.push(stage);
    const result = await waitForInput(asBuyer, { transactionHash, onProgress });
    expect(stages).toEqual(["included", "processed"]);
    expect(result.status).toBe("ACCEPTED");
    expect(result.refusals).toMatchObject([{ operation: 0, refusal: "amount_zero" }]);
    const [moved] = result.notices;
    expect(moved).toMatchObject({ name: "Transferred", args: { to: stack.app, amount: 1n } });
    const same = await waitForInput(asBuyer, { inputIndex: result.inputIndex });
    expect({ ...same, transactionHash }).toEqual(result);
  });
});

describe("devices and open streams", () => {
  test("a device is registered, and not twice", async () => {
    const result = await registerDevice(asOwner, { device });
    expect(result).toMatchObject({ deviceId: 1, owner: addressOf(owner) });
    expect(await getDevice(asOwner, { did: result.did })).toMatchObject({ deviceId: 1 });
    await expect(registerDevice(asOwner, { device })).rejects.toMatchObject({
      refusal: "device_key_used",
    });
  });

  test("another is registered for an owner without Ether, gets a new key, and is revoked", async () => {
    const [first, second] = [1, 2].map(() => createDeviceSigner("p256", systemRandom));
    const relay = { signer: poor };
    const made = await registerDevice(asRelayer, { device: first!, relay });
    expect(made).toMatchObject({ deviceId: 2, owner: addressOf(poor) });
    const rotated = await rotateDeviceKey(asRelayer, { deviceId: 2, device: second!, relay });
    expect(rotated.did).not.toBe(made.did);
    expect(await revokeDevice(asRelayer, { deviceId: 2, relay })).toMatchObject({ deviceId: 2 });
    const state = await getDevice(asRelayer, { deviceId: 2 });
    expect(state).toMatchObject({ did: rotated.did, keyCount: 2, isRevoked: true });
    await expect(revokeDevice(asOwner, { deviceId: 2 })).rejects.toMatchObject({
      refusal: "device_sender_not_owner",
    });
  });

  test("a stream is declared, and batches come in", async () => {
    const declared = await declareStream(asOwner, { deviceId: 1, name: "roof", metrics: METRICS });
    expect(declared).toMatchObject({ streamId: 1, deviceId: 1, isSealed: false, groupCount: 1 });
    const writer = openWriter(1);
    const batches = [1, 2, 3].map((at) =>
      writer.write(Float64Array.of(at, at + 1), [integers(10 * at, null)]),
    );
    const [first, second, third] = batches.map(({ operation }) => operation) as Operations;
    expect(await submitBatch(asRelayer, { operation: first })).toMatchObject({
      ...{ batchId: 1, streamId: 1, firstSequence: 0, readingCount: 2, isBreak: false },
      ...{ firstTimeSec: 1, lastTimeSec: 2 },
    });
    const { outcomes } = await submitBatches(asRelayer, { operations: [first, second, third] });
    expect(outcomes).toMatchObject([
      { status: "refused", refused: { refusal: "submission_sequence_used" } },
      { status: "accepted", batch: { batchId: 2, firstSequence: 2 } },
      { status: "accepted", batch: { batchId: 3, firstSequence: 4 } },
    ]);
    const readings = await collect(listReadings(asOwner, { streamId: 1 }));
    expect(readings.map(({ values }) => values[0])).toEqual([
      "1.0",
      null,
      "2.0",
      null,
      "3.0",
      null,
    ]);
    expect(await getStream(asOwner, { streamId: 1 })).toMatchObject({ readingCount: 6 });
  });
});
type Operations = [Operation, Operation, Operation];

describe("sealed streams", () => {
  const account = addressOf(buyer);
  const read = () =>
    collect(readSealedStream(asBuyer, { streamId: 2, buyer: { account, secret } }));
  const grantOf = (groups: readonly number[]) => ({
    ...{ streamId: 2, epoch: 0, buyer: account, expiresAtSec: FAR_SEC },
    epochKeys: new Map(groups.map((group) => [group, epochKeys[group]!])),
  });

  test("a buyer is granted one of two key groups, and reads it", async () => {
    const declared = await declareStream(asOwner, {
      ...{ deviceId: 1, name: "vault", metrics: HIDDEN, epochKeys },
    });
    expect(declared).toMatchObject({ streamId: 2, isSealed: true, groupCount: 2 });
    await expect(grant(asOwner, grantOf([1]))).rejects.toBeInstanceOf(BuyerWithoutKey);
    const key = crypto.x25519PublicKey(secret);
    expect(await registerEncryptionKey(asBuyer, { key })).toMatchObject({ account });
    const granted = await grant(asOwner, grantOf([1]));
    const expected = { grantId: 1, streamId: 2, epoch: 0, groups: [1], buyer: account };
    expect(granted).toMatchObject({ ...expected, expiresAtSec: FAR_SEC });

    const writer = openWriter(2, HIDDEN, epochKeys);
    const { operation } = writer.write(Float64Array.of(60), [integers(1), integers(2)]);
    await submitBatch(asOwner, { operation, seal: machineKey });
    const [batch] = await read();
    const values = [undefined, "2"];
    expect(listUnsealed(batch!, HIDDEN)).toEqual([{ sequence: 0, timeSec: 60, values }]);
  });

  test("a batch that is not what the device committed to is refused, and disproved", async () => {
    const { lastBatchHash } = await getStream(asOwner, { streamId: 2 });
    const head = { deviceId: 1, streamId: 2, epoch: 0, firstSequence: 1, count: 1, breakFloor: 0 };
    const draft = {
      ...{ ...asOwner.at, ...head, salt: systemRandom(16), metrics: HIDDEN },
      ...{ times: Float64Array.of(61), columns: [integers(1), integers(2)], epochKeys },
      previousHash: Uint8Array.from(Buffer.from(lastBatchHash!.slice(2), "hex")),
    };
    const fresh = systemRandom(32);
    const sealed = sealFaulty(crypto, draft, epochKeys, "root_differs", 1, machineKey, fresh);
    const signature = device.sign(sealed.signedBytes);
    const { deviceId: _, ...rest } = head;
    const operation: Operation = {
      authorization: { by: "device", signature },
      body: { kind: "submit", ...rest, sealed: sealed.sealed },
    };
    const { batchId } = await submitBatch(asOwner, { operation });
    const fault = await read().catch((error) => error);
    expect(fault).toBeInstanceOf(SealedReadError);
    expect(fault).toMatchObject({ fault: "root_differs", place: { batchId, group: 1 } });
    const { batchKey } = fault.place;
    const proven = await challenge(asBuyer, { batchId, group: 1, batchKey });
    expect(proven).toMatchObject({ batchId, streamId: 2, group: 1, challenger: account });
    expect((await getBatch(asBuyer, { batchId })).disprovedGroup).toBe(1);
    await expect(challenge(asBuyer, { batchId, group: 1, batchKey })).rejects.toMatchObject({
      refusal: "batch_disproved_already",
    });
  });

  test("a grant is revoked, and the next epoch is closed to it", async () => {
    const place = { streamId: 2, epoch: 0, buyer: account };
    expect(await revokeGrant(asOwner, place)).toMatchObject({ grantId: 1, ...place });
    await expect(revokeGrant(asOwner, place)).rejects.toMatchObject({
      refusal: "grant_revoked_already",
    });
    const next = { streamId: 2, epoch: 1, epochKeys: [systemRandom(32), systemRandom(32)] };
    const rotated = await rotateEpoch(asOwner, next);
    expect(rotated).toMatchObject({ streamId: 2, epoch: 1 });
    expect(rotated.epochKeyHashes).toHaveLength(2);
    expect((await getStream(asOwner, { streamId: 2 })).epochKeyHashes).toEqual(
      rotated.epochKeyHashes,
    );
  });

  test("a signed operation can be kept, and sent by whoever has it", async () => {
    const body = { kind: "revoke_device", deviceId: 1 } as const;
    const operation = await signRelayed(asRelayer, { signer: buyer, body });
    const { transactionHash } = await sendOperations(asRelayer, { operations: [operation] });
    const { status, refusals } = await waitForInput(asRelayer, { transactionHash });
    expect(status).toBe("REJECTED");
    expect(refusals).toMatchObject([{ operation: 0, refusal: "device_sender_not_owner" }]);
  });
});
