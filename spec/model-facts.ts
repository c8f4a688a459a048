import type { ModelAct } from "./model-act.ts";
import type { Row } from "./model-rows.ts";
import type { Hex } from "./outputs.ts";

type Fact = "released_count" | "refunded_count" | "lapsed_count" | "challenged_count";

/** A provider's counted facts (spec §12.10), all 0 at first. */
export function openFacts(act: ModelAct, provider: Hex): Row<"providers"> {
  const row: Row<"providers"> = act.state.get("providers", provider) ?? {
    ...{ provider, released_count: 0, refunded_count: 0, lapsed_count: 0, challenged_count: 0 },
  };
  return act.state.put("providers", row);
}

export function addFact(act: ModelAct, provider: Hex, fact: Fact): void {
  const row = openFacts(act, provider);
  act.state.put("providers", { ...row, [fact]: row[fact] + 1 });
}
