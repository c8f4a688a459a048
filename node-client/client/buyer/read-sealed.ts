import {
  type BatchContext,
  computeBatchKeyHash,
  computeCommitment,
  deriveBatchKey,
  encodeBatchContext,
  encodeSignedBatch,
} from "../../../spec/batch.ts";
import { decodeSealedBody, type SealedBody } from "../../../spec/batch-body.ts";
import { BATCH, GRANT } from "../../../spec/core-queries.ts";
import type { Crypto } from "../../../spec/crypto.ts";
import { formatScaled } from "../../../spec/decimal.ts";
import { listGroups, unwrapEpochKeys } from "../../../spec/grant-keys.ts";
import { type InfoOf, QUERIES } from "../../../spec/queries.ts";
import { type InfoOfAnswer, type JsonObject, readAnswer } from "../../../spec/query-answers.ts";
import type { Column, Metric } from "../../../spec/readings.ts";
import { openSealedGroup, type SealedFault } from "../../../spec/sealed-columns.ts";
import { findInterval } from "../../../spec/submission.ts";
import { equalBytes } from "../../../spec/words.ts";
import { ClientError } from "../../errors.ts";

/** The stream that a buyer reads: its declaration, and where it lives. */
export interface SealedStream
  extends Pick<BatchContext, "chainId" | "app" | "deviceId" | "streamId"> {
  readonly groupCount: number;
  readonly metrics: readonly Metric[];
}

export interface Buyer {
  /** The account that the grants name, 20 bytes. */
  readonly account: Uint8Array;
  /** The secret of the X25519 key that was registered when they were made. */
  readonly secret: Uint8Array;
}

/** A grant with what the state says of it beyond what opens batches. */
export type StoredGrant = InfoOfAnswer<typeof GRANT>;

/** A batch with what the state says of it beyond what a buyer checks. */
export type StoredBatch = InfoOf<"batch">;

/** One grant, as far as it opens batches. */
export type ReceivedGrant = Pick<
  StoredGrant,
  "grantId" | "streamId" | "epoch" | "groups" | "wrappedKeys" | "keyHashes"
>;

/** A batch that is not archived. */
export type KeptBatch = StoredBatch & { readonly salt: Uint8Array; readonly body: Uint8Array };

/** Whether a batch has its body, or has left it to the chain. */
export const isKept = (batch: StoredBatch): batch is KeptBatch =>
  batch.salt !== null && batch.body !== null;

/** One batch of a sealed stream, as far as a buyer checks it. */
export type ReceivedBatch = Pick<
  KeptBatch,
  | ("batchId" | "epoch" | "firstSequence" | "readingCount" | "batchHash" | "previousHash")
  | ("commitment" | "salt" | "body" | "disprovedGroup")
>;

/** The readings of one batch, as far as they were granted. */
export interface UnsealedBatch {
  readonly batchId: number;
  readonly firstSequence: number;
  readonly times: Float64Array;
  /** One a metric of the stream; `undefined` where its key group was not granted. */
  readonly columns: readonly (Column | undefined)[];
}

/** Why a buyer refuses what they were given. */
export type SealedReadFault =
  | SealedFault
  | "grant_does_not_open"
  | "grant_missing"
  | "batch_disproved"
  | "body_malformed"
  | "commitment_differs"
  | "header_differs"
  | "key_differs";

const PAY_NOTHING = "Do not pay for it.";
const CHALLENGE =
  "Do not pay for it, and prove the fraud: send the operation `challenge` with this batch key.";
const ASK_ANOTHER_NODE = "Ask another node, and compare with the notice SubmissionAccepted.";

const FAULTS: Readonly<Record<SealedReadFault, readonly [problem: string, whatToDo: string]>> = {
  grant_does_not_open: [
    "the wrapped key does not give the key that the epoch published",
    "Check that this is the buyer's account and the X25519 key that the grant was made for; if it " +
      "is, pay nothing and ask the owner for a right grant.",
  ],
  grant_missing: ["there is no grant for its epoch", "Buy a grant for that epoch from the owner."],
  batch_disproved: ["a challenge has proved it false", PAY_NOTHING],
  body_malformed: ["its body is not that of such a stream", ASK_ANOTHER_NODE],
  commitment_differs: ["its body is not the one that it commits to", ASK_ANOTHER_NODE],
  header_differs: ["its fields are not those that the device signed", ASK_ANOTHER_NODE],
  key_differs: ["the device sealed it under another key than the granted one", PAY_NOTHING],
  ciphertext_broken: ["its values do not decrypt under the key it commits to", CHALLENGE],
  columns_malformed: ["what decrypts is not columns of the declared metrics", CHALLENGE],
  value_out_of_bounds: ["a value is beyond the bounds that the stream declares", CHALLENGE],
  leaves_over_bounds: ["its readings unfold to more bytes than a batch may have", CHALLENGE],
  root_differs: ["the decrypted readings do not give the committed root", CHALLENGE],
};

/** Where the fault is, and what proves it. */
export interface SealedReadPlace {
  readonly grantId?: number;
  readonly batchId?: number;
  /** The key group. */
  readonly group?: number;
  /** Of a fault that `challenge` proves: the key to reveal. */
  readonly batchKey?: Uint8Array;
}

/** A grant or sealed batch that is not what its owner or device promised: the buyer refuses it. */
export class SealedReadError extends ClientError {
  override readonly name = "SealedReadError";
  readonly fault: SealedReadFault;
  readonly place: SealedReadPlace;

  constructor(fault: SealedReadFault, place: SealedReadPlace) {
    const [problem, whatToDo] = FAULTS[fault];
    const subject =
      place.batchId === undefined ? `Grant ${place.grantId}` : `Batch ${place.batchId}`;
    const group = place.group === undefined ? "" : `, key group ${place.group}`;
    super(`${subject}${group}: ${problem} (${fault}).`, { whatToDo });
    this.fault = fault;
    this.place = place;
  }
}

/**
 * What a buyer does with what they bought: unwraps the epoch keys, opens the batches, and refuses
 * whatever is not exactly what the device signed and committed to (spec §4.1). Trusts neither the
 * owner nor the node that gave the batches; whether a batch was accepted at all, the notice
 * SubmissionAccepted proves.
 *
 * @throws SealedReadError that names the first wrong grant or batch, and its fault.
 * @example
 * for (const batch of readSealed(crypto, stream, buyer, grants, batches)) {
 *   listReadings(batch, stream.metrics); // [{ sequence: 0, timeSec, values: ["7.11", undefined] }]
 * }
 */
export function* readSealed(
  crypto: Crypto,
  stream: SealedStream,
  buyer: Buyer,
  grants: readonly ReceivedGrant[],
  batches: Iterable<ReceivedBatch>,
): Generator<UnsealedBatch> {
  const keysByEpoch = new Map(
    grants
      .filter(({ streamId }) => streamId === stream.streamId)
      .map((grant) => [grant.epoch, unwrapGrant(crypto, stream, buyer, grant)]),
  );
  for (const batch of batches) {
    const epochKeys = keysByEpoch.get(batch.epoch);
    if (epochKeys === undefined) {
      throw new SealedReadError("grant_missing", { batchId: batch.batchId });
    }
    yield unsealBatch(crypto, stream, epochKeys, batch);
  }
}

/**
 * The epoch keys of a grant, by key group.
 *
 * @throws SealedReadError when one of them is not the key that the epoch published.
 */
export function unwrapGrant(
  crypto: Crypto,
  { chainId, app, streamId }: SealedStream,
  { account, secret }: Buyer,
  { grantId, epoch, groups, wrappedKeys, keyHashes }: ReceivedGrant,
): ReadonlyMap<number, Uint8Array> {
  const buyerKey = crypto.x25519PublicKey(secret);
  const context = { chainId, app, streamId, epoch, buyer: account, buyerKey };
  const hashes: Uint8Array[] = [];
  for (const [group, hash] of keyHashes) hashes[group] = hash;
  const unwrapped = unwrapEpochKeys(crypto, context, groups, wrappedKeys, secret, hashes);
  return new Map(
    listGroups(groups).map((group) => {
      const key = unwrapped.get(group);
      if (key === undefined) throw new SealedReadError("grant_does_not_open", { grantId, group });
      return [group, key];
    }),
  );
}

/**
 * One batch under its epoch's keys, checked against what the device signed and committed to.
 *
 * @param epochKeys By key group; columns of other groups stay hidden.
 * @throws SealedReadError
 */
export function unsealBatch(
  crypto: Crypto,
  stream: SealedStream,
  epochKeys: ReadonlyMap<number, Uint8Array>,
  batch: ReceivedBatch,
): UnsealedBatch {
  const { batchId, firstSequence, disprovedGroup } = batch;
  if (disprovedGroup !== null) {
    throw new SealedReadError("batch_disproved", { batchId, group: disprovedGroup });
  }
  const context = encodeBatchContext({ ...stream, ...batch, count: batch.readingCount });
  const body = checkBody(crypto, stream, context, batch);
  const columns: (Column | undefined)[] = stream.metrics.map(() => undefined);
  for (const [group, epochKey] of epochKeys) {
    const sealed = body.groups[group];
    if (sealed === undefined) throw new SealedReadError("body_malformed", { batchId, group });
    const batchKey = deriveBatchKey(crypto, epochKey, group, batch.salt, context);
    // An AEAD does not commit to its key: without this check two keys could open two texts.
    if (!equalBytes(computeBatchKeyHash(crypto, batchKey), sealed.keyHash)) {
      throw new SealedReadError("key_differs", { batchId, group });
    }
    const { times } = body;
    const opened = openSealedGroup(crypto, sealed, batchKey, context, times, stream.metrics, group);
    if (typeof opened === "string") throw new SealedReadError(opened, { batchId, group, batchKey });
    let next = 0;
    stream.metrics.forEach((metric, m) => {
      if (metric.group === group) columns[m] = opened[next++];
    });
  }
  return { batchId, firstSequence, times: body.times, columns };
}

/** The body, once it is the one that the batch's commitment and its signed header bind. */
function checkBody(
  crypto: Crypto,
  { groupCount }: SealedStream,
  context: Uint8Array,
  { batchId, body: bytes, readingCount, commitment, previousHash, batchHash }: ReceivedBatch,
): SealedBody {
  const body = decodeSealedBody(bytes, groupCount, readingCount);
  const interval = body && findInterval(body.times);
  if (body === undefined || interval === undefined) {
    throw new SealedReadError("body_malformed", { batchId });
  }
  if (!equalBytes(computeCommitment(crypto, body.groups), commitment)) {
    throw new SealedReadError("commitment_differs", { batchId });
  }
  const bodyHash = crypto.sha256(bytes);
  const signed = encodeSignedBatch(context, { ...interval, previousHash, commitment, bodyHash });
  if (!equalBytes(crypto.sha256(signed), batchHash)) {
    throw new SealedReadError("header_differs", { batchId });
  }
  return body;
}

/** One reading in words: `null` for no value, `undefined` for a value that was not granted. */
export interface UnsealedReading {
  readonly sequence: number;
  readonly timeSec: number;
  readonly values: readonly (string | null | undefined)[];
}

/** The readings of an unsealed batch, numbers as decimal text at their scale. */
export function listReadings(
  { firstSequence, times, columns }: UnsealedBatch,
  metrics: readonly Metric[],
): UnsealedReading[] {
  return [...times].map((timeSec, i) => ({
    sequence: firstSequence + i,
    timeSec,
    values: columns.map((column, m) => {
      if (column === undefined) return undefined;
      if (column.present?.[i] === 0) return null;
      const value = column.values[i]!;
      return column.dictionary?.[value] ?? formatScaled(value, metrics[m]!.scale);
    }),
  }));
}

/** The answer to `stream` as what `readSealed` takes. */
export function fromStreamAnswer(
  answer: JsonObject,
  at: { readonly chainId: bigint; readonly app: Uint8Array },
): SealedStream {
  const { deviceId, streamId, groupCount, metrics } = readAnswer(QUERIES.stream.answer, answer);
  return { chainId: at.chainId, app: at.app, deviceId, streamId, groupCount, metrics };
}

/** One of the answers to `grants`. */
export const fromGrantAnswer = (answer: JsonObject): StoredGrant => readAnswer(GRANT, answer);

/** The answer to `batch`, or one of the answers to `batches`. */
export const fromBatchAnswer = (answer: JsonObject): StoredBatch => readAnswer(BATCH, answer);
