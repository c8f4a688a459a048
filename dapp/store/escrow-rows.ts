import type { EscrowRows } from "../engine/escrow-rows.ts";
import { InvariantViolation } from "../engine/invariant.ts";
import type { StateDatabase } from "./database.ts";
import type { Undoable } from "./row-cache.ts";

const notBuilt = (): never => {
  throw new InvariantViolation("not built yet");
};

/** Escrows and their terms; batches without their bodies. */
export function createEscrowRows(
  _database: StateDatabase,
  _cacheEntriesMax: number,
  _undoables: Undoable[],
): EscrowRows {
  return {
    getNextEscrowNumber: notBuilt,
    getEscrowNumber: notBuilt,
    getEscrow: notBuilt,
    insertEscrow: notBuilt,
    updateEscrow: notBuilt,
    getEscrowTerms: notBuilt,
    getBatchHead: notBuilt,
    listEscrowsOfBuyer: notBuilt,
    listEscrowsOfProvider: notBuilt,
    listOfferedIntents: notBuilt,
  };
}
