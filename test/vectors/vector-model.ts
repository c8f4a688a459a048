import { expect } from "vitest";
import { nobleCrypto } from "../../spec/crypto-noble.ts";
import { Model } from "../../spec/model.ts";
import type { Tables } from "../../spec/model-state.ts";
import { fromHex, type TransitionFile, toHistoryInput } from "./transition-vectors.ts";

/** A model that can be put after any history of its file; each history is applied once. */
export function openVectorModel(file: TransitionFile) {
  const model = new Model(nobleCrypto, fromHex(file.machine_secret), file.state_bytes_max);
  const copies = new Map<string, Tables>([["", model.state.copy()]]);
  const goTo = (history: readonly string[]): void => {
    const known = copies.get(history.join("\n"));
    if (known !== undefined) {
      model.state.restore(known);
      return;
    }
    goTo(history.slice(0, -1));
    const name = history.at(-1)!;
    const { at, payload } = toHistoryInput(file, file.inputs[name]!, history.length - 1);
    const { status, refusals } = model.advance(at, payload);
    expect({ status, refusals }, name).toEqual({ status: "accepted", refusals: [] });
    copies.set(history.join("\n"), model.state.copy());
  };
  return { model, goTo };
}
