import type { Query } from "./answer-query.ts";

/** Queries of channels by name (spec §9). */
export const CHANNEL_QUERIES: Readonly<Record<string, Query>> = {};
