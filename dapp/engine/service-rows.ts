import type { DeliveryMode, ServiceOffer } from "../../spec/service-operations.ts";

/** Rows of organizations, services and providers (spec §11), as the engine sees them. */

export interface OrganizationRow {
  readonly organization: string;
  readonly owner: Uint8Array;
  readonly name: string;
}

export interface PaymentGroupRow {
  readonly organization: string;
  readonly groupId: Uint8Array;
  readonly name: string;
  readonly paymentAddress: Uint8Array;
  readonly endpoints: readonly string[];
}

export interface ServiceRow {
  readonly serviceId: number;
  readonly provider: Uint8Array;
  readonly name: string;
  /** The current version, from 1, and its row. */
  readonly version: number;
  readonly versionId: number;
  readonly isWithdrawn: boolean;
}

/** The offer as published. `streamId` 0 and an empty `groupId` are null in the table. */
export interface ServiceVersionRow extends ServiceOffer {
  readonly versionId: number;
  readonly serviceId: number;
  readonly version: number;
  /** `computePosition` of the publishing operation. */
  readonly position: number;
}

export interface ProviderRow {
  readonly provider: Uint8Array;
  readonly releasedCount: number;
  readonly refundedCount: number;
  readonly lapsedCount: number;
  readonly challengedCount: number;
}

export interface ServiceRows {
  getOrganization(organization: string): OrganizationRow | undefined;
  putOrganization(row: OrganizationRow): void;
  getPaymentGroup(organization: string, groupId: Uint8Array): PaymentGroupRow | undefined;
  putPaymentGroup(row: PaymentGroupRow): void;

  getNextServiceId(): number;
  getNextVersionId(): number;
  getService(serviceId: number): ServiceRow | undefined;
  getServiceIdOfName(provider: Uint8Array, name: string): number | undefined;
  insertService(row: ServiceRow): void;
  updateService(row: ServiceRow): void;
  insertServiceVersion(row: ServiceVersionRow): void;
  /** Never changes, so the same frozen object as long as it stays cached. */
  getServiceVersion(versionId: number): ServiceVersionRow | undefined;
  getVersionId(serviceId: number, version: number): number | undefined;
  /** One row a tag of the version; the caller inserts what the caller will remove. */
  insertServiceTags(row: ServiceVersionRow): void;
  deleteServiceTags(row: ServiceVersionRow): void;
  getProvider(provider: Uint8Array): ProviderRow | undefined;
  putProvider(row: ProviderRow): void;

  listServicesOfProvider(
    provider: Uint8Array,
    afterServiceId: number,
    limit: number,
  ): readonly ServiceRow[];
  listOrganizationsOfOwner(
    owner: Uint8Array,
    afterOrganization: string,
    limit: number,
  ): readonly OrganizationRow[];
  listPaymentGroups(
    organization: string,
    afterGroupId: Uint8Array,
    limit: number,
  ): readonly PaymentGroupRow[];
  /** Cheapest first, then by identifier, up to `priceMax`, behind the cursor. */
  discoverServices(
    tag: string,
    mode: DeliveryMode,
    token: Uint8Array,
    priceMax: bigint,
    after: { readonly price: bigint; readonly serviceId: number } | undefined,
    limit: number,
  ): readonly { readonly price: bigint; readonly serviceId: number }[];
}
