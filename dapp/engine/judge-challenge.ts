import { computeBatchKeyHash, encodeBatchContext, encodeSignedBatch } from "../../spec/batch.ts";
import { decodeSealedBody } from "../../spec/batch-body.ts";
import type { InputContext } from "../../spec/input.ts";
import { encodeNotice } from "../../spec/notices.ts";
import type { BodyOf } from "../../spec/operations.ts";
import { isRefused, type Refused, refuse } from "../../spec/refusals.ts";
import { openSealedGroup } from "../../spec/sealed-columns.ts";
import { equalBytes } from "../../spec/words.ts";
import { spendReadings } from "./budget.ts";
import { invariant } from "./invariant.ts";
import type { Handlers, OperationContext, Outcome } from "./operation-context.ts";
import { countFact } from "./provider-facts.ts";
import type { BatchBodyRow, BatchRow, StreamRow } from "./store.ts";

export const CHALLENGE_HANDLERS = {
  challenge: applyChallenge,
} satisfies Partial<Handlers>;

/**
 * §4.5 Judges one key group of a sealed batch under its revealed batch key. The machine decrypts
 * as a buyer would; what does not give the committed root is proven fraud.
 */
function applyChallenge(body: BodyOf<"challenge">, context: OperationContext): Outcome {
  const { store, crypto, at, budget } = context;
  const batch = store.batches.get(body.batchId);
  if (batch === undefined) return refuse("batch_not_found", "batch {batchId}", body);
  const stream = store.streams.get(batch.streamId);
  invariant(stream !== undefined, "a batch has a stream");
  if (stream.visibility !== "sealed") {
    return refuse("batch_not_sealed", "batch {batchId} is of open stream {streamId}", batch);
  }
  if (batch.disprovedGroup !== null) {
    return refuse("batch_disproved_already", "batch {batchId}", batch);
  }
  if (body.group >= stream.groupCount) {
    const { groupCount } = stream;
    const detail = "names key group {group}, there are {groupCount}, from 0";
    return refuse("challenge_group_unknown", detail, { ...body, groupCount });
  }
  const isBrought = body.salt.length > 0 || body.body.length > 0;
  const kept = isBrought ? undefined : store.batchBodies.get(batch.batchId);
  if (!isBrought && kept === undefined) {
    return refuse("batch_archived", "batch {batchId}", batch);
  }
  const spent = spendReadings(budget, batch.readingCount);
  if (spent !== undefined) return spent;
  const content = kept ?? findBrought(body, batch, stream, context);
  if (isRefused(content)) return content;

  const sealed = decodeSealedBody(content.body, stream.groupCount, batch.readingCount);
  const group = sealed?.groups[body.group];
  invariant(sealed !== undefined && group !== undefined, "an accepted batch decodes");
  if (!equalBytes(computeBatchKeyHash(crypto, body.batchKey), group.keyHash)) {
    const { keyHash } = group;
    const detail = "batch {batchId} commits to {keyHash}";
    return refuse("challenge_key_wrong", detail, { ...batch, keyHash });
  }
  const verdict = openSealedGroup(
    crypto,
    group,
    body.batchKey,
    encodeContext(at, batch, stream, content.salt),
    sealed.times,
    store.getMetrics(batch.streamId),
    body.group,
  );
  if (typeof verdict !== "string") {
    const { root } = group;
    const detail = "batch {batchId} gives its root {root}";
    return refuse("challenge_batch_honest", detail, { ...batch, root });
  }

  // COMMIT POINT
  store.batches.update({ ...batch, disprovedGroup: body.group });
  const device = store.devices.get(stream.deviceId);
  invariant(device !== undefined, "a stream has a device");
  countFact(store, device.owner, "challenged");
  return [
    encodeNotice("BatchDisproved", [batch.batchId, batch.streamId, body.group, context.actor]),
  ];
}

/** Salt and body of a batch. */
type Content = Pick<BatchBodyRow, "salt" | "body">;

/** What the challenger brings along, if the batch's hash says that it is the batch's. */
function findBrought(
  { salt, body }: Content,
  batch: BatchRow,
  stream: StreamRow,
  { crypto, at }: OperationContext,
): Content | Refused {
  if (salt.length > 0 && body.length > 0) {
    const contextBytes = encodeContext(at, batch, stream, salt);
    const digests = { ...batch, bodyHash: crypto.sha256(body) };
    const batchHash = crypto.sha256(encodeSignedBatch(contextBytes, digests));
    if (equalBytes(batchHash, batch.batchHash)) return { salt, body };
  }
  const detail = "{byteCount} bytes are not the body of batch {batchId} under this salt";
  return refuse("challenge_body_wrong", detail, { ...batch, byteCount: body.length });
}

/** §3.4 What the device signed of the batch and sealed it with. */
const encodeContext = (
  { chainId, app }: InputContext,
  batch: BatchRow,
  { deviceId }: StreamRow,
  salt: Uint8Array,
): Uint8Array =>
  encodeBatchContext({
    ...{ chainId, app, deviceId, streamId: batch.streamId, epoch: batch.epoch },
    ...{ firstSequence: batch.firstSequence, count: batch.readingCount, salt },
  });
