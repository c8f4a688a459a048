import { tellOffers } from "./service-offers.ts";
import { tellOrganizations } from "./service-organizations.ts";
import type { Story } from "./story.ts";

/** The stories about services; each becomes one file of vectors. */
export const SERVICE_TELLERS: readonly (() => Promise<Story>)[] = [tellOrganizations, tellOffers];
