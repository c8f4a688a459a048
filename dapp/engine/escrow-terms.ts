import type { EscrowTerms } from "../../spec/escrow-operations.ts";
import { JUDGED_READINGS_MAX } from "../../spec/limits.ts";
import { decodePredicate, findUnfitRange } from "../../spec/predicate.ts";
import { type Refused, refuse } from "../../spec/refusals.ts";
import type { DeliveryMode } from "../../spec/service-operations.ts";
import { isZero } from "../../spec/words.ts";
import { clipText } from "./clip-text.ts";
import { invariant } from "./invariant.ts";
import type { ServiceVersionRow } from "./service-rows.ts";
import type { Store } from "./store.ts";

/** §12.2 Why terms cannot be those of an escrow of the mode; `undefined` if they can. */
export function checkTerms(terms: EscrowTerms, mode: DeliveryMode): Refused | undefined {
  const fault = findTermsFault(terms, mode);
  if (fault !== undefined) return fault;
  if (terms.predicate.length > 0 && decodePredicate(terms.predicate) === undefined) {
    const values = { byteCount: terms.predicate.length };
    return refuse("escrow_predicate_invalid", "{byteCount} bytes are no predicate", values);
  }
  return undefined;
}

function findTermsFault(terms: EscrowTerms, mode: DeliveryMode): Refused | undefined {
  const wrong = "escrow_terms_invalid";
  const { minMsgCount, expectedMsgs } = terms;
  const isJudged = terms.predicate.length > 0;
  if (terms.unitCount < 1) return refuse(wrong, "unit count is {unitCount}, at least 1", terms);
  if (terms.deliveryTimeSec < 1) {
    return refuse(wrong, "delivery time is {deliveryTimeSec}, at least 1", terms);
  }
  if (terms.answerTimeSec < 1) {
    return refuse(wrong, "answer time is {answerTimeSec}, at least 1", terms);
  }
  if (isZero(terms.arbiter) !== (terms.arbitrationTimeSec === 0)) {
    return isZero(terms.arbiter)
      ? refuse(wrong, "arbitration time is {arbitrationTimeSec}, 0 without an arbiter", terms)
      : refuse(
          wrong,
          "arbitration time is {arbitrationTimeSec}, at least 1 with an arbiter",
          terms,
        );
  }
  if (mode === "pull") {
    if (terms.durationSec !== 0) {
      return refuse(wrong, "duration is {durationSec}, 0 in pull mode", terms);
    }
    if (expectedMsgs !== 0) {
      return refuse(wrong, "expected messages are {expectedMsgs}, 0 in pull mode", terms);
    }
    if (terms.autoRenew) return refuse(wrong, "auto-renew is on, off in pull mode");
    if (!isJudged && minMsgCount !== 0) {
      return refuse(wrong, "least messages are {minMsgCount}, 0 where nothing is counted", terms);
    }
    if (!isJudged && terms.minValidBasisPoints !== 0) {
      const detail = "least valid is {minValidBasisPoints}, 0 where nothing is counted";
      return refuse(wrong, detail, terms);
    }
  } else {
    if (terms.durationSec < 1) {
      return refuse(wrong, "duration is {durationSec}, at least 1 in pubsub mode", terms);
    }
    if (expectedMsgs < 1) {
      return refuse(
        wrong,
        "expected messages are {expectedMsgs}, at least 1 in pubsub mode",
        terms,
      );
    }
    if (minMsgCount < 1 || minMsgCount > expectedMsgs) {
      return refuse(
        wrong,
        "least messages are {minMsgCount}, 1 to the {expectedMsgs} expected",
        terms,
      );
    }
  }
  if (!isJudged) return undefined;
  if (minMsgCount < 1 || minMsgCount > JUDGED_READINGS_MAX) {
    const detail = "least messages are {minMsgCount}, 1 to {readingsMax} with a predicate";
    return refuse(wrong, detail, { minMsgCount, readingsMax: JUDGED_READINGS_MAX });
  }
  if (isZero(terms.arbiter)) return undefined;
  return refuse(wrong, "the arbiter is {arbiter}, none where a predicate judges", terms);
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
