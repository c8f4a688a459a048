import type { Query } from "./answer-query.ts";

/** Queries of escrows by name (spec §9). */
export const ESCROW_QUERIES: Readonly<Record<string, Query>> = {};
