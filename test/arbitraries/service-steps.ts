import { deepStrictEqual, strictEqual } from "node:assert/strict";
import type { ServiceRow, ServiceVersionRow, Store } from "../../dapp/engine/store.ts";
import { AMOUNT_MAX } from "../../spec/limits.ts";
import { DELIVERY_MODES } from "../../spec/service-operations.ts";
import { account, amount, bytes, hex, idAfter, pageOf, pick } from "./step-values.ts";
import type { StoreModel } from "./store-model.ts";

type Apply = (store: Store, model: StoreModel, a: number, b: number) => void;

const TAGS = ["a", "b.c", "d_e-f"];

/** Writes to the services' tables and the same to the model. */
export const SERVICE_WRITES = {
  putOrganization(store, model, a, b) {
    const row = { organization: `org${a % 5}`, owner: account(b), name: `é ${b}` };
    store.organizations.put(row);
    model.organizations.set(row.organization, row);
  },
  putPaymentGroup(store, model, a, b) {
    const row = {
      ...{ organization: `org${a % 3}`, groupId: bytes(32, b % 4), name: `n${a}` },
      ...{ paymentAddress: account(a), endpoints: ["https://a", "b", "c"].slice(b % 4) },
    };
    store.paymentGroups.put(row);
    model.paymentGroups.set(`${row.organization}/${hex(row.groupId)}`, row);
  },
  insertService(store, model, a, b) {
    const serviceId = idAfter(store.services.nextId(), b);
    const head = { serviceId, provider: account(a), name: `s${serviceId}` };
    const row = { ...head, version: 1, versionId: b, isWithdrawn: false };
    store.services.insert(row);
    model.services.set(serviceId, row);
  },
  updateService(store, model, a, b) {
    const before = pick(model.services.values(), a);
    if (before === undefined) return;
    const row = { ...before, version: b, versionId: b * 2 ** 40, isWithdrawn: b % 2 === 0 };
    store.services.update(row);
    model.services.set(row.serviceId, row);
  },
  insertServiceVersion(store, model, a, b) {
    const versionId = idAfter(store.serviceVersions.nextId(), b);
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
    store.serviceVersions.insert(row);
    model.serviceVersions.set(versionId, row);
  },
  /** As an update does: the tags of one version take the place of another's. */
  moveServiceTags(store, model, a, b) {
    const gone = pick(model.tagged.values(), a);
    if (gone !== undefined && b % 3 === 0) {
      for (const tag of gone.tags) store.serviceTags.remove({ tag, ...gone });
      model.tagged.delete(gone.versionId);
    }
    const row = pick(model.serviceVersions.values(), b);
    if (row === undefined) return;
    if ([...model.tagged.values()].some(({ serviceId }) => serviceId === row.serviceId)) return;
    for (const tag of row.tags) store.serviceTags.insert({ tag, ...row });
    model.tagged.set(row.versionId, row);
  },
  putProvider(store, model, a, b) {
    const counts = { releasedCount: a, refundedCount: b, lapsedCount: a * b };
    const row = { provider: account(a), ...counts, challengedCount: b * 2 ** 40 };
    store.providers.put(row);
    model.providers.set(hex(row.provider), row);
  },
} as const satisfies Record<string, Apply>;

/** Every read of services says what the model says. */
export function expectSameServices(store: Store, model: StoreModel): void {
  for (const row of model.organizations.values()) {
    deepStrictEqual(store.organizations.get(row.organization), row);
  }
  strictEqual(store.organizations.get("nobody"), undefined);
  for (const row of model.paymentGroups.values()) {
    deepStrictEqual(store.paymentGroups.get(row.organization, row.groupId), row);
  }
  const services = [...model.services.values()].sort((x, y) => x.serviceId - y.serviceId);
  strictEqual(store.services.nextId(), (services.at(-1)?.serviceId ?? 0) + 1);
  strictEqual(store.serviceVersions.nextId(), Math.max(0, ...model.serviceVersions.keys()) + 1);
  for (const row of services) {
    deepStrictEqual(store.services.get(row.serviceId), row);
    deepStrictEqual(store.services.find({ provider: row.provider, name: row.name }), row);
  }
  for (const row of model.serviceVersions.values()) {
    deepStrictEqual(store.serviceVersions.get(row.versionId), row);
    deepStrictEqual(
      store.serviceVersions.find({ serviceId: row.serviceId, version: row.version }),
      row,
    );
  }
  strictEqual(store.serviceVersions.get(store.serviceVersions.nextId()), undefined);
  for (const row of model.providers.values())
    deepStrictEqual(store.providers.get(row.provider), row);
  for (const n of [0, 1, 2, 3]) expectSameLists(store, model, services, n);
}

function expectSameLists(
  store: Store,
  model: StoreModel,
  services: readonly ServiceRow[],
  n: number,
): void {
  const someone = account(n);
  const own = services.filter((row) => hex(row.provider) === hex(someone));
  deepStrictEqual(
    store.services.list({ provider: someone }, pageOf("serviceId", 0, 2)),
    own.slice(0, 2),
  );
  deepStrictEqual(
    store.services.list({ provider: someone }, pageOf("serviceId", n, 9)),
    own.filter(({ serviceId }) => serviceId > n).slice(0, 9),
  );
  const owned = [...model.organizations.values()]
    .filter((row) => hex(row.owner) === hex(someone))
    .sort((x, y) => (x.organization < y.organization ? -1 : 1));
  deepStrictEqual(
    store.organizations.list({ owner: someone }, pageOf("organization", "", 2)),
    owned.slice(0, 2),
  );
  deepStrictEqual(
    store.organizations.list({ owner: someone }, pageOf("organization", "org1", 9)),
    owned.filter(({ organization }) => organization > "org1"),
  );
  const groups = [...model.paymentGroups.values()]
    .filter(({ organization }) => organization === `org${n}`)
    .sort((x, y) => Buffer.compare(x.groupId, y.groupId));
  deepStrictEqual(
    store.paymentGroups.list({ organization: `org${n}` }, pageOf("groupId", new Uint8Array(0), 2)),
    groups.slice(0, 2),
  );
  const first = groups[0];
  if (first)
    deepStrictEqual(
      store.paymentGroups.list({ organization: `org${n}` }, pageOf("groupId", first.groupId, 9)),
      groups.slice(1),
    );

  const mode = DELIVERY_MODES[n % 2]!;
  const found = [...model.tagged.values()]
    .filter((row) => row.tags.includes("d_e-f") && row.mode === mode)
    .filter((row) => hex(row.token) === hex(someone))
    .map(({ mode, token, price, serviceId }) => ({ tag: "d_e-f", mode, token, price, serviceId }))
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
