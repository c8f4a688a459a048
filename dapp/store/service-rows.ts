import { encodeWord, readBigEndian } from "../../spec/words.ts";
import { invariant } from "../engine/invariant.ts";
import type { ServiceRow, ServiceRows, ServiceVersionRow } from "../engine/service-rows.ts";
import type { StateDatabase } from "./database.ts";
import { createOrganizationRows } from "./organization-rows.ts";
import { NextId, RowCache, type Undoable } from "./row-cache.ts";
import { columnList, insertSql } from "./schema.ts";
import {
  toService,
  toServiceCells,
  toServiceVersion,
  toServiceVersionCells,
} from "./service-cells.ts";

/** Organizations, payment groups, services with their versions and tags, providers. */
export function createServiceRows(
  database: StateDatabase,
  cacheEntriesMax: number,
  undoables: Undoable[],
): ServiceRows {
  const columns = columnList("services");
  const select = database.prepareRead(`SELECT ${columns} FROM services WHERE service_id = ?`);
  const selectHighest = database.prepareRead("SELECT max(service_id) FROM services");
  const selectIdOfName = database.prepareRead(
    "SELECT service_id FROM services WHERE provider = ? AND name = ?",
  );
  const selectOfProvider = database.prepareRead(
    `SELECT ${columns} FROM services WHERE provider = ? AND service_id > ?` +
      " ORDER BY service_id LIMIT ?",
  );
  const insert = database.prepareWrite(insertSql("services"));
  // Provider and name never change; leaving them out of SET keeps the indices untouched.
  const update = database.prepareWrite(
    "UPDATE services SET version = ?2, version_id = ?3, is_withdrawn = ?4 WHERE service_id = ?1",
  );
  const selectVersion = database.prepareRead(
    `SELECT ${columnList("service_versions")} FROM service_versions WHERE version_id = ?`,
  );
  const selectHighestVersion = database.prepareRead("SELECT max(version_id) FROM service_versions");
  const selectVersionId = database.prepareRead(
    "SELECT version_id FROM service_versions WHERE service_id = ? AND version = ?",
  );
  const insertVersion = database.prepareWrite(insertSql("service_versions"));
  const insertTag = database.prepareWrite(insertSql("service_tags"));
  const deleteTag = database.prepareWrite(
    "DELETE FROM service_tags" +
      " WHERE tag = ? AND mode = ? AND token = ? AND price = ? AND service_id = ?",
  );
  const selectTagged = database.prepareRead(
    "SELECT price, service_id FROM service_tags WHERE tag = ? AND mode = ? AND token = ?" +
      " AND (price, service_id) > (?, ?) AND price <= ? ORDER BY price, service_id LIMIT ?",
  );

  const services = new RowCache<ServiceRow>(cacheEntriesMax);
  const versions = new RowCache<ServiceVersionRow>(cacheEntriesMax);
  const nextId = new NextId(() => (selectHighest.first([])?.[0] as number | null) ?? 0);
  const nextVersionId = new NextId(
    () => (selectHighestVersion.first([])?.[0] as number | null) ?? 0,
  );
  undoables.push(services, versions, nextId, nextVersionId);

  /** The cache's own row. */
  function findService(serviceId: number): ServiceRow | undefined {
    const cached = services.get(serviceId);
    if (cached !== undefined) return cached;
    const cells = select.first([serviceId]);
    if (cells === undefined) return undefined;
    const row = toService(cells);
    services.fill(serviceId, row);
    return row;
  }

  return {
    ...createOrganizationRows(database),
    getNextServiceId: () => nextId.get(),
    getNextVersionId: () => nextVersionId.get(),
    getService(serviceId) {
      const row = findService(serviceId);
      return row === undefined ? undefined : copyService(row);
    },
    getServiceIdOfName(provider, name) {
      return selectIdOfName.first([provider, name])?.[0] as number | undefined;
    },
    insertService(row) {
      insert.runOnOneRow(toServiceCells(row));
      nextId.take(row.serviceId);
      services.write(row.serviceId, copyService(row));
    },
    updateService(row) {
      const before = findService(row.serviceId);
      invariant(before?.name === row.name, "a service keeps its name");
      update.runOnOneRow([row.serviceId, row.version, row.versionId, row.isWithdrawn ? 1 : 0]);
      services.write(row.serviceId, copyService(row));
    },
    insertServiceVersion(row) {
      const cells = toServiceVersionCells(row);
      insertVersion.runOnOneRow(cells);
      nextVersionId.take(row.versionId);
      versions.write(row.versionId, toServiceVersion(cells));
    },
    getServiceVersion(versionId) {
      const cached = versions.get(versionId);
      if (cached !== undefined) return cached;
      const cells = selectVersion.first([versionId]);
      if (cells === undefined) return undefined;
      const row = toServiceVersion(cells);
      versions.fill(versionId, row);
      return row;
    },
    getVersionId(serviceId, version) {
      return selectVersionId.first([serviceId, version])?.[0] as number | undefined;
    },
    insertServiceTags({ tags, mode, token, price, serviceId }) {
      for (const tag of tags) {
        insertTag.runOnOneRow([tag, mode, token, encodeWord(price), serviceId]);
      }
    },
    deleteServiceTags({ tags, mode, token, price, serviceId }) {
      for (const tag of tags) {
        deleteTag.runOnOneRow([tag, mode, token, encodeWord(price), serviceId]);
      }
    },
    listServicesOfProvider(provider, afterServiceId, limit) {
      return selectOfProvider.all([provider, afterServiceId, limit]).map(toService);
    },
    discoverServices(tag, mode, token, priceMax, after, limit) {
      const cursor = [encodeWord(after?.price ?? 0n), after?.serviceId ?? 0];
      return selectTagged
        .all([tag, mode, token, ...cursor, encodeWord(priceMax), limit])
        .map(([price, serviceId]) => ({
          price: readBigEndian(price as Uint8Array),
          serviceId: serviceId as number,
        }));
    },
  };
}

/** Callers own what they get, so the cache lends nobody its bytes. */
const copyService = (row: ServiceRow): ServiceRow => ({ ...row, provider: row.provider.slice() });
