import { getContract, keccak256 } from "viem";
import { getChainId, getCode } from "viem/actions";
import type { Hex } from "../../spec/outputs.ts";
import { ClientError } from "../errors.ts";
import type { ChainReader } from "./chain-client.ts";
import { ContractMissing, ContractReverted, toClientError, WrongChain } from "./contract-errors.ts";
import {
  APPLICATION_ABI,
  CONSENSUS_ABI,
  CONTRACTS,
  CONTRACTS_LINE,
  type ContractName,
  encodeDataAvailability,
} from "./contracts.ts";
import { hasContract } from "./create2.ts";
import { malformed } from "./parse-logs.ts";

/** The chain lacks contracts of the line. */
export class ContractsAbsent extends ClientError {
  override readonly name = "ContractsAbsent";

  constructor(chainId: number, names: readonly string[]) {
    super(
      `Chain ${chainId} lacks contracts of Cartesi's line ${CONTRACTS_LINE}: ${names.join(", ")}.`,
      {
        whatToDo:
          "Check that the RPC is that of the right chain; on a chain of your own, deploy them.",
      },
    );
  }
}

/** There are contracts, but those of another line, which our inputs would be lost on. */
export class ContractsOfAnotherLine extends ClientError {
  override readonly name = "ContractsOfAnotherLine";

  constructor(what: string) {
    super(`${what} is not of Cartesi's contract line ${CONTRACTS_LINE}.`, {
      whatToDo: `Use an application that was deployed with rollups-contracts ${CONTRACTS_LINE}.`,
    });
  }
}

/** No contract at the application's address. */
export class ApplicationAbsent extends ClientError {
  override readonly name = "ApplicationAbsent";

  constructor(app: Hex, chainId: number) {
    super(`There is no contract at the application's address ${app} on chain ${chainId}.`, {
      whatToDo: "Check `--app` and that `--rpc` is that of the application's chain.",
    });
  }
}

/** What the contracts say of an application; a part of the node's identity. */
export interface ApplicationFacts {
  /** Lower case, as all addresses here. */
  readonly app: Hex;
  readonly consensus: Hex;
  readonly inputBox: Hex;
  readonly templateHash: Hex;
  readonly epochLength: number;
  /** Block of its deployment: nothing before it concerns us. */
  readonly deploymentBlock: number;
}

/**
 * What deposits, inputs and withdrawals go through, each with the keccak-256 of its code at run time:
 * hashes, so that a client carries no contract's code. A test deploys the line and compares.
 */
const NEEDED = {
  inputBox: "0x67e8fffc569ae2bd9031a797cd1b820e1af977fa1438b572f08473f8bb3b3114",
  etherPortal: "0x000a70a1882156bc31c219ae26726530afe813463891bc45c4243aa6bc215491",
  erc20Portal: "0x9f4130ffdf41bae62324a7f5f3919e328a8dd221d13b1d65b924453de0d5492e",
  erc721Portal: "0x56db084e3a2b231e0573610d9c43e680f92092d583bd64b7cdaf46d84214e9d3",
  erc1155SinglePortal: "0x80d33eced07c923032f112f0919c327c7829a89d8ea68837daa7b4162d057e73",
  erc1155BatchPortal: "0xa371191a7c2622852c0fd6bd393a4be8a566c95ccbf59c43ccedc9be5cf7275d",
  safeErc20Transfer: "0xdb17eae426ce40c06b39d675b722de61f4ee99f200be3651c1bec5113351466d",
} as const satisfies Partial<Record<ContractName, Hex>>;

type NeededContract = keyof typeof NEEDED;

export const NEEDED_CONTRACTS = Object.keys(NEEDED) as NeededContract[];

/** Where the InputBox's code has the block of its deployment: the one word that chains differ in. */
const DEPLOYMENT_BLOCK_BYTE = 95;

/** Whether `code` is what the line's contract has at run time. */
export function isRuntimeCode(name: NeededContract, code: Hex): boolean {
  const blockAt = 2 + 2 * DEPLOYMENT_BLOCK_BYTE;
  const blanked = `${code.slice(0, blockAt)}${"0".repeat(64)}${code.slice(blockAt + 64)}` as Hex;
  return keccak256(name === "inputBox" ? blanked : code) === NEEDED[name];
}

/**
 * Makes sure that the RPC answers, for the chain that is meant, and that the line's contracts are
 * there, by their code.
 *
 * @returns the chain's id.
 * @throws WrongChain, ContractsAbsent, ContractsOfAnotherLine, and what `toClientError` makes of
 * the connection's faults.
 */
export async function checkChain(
  client: ChainReader,
  expected: { readonly chainId?: number; readonly rpcUrl?: string } = {},
): Promise<number> {
  try {
    const chainId = await getChainId(client);
    if (expected.chainId !== undefined && expected.chainId !== chainId) {
      const whatToDo = "Check the RPC's URL, or use another data folder for another chain.";
      const said = `The RPC is that of chain ${chainId}, not of chain ${expected.chainId}.`;
      throw new WrongChain(said, { whatToDo });
    }
    const codes = await Promise.all(
      NEEDED_CONTRACTS.map((name) => getCode(client, { address: CONTRACTS[name] })),
    );
    const absent = NEEDED_CONTRACTS.filter((_, i) => (codes[i] ?? "0x") === "0x");
    if (absent.length > 0) throw new ContractsAbsent(chainId, absent);
    const other = NEEDED_CONTRACTS.find((name, i) => !isRuntimeCode(name, codes[i] as Hex));
    if (other === undefined) return chainId;
    throw new ContractsOfAnotherLine(`The contract ${other} at ${CONTRACTS[other]}`);
  } catch (error) {
    throw toClientError(error, { action: "check the chain's contracts", ...expected });
  }
}

/**
 * What the chain says of an application, having made sure that it is one of this line.
 *
 * @throws ApplicationAbsent, ContractsOfAnotherLine, and as `checkChain`.
 *
 * @example
 * await checkChain(client, { chainId: 31_337 });
 * const { consensus, epochLength } = await checkApplication(client, app);
 */
export async function checkApplication(client: ChainReader, app: Hex): Promise<ApplicationFacts> {
  const address = app.toLowerCase() as Hex;
  try {
    if (!(await hasContract(client, address))) {
      throw new ApplicationAbsent(address, await getChainId(client));
    }
    const { read } = getContract({ address, abi: APPLICATION_ABI, client });
    const [templateHash, validator, dataAvailability, deploymentBlock] = await Promise.all([
      read.getTemplateHash(),
      read.getOutputsMerkleRootValidator(),
      read.getDataAvailability(),
      read.getDeploymentBlockNumber(),
    ]);
    if (dataAvailability.toLowerCase() !== encodeDataAvailability(CONTRACTS.inputBox)) {
      throw new ContractsOfAnotherLine(`The InputBox of the application ${address}`);
    }
    const consensus = validator.toLowerCase() as Hex;
    const judge = getContract({ address: consensus, abi: CONSENSUS_ABI, client });
    const epochLength = await judge.read.getEpochLength();
    return {
      app: address,
      consensus,
      inputBox: CONTRACTS.inputBox,
      templateHash,
      epochLength: toSafeNumber(epochLength, 1),
      deploymentBlock: toSafeNumber(deploymentBlock, 0),
    };
  } catch (error) {
    const known = toClientError(error, { action: `look at the application ${address}` });
    // A contract without these functions is none of our applications.
    const isOther = known instanceof ContractMissing || known instanceof ContractReverted;
    throw isOther ? new ContractsOfAnotherLine(`The contract ${address}`) : known;
  }
}

function toSafeNumber(value: bigint, minimum: number): number {
  const number = Number(value);
  if (Number.isSafeInteger(number) && number >= minimum) return number;
  throw malformed("a contract's number is none of a chain's");
}
