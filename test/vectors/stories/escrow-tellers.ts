import { tellArbiters } from "./escrow-arbiters.ts";
import { tellBatches, tellSealedDeliveries } from "./escrow-batches.ts";
import { tellIntents } from "./escrow-intents.ts";
import { tellJudgedSessions } from "./escrow-judged-sessions.ts";
import { tellOpenings } from "./escrow-openings.ts";
import { tellPulls } from "./escrow-pulls.ts";
import { tellReceipts } from "./escrow-receipts.ts";
import { tellRetainedStreams } from "./escrow-retention.ts";
import { tellSessions, tellStreamSessions } from "./escrow-sessions.ts";
import type { Story } from "./story.ts";

/** The stories about escrows; each becomes one file of vectors. */
export const ESCROW_TELLERS: readonly (() => Promise<Story>)[] = [
  tellOpenings,
  tellIntents,
  tellPulls,
  tellBatches,
  tellSealedDeliveries,
  tellSessions,
  tellStreamSessions,
  tellReceipts,
  tellArbiters,
  tellJudgedSessions,
  tellRetainedStreams,
];
