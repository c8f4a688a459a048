import { createApplication } from "../../dapp/engine/create-application.ts";
import { openStore } from "../../dapp/store/sql-store.ts";
import type { Crypto } from "../../spec/crypto.ts";
import type { HistoryInput } from "../history/history-lines.ts";
import { OpenAhead } from "../replay/open-ahead.ts";
import { replayAhead } from "../replay/replay-ahead.ts";
import { Replayer } from "../replay/replay-history.ts";
import { MACHINE_SECRET } from "./bench-history.ts";

/** Readings per second of one replay in process: every input, output hashes and rescan included. */
export async function measureReplay(
  crypto: Crypto,
  history: { readonly inputs: readonly HistoryInput[]; readonly readingCount: number },
  workerUrl: URL | undefined,
): Promise<number> {
  const store = await openStore(crypto);
  const ahead =
    workerUrl === undefined ? undefined : await OpenAhead.start(crypto, MACHINE_SECRET, workerUrl);
  try {
    const application = createApplication(store, crypto, MACHINE_SECRET, ahead?.open);
    const replayer = new Replayer(crypto, application, store);
    const beganMs = performance.now();
    if (ahead === undefined) for (const input of history.inputs) replayer.apply(input);
    else await replayAhead(replayer, ahead, store, history.inputs);
    const { rejected, divergence } = replayer.finish();
    const seconds = (performance.now() - beganMs) / 1_000;
    if (rejected > 0 || divergence !== undefined) throw new Error("the replay did not verify");
    return history.readingCount / seconds;
  } finally {
    store.close();
    await ahead?.close();
  }
}
