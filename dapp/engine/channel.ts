import type { ChannelBody } from "../../spec/channel-operations.ts";
import { applyClaimChannel, applyMultiClaim } from "./channel-claim.ts";
import { applyOpenChannel, applyOpenChannelByThirdParty } from "./channel-open.ts";
import {
  applyAddChannelFunds,
  applyClaimChannelTimeout,
  applyExtendAndAddChannelFunds,
  applyExtendChannel,
} from "./channel-time.ts";
import type { OperationContext, Outcome } from "./operation-context.ts";

/** §10 Payment channels: MPE's operations, one by one. */
export function applyChannel(body: ChannelBody, context: OperationContext): Outcome {
  switch (body.kind) {
    case "open_channel":
      return applyOpenChannel(body, context);
    case "open_channel_by_third_party":
      return applyOpenChannelByThirdParty(body, context);
    case "add_channel_funds":
      return applyAddChannelFunds(body, context);
    case "extend_channel":
      return applyExtendChannel(body, context);
    case "extend_and_add_channel_funds":
      return applyExtendAndAddChannelFunds(body, context);
    case "claim_channel":
      return applyClaimChannel(body, context);
    case "multi_claim":
      return applyMultiClaim(body, context);
    case "claim_channel_timeout":
      return applyClaimChannelTimeout(body, context);
  }
}
