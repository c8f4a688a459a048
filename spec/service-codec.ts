import { encodeUint, type Wire } from "./codec.ts";
import { COUNTER_MAX, ENDPOINTS_MAX, KEY_GROUPS_MAX, TAGS_MAX } from "./limits.ts";
import { DELIVERY_MODES, type ServiceBody, type ServiceOffer } from "./service-operations.ts";
import type { Fields } from "./wire-fields.ts";

type Decoders = { [K in ServiceBody["kind"]]: (f: Fields) => Extract<ServiceBody, { kind: K }> };

const texts = (f: Fields, countMax: number): string[] => f.list(countMax, (entry) => entry.text());

function decodeOffer(f: Fields): ServiceOffer {
  return {
    organization: f.text(),
    groupId: f.optionalBytes(32),
    tags: texts(f, TAGS_MAX),
    mode: f.choice(DELIVERY_MODES),
    token: f.bytes(20),
    price: f.amount(),
    paymentAddress: f.bytes(20),
    endpoints: texts(f, ENDPOINTS_MAX),
    streamId: f.count(COUNTER_MAX),
    groups: f.count(2 ** KEY_GROUPS_MAX - 1),
  };
}

const encodeOffer = (offer: ServiceOffer): Wire[] => [
  offer.organization,
  offer.groupId,
  offer.tags,
  DELIVERY_MODES.indexOf(offer.mode),
  offer.token,
  encodeUint(offer.price),
  offer.paymentAddress,
  offer.endpoints,
  encodeUint(offer.streamId),
  offer.groups,
];

/** How the services' bodies are read; fields in the order of the wire (spec §11.1). */
export const SERVICE_DECODERS: Decoders = {
  put_organization: (f) => ({
    kind: "put_organization",
    organization: f.text(),
    name: f.text(),
  }),
  put_payment_group: (f) => ({
    kind: "put_payment_group",
    organization: f.text(),
    groupId: f.bytes(32),
    name: f.text(),
    paymentAddress: f.bytes(20),
    endpoints: texts(f, ENDPOINTS_MAX),
  }),
  publish_service: (f) => ({
    kind: "publish_service",
    name: f.text(),
    offer: f.struct(decodeOffer),
  }),
  update_service: (f) => ({
    kind: "update_service",
    serviceId: f.count(COUNTER_MAX),
    offer: f.struct(decodeOffer),
  }),
  withdraw_service: (f) => ({ kind: "withdraw_service", serviceId: f.count(COUNTER_MAX) }),
};

/** The wire form of a service's body; `undefined` for a body of another subject. */
export function encodeServiceBody(body: ServiceBody): Wire | undefined {
  switch (body.kind) {
    case "put_organization":
      return [body.organization, body.name];
    case "put_payment_group": {
      const { organization, groupId, name, paymentAddress, endpoints } = body;
      return [organization, groupId, name, paymentAddress, endpoints];
    }
    case "publish_service":
      return [body.name, encodeOffer(body.offer)];
    case "update_service":
      return [encodeUint(body.serviceId), encodeOffer(body.offer)];
    case "withdraw_service":
      return [encodeUint(body.serviceId)];
  }
  return undefined;
}
