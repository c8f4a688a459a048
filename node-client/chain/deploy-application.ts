import { readContract, simulateContract, writeContract } from "viem/actions";
import type { Hex } from "../../spec/outputs.ts";
import type { ChainWriter } from "./chain-client.ts";
import { toClientError } from "./contract-errors.ts";
import { CONTRACTS, encodeDataAvailability, SELF_HOSTED_FACTORY_ABI } from "./contracts.ts";
import { DeploymentFailed, hasContract } from "./create2.ts";
import { waitForReceipt } from "./wait-for-receipt.ts";

interface ApplicationPlan {
  /** 32 bytes that say which program it runs. */
  readonly templateHash: Hex;
  /** Blocks an epoch. */
  readonly epochLength: number;
  /** Owns application and Authority, so it alone may claim; the client's account unless given. */
  readonly owner?: Hex;
  /** 32 bytes: another salt makes another application of the same plan. */
  readonly salt: Hex;
}

interface DeployedApplication {
  /** Lower case, as `consensus`. */
  readonly app: Hex;
  readonly consensus: Hex;
  /** False when it had been there before. */
  readonly isNew: boolean;
}

/**
 * Makes an application under an Authority of its own, unless the same plan was carried out before:
 * plan and salt determine its address.
 *
 * @throws ClientError when the contracts are missing, the chain refuses or the account cannot pay.
 *
 * @example
 * const plan = { templateHash, epochLength: 10, salt: `0x${"00".repeat(32)}` } as const;
 * const { app, consensus } = await deployApplication(client, plan);
 */
export async function deployApplication(
  client: ChainWriter,
  plan: ApplicationPlan,
): Promise<DeployedApplication> {
  const owner = plan.owner ?? client.account.address;
  const factory = {
    address: CONTRACTS.selfHostedApplicationFactory,
    abi: SELF_HOSTED_FACTORY_ABI,
    args: [
      owner,
      BigInt(plan.epochLength),
      owner,
      plan.templateHash,
      encodeDataAvailability(CONTRACTS.inputBox),
      plan.salt,
    ],
  } as const;
  try {
    const addresses = await readContract(client, {
      ...factory,
      functionName: "calculateAddresses",
    });
    const [app, consensus] = addresses.map((address) => address.toLowerCase()) as [Hex, Hex];
    if (await hasContract(client, app)) return { app, consensus, isNew: false };
    const call = { ...factory, functionName: "deployContracts" } as const;
    const { request } = await simulateContract(client, { ...call, account: client.account });
    const hash = await writeContract(client, request);
    await waitForReceipt(client, hash);
    if (await hasContract(client, app)) return { app, consensus, isNew: true };
    throw new DeploymentFailed(`The application's deployment ${hash} was mined, but failed.`, {
      whatToDo: "Try again; if it fails again, deploy with another salt.",
    });
  } catch (error) {
    throw toClientError(error, { action: "deploy the application" });
  }
}
