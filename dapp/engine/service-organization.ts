import { NAME_BYTES_MAX } from "../../spec/limits.ts";
import { encodeNotice } from "../../spec/notices.ts";
import type { BodyOf } from "../../spec/operations.ts";
import { isRefused, type Refusal, type Refused, refuse } from "../../spec/refusals.ts";
import { areEndpoints, isSlug } from "../../spec/slug.ts";
import { equalBytes } from "../../spec/words.ts";
import { checkPayable } from "./balances.ts";
import { measureText } from "./clip-text.ts";
import { invariant } from "./invariant.ts";
import type { Handlers, OperationContext, Outcome } from "./operation-context.ts";
import type { OrganizationRow } from "./store.ts";
import { isName } from "./stream.ts";

export const ORGANIZATION_HANDLERS = {
  put_organization: applyPutOrganization,
  put_payment_group: applyPutPaymentGroup,
} satisfies Partial<Handlers>;

/** §11.2 Makes the actor an organization's owner, or gives the actor's own another name. */
function applyPutOrganization(
  body: BodyOf<"put_organization">,
  context: OperationContext,
): Outcome {
  const { store, actor } = context;
  const { organization, name } = body;
  if (!isSlug(organization)) {
    return refuse("slug_invalid", 'the organization "{text}"', measureText(organization));
  }
  if (!isName(name, NAME_BYTES_MAX)) return refuseName(name);
  const existing = store.organizations.get(organization);
  if (existing !== undefined && !equalBytes(existing.owner, actor)) {
    return notOwner(existing, actor);
  }

  // COMMIT POINT
  store.organizations.put({ organization, owner: actor, name });
  return [encodeNotice("OrganizationPut", [actor, organization, name])];
}

/** §11.2 Creates or replaces a payment group; channels and escrows that exist keep what they have. */
function applyPutPaymentGroup(
  body: BodyOf<"put_payment_group">,
  context: OperationContext,
): Outcome {
  const { store } = context;
  const organization = findOwnOrganization(body.organization, context);
  if (isRefused(organization)) return organization;
  if (!isName(body.name, NAME_BYTES_MAX)) return refuseName(body.name);
  const lost = checkPayable(body.paymentAddress);
  if (lost !== undefined) return lost;
  if (!areEndpoints(body.endpoints)) return refuseEndpoints(body.endpoints);

  // COMMIT POINT
  const { groupId, name, paymentAddress } = body;
  store.paymentGroups.put(body);
  return [encodeNotice("PaymentGroupPut", [groupId, paymentAddress, body.organization, name])];
}

/** The organization, if it is there and the actor's. */
export function findOwnOrganization(
  organization: string,
  { store, actor }: OperationContext,
): OrganizationRow | Refused {
  const row = store.organizations.get(organization);
  if (row === undefined) {
    const detail = 'the organization "{text}"';
    return refuse("organization_not_found", detail, measureText(organization));
  }
  return equalBytes(row.owner, actor) ? row : notOwner(row, actor);
}

const notOwner = (row: OrganizationRow, actor: Uint8Array): Refused =>
  refuse("organization_sender_not_owner", "{organization} is of {owner}, not {actor}", {
    ...row,
    actor,
  });

const refuseName = (name: string): Refused =>
  refuse("display_name_invalid", 'the name "{text}" of {byteCount} bytes', measureText(name));

/** Which endpoint it is; the wire bounds how many there are. */
export function refuseEndpoints(endpoints: readonly string[]): Refused {
  const fault = findListFault("endpoints_invalid", "endpoint", endpoints, (endpoint) =>
    areEndpoints([endpoint]),
  );
  invariant(fault !== undefined, "one of the endpoints is wrong");
  return fault;
}

/** Which of several texts is none of its kind, or came before, counted from 1. */
export function findListFault(
  refusal: Refusal,
  noun: string,
  texts: readonly string[],
  isValid: (text: string) => boolean,
): Refused | undefined {
  const wrong = texts.findIndex((text, index) => !isValid(text) || texts.indexOf(text) < index);
  if (wrong === -1) return undefined;
  const text = texts[wrong]!;
  const first = texts.indexOf(text) + 1;
  const place = { noun, place: wrong + 1, count: texts.length };
  if (first < place.place) {
    return refuse(refusal, "{noun} {place} of {count} repeats {noun} {first}", { ...place, first });
  }
  const detail = '{noun} {place} of {count} is "{text}" of {byteCount} bytes';
  return refuse(refusal, detail, { ...place, ...measureText(text) });
}
