import { getAbiItem, type Hex, zeroAddress } from "viem";
import { generatePrivateKey, privateKeyToAccount } from "viem/accounts";
import { afterAll, beforeAll, expect, test } from "vitest";
import { getDevelopmentAccount } from "../../node-client/chain/chain-client.ts";
import { NoFunds } from "../../node-client/chain/contract-errors.ts";
import { CONTRACTS, INPUT_BOX_ABI } from "../../node-client/chain/contracts.ts";
import { mintTestToken } from "../../node-client/chain/deploy-token.ts";
import { transfer } from "../../node-client/client/actions/balance-actions.ts";
import { openChannel } from "../../node-client/client/actions/channel-actions.ts";
import {
  claimChannel,
  claimChannelTimeout,
} from "../../node-client/client/actions/channel-claim-actions.ts";
import { getChannel } from "../../node-client/client/actions/channel-queries.ts";
import {
  DepositNotConfirmed,
  depositErc20,
  depositEther,
} from "../../node-client/client/actions/deposit-actions.ts";
import type { Query } from "../../node-client/client/actions/query-refused.ts";
import {
  createTallyrollClient,
  type TallyrollClient,
} from "../../node-client/client/actions/tallyroll-client.ts";
import { collectPayments } from "../../node-client/client/channel/collect-payments.ts";
import { recoverChannels } from "../../node-client/client/channel/find-channel.ts";
import {
  type ChannelPayment,
  type PaymentTerms,
  signPayment,
} from "../../node-client/client/payment/signed-payment.ts";
import { ClientStack } from "./fixtures/client-stack.ts";

/** A recipient whose payers promised more than their channels hold, over a real chain and node. */

const PAYER = getDevelopmentAccount(1);
const RECIPIENT = getDevelopmentAccount(2);
/** Signs for the payer's channels, and is nobody's sender. */
const SIGNER = getDevelopmentAccount(3);
const INPUTS = {
  address: CONTRACTS.inputBox,
  event: getAbiItem({ abi: INPUT_BOX_ABI, name: "InputAdded" }),
  fromBlock: 0n,
} as const;
let stack: ClientStack;
let payer: TallyrollClient;
let recipient: TallyrollClient;
beforeAll(async () => {
  stack = await ClientStack.start();
  payer = await stack.connect(PAYER);
  recipient = await stack.connect(RECIPIENT);
  await depositEther(payer, { amountWei: 1_000n });
});
afterAll(() => stack?.close());

async function openOf(value: bigint): Promise<number> {
  const to: Hex = RECIPIENT.address;
  const terms = { recipient: to, token: zeroAddress, value, expirationBlock: 100_000 };
  return (await openChannel(payer, { ...terms, signer: SIGNER.address })).channelId;
}
const sign = (terms: PaymentTerms): Promise<ChannelPayment> =>
  signPayment(payer.crypto, SIGNER, payer.at, terms);
const collect = (...payments: ChannelPayment[]) =>
  collectPayments(recipient, { payments: payments.map((payment) => ({ payment })) });

test("a nonce's payment over the channel's value is taken in part", async () => {
  const channelId = await openOf(100n);
  const over = await sign({ form: "eip712", channelId, nonce: 0, amount: 150n });
  const { amounts, paymentCount, idle } = await collect(over);
  expect([paymentCount, idle, [...amounts]]).toEqual([1, [], [[zeroAddress, 100n]]]);
  expect(await getChannel(recipient, { channelId })).toMatchObject({
    ...{ value: 0n, nonce: 1, lastPlanned: 150n, lastActual: 100n },
  });
});

test("lanes share what the channel holds, and who finds nothing left waits", async () => {
  const channelId = await openOf(100n);
  const lane = (number: number, cumulative: bigint) =>
    sign({ form: "lane", channelId, generation: 0, lane: number, cumulative });
  const payments = await Promise.all([lane(2, 60n), lane(5, 60n), lane(8, 60n)]);
  const { amounts, paymentCount, idle } = await collect(...payments);
  expect([paymentCount, [...amounts]]).toEqual([2, [[zeroAddress, 100n]]]);
  const reason = "nothing is due: redeemed, or the channel is empty";
  expect(idle).toMatchObject([{ payment: { lane: 8 }, reason }]);
  // Lanes 2 and 5 are spent; 3 was never used, but a payer without notes cannot know that.
  const recovered = await recoverChannels(payer, { sender: PAYER.address });
  expect(recovered.find(({ channel }) => channel.channelId === channelId)).toMatchObject({
    ...{ freshLane: 6, spendableMost: 0n },
    lanes: [
      { lane: 2, redeemed: 60n },
      { lane: 5, redeemed: 40n, lastCumulative: 60n },
    ],
  });
});

test("a nonce whose claim is in progress keeps nothing from the next one", async () => {
  const channelId = await openOf(100n);
  const of = (nonce: number, amount: bigint) => sign({ form: "eip712", channelId, nonce, amount });
  const payments = [await of(1, 30n), await of(0, 10n), await of(0, 20n), await of(16, 90n)];
  const { amounts, paymentCount, rejected } = await collect(...payments);
  expect([paymentCount, [...amounts]]).toEqual([2, [[zeroAddress, 50n]]]);
  expect(rejected).toMatchObject([{ fault: "round_not_begun" }]);
});

test("where the state changes under a round, the next best stand", async () => {
  const channelId = await openOf(100n);
  const [now, next] = await Promise.all(
    [0, 1].map((nonce) => sign({ form: "eip712", channelId, nonce, amount: 20n + BigInt(nonce) })),
  );
  const payments = [{ payment: now! }, { payment: next! }];
  const before = await recipient.inspect<object>({ query: "channel", channel_id: channelId });
  await claimChannel(recipient, { payment: now! });
  // The first answer is the one from before the claim, as a slow node would give it.
  let answered = 0;
  const late: TallyrollClient = {
    ...recipient,
    inspect: async <Answer>(query: Query): Promise<Answer> => {
      const isFirst = query.query === "channel" && answered++ === 0;
      return isFirst ? (before as Answer) : await recipient.inspect<Answer>(query);
    },
  };
  const { paymentCount, amounts } = await collectPayments(late, { payments });
  expect([paymentCount, [...amounts]]).toEqual([1, [[zeroAddress, 21n]]]);
});

test("whoever times his channels out under a round keeps nothing else from being redeemed", async () => {
  const stranger = await stack.connect(getDevelopmentAccount(4));
  await depositEther(stranger, { amountWei: 100n });
  const expirationBlock = Number(await payer.publicClient.getBlockNumber()) + 40;
  const terms = { recipient: RECIPIENT.address as Hex, token: zeroAddress, expirationBlock };
  const honest = [await openOf(100n)];
  // Forgotten by somebody honest: its money is there until he comes.
  honest.push(
    (await openChannel(payer, { ...terms, value: 50n, signer: SIGNER.address })).channelId,
  );
  const bait: number[] = [];
  for (let i = 0; i < 6; i++) {
    const opened = await openChannel(stranger, { ...terms, value: 1n, signer: SIGNER.address });
    bait.push(opened.channelId);
  }
  await stack.mine(50);
  const of = (amount: bigint) => (channelId: number) =>
    sign({ form: "eip712", channelId, nonce: 0, amount });
  const payments = await Promise.all([...bait.map(of(1n)), ...honest.map(of(50n))]);
  const left = [...bait];
  const watched: TallyrollClient = {
    ...recipient,
    walletClient: new Proxy(recipient.walletClient!, {
      get: (wallet, name) =>
        name !== "writeContract"
          ? Reflect.get(wallet, name)
          : async (call: never) => {
              const channelId = left.shift();
              if (channelId !== undefined) await claimChannelTimeout(stranger, { channelId });
              return await wallet.writeContract(call);
            },
    }),
  };
  const offered = payments.map((payment) => ({ payment }));
  const { amounts, paymentCount } = await collectPayments(watched, { payments: offered });
  expect([paymentCount, [...amounts]]).toEqual([2, [[zeroAddress, 100n]]]);
});

test("after money has left, an error says where it is", async () => {
  const lost = await createTallyrollClient({
    ...{ app: stack.app, chain: { rpcUrl: stack.rpcUrl }, account: PAYER },
    ...{ nodeUrl: "http://127.0.0.1:1/rpc", inspectUrl: "http://127.0.0.1:1" },
  });
  const countInputs = async () => Number((await lost.publicClient.getLogs(INPUTS)).length);
  const inputIndex = await countInputs();
  const deposited = await depositEther(lost, { amountWei: 7n }).catch((error: unknown) => error);
  expect(deposited).toBeInstanceOf(DepositNotConfirmed);
  expect(deposited).toMatchObject({
    ...{ amount: 7n, token: zeroAddress, inputIndex, name: "DepositNotConfirmed" },
    transactionHash: expect.stringMatching(/^0x[0-9a-f]{64}$/),
    shortMessage: expect.stringMatching(
      new RegExp(
        `^0\\.0+7 ETH deposited \\(input ${inputIndex}, transaction 0x\\w{64}\\), but whether`,
      ),
    ),
  });
  const paid = transfer(lost, { token: zeroAddress, to: RECIPIENT.address, amount: 1n });
  await expect(paid).rejects.toMatchObject({
    name: "SentNotConfirmed",
    inputIndex: inputIndex + 1,
  });
});

test("an account without Ether for both is not left with an approval", async () => {
  const poor = privateKeyToAccount(generatePrivateKey());
  await stack.request("anvil_setBalance", [poor.address, "0x1000"]);
  await mintTestToken(stack.chain, poor.address, 5n);
  const client = await stack.connect(poor);
  const deposit = depositErc20(client, { token: stack.token, amount: 5n, approve: true });
  await expect(deposit).rejects.toBeInstanceOf(NoFunds);
  expect(await client.publicClient.getTransactionCount({ address: poor.address })).toBe(0);
  await expect(deposit).rejects.toThrow("nothing was sent");
});
