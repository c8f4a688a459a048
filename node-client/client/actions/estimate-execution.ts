import type { Hex } from "../../../spec/outputs.ts";
import { APPLICATION_ABI } from "../../chain/contracts.ts";
import { callChain } from "./call-chain.ts";
import type { OutputInfo } from "./output-info.ts";
import { requireWallet, type TallyrollClient } from "./tallyroll-client.ts";
import { toValidityProof } from "./validate-output.ts";

/** What an execution will take at most at the present price of gas. */
export interface ExecutionCost {
  readonly gas: bigint;
  readonly maxFeePerGasWei: bigint;
  /** `gas` at that price: what the account should hold. */
  readonly costWei: bigint;
}

const SIBLING_COUNT = 63;
/** Calldata is paid by the byte, zeros cheaper: a stand-in for a hash has none. */
const SIBLING_STAND_IN: Hex = `0x${"ff".repeat(32)}`;
/** Code that answers `true` to every call: PUSH1 1, PUSH1 0, MSTORE, PUSH1 32, PUSH1 0, RETURN. */
const YES_TO_ALL: Hex = "0x600160005260206000f3";
/** What the real consensus reads beyond the stand-in: an account and a slot, both cold. */
const CONSENSUS_GAS = 10_000n;

export interface EstimateOptions {
  /** True: ask the real consensus, which needs no simulation. False by default. */
  readonly isClaimAccepted?: boolean;
}

/**
 * The gas that executing a voucher will take, before its claim is accepted: the chain simulates it
 * with a consensus that accepts everything in place of the real one. So a voucher that cannot be
 * paid is found now, and not only when its claim is there.
 *
 * @throws ContractReverted with the contract's error, such as InsufficientFunds, and what
 * `callChain` throws; ChainRefused where the RPC cannot simulate with overrides.
 * @example
 * const { gas, costWei } = await estimateExecution(client, await getOutput(client, { outputIndex }));
 */
export async function estimateExecution(
  client: TallyrollClient,
  output: OutputInfo,
  { isClaimAccepted = false }: EstimateOptions = {},
): Promise<ExecutionCost> {
  const { publicClient, app } = client;
  const { account } = requireWallet(client);
  const proof = toValidityProof(output) ?? {
    outputIndex: BigInt(output.outputIndex),
    outputHashesSiblings: Array.from({ length: SIBLING_COUNT }, () => SIBLING_STAND_IN),
  };
  return await callChain(client, `estimate the gas of output ${output.outputIndex}`, async () => {
    const consensus = await publicClient.readContract({
      address: app,
      abi: APPLICATION_ABI,
      functionName: "getOutputsMerkleRootValidator",
    });
    const simulated = await publicClient.estimateContractGas({
      account: account.address,
      // Preparing would have the real consensus asked, without the override.
      prepare: false,
      address: app,
      abi: APPLICATION_ABI,
      functionName: "executeOutput",
      args: [output.raw, proof],
      stateOverride: isClaimAccepted ? [] : [{ address: consensus, code: YES_TO_ALL }],
    });
    const gas = isClaimAccepted ? simulated : simulated + CONSENSUS_GAS;
    const { maxFeePerGas } = await publicClient.estimateFeesPerGas();
    return { gas, maxFeePerGasWei: maxFeePerGas, costWei: gas * maxFeePerGas };
  });
}
