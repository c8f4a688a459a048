import { formatEther } from "viem";
import { transfer } from "../client/actions/balance-actions.ts";
import { ETHER } from "../client/actions/ether.ts";
import { sendOperations } from "../client/actions/send-operations.ts";
import { requireWallet, type TallyrollClient } from "../client/actions/tallyroll-client.ts";
import { waitForInput } from "../client/actions/wait-for-input.ts";
import { sendAll, signInOrder } from "./apply-all.ts";
import { check } from "./demo-error.ts";
import { addressOf, expectBalances, type Stage } from "./open-stage.ts";
import { DEPOSIT_TOKENS, DEPOSIT_WEI } from "./sell-readings.ts";

export const PRICE_WEI = 25n * 10n ** 16n;
/** Base units of the test token. */
export const PRICE_TOKENS = 120n * 10n ** 18n;

/**
 * The buyer pays owner B by signatures that somebody else carries, and that count once.
 *
 * @returns How many transfers were relayed.
 * @throws DemoError unless exactly that happens.
 */
export async function payByRelay(stage: Stage): Promise<number> {
  const { buyer, gateway, ownerB, rollup, say } = stage;
  const payer = requireWallet(buyer).account;
  const to = ownerB.address;
  const operations = await signInOrder(gateway, payer, [
    transfer.body({ token: ETHER, to, amount: PRICE_WEI }),
    transfer.body({ token: rollup.token, to, amount: PRICE_TOKENS }),
  ]);
  const nonceBefore = await countTransactions(buyer);
  await sendAll(gateway, operations);
  check((await countTransactions(buyer)) === nonceBefore, "the buyer sends no transaction");
  await expectBalances(stage, ownerB.address, PRICE_WEI, PRICE_TOKENS);
  await expectBalances(
    stage,
    payer.address,
    DEPOSIT_WEI - PRICE_WEI,
    DEPOSIT_TOKENS - PRICE_TOKENS,
  );
  await say(
    `the buyer signs (EIP-712), the gateway sends: ${formatEther(PRICE_WEI)} Ether and ` +
      `${formatEther(PRICE_TOKENS)} TEST are owner B's`,
  );
  const wei = await gateway.publicClient.getBalance({ address: ownerB.address });
  check(wei === 0n, "owner B has no Ether on chain");
  await say("owner B, whose device, stream and grant are there already, has 0 Ether on chain");

  const { transactionHash } = await sendOperations(gateway, { operations });
  const { status, refusals } = await waitForInput(gateway, { transactionHash });
  const names = refusals.map(({ refusal }) => refusal);
  check(status === "REJECTED" && names.length === operations.length, "a payment counts once");
  check(
    names.every((name) => name === "authorization_nonce_wrong"),
    "a nonce counts once",
  );
  await expectBalances(stage, ownerB.address, PRICE_WEI, PRICE_TOKENS);
  await say(`the gateway sends the same again: refused (${names[0]})`);
  return operations.length;
}

async function countTransactions(client: TallyrollClient): Promise<number> {
  return await client.publicClient.getTransactionCount({ address: addressOf(client) });
}
