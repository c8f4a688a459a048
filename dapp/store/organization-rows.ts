import type { Cell } from "../../spec/tables.ts";
import type {
  OrganizationRow,
  PaymentGroupRow,
  ProviderRow,
  ServiceRows,
} from "../engine/service-rows.ts";
import type { StateDatabase } from "./database.ts";
import { columnList, insertSql } from "./schema.ts";
import { joinEndpoints, splitEndpoints } from "./service-cells.ts";

export type OrganizationRows = Pick<
  ServiceRows,
  | "getOrganization"
  | "putOrganization"
  | "getPaymentGroup"
  | "putPaymentGroup"
  | "getProvider"
  | "putProvider"
  | "listOrganizationsOfOwner"
  | "listPaymentGroups"
>;

/** Organizations, their payment groups, and the counted facts of providers. Seldom, so uncached. */
export function createOrganizationRows(database: StateDatabase): OrganizationRows {
  const organizationColumns = columnList("organizations");
  const selectOrganization = database.prepareRead(
    `SELECT ${organizationColumns} FROM organizations WHERE organization = ?`,
  );
  const selectOfOwner = database.prepareRead(
    `SELECT ${organizationColumns} FROM organizations WHERE owner = ? AND organization > ?` +
      " ORDER BY organization LIMIT ?",
  );
  const upsertOrganization = database.prepareWrite(
    `${insertSql("organizations")} ON CONFLICT (organization) DO UPDATE SET` +
      " owner = excluded.owner, name = excluded.name",
  );
  const groupColumns = columnList("payment_groups");
  const selectGroup = database.prepareRead(
    `SELECT ${groupColumns} FROM payment_groups WHERE organization = ? AND payment_group = ?`,
  );
  const selectGroups = database.prepareRead(
    `SELECT ${groupColumns} FROM payment_groups WHERE organization = ? AND payment_group > ?` +
      " ORDER BY payment_group LIMIT ?",
  );
  const upsertGroup = database.prepareWrite(
    `${insertSql("payment_groups")} ON CONFLICT (organization, payment_group) DO UPDATE SET` +
      " name = excluded.name, payment_address = excluded.payment_address," +
      " endpoints = excluded.endpoints",
  );
  const selectProvider = database.prepareRead(
    `SELECT ${columnList("providers")} FROM providers WHERE provider = ?`,
  );
  const upsertProvider = database.prepareWrite(
    `${insertSql("providers")} ON CONFLICT (provider) DO UPDATE SET` +
      " released_count = excluded.released_count, refunded_count = excluded.refunded_count," +
      " lapsed_count = excluded.lapsed_count, challenged_count = excluded.challenged_count",
  );

  return {
    getOrganization(organization) {
      const cells = selectOrganization.first([organization]);
      return cells === undefined ? undefined : toOrganization(cells);
    },
    putOrganization({ organization, owner, name }) {
      upsertOrganization.runOnOneRow([organization, owner, name]);
    },
    getPaymentGroup(organization, groupId) {
      const cells = selectGroup.first([organization, groupId]);
      return cells === undefined ? undefined : toPaymentGroup(cells);
    },
    putPaymentGroup({ organization, groupId, name, paymentAddress, endpoints }) {
      const text = joinEndpoints(endpoints);
      upsertGroup.runOnOneRow([organization, groupId, name, paymentAddress, text]);
    },
    getProvider(provider) {
      const cells = selectProvider.first([provider]);
      return cells === undefined ? undefined : toProvider(cells);
    },
    putProvider(row) {
      const { releasedCount, refundedCount, lapsedCount, challengedCount } = row;
      const counts = [releasedCount, refundedCount, lapsedCount, challengedCount];
      upsertProvider.runOnOneRow([row.provider, ...counts]);
    },
    listOrganizationsOfOwner(owner, afterOrganization, limit) {
      return selectOfOwner.all([owner, afterOrganization, limit]).map(toOrganization);
    },
    listPaymentGroups(organization, afterGroupId, limit) {
      return selectGroups.all([organization, afterGroupId, limit]).map(toPaymentGroup);
    },
  };
}

const toOrganization = (cells: readonly Cell[]): OrganizationRow => ({
  organization: cells[0] as string,
  owner: cells[1] as Uint8Array,
  name: cells[2] as string,
});

const toPaymentGroup = (cells: readonly Cell[]): PaymentGroupRow => ({
  organization: cells[0] as string,
  groupId: cells[1] as Uint8Array,
  name: cells[2] as string,
  paymentAddress: cells[3] as Uint8Array,
  endpoints: splitEndpoints(cells[4] as string),
});

const toProvider = (cells: readonly Cell[]): ProviderRow => ({
  provider: cells[0] as Uint8Array,
  releasedCount: cells[1] as number,
  refundedCount: cells[2] as number,
  lapsedCount: cells[3] as number,
  challengedCount: cells[4] as number,
});
