import type { EscrowBody } from "../../spec/escrow-operations.ts";
import { InvariantViolation } from "./invariant.ts";
import type { OperationContext, Outcome } from "./operation-context.ts";

/** §12 Escrows. */
export function applyEscrow(body: EscrowBody, _context: OperationContext): Outcome {
  throw new InvariantViolation(`not built yet: ${body.kind}`);
}
