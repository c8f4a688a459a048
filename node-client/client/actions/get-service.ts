import type { Hex } from "../../../spec/outputs.ts";
import type { DeliveryMode } from "../../../spec/service-operations.ts";
import type { TallyrollClient } from "./tallyroll-client.ts";

/** What a provider's escrows came to, as the machine counted it. */
export interface ProviderFacts {
  readonly released: number;
  readonly refunded: number;
  readonly lapsed: number;
  /** Batches of his devices that were proved false. */
  readonly challenged: number;
}

interface ServiceAnswer {
  readonly service_id: number;
  readonly provider: Hex;
  readonly name: string;
  readonly current_version: number;
  readonly is_withdrawn: boolean;
  readonly version: number;
  readonly organization: string | null;
  readonly group_id: Hex | null;
  readonly tags: readonly string[];
  readonly mode: DeliveryMode;
  readonly token: Hex;
  readonly price: string;
  readonly payment_address: Hex;
  readonly endpoints: readonly string[];
  readonly stream_id: number | null;
  readonly groups: number;
  readonly facts: ProviderFacts;
}

/** A service with one version of its offer. */
export interface ServiceInfo {
  readonly serviceId: number;
  readonly provider: Hex;
  readonly name: string;
  /** The newest version: what an escrow is opened on. */
  readonly currentVersion: number;
  readonly isWithdrawn: boolean;
  /** The version that all below is of. */
  readonly version: number;
  readonly organization: string | undefined;
  /** A payment group of the organization: 32 bytes. */
  readonly groupId: Hex | undefined;
  readonly tags: readonly string[];
  readonly mode: DeliveryMode;
  /** `ETHER`, or an ERC-20. */
  readonly token: Hex;
  /** Base units a unit: a pull, or a session. */
  readonly price: bigint;
  /** Whom escrows pay. */
  readonly paymentAddress: Hex;
  readonly endpoints: readonly string[];
  /** The stream whose batches are sold; none where the data stays off the machine. */
  readonly streamId: number | undefined;
  /** Bit mask of a sealed stream's key groups that a buyer gets. */
  readonly groups: number;
  readonly facts: ProviderFacts;
}

/** By number, or by provider and name; `version`: the current one unless told. */
export type GetServiceOptions = { readonly version?: number } & (
  | { readonly serviceId: number }
  | { readonly provider: Hex; readonly name: string }
);

/**
 * One service with a version of its offer and its provider's facts.
 *
 * @throws QueryRefused where there is none, and what `inspectApplication` throws.
 * @example
 * const { price, version } = await getService(client, { serviceId: 1 });
 */
export async function getService(
  client: Pick<TallyrollClient, "inspect">,
  options: GetServiceOptions,
): Promise<ServiceInfo> {
  const place =
    "serviceId" in options
      ? { service_id: options.serviceId }
      : { provider: options.provider, name: options.name };
  const version = options.version === undefined ? {} : { version: options.version };
  const query = { query: "service", ...place, ...version };
  return fromServiceAnswer(await client.inspect<ServiceAnswer>(query));
}

/** An answer to `service`, or one of those to a list of services. */
export function fromServiceAnswer(answer: ServiceAnswer): ServiceInfo {
  return {
    serviceId: answer.service_id,
    provider: answer.provider,
    name: answer.name,
    currentVersion: answer.current_version,
    isWithdrawn: answer.is_withdrawn,
    version: answer.version,
    organization: answer.organization ?? undefined,
    groupId: answer.group_id ?? undefined,
    tags: answer.tags,
    mode: answer.mode,
    token: answer.token,
    price: BigInt(answer.price),
    paymentAddress: answer.payment_address,
    endpoints: answer.endpoints,
    streamId: answer.stream_id ?? undefined,
    groups: answer.groups,
    facts: answer.facts,
  };
}
