import { AMOUNT_MAX } from "../../spec/limits.ts";
import { invariant } from "./invariant.ts";

/** Arithmetic of money: whatever leaves 0 … 2^256 − 1 is our bug, because rules checked before. */

export function add(amount: bigint, more: bigint): bigint {
  const sum = amount + more;
  invariant(sum <= AMOUNT_MAX, "a sum of money has 256 bits");
  return sum;
}

export function subtract(amount: bigint, less: bigint): bigint {
  invariant(amount >= less, "what is taken is there");
  return amount - less;
}
