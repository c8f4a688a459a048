import {
  type Abi,
  type ContractFunctionName,
  type EncodeFunctionDataParameters,
  encodeFunctionData,
} from "viem";
import type { Hex } from "../../spec/outputs.ts";
import { ask, toQuantity } from "./ask-chain.ts";
import type { ChainReader } from "./chain-client.ts";
import { malformed, parseHash, parseQuantity } from "./parse-logs.ts";

const ADDRESS = /^0x0{24}([0-9a-f]{40})$/;
const NOBODY = "0".repeat(40);

/**
 * The one word that a contract answers to a call, as of a block: by its number, or by its hash, which
 * a chain that was reorganised refuses.
 *
 * @throws ChainReadError: `malformed` for anything but 32 bytes, `state_missing` where the provider
 * has thrown that block's state away.
 */
export async function readWord<const A extends Abi, Name extends ContractFunctionName<A, "view">>(
  client: ChainReader,
  { to, ...call }: EncodeFunctionDataParameters<A, Name> & { readonly to: Hex },
  block: number | { readonly blockHash: Hex },
): Promise<Hex> {
  const data = encodeFunctionData(call as EncodeFunctionDataParameters);
  const at = typeof block === "number" ? toQuantity(block) : block;
  return parseHash(await ask(client, "eth_call", [{ to, data }, at]));
}

/** The address of a contract, which is not nobody's, out of a word. */
export function parseAddress(word: Hex): Hex {
  const digits = ADDRESS.exec(word)?.[1];
  if (digits === undefined || digits === NOBODY) throw malformed("an address is none");
  return `0x${digits}`;
}

/** A yes or no out of a word. */
export function parseFlag(word: Hex): boolean {
  const value = parseQuantity(word);
  if (value > 1) throw malformed("a yes or no is neither");
  return value === 1;
}
