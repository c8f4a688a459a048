import { deepStrictEqual, strictEqual } from "node:assert/strict";
import type {
  OrganizationRow,
  PaymentGroupRow,
  ProviderRow,
  ServiceRow,
  ServiceRows,
  ServiceVersionRow,
} from "../../dapp/engine/service-rows.ts";
import { AMOUNT_MAX } from "../../spec/limits.ts";
import { DELIVERY_MODES } from "../../spec/service-operations.ts";
import { encodeWord } from "../../spec/words.ts";
import type { NamedRow } from "./state-rows.ts";
import { account, amount, bytes, hex, idAfter, pick } from "./step-values.ts";

/** The services' part of the store's model. */
export interface ServiceModel {
  readonly organizations: Map<string, OrganizationRow>;
  readonly paymentGroups: Map<string, PaymentGroupRow>;
  readonly services: Map<number, ServiceRow>;
  readonly versions: Map<number, ServiceVersionRow>;
  /** Versions that have their tags in the table, by their row. */
  readonly tagged: Map<number, ServiceVersionRow>;
  readonly providers: Map<string, ProviderRow>;
}

type Apply = (store: ServiceRows, model: ServiceModel, a: number, b: number) => void;

const TAGS = ["a", "b.c", "d_e-f"];

/** Writes to the services' tables and the same to the model. */
export const SERVICE_WRITES = {
  putOrganization(store, model, a, b) {
    const row = { organization: `org${a % 5}`, owner: account(b), name: `é ${b}` };
    store.putOrganization(row);
    model.organizations.set(row.organization, row);
  },
  putPaymentGroup(store, model, a, b) {
    const row = {
      ...{ organization: `org${a % 3}`, groupId: bytes(32, b % 4), name: `n${a}` },
      ...{ paymentAddress: account(a), endpoints: ["https://a", "b", "c"].slice(b % 4) },
    };
    store.putPaymentGroup(row);
    model.paymentGroups.set(`${row.organization}/${hex(row.groupId)}`, row);
  },
  insertService(store, model, a, b) {
    const serviceId = idAfter(store.getNextServiceId(), b);
    const head = { serviceId, provider: account(a), name: `s${serviceId}` };
    const row = { ...head, version: 1, versionId: b, isWithdrawn: false };
    store.insertService(row);
    model.services.set(serviceId, row);
  },
  updateService(store, model, a, b) {
    const before = pick(model.services.values(), a);
    if (before === undefined) return;
    const row = { ...before, version: b, versionId: b * 2 ** 40, isWithdrawn: b % 2 === 0 };
    store.updateService(row);
    model.services.set(row.serviceId, row);
  },
  insertServiceVersion(store, model, a, b) {
    const versionId = idAfter(store.getNextVersionId(), b);
    const row: ServiceVersionRow = {
      ...{ versionId, serviceId: 1 + (a % 3), version: versionId, position: b * 2 ** 30 },
      ...{ organization: a % 2 === 0 ? "" : "org1", groupId: bytes(a % 3 === 0 ? 0 : 32, a) },
      ...{ tags: TAGS.slice(a % 3), mode: DELIVERY_MODES[b % 2]!, token: account(b) },
      ...{
        price: amount(a % 4),
        paymentAddress: account(a + b),
        endpoints: ["x", "y"].slice(b % 3),
      },
      ...{ streamId: a % 2 === 0 ? 0 : b + 1, groups: b },
    };
    store.insertServiceVersion(row);
    model.versions.set(versionId, row);
  },
  /** As an update does: the tags of one version take the place of another's. */
  moveServiceTags(store, model, a, b) {
    const gone = pick(model.tagged.values(), a);
    if (gone !== undefined && b % 3 === 0) {
      store.deleteServiceTags(gone);
      model.tagged.delete(gone.versionId);
    }
    const row = pick(model.versions.values(), b);
    if (row === undefined) return;
    if ([...model.tagged.values()].some(({ serviceId }) => serviceId === row.serviceId)) return;
    store.insertServiceTags(row);
    model.tagged.set(row.versionId, row);
  },
  putProvider(store, model, a, b) {
    const counts = { releasedCount: a, refundedCount: b, lapsedCount: a * b };
    const row = { provider: account(a), ...counts, challengedCount: b * 2 ** 40 };
    store.putProvider(row);
    model.providers.set(hex(row.provider), row);
  },
} as const satisfies Record<string, Apply>;

/** The model's rows as cells, in the order of the tables' columns. */
export function* listServiceCells(model: ServiceModel): Iterable<NamedRow> {
  for (const { organization, owner, name } of model.organizations.values()) {
    yield ["organizations", [organization, owner, name]];
  }
  for (const row of model.paymentGroups.values()) {
    const { organization, groupId, name, paymentAddress, endpoints } = row;
    yield ["payment_groups", [organization, groupId, name, paymentAddress, endpoints.join("\n")]];
  }
  for (const row of model.services.values()) {
    const { serviceId, provider, name, version, versionId, isWithdrawn } = row;
    yield ["services", [serviceId, provider, name, version, versionId, Number(isWithdrawn)]];
  }
  for (const row of model.versions.values()) {
    const { versionId, serviceId, version, position, organization, groupId } = row;
    const group = groupId.length === 0 ? null : groupId;
    const head = [versionId, serviceId, version, position, organization, group];
    const price = [row.mode, row.token, encodeWord(row.price), row.paymentAddress];
    const stream = [row.endpoints.join("\n"), row.streamId || null, row.groups];
    yield ["service_versions", [...head, row.tags.join(","), ...price, ...stream]];
  }
  for (const { tags, mode, token, price, serviceId } of model.tagged.values()) {
    for (const tag of tags) {
      yield ["service_tags", [tag, mode, token, encodeWord(price), serviceId]];
    }
  }
  for (const { provider, ...row } of model.providers.values()) {
    const { releasedCount, refundedCount, lapsedCount, challengedCount } = row;
    const counts = [releasedCount, refundedCount, lapsedCount, challengedCount];
    yield ["providers", [provider, ...counts]];
  }
}

/** Every read of services says what the model says. */
export function expectSameServices(store: ServiceRows, model: ServiceModel): void {
  for (const row of model.organizations.values()) {
    deepStrictEqual(store.getOrganization(row.organization), row);
  }
  strictEqual(store.getOrganization("nobody"), undefined);
  for (const row of model.paymentGroups.values()) {
    deepStrictEqual(store.getPaymentGroup(row.organization, row.groupId), row);
  }
  const services = [...model.services.values()].sort((x, y) => x.serviceId - y.serviceId);
  strictEqual(store.getNextServiceId(), (services.at(-1)?.serviceId ?? 0) + 1);
  strictEqual(store.getNextVersionId(), Math.max(0, ...model.versions.keys()) + 1);
  for (const row of services) {
    deepStrictEqual(store.getService(row.serviceId), row);
    strictEqual(store.getServiceIdOfName(row.provider, row.name), row.serviceId);
  }
  for (const row of model.versions.values()) {
    deepStrictEqual({ ...store.getServiceVersion(row.versionId) }, row);
    strictEqual(store.getVersionId(row.serviceId, row.version), row.versionId);
  }
  strictEqual(store.getServiceVersion(store.getNextVersionId()), undefined);
  for (const row of model.providers.values()) deepStrictEqual(store.getProvider(row.provider), row);
  for (const n of [0, 1, 2, 3]) expectSameLists(store, model, services, n);
}

function expectSameLists(
  store: ServiceRows,
  model: ServiceModel,
  services: readonly ServiceRow[],
  n: number,
): void {
  const someone = account(n);
  const own = services.filter((row) => hex(row.provider) === hex(someone));
  deepStrictEqual(store.listServicesOfProvider(someone, 0, 2), own.slice(0, 2));
  deepStrictEqual(
    store.listServicesOfProvider(someone, n, 9),
    own.filter(({ serviceId }) => serviceId > n).slice(0, 9),
  );
  const owned = [...model.organizations.values()]
    .filter((row) => hex(row.owner) === hex(someone))
    .sort((x, y) => (x.organization < y.organization ? -1 : 1));
  deepStrictEqual(store.listOrganizationsOfOwner(someone, "", 2), owned.slice(0, 2));
  deepStrictEqual(
    store.listOrganizationsOfOwner(someone, "org1", 9),
    owned.filter(({ organization }) => organization > "org1"),
  );
  const groups = [...model.paymentGroups.values()]
    .filter(({ organization }) => organization === `org${n}`)
    .sort((x, y) => Buffer.compare(x.groupId, y.groupId));
  deepStrictEqual(store.listPaymentGroups(`org${n}`, new Uint8Array(0), 2), groups.slice(0, 2));
  const first = groups[0];
  if (first) deepStrictEqual(store.listPaymentGroups(`org${n}`, first.groupId, 9), groups.slice(1));

  const mode = DELIVERY_MODES[n % 2]!;
  const found = [...model.tagged.values()]
    .filter((row) => row.tags.includes("d_e-f") && row.mode === mode)
    .filter((row) => hex(row.token) === hex(someone))
    .map(({ price, serviceId }) => ({ price, serviceId }))
    .sort(
      (x, y) => Number(x.price > y.price) - Number(x.price < y.price) || x.serviceId - y.serviceId,
    );
  const discover = (priceMax: bigint, after: (typeof found)[number] | undefined, limit: number) =>
    store.discoverServices("d_e-f", mode, someone, priceMax, after, limit);
  deepStrictEqual(discover(AMOUNT_MAX, undefined, 9), found.slice(0, 9));
  deepStrictEqual(
    discover(amount(1), undefined, 9),
    found.filter(({ price }) => price <= amount(1)),
  );
  if (found[0]) deepStrictEqual(discover(AMOUNT_MAX, found[0], 1), found.slice(1, 2));
}
