import { isRefused, type Refused, refuse } from "../../spec/refusals.ts";
import type { ServiceOffer } from "../../spec/service-operations.ts";
import { areEndpoints, isSlug } from "../../spec/slug.ts";
import { equalBytes, isZero } from "../../spec/words.ts";
import { invariant } from "./invariant.ts";
import { hex, type OperationContext } from "./operation-context.ts";
import { findOwnOrganization } from "./service-organization.ts";

/** §11.3 Why an offer cannot be published, in the order of the text; `undefined` if it can. */
export function checkOffer(offer: ServiceOffer, context: OperationContext): Refused | undefined {
  const { store, actor, at } = context;
  if (!areTags(offer.tags)) {
    return refuse("service_tags_invalid", "1 to 16 slugs, each once");
  }
  if (offer.price === 0n) return refuse("service_price_zero");
  if (isZero(offer.paymentAddress)) return refuse("recipient_not_payable", "the zero address");
  if (equalBytes(offer.paymentAddress, at.app)) {
    return refuse("recipient_not_payable", "the application itself");
  }
  if (!areEndpoints(offer.endpoints)) return refuse("endpoints_invalid");
  if (offer.organization !== "") {
    const organization = findOwnOrganization(store, offer.organization, actor);
    if (isRefused(organization)) return organization;
  }
  if (offer.groupId.length > 0) {
    const isKnown =
      offer.organization !== "" &&
      store.getPaymentGroup(offer.organization, offer.groupId) !== undefined;
    if (!isKnown) return refuse("payment_group_not_found", hex(offer.groupId));
  }
  return checkStream(offer, context);
}

/** What is sold is the actor's, and the groups that a buyer gets are groups of it. */
function checkStream(offer: ServiceOffer, context: OperationContext): Refused | undefined {
  const { store, actor } = context;
  const { streamId, groups } = offer;
  if (streamId === 0) {
    return groups === 0 ? undefined : refuse("service_groups_invalid", "no stream has groups");
  }
  const stream = store.getStream(streamId);
  if (stream === undefined) return refuse("stream_not_found", `stream ${streamId}`);
  const device = store.getDevice(stream.deviceId);
  invariant(device !== undefined, "a stream has a device");
  if (!equalBytes(device.owner, actor)) {
    return refuse("service_stream_not_own", `stream ${streamId} is of ${hex(device.owner)}`);
  }
  const isFit =
    stream.visibility === "sealed" ? groups > 0 && groups < 2 ** stream.groupCount : groups === 0;
  if (isFit) return undefined;
  const detail =
    stream.visibility === "sealed"
      ? `the stream has ${stream.groupCount} key groups`
      : "the stream is open";
  return refuse("service_groups_invalid", detail);
}

/** At least one, distinct; the wire bounds how many. */
function areTags(tags: readonly string[]): boolean {
  return tags.length > 0 && tags.every(isSlug) && new Set(tags).size === tags.length;
}
