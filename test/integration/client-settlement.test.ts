import { type Hex, zeroAddress } from "viem";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { getDevelopmentAccount } from "../../node-client/chain/chain-client.ts";
import { getBalance, getLowBalance } from "../../node-client/client/actions/account-queries.ts";
import { setLowBalance } from "../../node-client/client/actions/balance-actions.ts";
import {
  addChannelFunds,
  extendChannel,
  openChannelByThirdParty,
} from "../../node-client/client/actions/channel-actions.ts";
import {
  claimChannel,
  claimChannelTimeout,
} from "../../node-client/client/actions/channel-claim-actions.ts";
import {
  getChannel,
  listExpiringChannels,
  listUnclaimedChannels,
} from "../../node-client/client/actions/channel-queries.ts";
import { depositEther } from "../../node-client/client/actions/deposit-actions.ts";
import {
  acceptEscrowUnit,
  anchorEscrowSession,
  arbitrateEscrowUnit,
  deliverEscrowUnit,
  endEscrow,
  fundEscrow,
  pokeEscrow,
  redeemEscrowReceipt,
  rejectEscrowUnit,
  setEscrowAutoFill,
  startEscrowSession,
} from "../../node-client/client/actions/escrow-actions.ts";
import {
  acceptEscrowIntent,
  openEscrow,
  openEscrowIntent,
} from "../../node-client/client/actions/escrow-opening-actions.ts";
import { getEscrow, listEscrows } from "../../node-client/client/actions/escrow-queries.ts";
import { OperationRefused } from "../../node-client/client/actions/operation-outcomes.ts";
import {
  publishService,
  putOrganization,
  putOrganizationGroup,
  updateService,
  withdrawService,
} from "../../node-client/client/actions/service-actions.ts";
import {
  getService,
  getServiceProvider,
  listOrganizations,
} from "../../node-client/client/actions/service-queries.ts";
import type { TallyrollClient } from "../../node-client/client/actions/tallyroll-client.ts";
import { ChannelPayer } from "../../node-client/client/channel/channel-payer.ts";
import { PaymentBook } from "../../node-client/client/channel/payment-book.ts";
import { signReceipt } from "../../node-client/client/escrow/receipt.ts";
import { computeSessionAnchor } from "../../node-client/client/escrow/session-anchor.ts";
import { ClientStack } from "./fixtures/client-stack.ts";

/** Every settlement action of the SDK, over a real chain and node. */

const BUYER = getDevelopmentAccount(1);
const PROVIDER = getDevelopmentAccount(2);
const ARBITER = getDevelopmentAccount(3);
const COMMITMENT: Hex = `0x${"22".repeat(32)}`;
const PRICE = 100n;
let stack: ClientStack;
let buyer: TallyrollClient;
let provider: TallyrollClient;
let arbiter: TallyrollClient;
beforeAll(async () => {
  stack = await ClientStack.start();
  buyer = await stack.connect(BUYER);
  provider = await stack.connect(PROVIDER);
  arbiter = await stack.connect(ARBITER);
  await depositEther(buyer, { amountWei: 100_000n });
});
afterAll(() => stack?.close());

const balanceOf = (account: Hex): Promise<bigint> =>
  getBalance(buyer, { account, token: zeroAddress });
/** Lets time pass on the chain. */
async function pass(seconds: number): Promise<void> {
  await stack.request("evm_increaseTime", [seconds]);
  await stack.mine(1);
}
async function all<Item>(items: AsyncGenerator<Item, void>): Promise<Item[]> {
  const list: Item[] = [];
  for await (const item of items) list.push(item);
  return list;
}

describe("services", () => {
  test("belong to an organization, have versions, and end", async () => {
    await putOrganization(provider, { organization: "grid", name: "Grid" });
    const groupId: Hex = `0x${"01".repeat(32)}`;
    await putOrganizationGroup(provider, { organization: "grid", groupId, name: "default" });
    const owned = await all(listOrganizations(buyer, { owner: PROVIDER.address, pageSize: 1 }));
    expect(owned).toMatchObject([{ organization: "grid", name: "Grid" }]);
    const offer = { tags: ["data"], mode: "pull", price: PRICE } as const;
    await publishService(provider, { name: "units", organization: "grid", groupId, ...offer });
    await publishService(provider, { name: "live", ...offer, mode: "pubsub" });
    const { serviceId } = await publishService(provider, { name: "old", ...offer });
    expect(await updateService(provider, { serviceId, ...offer, price: 7n })).toMatchObject({
      version: 2,
    });
    await withdrawService(provider, { serviceId });
    expect(await getService(buyer, { serviceId })).toMatchObject({ price: 7n, isWithdrawn: true });
    const refused = await openEscrow(buyer, { serviceId, version: 2, amount: 7n }).catch((e) => e);
    expect(refused).toBeInstanceOf(OperationRefused);
    expect(refused).toMatchObject({ refusal: "service_withdrawn" });
  });
});

describe("escrows", () => {
  test("a pull is accepted, disputed and split; a poke does what time has decided", async () => {
    const { address } = ARBITER;
    const { escrowId } = await openEscrow(buyer, {
      ...{ serviceId: 1, version: 1, amount: PRICE, unitCount: 3 },
      ...{ arbiter: address, answerTimeSec: 100 },
    });
    await setEscrowAutoFill(buyer, { escrowId, limit: PRICE });
    const delivered = await deliverEscrowUnit(provider, {
      escrowId,
      unit: 1,
      commitment: COMMITMENT,
    });
    expect(delivered.change).toMatchObject({ delivered: { unit: 1, commitment: COMMITMENT } });
    const accepted = await acceptEscrowUnit(buyer, { escrowId, unit: 1 });
    expect(accepted.change).toMatchObject({ released: { amount: PRICE }, filled: PRICE });
    await deliverEscrowUnit(provider, { escrowId, unit: 2, commitment: COMMITMENT });
    await pass(101);
    const poked = await pokeEscrow(arbiter, { escrowId });
    expect(poked.change).toMatchObject({ released: { firstUnit: 2 }, low: { held: 0n } });
    await fundEscrow(buyer, { escrowId, amount: PRICE });
    await deliverEscrowUnit(provider, { escrowId, unit: 3, commitment: COMMITMENT });
    const rejected = await rejectEscrowUnit(buyer, { escrowId, unit: 3 });
    expect(rejected.change).toMatchObject({ disputed: { arbiter: address.toLowerCase() } });
    const split = await arbitrateEscrowUnit(arbiter, { escrowId, unit: 3, amount: 40n });
    expect(split.change).toMatchObject({ released: { amount: 40n }, closed: { returned: 60n } });
    expect(await balanceOf(PROVIDER.address)).toBe(2n * PRICE + 40n);
    expect(await getServiceProvider(buyer, { provider: PROVIDER.address })).toMatchObject({
      released: 1,
    });
  });

  test("a session is anchored, answered by silence, and renewed into a receipt", async () => {
    const session = { durationSec: 50, expectedMsgs: 3, minMsgCount: 2, minValidRatio: 0.6 };
    const { escrowId } = await openEscrow(buyer, {
      ...{
        serviceId: 2,
        version: 1,
        amount: 2n * PRICE,
        unitCount: 2,
        answerTimeSec: 100,
        session,
      },
    });
    await startEscrowSession(provider, { escrowId, unit: 1 });
    await pass(51);
    const messages = ["a", "b", "c"].map((text) => new TextEncoder().encode(text));
    const anchor = computeSessionAnchor(provider.crypto, messages);
    const anchored = await anchorEscrowSession(provider, { escrowId, unit: 1, ...anchor });
    expect(anchored.change).toMatchObject({ anchored: { messageCount: 3, validCount: 3 } });
    await pass(101);
    // What has lapsed comes first: the silent buyer's acceptance, then the next session.
    const receipt = await signReceipt(BUYER, buyer.at, {
      ...{ escrowId, unit: 2, messageCount: 3, validCount: 1 },
    });
    const settled = await redeemEscrowReceipt(provider, { receipt });
    expect(settled.change).toMatchObject({
      ...{ released: { firstUnit: 1, amount: PRICE }, started: { unit: 2 } },
      ...{ refunded: { unit: 2, amount: PRICE }, closed: { ending: "released" } },
    });
  });

  test("an intent is taken at the service's price; its buyer ends it", async () => {
    const { escrowId } = await openEscrowIntent(buyer, {
      ...{ tag: "data", mode: "pull", token: zeroAddress, ceiling: 150n, amount: 450n },
      ...{ unitCount: 3, providers: [PROVIDER.address] },
    });
    const taken = await acceptEscrowIntent(provider, { escrowId, serviceId: 1, version: 1 });
    expect(taken).toMatchObject({ price: PRICE, returned: 150n });
    const ended = await endEscrow(buyer, { escrowId });
    expect(ended.change.endingUntilSec).toBeGreaterThan(0);
    expect(await getEscrow(buyer, { escrowId })).toMatchObject({ status: "ending", held: 300n });
    const mine = await all(listEscrows(buyer, { buyer: BUYER.address, pageSize: 1 }));
    expect(mine.map(({ status }) => status)).toEqual(["released", "released", "ending"]);
  });
});

describe("channels", () => {
  test("opened for somebody, filled, extended, claimed and timed out", async () => {
    const head = Number(await buyer.publicClient.getBlockNumber());
    const { channelId } = await openChannelByThirdParty(buyer, {
      ...{ sender: ARBITER, messageNonce: 1n, recipient: PROVIDER.address },
      ...{ token: zeroAddress, value: 10n, expirationBlock: head },
    });
    await addChannelFunds(buyer, { channelId, amount: 20n });
    await extendChannel(arbiter, { channelId, expirationBlock: head + 20 });
    const recipient = PROVIDER.address;
    const soon = await all(listExpiringChannels(buyer, { recipient, beforeBlock: head + 21 }));
    const unclaimed = await all(listUnclaimedChannels(buyer, { recipient, pageSize: 1 }));
    expect([soon, unclaimed].map((list) => list.map((one) => one.channelId))).toEqual([[0], [0]]);
    const payer = new ChannelPayer({
      ...{
        crypto: arbiter.crypto,
        signer: ARBITER,
        at: arbiter.at,
        book: new PaymentBook(buyer.at),
      },
    });
    const channel = await getChannel(buyer, { channelId });
    const payment = await payer.pay({ channel, amount: 12n, form: "mpe" });
    expect(await claimChannel(provider, { payment, actual: 11n })).toMatchObject({
      ...{ amount: 11n, planned: 12n, keptInChannel: 19n },
    });
    const early = claimChannelTimeout(arbiter, { channelId });
    await expect(early).rejects.toMatchObject({ refusal: "channel_not_expired" });
    await stack.mine(20);
    expect(await claimChannelTimeout(arbiter, { channelId })).toMatchObject({ amount: 19n });
    expect(await getChannel(buyer, { channelId })).toMatchObject({ value: 0n, generation: 1 });
  });

  test("a threshold of low balances is kept", async () => {
    await setLowBalance(arbiter, { token: zeroAddress, threshold: 5n });
    const set = await getLowBalance(buyer, { account: ARBITER.address, token: zeroAddress });
    expect(set.threshold).toBe(5n);
  });
});
