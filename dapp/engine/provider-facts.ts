import type { ProviderRow, Store } from "./store.ts";

const FACTS = {
  released: "releasedCount",
  refunded: "refundedCount",
  lapsed: "lapsedCount",
  challenged: "challengedCount",
} as const satisfies Record<string, keyof ProviderRow>;

/** What the state counts about a provider (spec §12.10). */
type Fact = keyof typeof FACTS;

/** The provider's facts, all 0 where nothing was counted yet. */
export function getFacts(store: Store, provider: Uint8Array): ProviderRow {
  const none = { releasedCount: 0, refundedCount: 0, lapsedCount: 0, challengedCount: 0 };
  return store.providers.get(provider) ?? { provider, ...none };
}

/** The row that facts are counted in, where it is not there yet. */
export function openFacts(store: Store, provider: Uint8Array): void {
  if (store.providers.get(provider) === undefined)
    store.providers.insert(getFacts(store, provider));
}

/** §12.10 Counts a fact. */
export function countFact(store: Store, provider: Uint8Array, fact: Fact): void {
  const row = getFacts(store, provider);
  store.providers.put({ ...row, [FACTS[fact]]: row[FACTS[fact]] + 1 });
}
