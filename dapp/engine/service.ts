import type { ServiceBody } from "../../spec/service-operations.ts";
import { InvariantViolation } from "./invariant.ts";
import type { OperationContext, Outcome } from "./operation-context.ts";

/** §11 Organizations and services. */
export function applyService(body: ServiceBody, _context: OperationContext): Outcome {
  throw new InvariantViolation(`not built yet: ${body.kind}`);
}
