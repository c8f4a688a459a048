import type { Refusal } from "../../../spec/refusals.ts";

/** What the refusals of services mean and what to do about them: a part of `REFUSAL_ADVICE`. */
export const SERVICE_REFUSAL_ADVICE = {
  slug_invalid: [
    "Organizations, services and tags have 1 to 64 characters of a-z, 0-9, dot, underscore and hyphen, the first a letter or digit.",
    "Choose such a name; it becomes a part of topics and addresses.",
  ],
  display_name_invalid: [
    "A name for people has 1 to 64 bytes of printable text.",
    "Choose a shorter name without control characters.",
  ],
  endpoints_invalid: [
    "There are at most 8 endpoints, distinct, each of 1 to 256 printable characters without a space.",
    "Give distinct and short endpoints, such as https://example.org/api.",
  ],
  organization_not_found: [
    "There is no organization of this name.",
    "Create it first, or leave the organization out.",
  ],
  organization_sender_not_owner: [
    "Only its owner changes an organization or publishes for it.",
    "Send or sign it with the owner's account, or choose another name.",
  ],
  payment_group_not_found: [
    "An offer's payment group is one of its organization's.",
    "Put the payment group into the organization first, or leave it out.",
  ],
  service_not_found: ["There is no service of this number.", "Look it up by the query services."],
  service_sender_not_provider: [
    "Only its provider changes a service, or takes an intent with it.",
    "Send or sign it with the provider's account.",
  ],
  service_withdrawn: [
    "A withdrawn service stays withdrawn: nothing new is opened on it.",
    "Choose another service; its provider may publish one under another name.",
  ],
  service_name_taken: [
    "A provider has one service of a name, withdrawn ones included.",
    "Choose another name, or publish a new version of the service that is there.",
  ],
  service_tags_invalid: [
    "A service has 1 to 16 distinct tags of a-z, 0-9, dot, underscore and hyphen.",
    "Mend the tag that the detail names.",
  ],
  service_price_zero: [
    "A unit has a price, and an intent a ceiling, above zero.",
    "Give a positive price in the token's base units.",
  ],
  service_stream_not_own: [
    "A service sells the streams of its provider's own devices.",
    "Name a stream of a device of the publishing account.",
  ],
  service_groups_invalid: [
    "An offer of a sealed stream names which of its key groups a buyer gets; any other names none.",
    "Give key groups that the stream has, or none for an open stream or no stream.",
  ],
  service_version_not_current: [
    "An escrow is opened on a service's current version, so that no price surprises the buyer.",
    "Look at the current version and its price, and name it.",
  ],
} as const satisfies Partial<Record<Refusal, readonly [rule: string, advice: string]>>;
