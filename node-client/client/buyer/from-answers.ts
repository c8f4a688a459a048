import { BATCH, GRANT } from "../../../spec/core-queries.ts";
import { type InfoOf, QUERIES } from "../../../spec/queries.ts";
import { type InfoOfAnswer, type JsonObject, readAnswer } from "../../../spec/query-answers.ts";
import type { SealedStream } from "./read-sealed.ts";

/** What a buyer makes of answers in their wire shapes (spec §9), wherever they come from. */

/** A grant with what the state says of it beyond what opens batches. */
export type StoredGrant = InfoOfAnswer<typeof GRANT>;

/** A batch with what the state says of it beyond what a buyer checks. */
export type StoredBatch = InfoOf<"batch">;

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
