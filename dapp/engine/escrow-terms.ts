import type { EscrowTerms } from "../../spec/escrow-operations.ts";
import { JUDGED_READINGS_MAX } from "../../spec/limits.ts";
import { decodePredicate, fitsStream } from "../../spec/predicate.ts";
import { type Refused, refuse } from "../../spec/refusals.ts";
import type { DeliveryMode } from "../../spec/service-operations.ts";
import { isZero } from "../../spec/words.ts";
import type { ServiceVersionRow } from "./service-rows.ts";
import type { Store } from "./store.ts";

/** §12.2 Why terms cannot be those of an escrow of the mode; `undefined` if they can. */
export function checkTerms(terms: EscrowTerms, mode: DeliveryMode): Refused | undefined {
  const fault = findTermsFault(terms, mode);
  if (fault !== undefined) return refuse("escrow_terms_invalid", fault);
  if (terms.predicate.length > 0 && decodePredicate(terms.predicate) === undefined) {
    return refuse("escrow_predicate_invalid");
  }
  return undefined;
}

function findTermsFault(terms: EscrowTerms, mode: DeliveryMode): string | undefined {
  const { minMsgCount } = terms;
  const isJudged = terms.predicate.length > 0;
  if (terms.unitCount < 1) return "unit count is at least 1";
  if (terms.deliveryTimeSec < 1) return "delivery time is at least 1";
  if (terms.answerTimeSec < 1) return "answer time is at least 1";
  if (isZero(terms.arbiter) !== (terms.arbitrationTimeSec === 0)) {
    return "arbitration time is at least 1 with an arbiter and 0 without";
  }
  if (mode === "pull") {
    if (terms.durationSec !== 0) return "duration is 0 in pull mode";
    if (terms.expectedMsgs !== 0) return "expected messages are 0 in pull mode";
    if (terms.autoRenew) return "auto-renew is of pubsub mode";
    if (!isJudged && minMsgCount !== 0) return "least messages are 0 where nothing is counted";
    if (!isJudged && terms.minValidBasisPoints !== 0) {
      return "least valid is 0 where nothing is counted";
    }
  } else {
    if (terms.durationSec < 1) return "duration is at least 1 in pubsub mode";
    if (terms.expectedMsgs < 1) return "expected messages are at least 1 in pubsub mode";
    if (minMsgCount < 1 || minMsgCount > terms.expectedMsgs) {
      return "least messages are 1 to the expected";
    }
  }
  if (!isJudged) return undefined;
  if (minMsgCount < 1 || minMsgCount > JUDGED_READINGS_MAX) {
    return `least messages are 1 to ${JUDGED_READINGS_MAX} with a predicate`;
  }
  return isZero(terms.arbiter) ? undefined : "no arbiter where a predicate judges";
}

/** §12.8 A predicate, if any, fits an open stream that the version sells. */
export function checkPredicate(
  store: Store,
  bytes: Uint8Array,
  version: ServiceVersionRow,
): Refused | undefined {
  if (bytes.length === 0) return undefined;
  if (version.streamId === 0) {
    return refuse("escrow_predicate_unfit", "the service sells no stream");
  }
  // Only what is sold of a sealed stream has groups.
  if (version.groups !== 0) return refuse("escrow_predicate_unfit", "the stream is sealed");
  const predicate = decodePredicate(bytes);
  const isFit =
    predicate !== undefined && fitsStream(predicate, store.getMetrics(version.streamId));
  return isFit ? undefined : refuse("escrow_predicate_unfit", `stream ${version.streamId}`);
}
