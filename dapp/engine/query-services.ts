import type { Query } from "./answer-query.ts";

/** Queries of services by name (spec §9). */
export const SERVICE_QUERIES: Readonly<Record<string, Query>> = {};
