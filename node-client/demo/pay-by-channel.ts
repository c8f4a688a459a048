import { formatEther } from "viem";
import { generatePrivateKey, privateKeyToAccount } from "viem/accounts";
import { getBalance } from "../client/actions/account-queries.ts";
import { withdraw } from "../client/actions/balance-actions.ts";
import { openChannel } from "../client/actions/channel-actions.ts";
import { getChannel } from "../client/actions/channel-queries.ts";
import { ETHER } from "../client/actions/ether.ts";
import { executeOutput } from "../client/actions/execute-output.ts";
import { waitForClaim } from "../client/actions/output-on-chain.ts";
import { requireWallet } from "../client/actions/tallyroll-client.ts";
import { ChannelPayer } from "../client/channel/channel-payer.ts";
import { checkPayment } from "../client/channel/check-payment.ts";
import { collectPayments } from "../client/channel/collect-payments.ts";
import { PaymentBook } from "../client/channel/payment-book.ts";
import { check } from "./demo-error.ts";
import { addressOf, mineToClaim, type Stage } from "./open-stage.ts";
import { ESCROWS_WEI } from "./sell-by-escrow.ts";

const PAYMENTS = 1_000;
const LANES = 8;
const CALL_WEI = 10n ** 14n;
const CHANNEL_WEI = BigInt(PAYMENTS) * CALL_WEI;
const EXPIRATION_BLOCK = 1_000_000;

/**
 * The buyer pays owner A a thousand times off chain, over several lanes of one channel; owner A
 * redeems the last payment of each at once, and takes out all that escrows and channel brought.
 *
 * @returns How many payments, and how many vouchers were executed.
 * @throws DemoError unless every payment is good, and the sum arrives on chain to the wei.
 */
export async function payByChannel(
  stage: Stage,
): Promise<{ readonly payments: number; readonly vouchers: number }> {
  const { buyer, ownerA, gateway, say, pause } = stage;
  const recipient = addressOf(ownerA);
  const { channelId } = await openChannel(buyer, {
    ...{ recipient, token: ETHER, value: CHANNEL_WEI, expirationBlock: EXPIRATION_BLOCK },
  });
  const { crypto, at } = buyer;
  const signer = requireWallet(buyer).account;
  const payer = new ChannelPayer({ crypto, signer, at, book: new PaymentBook(at) });
  const channel = await getChannel(buyer, { channelId });
  const received = new PaymentBook(at);
  const headBlock = Number(await buyer.publicClient.getBlockNumber());
  const offered = { crypto, at, channel, recipient, book: received, headBlock, lanes: [] };
  const beganMs = performance.now();
  for (let i = 0; i < PAYMENTS; i++) {
    const payment = await payer.pay({ channel, amount: CALL_WEI, lane: 1 + (i % LANES) });
    checkPayment(payment, { ...offered, price: CALL_WEI });
    check(received.put(payment), `payment ${i} is good`);
    await pause();
  }
  const seconds = (performance.now() - beganMs) / 1_000;
  await say(
    `the buyer signs ${PAYMENTS} payments on ${LANES} lanes of channel ${channelId}, owner A checks ` +
      `each: ${seconds.toFixed(1)} s, no input`,
  );
  const payments = received.listAll().map((payment) => ({ payment }));
  const { paymentCount, amounts, claims } = await collectPayments(ownerA, { payments });
  check(paymentCount === LANES && claims.length === 1, "the last payment of each lane, at once");
  check(amounts.get(ETHER) === CHANNEL_WEI, "all payments are redeemed to the wei");
  const { value } = await getChannel(buyer, { channelId });
  check(value === 0n, "the channel is empty");
  await say(`owner A redeems ${formatEther(CHANNEL_WEI)} Ether by one input of ${LANES} claims`);

  const earned = await getBalance(ownerA, { account: recipient, token: ETHER });
  check(earned === ESCROWS_WEI + CHANNEL_WEI, "escrows and channel brought what they should");
  // A fresh account, so that no gas blurs what arrives.
  const purse = privateKeyToAccount(generatePrivateKey()).address;
  const payout = { token: ETHER, amount: earned, recipient: purse };
  const { outputIndex, blockNumber } = await withdraw(ownerA, payout);
  await mineToClaim(stage, blockNumber);
  await waitForClaim(gateway, { outputIndex });
  const executed = await executeOutput(gateway, { outputIndex });
  check(executed.status === "executed", "the voucher is executed");
  const arrived = await gateway.publicClient.getBalance({ address: purse });
  check(arrived === earned, "all of it is on chain");
  await say(
    `${formatEther(arrived)} Ether of escrows and channel withdrawn: voucher ${outputIndex}`,
  );
  return { payments: PAYMENTS, vouchers: 1 };
}
