import { isRefused, type Refused, refuse } from "../../spec/refusals.ts";
import type { ServiceOffer } from "../../spec/service-operations.ts";
import { areEndpoints, isSlug } from "../../spec/slug.ts";
import { equalBytes, isZero } from "../../spec/words.ts";
import { nameGroups } from "./grant.ts";
import { invariant } from "./invariant.ts";
import { hex, type OperationContext } from "./operation-context.ts";
import { findListFault, findOwnOrganization, refuseEndpoints } from "./service-organization.ts";

/** §11.3 Why an offer cannot be published, in the order of the text; `undefined` if it can. */
export function checkOffer(offer: ServiceOffer, context: OperationContext): Refused | undefined {
  const { store, actor, at } = context;
  const tagFault = findTagFault(offer.tags);
  if (tagFault !== undefined) return refuse("service_tags_invalid", tagFault);
  if (offer.price === 0n) return refuse("service_price_zero", "the price is 0");
  const payee = hex(offer.paymentAddress);
  if (isZero(offer.paymentAddress)) {
    return refuse("recipient_not_payable", `${payee} is the zero address`);
  }
  if (equalBytes(offer.paymentAddress, at.app)) {
    return refuse("recipient_not_payable", `${payee} is the application itself`);
  }
  if (!areEndpoints(offer.endpoints)) return refuseEndpoints(offer.endpoints);
  if (offer.organization !== "") {
    const organization = findOwnOrganization(store, offer.organization, actor);
    if (isRefused(organization)) return organization;
  }
  if (offer.groupId.length > 0) {
    const isKnown =
      offer.organization !== "" &&
      store.paymentGroups.get(offer.organization, offer.groupId) !== undefined;
    if (!isKnown) {
      const of = offer.organization === "" ? "no organization" : offer.organization;
      return refuse("payment_group_not_found", `group ${hex(offer.groupId)} of ${of}`);
    }
  }
  return checkStream(offer, context);
}

/** What is sold is the actor's, and the groups that a buyer gets are groups of it. */
function checkStream(offer: ServiceOffer, context: OperationContext): Refused | undefined {
  const { store, actor } = context;
  const { streamId, groups } = offer;
  if (streamId === 0) {
    if (groups === 0) return undefined;
    const detail = `names key groups ${nameGroups(groups)} of no stream`;
    return refuse("service_groups_invalid", detail);
  }
  const stream = store.streams.get(streamId);
  if (stream === undefined) return refuse("stream_not_found", `stream ${streamId}`);
  const device = store.devices.get(stream.deviceId);
  invariant(device !== undefined, "a stream has a device");
  if (!equalBytes(device.owner, actor)) {
    return refuse(
      "service_stream_not_own",
      `stream ${streamId} is of ${hex(device.owner)}, not ${hex(actor)}`,
    );
  }
  const isFit =
    stream.visibility === "sealed" ? groups > 0 && groups < 2 ** stream.groupCount : groups === 0;
  if (isFit) return undefined;
  const had = stream.visibility === "sealed" ? `${stream.groupCount}, from 0` : "none: it is open";
  const detail = `names key groups ${nameGroups(groups)}, stream ${streamId} has ${had}`;
  return refuse("service_groups_invalid", detail);
}

/** At least one, distinct; the wire bounds how many. */
function findTagFault(tags: readonly string[]): string | undefined {
  if (tags.length === 0) return "it has 0 tags";
  return findListFault("tag", tags, isSlug);
}
