import type { Hex } from "../../spec/outputs.ts";
import { ask, toQuantity } from "./ask-chain.ts";
import type { ChainReader } from "./chain-client.ts";
import { malformed, parseHash, parseQuantity } from "./parse-logs.ts";

/** A call of a contract's function that gives one value. */
interface WordCall {
  readonly to: Hex;
  readonly data: Hex;
}

const ADDRESS = /^0x0{24}([0-9a-f]{40})$/;
const NOBODY = "0".repeat(40);

/**
 * The one word that a contract answers, as of a block: by its number, or by its hash, which a chain
 * that was reorganised refuses.
 *
 * @throws ChainReadError: `malformed` for anything but 32 bytes, `state_missing` where the provider
 * has thrown that block's state away.
 */
export async function readWord(
  client: ChainReader,
  { to, data }: WordCall,
  block: number | { readonly blockHash: Hex },
): Promise<Hex> {
  const at = typeof block === "number" ? toQuantity(block) : block;
  return parseHash(await ask(client, "eth_call", [{ to, data }, at]));
}

/** A count, as `readWord`. */
export async function readCount(...call: Parameters<typeof readWord>): Promise<number> {
  return parseQuantity(await readWord(...call));
}

/** The address of a contract, which is not nobody's, as `readWord`. */
export async function readAddress(...call: Parameters<typeof readWord>): Promise<Hex> {
  const digits = ADDRESS.exec(await readWord(...call))?.[1];
  if (digits === undefined || digits === NOBODY) throw malformed("an address is none");
  return `0x${digits}`;
}

/** A yes or no, as `readWord`. */
export async function readFlag(...call: Parameters<typeof readWord>): Promise<boolean> {
  const value = parseQuantity(await readWord(...call));
  if (value > 1) throw malformed("a yes or no is neither");
  return value === 1;
}
