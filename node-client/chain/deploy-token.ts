import { writeContract } from "viem/actions";
import type { Hex } from "../../spec/outputs.ts";
import { ClientError } from "../errors.ts";
import type { ChainWriter } from "./chain-client.ts";
import { toClientError } from "./contract-errors.ts";
import { ERC20_ABI } from "./contracts.ts";
import { computeCreate2Address, deployByCreate2 } from "./create2.ts";
import { requireSuccess, waitForReceipt } from "./find-receipt.ts";
import { SentNotConfirmed } from "./sent-not-confirmed.ts";
import { creation } from "./TestToken.json";

/** Where the test token is on every chain that has it; lower case. */
export const TEST_TOKEN = computeCreate2Address(creation as Hex);

/**
 * Brings the test token to its address, if it is missing. It is worth nothing: anybody can mint it.
 *
 * @throws ClientError when the chain refuses, or the account cannot pay.
 */
export async function deployToken(client: ChainWriter): Promise<Hex> {
  await deployByCreate2(client, [creation as Hex]);
  return TEST_TOKEN;
}

/**
 * Makes test tokens for an account, in base units of which 10^18 are one token.
 *
 * @throws TransactionReverted; SentNotConfirmed; ClientError when the chain refuses, or the client's account cannot
 * pay for the gas.
 *
 * @example
 * await mintTestToken(client, "0x70997970c51812dc3a010c7d01b50e0d17dc79c8", 10n ** 21n);
 */
export async function mintTestToken(client: ChainWriter, to: Hex, amount: bigint): Promise<void> {
  const call = { address: TEST_TOKEN, abi: ERC20_ABI, functionName: "mint" } as const;
  const hash = await writeContract(client, { ...call, args: [to, amount] }).catch(
    (error: unknown) => {
      throw toClientError(error, { action: "mint test tokens" });
    },
  );
  const receipt = await waitForReceipt(client, hash).catch((error: unknown) => {
    if (!(error instanceof ClientError)) throw error;
    const place = { transactionHash: hash, inputIndex: undefined };
    throw new SentNotConfirmed("The making of test tokens was sent", place, error);
  });
  requireSuccess(receipt);
}
