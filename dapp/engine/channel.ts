import type { ChannelBody } from "../../spec/channel-operations.ts";
import { InvariantViolation } from "./invariant.ts";
import type { OperationContext, Outcome } from "./operation-context.ts";

/** §10 Payment channels. */
export function applyChannel(body: ChannelBody, _context: OperationContext): Outcome {
  throw new InvariantViolation(`not built yet: ${body.kind}`);
}
