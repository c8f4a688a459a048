import { formatEther } from "viem";
import type { Hex } from "../../spec/outputs.ts";
import { ContractReverted } from "../chain/contract-errors.ts";
import { APPLICATION_ABI, ERC20_ABI } from "../chain/contracts.ts";
import { withdraw } from "../client/actions/balance-actions.ts";
import { callChain } from "../client/actions/call-chain.ts";
import { ETHER } from "../client/actions/ether.ts";
import { executeOutput } from "../client/actions/execute-output.ts";
import { type OutputInfo, readPayout } from "../client/actions/node-outputs.ts";
import { toValidityProof, waitForClaim } from "../client/actions/output-on-chain.ts";
import { requireWallet } from "../client/actions/tallyroll-client.ts";
import { sendAll, signInOrder } from "./apply-all.ts";
import { check, refused } from "./demo-error.ts";
import { expectBalances, mineToClaim, type Stage } from "./open-stage.ts";
import { PRICE_TOKENS, PRICE_WEI } from "./pay-by-relay.ts";
import { DEPOSIT_TOKENS, DEPOSIT_WEI } from "./sell-readings.ts";

/** What stays in the application: a withdrawal need not be all. */
const KEPT_TOKENS = 20n * 10n ** 18n;
const PAID_TOKENS = PRICE_TOKENS - KEPT_TOKENS;

/**
 * Owner B, still without Ether, takes the money out: by signatures, a claim, and vouchers that the
 * gateway executes.
 *
 * @returns How many vouchers were executed on chain.
 * @throws DemoError unless the balances on chain are right, and a voucher pays once.
 */
export async function payOut(stage: Stage): Promise<number> {
  const { gateway, ownerB, rollup, say } = stage;
  const acting = { account: ownerB.address };
  const operations = await signInOrder(gateway, ownerB, [
    withdraw.body({ token: ETHER, amount: PRICE_WEI }, acting),
    withdraw.body({ token: rollup.token, amount: PAID_TOKENS }, acting),
  ]);
  const { blockNumber, vouchers } = await sendAll(gateway, operations);
  check(vouchers.length === operations.length, "every withdrawal leaves a voucher");
  const paid = vouchers.map(readPayout);
  check(paid[0]?.amount === PRICE_WEI && paid[1]?.amount === PAID_TOKENS, "vouchers pay in full");
  await expectBalances(stage, ownerB.address, 0n, KEPT_TOKENS);
  const indices = vouchers.map(({ outputIndex }) => outputIndex);
  await say(
    `owner B withdraws ${formatEther(PRICE_WEI)} Ether and ${formatEther(PAID_TOKENS)} TEST, ` +
      `signed and relayed: vouchers ${indices.join(" and ")}`,
  );

  const mined = await mineToClaim(stage, blockNumber);
  const [first] = indices;
  const claimed = await waitForClaim(gateway, { outputIndex: first! });
  await say(
    `epoch ${claimed.epochIndex} is claimed ` +
      `(${mined} blocks mined at once by anvil_mine; otherwise ${mined} s of waiting)`,
  );
  for (const outputIndex of indices) await execute(stage, outputIndex);
  await expectPaid(stage);
  await say(
    `on chain owner B has ${formatEther(PRICE_WEI)} Ether and ${formatEther(PAID_TOKENS)} TEST, ` +
      "the application the rest",
  );

  const again = await executeOutput(gateway, { outputIndex: first! });
  check(again.status === "executed_before", "the client pays nothing twice");
  const revert = await refused(ContractReverted, "a voucher pays once", () =>
    executeDirectly(stage, claimed),
  );
  check(revert.errorName === "OutputNotReexecutable", "the contract names why");
  await say(`voucher ${first} once more: the contract refuses (${revert.errorName})`);
  return indices.length;
}

async function execute({ gateway, say }: Stage, outputIndex: number): Promise<void> {
  const executed = await executeOutput(gateway, { outputIndex });
  check(executed.status === "executed", `voucher ${outputIndex} is executed`);
  await say(
    `voucher ${outputIndex} executed in block ${executed.blockNumber}, ${executed.gasUsed} gas`,
  );
}

/** Without asking first whether it was executed, as the client does. */
async function executeDirectly({ gateway }: Stage, output: OutputInfo): Promise<void> {
  const { account } = requireWallet(gateway);
  const proof = toValidityProof(output);
  check(proof !== undefined, "a claimed output has a proof");
  await callChain(gateway, "execute a voucher twice", () =>
    gateway.publicClient.simulateContract({
      account,
      address: gateway.app,
      abi: APPLICATION_ABI,
      functionName: "executeOutput",
      args: [output.raw, proof],
    }),
  );
}

async function expectPaid({ gateway, ownerB, rollup }: Stage): Promise<void> {
  const { publicClient, app } = gateway;
  const readTokens = (holder: Hex): Promise<bigint> =>
    publicClient.readContract({
      address: rollup.token,
      abi: ERC20_ABI,
      functionName: "balanceOf",
      args: [holder],
    });
  const owner = ownerB.address;
  check((await publicClient.getBalance({ address: owner })) === PRICE_WEI, "owner B has the Ether");
  check((await readTokens(owner)) === PAID_TOKENS, "owner B has the tokens");
  const left = await publicClient.getBalance({ address: app });
  check(left === DEPOSIT_WEI - PRICE_WEI, "the application keeps the other Ether");
  check((await readTokens(app)) === DEPOSIT_TOKENS - PAID_TOKENS, "and the other tokens");
}
