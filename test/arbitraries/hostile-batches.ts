import { computeBatchKeyHash, deriveColumnKeys } from "../../spec/batch.ts";
import { encodeSealedBody, type SealedGroup } from "../../spec/batch-body.ts";
import { encodeColumns } from "../../spec/columns.ts";
import { METRIC_VALUE_MAX, READINGS_PER_INPUT_MAX, TIME_SEC_MAX } from "../../spec/limits.ts";
import type { Operation } from "../../spec/operations.ts";
import { type BatchDraft, sealBatch } from "../../spec/seal-batch.ts";
import { type RawContent, sealRaw } from "./faults.ts";
import type { HonestStream } from "./honest-streams.ts";
import { falseColumns } from "./hostile-columns.ts";
import { HEAVY_TEXT, makeReadings } from "./readings.ts";
import type { SeededRng } from "./seeded-rng.ts";
import { crypto, MACHINE_KEY } from "./shared-keys.ts";
import { HERE } from "./signers.ts";
import { toSubmission } from "./stream-acts.ts";
import { integers, texts } from "./world.ts";

/** Where a stream stands: what the next batch must say to get as far as its columns. */
export interface StreamEnd {
  readonly epoch: number;
  readonly nextSequence: number;
  readonly lastBatchHash: Uint8Array | null;
}

/** A batch key that was committed to, so that a challenge gets as far as the columns. */
export interface Secret {
  readonly firstSequence: number;
  readonly streamId: number;
  readonly group: number;
  readonly batchKey: Uint8Array;
}

/** A batch at the stream's end, still without readings. */
export function draftOf(
  stream: HonestStream,
  end: StreamEnd,
  rng: SeededRng,
  count: number,
): BatchDraft {
  const { deviceId, streamId, metrics, epochKeys } = stream;
  return {
    ...HERE,
    deviceId,
    streamId,
    epoch: end.epoch,
    firstSequence: end.nextSequence,
    count,
    salt: rng.bytes(16),
    metrics,
    times: new Float64Array(count),
    columns: [],
    previousHash: end.lastBatchHash ?? new Uint8Array(32),
    epochKeys: epochKeys.length > 0 ? epochKeys : undefined,
  };
}

const chooseCount = (rng: SeededRng): number =>
  rng.chance(60) ? READINGS_PER_INPUT_MAX : rng.pick([1, 2, 3, 7, 16, 40]);

type MakeContent = (context: Uint8Array) => RawContent;

function seal(
  stream: HonestStream,
  draft: BatchDraft,
  rng: SeededRng,
  make: MakeContent,
): Operation {
  const secret = rng.bytes(32);
  const batch = sealRaw(crypto, draft, MACHINE_KEY, secret, (_, context) => make(context));
  return toSubmission(draft, batch, stream.signer);
}

/** What is committed to where the machine never comes to compare it. */
const anyGroup = (rng: SeededRng): RawContent["groups"] => [
  { keyHash: rng.bytes(32), root: rng.bytes(32) },
];

/** An open batch whose device truly signed columns that are none. */
export function falseOpenBatch(stream: HonestStream, end: StreamEnd, rng: SeededRng): Operation {
  const draft = draftOf(stream, end, rng, chooseCount(rng));
  const body = falseColumns(rng, stream.metrics, draft.count, true);
  return seal(stream, draft, rng, () => ({ body, groups: anyGroup(rng) }));
}

/**
 * A sealed batch that is accepted, since the machine sees times and commitments only, with columns
 * that are none; what a challenge needs to make it look comes along.
 */
export function falseSealedBatch(
  stream: HonestStream,
  end: StreamEnd,
  rng: SeededRng,
): { readonly operation: Operation; readonly secrets: readonly Secret[] } {
  const draft = draftOf(stream, end, rng, chooseCount(rng));
  const batchKeys = stream.epochKeys.map(() => rng.bytes(32));
  const operation = seal(stream, draft, rng, (context) => {
    const groups = batchKeys.map((batchKey, group): SealedGroup => {
      const metrics = stream.metrics.filter((metric) => metric.group === group);
      const packed = falseColumns(rng, metrics, draft.count, false);
      const { aeadKey } = deriveColumnKeys(crypto, batchKey);
      const ciphertext = crypto.sealAes256Gcm(aeadKey, packed, context);
      return { keyHash: computeBatchKeyHash(crypto, batchKey), root: rng.bytes(32), ciphertext };
    });
    return { body: encodeSealedBody({ times: draft.times, groups }), groups };
  });
  const { firstSequence, streamId } = draft;
  return {
    operation,
    secrets: batchKeys.map((batchKey, group) => ({ firstSequence, streamId, group, batchKey })),
  };
}

/** A sealed body whose frame is broken: groups missing, lengths that lie, something behind. */
export function brokenSealedBatch(stream: HonestStream, end: StreamEnd, rng: SeededRng): Operation {
  const draft = draftOf(stream, end, rng, chooseCount(rng));
  const count = rng.below(5);
  const groups = Array.from({ length: count }, () => ({
    keyHash: rng.bytes(32),
    root: rng.bytes(32),
    ciphertext: rng.bytes(rng.pick([0, 15, 16, 40])),
  }));
  const honest = encodeSealedBody({ times: draft.times, groups });
  const body = honest.subarray(0, rng.chance(2) ? honest.length : rng.below(honest.length + 1));
  if (body.length > 70) body[body.length - rng.between(1, 60)]! ^= 0xff;
  return seal(stream, draft, rng, () => ({ body, groups: anyGroup(rng) }));
}

/** An honest batch of which one thing outside the columns was bent, or that unfolds too far. */
export function bentBatch(stream: HonestStream, end: StreamEnd, rng: SeededRng): Operation {
  const isBomb = stream.metrics.length === 32;
  const count = isBomb ? 170 : 4;
  const readings = makeReadings(rng, stream.metrics, count);
  const bombs = stream.metrics.map(() => texts(...Array.from({ length: count }, () => HEAVY_TEXT)));
  const draft = { ...draftOf(stream, end, rng, count), ...readings };
  const time = { values: readings.times, present: undefined, dictionary: undefined };
  const body = encodeColumns([time, ...(isBomb ? bombs : readings.columns)], count);
  const operation = seal(stream, draft, rng, () => ({ body, groups: anyGroup(rng) }));
  const submission = operation.body;
  if (submission.kind !== "submit" || isBomb) return operation;
  const sealed = submission.sealed.slice();
  // The ephemeral key behind the salt: zero is a point of small order.
  sealed.fill(0, 16, 48);
  const bend = rng.pick([{ sealed }, { breakFloor: 1 + rng.below(9) }, { count: 0 }]);
  return { ...operation, body: { ...submission, ...bend } };
}

/** Honest readings at the ends of what a batch may say, and just beyond. */
export function extremeBatch(stream: HonestStream, end: StreamEnd, rng: SeededRng): Operation {
  const count = rng.chance(100) ? READINGS_PER_INPUT_MAX : rng.pick([1, 2, 16]);
  const draft = draftOf(stream, end, rng, count);
  const readings = makeReadings(rng, stream.metrics, count);
  const times = readings.times.map(() => rng.pick([0, 1, TIME_SEC_MAX, TIME_SEC_MAX - 1]));
  const columns = stream.metrics.map(({ kind, minimum, maximum }) => {
    const values = Array.from({ length: count }, () => rng.pick([minimum, maximum, maximum]));
    if (kind === "text") return texts(...values.map(() => HEAVY_TEXT));
    // Beyond a metric's bounds where the format still has room for it.
    if (rng.chance(4) && maximum < 2 ** 40) values[0] = maximum + 1;
    return integers(...values.map((value) => (rng.chance(9) ? null : value)));
  });
  // A device that says false times, or unfolds too much, seals them all the same.
  const badTime = rng.chance(6) ? rng.pick([-1, TIME_SEC_MAX + 1, 2 ** 49]) : undefined;
  const time = { values: times, present: undefined, dictionary: undefined };
  if (badTime === undefined && count * columns.length < 400) {
    // Our own writer refuses values beyond the declared bounds: this device has no such scruples.
    const metrics = draft.metrics.map((metric) => ({
      ...metric,
      minimum: -METRIC_VALUE_MAX,
      maximum: METRIC_VALUE_MAX,
    }));
    const honest = { ...draft, metrics, times, columns };
    const batch = sealBatch(crypto, honest, MACHINE_KEY, rng.bytes(32));
    return toSubmission(draft, batch, stream.signer);
  }
  times[0] = badTime ?? times[0]!;
  const body = encodeColumns([time, ...columns], count);
  return seal(stream, draft, rng, () => ({ body, groups: anyGroup(rng) }));
}
