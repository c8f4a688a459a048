import { InvariantViolation } from "../engine/invariant.ts";
import type { ServiceRows } from "../engine/service-rows.ts";
import type { StateDatabase } from "./database.ts";
import type { Undoable } from "./row-cache.ts";

const notBuilt = (): never => {
  throw new InvariantViolation("not built yet");
};

/** Organizations, payment groups, services with their versions and tags, providers. */
export function createServiceRows(
  _database: StateDatabase,
  _cacheEntriesMax: number,
  _undoables: Undoable[],
): ServiceRows {
  return {
    getOrganization: notBuilt,
    putOrganization: notBuilt,
    getPaymentGroup: notBuilt,
    putPaymentGroup: notBuilt,
    getNextServiceId: notBuilt,
    getNextVersionId: notBuilt,
    getService: notBuilt,
    getServiceIdOfName: notBuilt,
    insertService: notBuilt,
    updateService: notBuilt,
    insertServiceVersion: notBuilt,
    getServiceVersion: notBuilt,
    getVersionId: notBuilt,
    insertServiceTags: notBuilt,
    deleteServiceTags: notBuilt,
    getProvider: notBuilt,
    putProvider: notBuilt,
    listServicesOfProvider: notBuilt,
    listOrganizationsOfOwner: notBuilt,
    listPaymentGroups: notBuilt,
    discoverServices: notBuilt,
  };
}
