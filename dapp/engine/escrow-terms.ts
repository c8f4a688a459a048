import type { EscrowTerms } from "../../spec/escrow-operations.ts";
import { JUDGED_READINGS_MAX } from "../../spec/limits.ts";
import { decodePredicate, findUnfitRange } from "../../spec/predicate.ts";
import { type Refused, refuse } from "../../spec/refusals.ts";
import type { DeliveryMode } from "../../spec/service-operations.ts";
import { isZero } from "../../spec/words.ts";
import { invariant } from "./invariant.ts";
import { hex } from "./operation-context.ts";
import { quoteText } from "./quote-text.ts";
import type { ServiceVersionRow, Store } from "./store.ts";

/** §12.2 Why terms cannot be those of an escrow of the mode; `undefined` if they can. */
export function checkTerms(terms: EscrowTerms, mode: DeliveryMode): Refused | undefined {
  const fault = findTermsFault(terms, mode);
  if (fault !== undefined) return refuse("escrow_terms_invalid", fault);
  if (terms.predicate.length > 0 && decodePredicate(terms.predicate) === undefined) {
    return refuse("escrow_predicate_invalid", `${terms.predicate.length} bytes are no predicate`);
  }
  return undefined;
}

function findTermsFault(terms: EscrowTerms, mode: DeliveryMode): string | undefined {
  const { minMsgCount } = terms;
  const isJudged = terms.predicate.length > 0;
  if (terms.unitCount < 1) return "unit count is 0, at least 1";
  if (terms.deliveryTimeSec < 1) return "delivery time is 0, at least 1";
  if (terms.answerTimeSec < 1) return "answer time is 0, at least 1";
  if (isZero(terms.arbiter) !== (terms.arbitrationTimeSec === 0)) {
    return isZero(terms.arbiter)
      ? `arbitration time is ${terms.arbitrationTimeSec}, 0 without an arbiter`
      : "arbitration time is 0, at least 1 with an arbiter";
  }
  if (mode === "pull") {
    if (terms.durationSec !== 0) return `duration is ${terms.durationSec}, 0 in pull mode`;
    if (terms.expectedMsgs !== 0)
      return `expected messages are ${terms.expectedMsgs}, 0 in pull mode`;
    if (terms.autoRenew) return "auto-renew is on, off in pull mode";
    if (!isJudged && minMsgCount !== 0) {
      return `least messages are ${minMsgCount}, 0 where nothing is counted`;
    }
    if (!isJudged && terms.minValidBasisPoints !== 0) {
      return `least valid is ${terms.minValidBasisPoints}, 0 where nothing is counted`;
    }
  } else {
    if (terms.durationSec < 1) return "duration is 0, at least 1 in pubsub mode";
    if (terms.expectedMsgs < 1) return "expected messages are 0, at least 1 in pubsub mode";
    if (minMsgCount < 1 || minMsgCount > terms.expectedMsgs) {
      return `least messages are ${minMsgCount}, 1 to the ${terms.expectedMsgs} expected`;
    }
  }
  if (!isJudged) return undefined;
  if (minMsgCount < 1 || minMsgCount > JUDGED_READINGS_MAX) {
    return `least messages are ${minMsgCount}, 1 to ${JUDGED_READINGS_MAX} with a predicate`;
  }
  return isZero(terms.arbiter)
    ? undefined
    : `the arbiter is ${hex(terms.arbiter)}, none where a predicate judges`;
}

/** §12.8 A predicate, if any, fits an open stream that the version sells. */
export function checkPredicate(
  store: Store,
  bytes: Uint8Array,
  version: ServiceVersionRow,
): Refused | undefined {
  if (bytes.length === 0) return undefined;
  if (version.streamId === 0) {
    return refuse("escrow_predicate_unfit", `service ${version.serviceId} sells no stream`);
  }
  // Only what is sold of a sealed stream has groups.
  const { streamId } = version;
  if (version.groups !== 0) {
    return refuse("escrow_predicate_unfit", `stream ${streamId} is sealed`);
  }
  const predicate = decodePredicate(bytes);
  invariant(predicate !== undefined, "accepted terms have a predicate that decodes");
  const unfit = findUnfitRange(predicate, store.getMetrics(streamId));
  if (unfit === undefined) return undefined;
  const { name, unit, scale } = unfit;
  const metric = `${quoteText(name)} in ${quoteText(unit)} at scale ${scale}`;
  return refuse("escrow_predicate_unfit", `stream ${streamId} has no integer metric ${metric}`);
}
