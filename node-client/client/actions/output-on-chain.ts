import type { Hex } from "../../../spec/outputs.ts";
import { APPLICATION_ABI } from "../../chain/contracts.ts";
import { callChain } from "./call-chain.ts";
import { getOutput, type OutputInfo } from "./node-outputs.ts";
import { requireWallet, type TallyrollClient } from "./tallyroll-client.ts";
import { ClaimNotAccepted } from "./wait-for-claim.ts";

/** What the application's contract says of outputs, before and after they are executed. */

/** What contracts take beside an output's bytes (`OutputValidityProof` of rollups-contracts). */
export interface OutputValidityProof {
  readonly outputIndex: bigint;
  /** 63 hashes, bottom up. */
  readonly outputHashesSiblings: readonly Hex[];
}

/**
 * Has the application's contract check that an output is part of an accepted claim. A chain that
 * says so is a proof: nothing of the node is believed.
 *
 * @returns The output that was checked.
 * @throws ClaimNotAccepted before the claim is computed, ContractReverted (InvalidOutputsMerkleRoot)
 * before it is accepted or when the node's proof is wrong, and what `getOutput` throws.
 * @example
 * const output = await validateOutput(client, { outputIndex: 3 });
 */
export async function validateOutput(
  client: TallyrollClient,
  { outputIndex }: { readonly outputIndex: number },
): Promise<OutputInfo> {
  const output = await getOutput(client, { outputIndex });
  const proof = toValidityProof(output);
  if (proof === undefined) throw new ClaimNotAccepted(output, undefined);
  await callChain(client, `validate output ${outputIndex}`, () =>
    client.publicClient.readContract({
      address: client.app,
      abi: APPLICATION_ABI,
      functionName: "validateOutput",
      args: [output.raw, proof],
    }),
  );
  return output;
}

/** The proof of an output; `undefined` until its epoch's claim is computed. */
export function toValidityProof({
  outputIndex,
  siblings,
}: OutputInfo): OutputValidityProof | undefined {
  if (siblings === undefined) return undefined;
  return { outputIndex: BigInt(outputIndex), outputHashesSiblings: siblings };
}

/**
 * Whether an output was executed, by the application contract's word: the node follows a little
 * behind the chain.
 *
 * @throws What `callChain` throws.
 * @example
 * const isPaid = await wasOutputExecuted(client, { outputIndex: 12 });
 */
export async function wasOutputExecuted(
  client: Pick<TallyrollClient, "publicClient" | "app" | "rpcUrl">,
  { outputIndex }: { readonly outputIndex: number },
): Promise<boolean> {
  return await callChain(client, `ask whether output ${outputIndex} was executed`, () =>
    client.publicClient.readContract({
      address: client.app,
      abi: APPLICATION_ABI,
      functionName: "wasOutputExecuted",
      args: [BigInt(outputIndex)],
    }),
  );
}

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
