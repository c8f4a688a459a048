import { listGroups } from "../../spec/grant-keys.ts";
import { isRefused, type Refused, refuse } from "../../spec/refusals.ts";
import type { ServiceOffer } from "../../spec/service-operations.ts";
import { areEndpoints, isSlug } from "../../spec/slug.ts";
import { equalBytes } from "../../spec/words.ts";
import { checkPayable } from "./balances.ts";
import { invariant } from "./invariant.ts";
import type { OperationContext } from "./operation-context.ts";
import { findListFault, findOwnOrganization, refuseEndpoints } from "./service-organization.ts";

/** §11.3 Why an offer cannot be published, in the order of the text; `undefined` if it can. */
export function checkOffer(offer: ServiceOffer, context: OperationContext): Refused | undefined {
  const { store, at } = context;
  const { tags, organization, groupId } = offer;
  if (tags.length === 0) return refuse("service_tags_invalid", "it has 0 tags");
  // The wire bounds how many there are.
  const tagFault = findListFault("service_tags_invalid", "tag", tags, isSlug);
  if (tagFault !== undefined) return tagFault;
  if (offer.price === 0n) return refuse("service_price_zero", "the price is 0");
  const lost = checkPayable(offer.paymentAddress, at.app);
  if (lost !== undefined) return lost;
  if (!areEndpoints(offer.endpoints)) return refuseEndpoints(offer.endpoints);
  if (organization === "") {
    if (groupId.length > 0) {
      return refuse("payment_group_not_found", "group {groupId} of no organization", offer);
    }
  } else {
    const own = findOwnOrganization(organization, context);
    if (isRefused(own)) return own;
    if (groupId.length > 0 && store.paymentGroups.get(organization, groupId) === undefined) {
      return refuse("payment_group_not_found", "group {groupId} of {organization}", offer);
    }
  }
  return checkStream(offer, context);
}

/** What is sold is the actor's, and the groups that a buyer gets are groups of it. */
function checkStream(offer: ServiceOffer, context: OperationContext): Refused | undefined {
  const { store, actor } = context;
  const { streamId } = offer;
  const groups = listGroups(offer.groups);
  if (streamId === 0) {
    if (offer.groups === 0) return undefined;
    return refuse("service_groups_invalid", "names key groups {groups} of no stream", { groups });
  }
  const stream = store.streams.get(streamId);
  if (stream === undefined) return refuse("stream_not_found", "stream {streamId}", { streamId });
  const device = store.devices.get(stream.deviceId);
  invariant(device !== undefined, "a stream has a device");
  if (!equalBytes(device.owner, actor)) {
    const detail = "stream {streamId} is of {owner}, not {actor}";
    return refuse("service_stream_not_own", detail, { ...device, streamId, actor });
  }
  const { groupCount } = stream;
  const isSealed = stream.visibility === "sealed";
  const isFit = isSealed ? offer.groups > 0 && offer.groups < 2 ** groupCount : offer.groups === 0;
  if (isFit) return undefined;
  const had = isSealed ? "{groupCount}, from 0" : "none: it is open";
  const detail = `names key groups {groups}, stream {streamId} has ${had}` as const;
  return refuse("service_groups_invalid", detail, { groups, streamId, groupCount });
}
