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
import type { Hex } from "../../spec/outputs.ts";
import { CONTRACTS, type ContractName } from "./contracts.ts";

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
