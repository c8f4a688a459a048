import type { Store } from "../../dapp/engine/store.ts";
import type { HistoryInput } from "../history/history-lines.ts";
import type { OpenAhead } from "./open-ahead.ts";
import type { AheadChunk } from "./open-ahead-chunk.ts";

/** Inputs that go to the worker at once: enough to make a message cheap. */
const CHUNK_INPUTS = 64;
/** Chunks under way: enough that neither thread waits for the other's next word. */
const CHUNKS_AHEAD = 4;

interface PendingChunk {
  readonly inputs: readonly HistoryInput[];
  results: Promise<AheadChunk>;
}

/** Replays a history with the stateless work of its submissions done on a second thread. */
export async function replayAhead(
  replayer: { apply(input: HistoryInput): unknown },
  ahead: OpenAhead,
  store: Store,
  inputs: Iterable<HistoryInput>,
): Promise<void> {
  const chunks = cutChunks(inputs);
  const pending: PendingChunk[] = [];
  for (;;) {
    while (pending.length < CHUNKS_AHEAD) {
      const next = chunks.next();
      if (next.done) break;
      pending.push({ inputs: next.value, results: ahead.send(next.value) });
    }
    const chunk = pending.shift();
    if (chunk === undefined) return;
    ahead.use(await chunk.results);
    for (const input of chunk.inputs) replayer.apply(input);
    if (ahead.resync(store)) {
      for (const other of pending) other.results = ahead.send(other.inputs);
    }
  }
}

function* cutChunks(inputs: Iterable<HistoryInput>): Generator<HistoryInput[]> {
  let chunk: HistoryInput[] = [];
  for (const input of inputs) {
    chunk.push(input);
    if (chunk.length < CHUNK_INPUTS) continue;
    yield chunk;
    chunk = [];
  }
  if (chunk.length > 0) yield chunk;
}
