import {
  computeBatchKeyHash,
  computeGroupRoot,
  deriveColumnKeys,
  encodeBatchContext,
  encodeSignedBatch,
} from "./batch.ts";
import { decodeSealedBody, metricsOfGroup } from "./batch-body.ts";
import { decodeColumns } from "./columns.ts";
import { computeWrappedKeysLength } from "./grant-keys.ts";
import { computeLeafBytesMax } from "./leaves.ts";
import { LEAF_BYTES_MAX, SEQUENCE_MAX } from "./limits.ts";
import { demand, demandFound, type ModelAct, ModelRefusal, type ModelRules } from "./model-act.ts";
import { findOwnSealedStream, listMetrics } from "./model-devices.ts";
import { addFact } from "./model-facts.ts";
import { highestBatchId } from "./model-retention.ts";
import type { Row } from "./model-rows.ts";
import { bytes, hex } from "./model-state.ts";
import type { Authorization, BodyOf } from "./operations.ts";
import type { Hex } from "./outputs.ts";
import { isRefused } from "./refusals.ts";
import { findOutOfBounds, type OpenedSubmission, openSubmission } from "./submission.ts";
import { equalBytes } from "./words.ts";

/** Batches, who may read them, and the proof that one is false (spec §3.6, §4.3 to §4.5). */

export const SUBMISSION_RULES = {
  submit,
  register_encryption_key: registerEncryptionKey,
  grant,
  revoke_grant: revokeGrant,
  challenge,
} satisfies Partial<ModelRules>;

function submit(act: ModelAct, body: BodyOf<"submit">, authorization: Authorization): void {
  if (authorization.by !== "device") throw new RangeError("a submission is its device's");
  const { signature } = authorization;
  const { epoch, firstSequence, count, breakFloor } = body;
  const stream = demandFound(act.state.get("streams", body.streamId), "stream_not_found");
  const device = act.state.get("devices", stream.device_id)!;
  demand(device.is_revoked === 0, "device_revoked");
  demand(epoch === stream.epoch, "submission_epoch_not_current");
  demand(firstSequence >= stream.next_sequence, "submission_sequence_used");
  const isCounted = count > 0 && firstSequence + count <= SEQUENCE_MAX;
  demand(isCounted, "submission_count_out_of_bounds");
  demand(stream.next_sequence >= breakFloor, "break_too_early");
  demand(count <= act.budget.readings, "operation_readings_over_bounds");
  act.budget.spendSignature();
  act.budget.spendReadings(count);
  const isBreak = breakFloor > 0;
  const floorWord = `0x${breakFloor.toString(16).padStart(64, "0")}` as const;
  const previousHash = (isBreak ? null : stream.last_batch_hash) ?? floorWord;
  const opened = openSubmission(act.crypto, act.machine, {
    ...{ ...body, chainId: act.at.chainId, app: act.at.app, signature },
    ...{ deviceId: device.device_id, deviceKey: bytes(device.key) },
    isSealed: stream.visibility === "sealed",
    groupCount: stream.group_count,
    metrics: listMetrics(act, stream.stream_id),
    previousHash: bytes(previousHash),
  });
  if (isRefused(opened)) throw new ModelRefusal(opened.refusal);
  keepBatch(act, stream, body, { ...opened, previousHash });
}

/** The rows that a batch leaves. */
function keepBatch(
  act: ModelAct,
  stream: Row<"streams">,
  { epoch, firstSequence, count, breakFloor }: BodyOf<"submit">,
  opened: OpenedSubmission & { readonly previousHash: Hex },
): void {
  const isBreak = breakFloor > 0;
  const batch: Row<"batches"> = {
    ...{ batch_id: highestBatchId(act.state) + 1, stream_id: stream.stream_id, epoch },
    ...{ first_sequence: firstSequence, reading_count: count },
    ...{ first_time: opened.firstTimeSec, last_time: opened.lastTimeSec },
    is_break: isBreak ? 1 : 0,
    batch_hash: hex(opened.batchHash),
    previous_hash: opened.previousHash,
    commitment: hex(opened.commitment),
    accepted_at: act.now,
    disproved_group: null,
  };
  const { batch_id } = batch;
  act.state.put("batches", batch);
  act.state.put("batch_bodies", {
    batch_id,
    salt: hex(opened.salt),
    opening_key: opened.openingKey === null ? null : hex(opened.openingKey),
    body: hex(opened.body),
  });
  const isFirstDue = stream.retention > 0 && stream.tidy_due === null;
  act.state.put("streams", {
    ...stream,
    tidy_due: isFirstDue ? act.now + stream.retention : stream.tidy_due,
    next_sequence: firstSequence + count,
    batch_count: stream.batch_count + 1,
    reading_count: stream.reading_count + count,
    break_count: stream.break_count + batch.is_break,
    last_batch_hash: batch.batch_hash,
  });
  act.notify("SubmissionAccepted", [
    ...([batch.batch_id, stream.stream_id, epoch, firstSequence, count] as const),
    ...([batch.first_time, batch.last_time, isBreak] as const),
    ...([batch.batch_hash, batch.previous_hash, batch.commitment] as const),
  ]);
}

function registerEncryptionKey(act: ModelAct, body: BodyOf<"register_encryption_key">): void {
  // Whatever the secret, a key of small order gives nothing.
  const shared = act.crypto.x25519(act.machine.secret, body.key);
  demand(shared !== undefined, "encryption_key_invalid");
  const [account, encryption_key] = [act.actor, hex(body.key)];
  const nonce = act.state.get("accounts", account)?.nonce ?? 0;
  act.state.put("accounts", { account, nonce, encryption_key });
  act.notify("EncryptionKeyRegistered", [account, encryption_key]);
}

export function findGrant(
  act: ModelAct,
  streamId: number,
  epoch: number,
  buyer: Hex,
): Row<"grants"> | undefined {
  return act.state
    .list("grants")
    .find((row) => row.stream_id === streamId && row.epoch === epoch && row.buyer === buyer);
}

function grant(act: ModelAct, body: BodyOf<"grant">): void {
  const { epoch, groups, expiresAtSec, wrappedKeys } = body;
  const buyer = hex(body.buyer);
  const stream = findOwnSealedStream(act, body.streamId);
  demand(epoch <= stream.epoch, "grant_epoch_not_known");
  demand(groups > 0 && groups < 2 ** stream.group_count, "grant_groups_invalid");
  const account = act.state.get("accounts", buyer);
  demand((account?.encryption_key ?? null) !== null, "grant_buyer_without_key");
  demand(expiresAtSec > act.now, "grant_expired_already");
  const isWrapped = wrappedKeys.length === computeWrappedKeysLength(groups);
  demand(isWrapped, "grant_wrapped_keys_wrong");
  const old = findGrant(act, stream.stream_id, epoch, buyer);
  const isLive = old !== undefined && old.is_revoked === 0 && old.expires_at > act.now;
  demand(!isLive, "grant_exists");
  const row = act.state.put("grants", {
    grant_id: old?.grant_id ?? act.state.count("grants") + 1,
    ...{ stream_id: stream.stream_id, epoch, buyer, groups, expires_at: expiresAtSec },
    ...{ wrapped_keys: hex(wrappedKeys), is_revoked: 0 },
  });
  act.notify("Granted", [row.grant_id, row.stream_id, epoch, groups, buyer, expiresAtSec]);
}

function revokeGrant(act: ModelAct, body: BodyOf<"revoke_grant">): void {
  const buyer = hex(body.buyer);
  const stream = findOwnSealedStream(act, body.streamId);
  const row = demandFound(findGrant(act, stream.stream_id, body.epoch, buyer), "grant_not_found");
  demand(row.is_revoked === 0, "grant_revoked_already");
  act.state.put("grants", { ...row, is_revoked: 1 });
  act.notify("GrantRevoked", [row.grant_id, row.stream_id, row.epoch, buyer]);
}

function challenge(act: ModelAct, body: BodyOf<"challenge">): void {
  const batch = demandFound(act.state.get("batches", body.batchId), "batch_not_found");
  const stream = act.state.get("streams", batch.stream_id)!;
  demand(stream.visibility === "sealed", "batch_not_sealed");
  demand(batch.disproved_group === null, "batch_disproved_already");
  demand(body.group < stream.group_count, "challenge_group_unknown");
  const isBrought = body.salt.length > 0 || body.body.length > 0;
  const kept = act.state.get("batch_bodies", batch.batch_id);
  demand(isBrought || kept !== undefined, "batch_archived");
  act.budget.spendReadings(batch.reading_count);
  const content = isBrought ? body : { salt: bytes(kept!.salt), body: bytes(kept!.body) };
  const context = encodeBatchContext({
    ...{ chainId: act.at.chainId, app: act.at.app, deviceId: stream.device_id },
    ...{ streamId: stream.stream_id, epoch: batch.epoch, firstSequence: batch.first_sequence },
    ...{ count: batch.reading_count, salt: content.salt },
  });
  if (isBrought) {
    const isWhole = content.salt.length > 0 && content.body.length > 0;
    const isRight = isWhole && isSigned(act, batch, context, content.body);
    demand(isRight, "challenge_body_wrong");
  }
  demand(!isHonest(act, stream, batch, context, { ...body, ...content }), "challenge_batch_honest");
  act.state.put("batches", { ...batch, disproved_group: body.group });
  addFact(act, act.state.get("devices", stream.device_id)!.owner, "challenged_count");
  act.notify("BatchDisproved", [batch.batch_id, stream.stream_id, body.group, act.actor]);
}

/** Whether a body is the one that the device signed (spec §3.4). */
function isSigned(
  act: ModelAct,
  batch: Row<"batches">,
  context: Uint8Array,
  body: Uint8Array,
): boolean {
  const signed = encodeSignedBatch(context, {
    ...{ firstTimeSec: batch.first_time, lastTimeSec: batch.last_time },
    ...{ previousHash: bytes(batch.previous_hash), commitment: bytes(batch.commitment) },
    bodyHash: act.crypto.sha256(body),
  });
  return hex(act.crypto.sha256(signed)) === batch.batch_hash;
}

/** What a buyer does with a batch key (spec §4.1). */
function isHonest(
  act: ModelAct,
  stream: Row<"streams">,
  batch: Row<"batches">,
  context: Uint8Array,
  { group, batchKey, ...brought }: BodyOf<"challenge">,
): boolean {
  const count = batch.reading_count;
  const body = decodeSealedBody(brought.body, stream.group_count, count)!;
  const { keyHash, root, ciphertext } = body.groups[group]!;
  const isKey = equalBytes(computeBatchKeyHash(act.crypto, batchKey), keyHash);
  demand(isKey, "challenge_key_wrong");
  const { aeadKey, saltKey } = deriveColumnKeys(act.crypto, batchKey);
  const packed = act.crypto.openAes256Gcm(aeadKey, ciphertext, context);
  if (packed === undefined) return false;
  const metrics = metricsOfGroup(listMetrics(act, stream.stream_id), group);
  const kinds = metrics.map(({ kind }) => kind);
  const decoded = decodeColumns(packed, kinds, count);
  if (decoded === undefined || decoded.byteCount !== packed.length) return false;
  const { columns } = decoded;
  if (findOutOfBounds(metrics, columns) !== undefined) return false;
  if (computeLeafBytesMax(columns, count) > LEAF_BYTES_MAX) return false;
  return equalBytes(computeGroupRoot(act.crypto, saltKey, body.times, columns), root);
}
