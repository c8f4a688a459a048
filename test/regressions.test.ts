import { utf8ToBytes } from "@noble/hashes/utils.js";
import { expect, test } from "vitest";
import { encodePlainEnvelope } from "../spec/envelope.ts";
import { ANSWER_BYTES_MAX } from "../spec/limits.ts";
import type { Operation, OperationBody } from "../spec/operations.ts";
import { sealBatch } from "../spec/seal-batch.ts";
import type { HonestStream } from "./arbitraries/honest-streams.ts";
import { SeededRng } from "./arbitraries/seeded-rng.ts";
import { crypto, MACHINE_KEY, PEOPLE } from "./arbitraries/shared-keys.ts";
import { HERE } from "./arbitraries/signers.ts";
import { toSubmission } from "./arbitraries/stream-acts.ts";
import { bySender, type Engine, metric, refusalsOf, texts } from "./arbitraries/world.ts";
import { openHistoryEngine, PreparedState } from "./simulation/hostile-run.ts";

/** What hostile inputs and queries have broken once, as fixed cases. */

const rng = new SeededRng(1);
const prepared = await PreparedState.build(1);

/** A batch of one text in every column, as often as `count` says. */
function textBatch(engine: Engine, stream: HonestStream, count: number, text: string): Operation {
  const { deviceId, streamId, metrics, signer } = stream;
  const end = engine.store.streams.get(streamId)!;
  const draft = {
    ...HERE,
    deviceId,
    streamId,
    epoch: end.epoch,
    firstSequence: end.nextSequence,
    count,
    salt: rng.bytes(16),
    metrics,
    times: new Float64Array(count),
    columns: metrics.map(() => texts(...Array.from({ length: count }, () => text))),
    previousHash: end.lastBatchHash ?? new Uint8Array(32),
    epochKeys: undefined,
  };
  const batch = sealBatch(crypto, draft, MACHINE_KEY, rng.bytes(32));
  return toSubmission(draft, batch, signer);
}

test("readings whose JSON would not fit a report come in smaller pages", async () => {
  // Such an answer was refused by the rollup server, which ended the process.
  const engine = await openHistoryEngine();
  const { builder, streams } = prepared.putOn(engine);
  const stream = streams.find(({ metrics }) => metrics.length === 32)!;
  for (let i = 0; i < 2; i++) {
    const operation = textBatch(engine, stream, 160, "\u0001".repeat(200));
    expect(engine.apply(builder.world.send(PEOPLE[0]!, operation)).status).toBe("accepted");
  }
  const { streamId } = stream;
  const sequences: number[] = [];
  for (let next: unknown = 0; next !== null; ) {
    const query = { query: "readings", stream_id: streamId, from_sequence: next };
    const [report] = engine.inspect(utf8ToBytes(JSON.stringify(query)));
    const bytes = Buffer.from(report!.slice(2), "hex");
    expect(bytes.length).toBeLessThan(ANSWER_BYTES_MAX);
    const answer = JSON.parse(bytes.toString("utf8"));
    sequences.push(...answer.readings.map((each: { sequence: number }) => each.sequence));
    next = answer.next;
  }
  expect(sequences).toEqual(Array.from({ length: 320 }, (_, i) => i));
  const latest = engine.query({ query: "latest", stream_id: streamId });
  expect((latest.readings as { sequence: number }[])[0]!.sequence).toBe(319);
});

test("a proof is of the stream that was asked for, whatever batch stands beside it", async () => {
  // The identifier of another stream's batch was taken, whose body is of other metrics.
  const engine = await openHistoryEngine();
  const { builder, streams } = prepared.putOn(engine);
  const heavy = streams.find(({ metrics }) => metrics.length === 32)!;
  engine.apply(builder.world.send(PEOPLE[0]!, textBatch(engine, heavy, 3, "rain")));
  for (let batchId = 1; batchId < engine.store.batches.nextId(); batchId++) {
    const query = { query: "proof", stream_id: heavy.streamId, sequence: 1, batch_id: batchId };
    expect(engine.query(query)).toMatchObject({ reading_index: 1, reading_count: 3 });
  }
});

test("two spellings of one name are two names, or no names", async () => {
  // A byte order mark was signed and announced, then dropped by the row: two names, one root.
  const engine = await openHistoryEngine();
  const { builder, streams } = prepared.putOn(engine);
  const declare = (name: string): OperationBody => ({
    kind: "declare_stream",
    deviceId: streams[0]!.deviceId,
    name,
    isSealed: false,
    retentionSec: 0,
    metrics: [metric("m")],
    epochKeyHashes: [],
  });
  const input = builder.world.bySender(PEOPLE[0]!, declare("\ufeffname"));
  expect(refusalsOf(engine.apply(input))).toEqual(["envelope_malformed"]);
});

test("a hash in a list is no hash", async () => {
  // `[hash]` was read as `hash`: one operation had two encodings.
  const engine = await openHistoryEngine();
  const { builder } = prepared.putOn(engine);
  const hash = rng.bytes(32);
  const body = { kind: "rotate_epoch", streamId: 1, epoch: 1, epochKeyHashes: [hash] } as const;
  const honest = encodePlainEnvelope([bySender(body)]);
  const nested = encodePlainEnvelope([
    bySender({ ...body, epochKeyHashes: [[hash] as unknown as Uint8Array] }),
  ]);
  expect(nested.length).toBe(honest.length + 1);
  const input = builder.world.raw(PEOPLE[0]!.address, nested);
  expect(refusalsOf(engine.apply(input))).toEqual(["operation_malformed"]);
});
