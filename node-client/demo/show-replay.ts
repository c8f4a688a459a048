import { createApplication } from "../../dapp/engine/create-application.ts";
import { openStore } from "../../dapp/store/sql-store.ts";
import { formatHistoryLine, type HistoryInput, parseHistory } from "../history/history-lines.ts";
import { type ReplayResult, replayHistory } from "../replay/replay-history.ts";
import { check, type DemoWorld } from "./demo-world.ts";

/** Re-executes the history from its file's form, and checks the root after every input. */
export async function replayAll(
  world: DemoWorld,
): Promise<ReplayResult & { readonly story: string[] }> {
  const text = world.history.map((input) => `${formatHistoryLine(input)}\n`).join("");
  const result = await replay(world, parseHistory(text));
  check(result.divergence === undefined, "the replay gives every root");
  const claims = result.claims.length;
  return {
    ...result,
    story: [
      `${result.inputs} inputs, ${result.accepted} accepted: all ${claims} claimed roots hold`,
      `root                ${result.root}, which a scan of all rows gives too`,
      `outputs Merkle root ${result.outputsMerkleRoot} over ${result.outputs} outputs`,
    ],
  };
}

/** Changes one byte of one input: the replay has to name that input. */
export async function findTampering(
  world: DemoWorld,
  inputIndex: number,
): Promise<{ readonly inputIndex: number; readonly story: string[] }> {
  const tampered = world.history.map(({ at, payload }) => {
    if (at.inputIndex !== inputIndex) return { at, payload };
    const changed = payload.slice();
    changed[changed.length - 1]! ^= 1;
    return { at, payload: changed };
  });
  const { divergence } = await replay(world, tampered);
  check(divergence?.inputIndex === inputIndex, "the replay names the tampered input");
  return {
    inputIndex,
    story: [
      `the replay diverges at input ${inputIndex}, the one that was changed`,
      `claimed     ${divergence?.expected}`,
      `re-executed ${divergence?.actual}`,
    ],
  };
}

async function replay(world: DemoWorld, inputs: Iterable<HistoryInput>): Promise<ReplayResult> {
  const { crypto, machineSecret, claims } = world;
  const store = await openStore(crypto);
  try {
    const application = createApplication(store, crypto, machineSecret);
    return replayHistory(crypto, application, store, inputs, claims);
  } finally {
    store.close();
  }
}
