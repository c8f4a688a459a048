import type { EscrowTerms } from "../../spec/escrow-operations.ts";
import { JUDGED_READINGS_MAX } from "../../spec/limits.ts";
import { decodePredicate, findUnfitRange } from "../../spec/predicate.ts";
import { type Fault, type Refused, refuse, refuseFirst } from "../../spec/refusals.ts";
import type { DeliveryMode } from "../../spec/service-operations.ts";
import { isZero } from "../../spec/words.ts";
import { clipText } from "./clip-text.ts";
import { invariant } from "./invariant.ts";
import type { EscrowTermsRow, ServiceVersionRow, Store } from "./store.ts";

/** §12.2 Why terms cannot be those of an escrow of the mode; `undefined` if they can. */
export function checkTerms(terms: EscrowTerms, mode: DeliveryMode): Refused | undefined {
  const values = { ...terms, readingsMax: JUDGED_READINGS_MAX };
  const fault = refuseFirst("escrow_terms_invalid", listTermsFaults(terms, mode), values);
  if (fault !== undefined) return fault;
  if (terms.predicate.length === 0 || decodePredicate(terms.predicate)) return undefined;
  const byteCount = terms.predicate.length;
  return refuse("escrow_predicate_invalid", "{byteCount} bytes are not a predicate", { byteCount });
}

function listTermsFaults(terms: EscrowTerms, mode: DeliveryMode): readonly Fault[] {
  const { durationSec, expectedMsgs, minMsgCount, arbitrationTimeSec } = terms;
  const isPull = mode === "pull";
  const isJudged = terms.predicate.length > 0;
  const isUncounted = isPull && !isJudged;
  const hasArbiter = !isZero(terms.arbiter);
  const isWithin = (most: number): boolean => minMsgCount >= 1 && minMsgCount <= most;
  return [
    [terms.unitCount < 1, "unit count is {unitCount}, at least 1"],
    [terms.deliveryTimeSec < 1, "delivery time is {deliveryTimeSec}, at least 1"],
    [terms.answerTimeSec < 1, "answer time is {answerTimeSec}, at least 1"],
    [
      !hasArbiter && arbitrationTimeSec !== 0,
      "arbitration time is {arbitrationTimeSec}, 0 without an arbiter",
    ],
    [
      hasArbiter && arbitrationTimeSec === 0,
      "arbitration time is {arbitrationTimeSec}, at least 1 with an arbiter",
    ],
    [isPull && durationSec !== 0, "duration is {durationSec}, 0 in pull mode"],
    [isPull && expectedMsgs !== 0, "expected messages are {expectedMsgs}, 0 in pull mode"],
    [isPull && terms.autoRenew, "auto-renew is on, off in pull mode"],
    [
      isUncounted && minMsgCount !== 0,
      "least messages are {minMsgCount}, 0 where nothing is counted",
    ],
    [
      isUncounted && terms.minValidBasisPoints !== 0,
      "least valid is {minValidBasisPoints}, 0 where nothing is counted",
    ],
    [!isPull && durationSec < 1, "duration is {durationSec}, at least 1 in pubsub mode"],
    [
      !isPull && expectedMsgs < 1,
      "expected messages are {expectedMsgs}, at least 1 in pubsub mode",
    ],
    [
      !isPull && !isWithin(expectedMsgs),
      "least messages are {minMsgCount}, 1 to the {expectedMsgs} expected",
    ],
    [
      isJudged && !isWithin(JUDGED_READINGS_MAX),
      "least messages are {minMsgCount}, 1 to {readingsMax} with a predicate",
    ],
    [isJudged && hasArbiter, "the arbiter is {arbiter}, none where a predicate judges"],
  ];
}

/** §12.8 A predicate, if any, fits an open stream that the version sells. */
export function checkPredicate(
  store: Store,
  bytes: Uint8Array,
  version: ServiceVersionRow,
): Refused | undefined {
  if (bytes.length === 0) return undefined;
  if (version.streamId === 0) {
    return refuse("escrow_predicate_unfit", "service {serviceId} sells no stream", version);
  }
  // Only what is sold of a sealed stream has groups.
  if (version.groups !== 0) {
    return refuse("escrow_predicate_unfit", "stream {streamId} is sealed", version);
  }
  const predicate = decodePredicate(bytes);
  invariant(predicate !== undefined, "accepted terms have a predicate that decodes");
  const unfit = findUnfitRange(predicate, store.getMetrics(version.streamId));
  if (unfit === undefined) return undefined;
  const [metric, unit] = [clipText(unfit.name), clipText(unfit.unit)];
  const detail = 'stream {streamId} has no integer metric "{metric}" in "{unit}" at scale {scale}';
  const { streamId } = version;
  return refuse("escrow_predicate_unfit", detail, { ...unfit, streamId, metric, unit });
}

/** §12.2 What judges a unit of a stream outlasts the judgement. */
export function checkRetention(
  store: Pick<Store, "streams">,
  terms: Pick<EscrowTermsRow, "durationSec" | "answerTimeSec" | "arbitrationTimeSec" | "predicate">,
  { streamId }: ServiceVersionRow,
): Refused | undefined {
  const retentionSec = store.streams.get(streamId)?.retentionSec ?? 0;
  if (retentionSec === 0) return undefined;
  const { durationSec, answerTimeSec, arbitrationTimeSec, predicate } = terms;
  // The verdict of a predicate comes with an operation after the deadline: there is time for that.
  const answers = predicate.length > 0 ? 2 : 1;
  const neededSec = durationSec + answers * answerTimeSec + arbitrationTimeSec;
  if (neededSec < retentionSec) return undefined;
  const detail = "it needs {neededSec} seconds, stream {streamId} keeps bodies for {retentionSec}";
  return refuse("escrow_retention_too_short", detail, { neededSec, streamId, retentionSec });
}
