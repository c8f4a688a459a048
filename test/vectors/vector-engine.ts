import { expect } from "vitest";
import { createApplication } from "../../dapp/engine/create-application.ts";
import { openStore } from "../../dapp/store/sql-store.ts";
import type { Crypto } from "../../spec/crypto.ts";
import { fromHex, type TransitionFile, toHistoryInput } from "./transition-vectors.ts";

/** An engine that can be put behind any history of its file; each history is applied once. */
export async function openVectorEngine(file: TransitionFile, crypto: Crypto) {
  const store = await openStore(crypto);
  const application = createApplication(
    store,
    crypto,
    fromHex(file.machine_secret),
    undefined,
    file.state_bytes_max,
  );
  const snapshots = new Map<string, Uint8Array>([["", store.snapshot()]]);
  const goTo = (history: readonly string[]): void => {
    const known = snapshots.get(history.join("\n"));
    if (known !== undefined) {
      store.restore(known);
      return;
    }
    goTo(history.slice(0, -1));
    const name = history.at(-1)!;
    const { at, payload } = toHistoryInput(file, file.inputs[name]!, history.length - 1);
    expect(application.advance(at, payload), name).toMatchObject({
      status: "accepted",
      reports: [],
    });
    snapshots.set(history.join("\n"), store.snapshot());
  };
  return { application, store, goTo };
}
