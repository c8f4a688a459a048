import { bytecode as applicationFactory } from "@cartesi/rollups/out/ApplicationFactory.sol/ApplicationFactory.json";
import { bytecode as authorityFactory } from "@cartesi/rollups/out/AuthorityFactory.sol/AuthorityFactory.json";
import { bytecode as erc20Portal } from "@cartesi/rollups/out/ERC20Portal.sol/ERC20Portal.json";
import { bytecode as erc721Portal } from "@cartesi/rollups/out/ERC721Portal.sol/ERC721Portal.json";
import { bytecode as erc1155BatchPortal } from "@cartesi/rollups/out/ERC1155BatchPortal.sol/ERC1155BatchPortal.json";
import { bytecode as erc1155SinglePortal } from "@cartesi/rollups/out/ERC1155SinglePortal.sol/ERC1155SinglePortal.json";
import { bytecode as etherPortal } from "@cartesi/rollups/out/EtherPortal.sol/EtherPortal.json";
import { bytecode as inputBox } from "@cartesi/rollups/out/InputBox.sol/InputBox.json";
import { bytecode as quorumFactory } from "@cartesi/rollups/out/QuorumFactory.sol/QuorumFactory.json";
import { bytecode as safeErc20Transfer } from "@cartesi/rollups/out/SafeERC20Transfer.sol/SafeERC20Transfer.json";
import { bytecode as selfHostedApplicationFactory } from "@cartesi/rollups/out/SelfHostedApplicationFactory.sol/SelfHostedApplicationFactory.json";
import { concatHex, pad } from "viem";
import { readContract, simulateContract, writeContract } from "viem/actions";
import type { Hex } from "../../spec/outputs.ts";
import type { ChainWriter } from "./chain-client.ts";
import { toClientError } from "./contract-errors.ts";
import {
  CONTRACTS,
  type ContractName,
  encodeDataAvailability,
  SELF_HOSTED_FACTORY_ABI,
} from "./contracts.ts";
import { DeploymentFailed, deployByCreate2, hasContract } from "./create2.ts";
import { waitForReceipt } from "./find-receipt.ts";

/**
 * The line's creation code, from `@cartesi/rollups`, for chains of one's own. Named imports, so that
 * the bundle of the command takes the code alone out of those files and needs no package where it
 * runs.
 */

/** Code, and the constructor's arguments, all of them addresses of the same line. */
type ContractCode = readonly [creation: { readonly object: string }, ...ContractName[]];

/** In order of deployment: a constructor's arguments come before it. */
const CODE: { readonly [name in ContractName]: ContractCode } = {
  inputBox: [inputBox],
  etherPortal: [etherPortal, "inputBox"],
  erc20Portal: [erc20Portal, "inputBox"],
  erc721Portal: [erc721Portal, "inputBox"],
  erc1155SinglePortal: [erc1155SinglePortal, "inputBox"],
  erc1155BatchPortal: [erc1155BatchPortal, "inputBox"],
  safeErc20Transfer: [safeErc20Transfer],
  applicationFactory: [applicationFactory],
  authorityFactory: [authorityFactory],
  quorumFactory: [quorumFactory],
  selfHostedApplicationFactory: [
    selfHostedApplicationFactory,
    "authorityFactory",
    "applicationFactory",
  ],
};

/** All contracts of the line, each after those that its constructor names. */
export const CONTRACT_NAMES = Object.keys(CODE) as ContractName[];

/** What CREATE2 runs: creation code ‖ the constructor's arguments. */
export function getCreationCode(name: ContractName): Hex {
  const [creation, ...constructorArguments] = CODE[name];
  const words = constructorArguments.map((argument) => pad(CONTRACTS[argument], { size: 32 }));
  return concatHex([creation.object as Hex, ...words]);
}

/**
 * Brings all contracts of the line to their addresses, where they are missing. May be repeated.
 *
 * @returns how many had to be deployed.
 * @throws ClientError when the chain refuses, or the account cannot pay.
 *
 * @example
 * await deployContracts(await connectChain(rpcUrl, getDevelopmentAccount(0)));
 */
export async function deployContracts(client: ChainWriter): Promise<number> {
  const { missingCount } = await deployByCreate2(client, CONTRACT_NAMES.map(getCreationCode));
  return missingCount;
}

interface ApplicationPlan {
  /** 32 bytes that say which program it runs. */
  readonly templateHash: Hex;
  /** Blocks an epoch. */
  readonly epochLength: number;
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
  // Owns application and Authority, so it alone may claim.
  const owner = client.account.address;
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
