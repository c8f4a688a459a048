import { tellChannelClaims } from "./channel-claims.ts";
import { tellChannelFunds } from "./channel-funds.ts";
import { tellChannelLanes } from "./channel-lanes.ts";
import { tellChannelMultiClaims } from "./channel-multi-claims.ts";
import { tellChannelOpenings } from "./channel-openings.ts";
import { tellChannelThirdParties } from "./channel-third-parties.ts";
import type { Story } from "./story.ts";

/** The stories about channels; each becomes one file of vectors. */
export const CHANNEL_TELLERS: readonly (() => Promise<Story>)[] = [
  tellChannelClaims,
  tellChannelFunds,
  tellChannelLanes,
  tellChannelMultiClaims,
  tellChannelOpenings,
  tellChannelThirdParties,
];
