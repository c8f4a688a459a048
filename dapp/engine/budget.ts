import { SIGNATURES_MAX } from "../../spec/limits.ts";
import { type Refused, refuse } from "../../spec/refusals.ts";
import { equalBytes } from "../../spec/words.ts";
import type { Budget, OperationContext } from "./operation-context.ts";

/** §2.4 What an input may still spend, refused attempts included. */

/** Spends one verification of a signature, before it is made. */
export function spendSignature(budget: Budget): Refused | undefined {
  if (budget.signatures <= 0) {
    const detail = "{signaturesLeft} of {signaturesMax} verifications are left";
    const values = { signaturesLeft: 0, signaturesMax: SIGNATURES_MAX };
    return refuse("operation_signatures_over_bounds", detail, values);
  }
  budget.signatures -= 1;
  return undefined;
}

/** Whether so many readings are left. */
export function checkReadings(budget: Budget, readings: number): Refused | undefined {
  if (budget.readings >= readings) return undefined;
  const detail = "takes {readings} readings, {readingsLeft} are left";
  const values = { readings, readingsLeft: budget.readings };
  return refuse("operation_readings_over_bounds", detail, values);
}

/** Spends readings, before they are decoded. */
export function spendReadings(budget: Budget, readings: number): Refused | undefined {
  const spent = checkReadings(budget, readings);
  if (spent === undefined) budget.readings -= readings;
  return spent;
}

/**
 * One verification: an account that may has signed.
 *
 * @param refuseSigner Names who did instead; `null` where the bytes are not an account's signature.
 */
export function checkSigner(
  { crypto, budget }: Pick<OperationContext, "crypto" | "budget">,
  signature: Uint8Array,
  computeDigest: () => Uint8Array,
  allowed: readonly Uint8Array[],
  refuseSigner: (signer: Uint8Array | null) => Refused,
): Refused | undefined {
  const spent = spendSignature(budget);
  if (spent !== undefined) return spent;
  const signer = crypto.recoverAddress(computeDigest(), signature) ?? null;
  const isAllowed = signer !== null && allowed.some((account) => equalBytes(account, signer));
  return isAllowed ? undefined : refuseSigner(signer);
}
