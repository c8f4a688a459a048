import {
  bytecode as applicationFactory,
  deployedBytecode as applicationFactoryRuntime,
} from "@cartesi/rollups/out/ApplicationFactory.sol/ApplicationFactory.json";
import {
  bytecode as authorityFactory,
  deployedBytecode as authorityFactoryRuntime,
} from "@cartesi/rollups/out/AuthorityFactory.sol/AuthorityFactory.json";
import {
  bytecode as erc20Portal,
  deployedBytecode as erc20PortalRuntime,
} from "@cartesi/rollups/out/ERC20Portal.sol/ERC20Portal.json";
import {
  bytecode as erc721Portal,
  deployedBytecode as erc721PortalRuntime,
} from "@cartesi/rollups/out/ERC721Portal.sol/ERC721Portal.json";
import {
  bytecode as erc1155BatchPortal,
  deployedBytecode as erc1155BatchPortalRuntime,
} from "@cartesi/rollups/out/ERC1155BatchPortal.sol/ERC1155BatchPortal.json";
import {
  bytecode as erc1155SinglePortal,
  deployedBytecode as erc1155SinglePortalRuntime,
} from "@cartesi/rollups/out/ERC1155SinglePortal.sol/ERC1155SinglePortal.json";
import {
  bytecode as etherPortal,
  deployedBytecode as etherPortalRuntime,
} from "@cartesi/rollups/out/EtherPortal.sol/EtherPortal.json";
import {
  bytecode as inputBox,
  deployedBytecode as inputBoxRuntime,
} from "@cartesi/rollups/out/InputBox.sol/InputBox.json";
import {
  bytecode as quorumFactory,
  deployedBytecode as quorumFactoryRuntime,
} from "@cartesi/rollups/out/QuorumFactory.sol/QuorumFactory.json";
import {
  bytecode as safeErc20Transfer,
  deployedBytecode as safeErc20TransferRuntime,
} from "@cartesi/rollups/out/SafeERC20Transfer.sol/SafeERC20Transfer.json";
import {
  bytecode as selfHostedFactory,
  deployedBytecode as selfHostedFactoryRuntime,
} from "@cartesi/rollups/out/SelfHostedApplicationFactory.sol/SelfHostedApplicationFactory.json";
import { concatHex, pad } from "viem";
import type { Hex } from "../../spec/outputs.ts";
import { CONTRACTS, type ContractName } from "./contracts.ts";

/**
 * The line's code, from `@cartesi/rollups`. Named imports, so that the bundle of the command takes
 * the code alone out of those files and needs no package where it runs.
 */

/** How the compiler's files describe runtime code: with zeros where immutables are filled in. */
interface RuntimeCode {
  readonly object: string;
  readonly immutableReferences?: {
    readonly [id: string]: readonly { readonly start: number; readonly length: number }[];
  };
}

interface ContractCode {
  readonly creation: { readonly object: string };
  readonly runtime: RuntimeCode;
  /** Constructor arguments, all of them addresses of the same line. */
  readonly constructorArguments: readonly ContractName[];
}

/** In order of deployment: a constructor's arguments come before it. */
const CODE: { readonly [name in ContractName]: ContractCode } = {
  inputBox: { creation: inputBox, runtime: inputBoxRuntime, constructorArguments: [] },
  etherPortal: {
    creation: etherPortal,
    runtime: etherPortalRuntime,
    constructorArguments: ["inputBox"],
  },
  erc20Portal: {
    creation: erc20Portal,
    runtime: erc20PortalRuntime,
    constructorArguments: ["inputBox"],
  },
  erc721Portal: {
    creation: erc721Portal,
    runtime: erc721PortalRuntime,
    constructorArguments: ["inputBox"],
  },
  erc1155SinglePortal: {
    creation: erc1155SinglePortal,
    runtime: erc1155SinglePortalRuntime,
    constructorArguments: ["inputBox"],
  },
  erc1155BatchPortal: {
    creation: erc1155BatchPortal,
    runtime: erc1155BatchPortalRuntime,
    constructorArguments: ["inputBox"],
  },
  safeErc20Transfer: {
    creation: safeErc20Transfer,
    runtime: safeErc20TransferRuntime,
    constructorArguments: [],
  },
  applicationFactory: {
    creation: applicationFactory,
    runtime: applicationFactoryRuntime,
    constructorArguments: [],
  },
  authorityFactory: {
    creation: authorityFactory,
    runtime: authorityFactoryRuntime,
    constructorArguments: [],
  },
  quorumFactory: {
    creation: quorumFactory,
    runtime: quorumFactoryRuntime,
    constructorArguments: [],
  },
  selfHostedApplicationFactory: {
    creation: selfHostedFactory,
    runtime: selfHostedFactoryRuntime,
    constructorArguments: ["authorityFactory", "applicationFactory"],
  },
};

/** All contracts of the line, each after those that its constructor names. */
export const CONTRACT_NAMES = Object.keys(CODE) as ContractName[];

/** What CREATE2 runs: creation code ‖ the constructor's arguments. */
export function getCreationCode(name: ContractName): Hex {
  const { creation, constructorArguments } = CODE[name];
  const words = constructorArguments.map((argument) => pad(CONTRACTS[argument], { size: 32 }));
  return concatHex([creation.object as Hex, ...words]);
}

/**
 * Whether `code` is what the line's contract has at run time. Immutables, such as the block of
 * deployment, differ from chain to chain and are left out.
 */
export function isRuntimeCode(name: ContractName, code: Hex): boolean {
  const { runtime } = CODE[name];
  return (
    code.length === runtime.object.length && blank(runtime, code) === blank(runtime, runtime.object)
  );
}

function blank({ immutableReferences = {} }: RuntimeCode, code: string): string {
  let blanked = code.toLowerCase();
  for (const { start, length } of Object.values(immutableReferences).flat()) {
    const from = 2 + 2 * start;
    const to = from + 2 * length;
    blanked = blanked.slice(0, from) + "0".repeat(to - from) + blanked.slice(to);
  }
  return blanked;
}
