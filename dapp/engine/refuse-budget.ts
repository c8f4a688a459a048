import { SIGNATURES_MAX } from "../../spec/limits.ts";
import { type Refused, refuse } from "../../spec/refusals.ts";
import type { Budget } from "./operation-context.ts";

/** §2.4 What an input has left is not enough. */

export const refuseSignature = (): Refused =>
  refuse("operation_signatures_over_bounds", `0 of ${SIGNATURES_MAX} verifications are left`);

export const refuseReadings = (needed: number, { readings }: Budget): Refused =>
  refuse("operation_readings_over_bounds", `takes ${needed} readings, ${readings} are left`);
