import { type Hex, zeroAddress } from "viem";
import { afterAll, beforeAll, expect, test } from "vitest";
import { depositEther } from "../../node-client/actions/deposit-ether.ts";
import { getChannel } from "../../node-client/actions/get-channel.ts";
import { openChannel } from "../../node-client/actions/open-channel.ts";
import type { TallyrollClient } from "../../node-client/actions/tallyroll-client.ts";
import { getDevelopmentAccount } from "../../node-client/chain/chain-client.ts";
import type { ChannelPayment, PaymentTerms } from "../../node-client/channel/channel-payment.ts";
import { collectPayments } from "../../node-client/channel/collect-payments.ts";
import { PaymentBook } from "../../node-client/channel/payment-book.ts";
import { recoverChannels } from "../../node-client/channel/recover-channels.ts";
import { signPayment } from "../../node-client/channel/sign-payment.ts";
import { ClientStack } from "./fixtures/client-stack.ts";

/** A recipient whose payers promised more than their channels hold, over a real chain and node. */

const PAYER = getDevelopmentAccount(1);
const RECIPIENT = getDevelopmentAccount(2);
/** Signs for the payer's channels, and is nobody's sender. */
const SIGNER = getDevelopmentAccount(3);
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
const bookOf = (...payments: ChannelPayment[]): PaymentBook => {
  const book = new PaymentBook(payer.at);
  for (const payment of payments) book.put(payment);
  return book;
};

test("a nonce's payment over the channel's value is taken in part", async () => {
  const channelId = await openOf(100n);
  const over = await sign({ form: "eip712", channelId, nonce: 0, amount: 150n });
  const { amounts, paymentCount, idle } = await collectPayments(recipient, { book: bookOf(over) });
  expect([paymentCount, idle, [...amounts]]).toEqual([1, [], [[zeroAddress, 100n]]]);
  expect(await getChannel(recipient, { channelId })).toMatchObject({
    ...{ value: 0n, nonce: 1, lastPlanned: 150n, lastActual: 100n },
  });
});

test("lanes share what the channel holds, and who finds nothing left waits", async () => {
  const channelId = await openOf(100n);
  const lane = (number: number, cumulative: bigint) =>
    sign({ form: "lane", channelId, generation: 0, lane: number, cumulative });
  const book = bookOf(await lane(2, 60n), await lane(5, 60n), await lane(9, 60n));
  const { amounts, paymentCount, idle } = await collectPayments(recipient, { book });
  expect([paymentCount, [...amounts]]).toEqual([2, [[zeroAddress, 100n]]]);
  const reason = "nothing is due: redeemed, or the channel is empty";
  expect(idle).toMatchObject([{ payment: { lane: 9 }, reason }]);
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
