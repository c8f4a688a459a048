import type { EscrowRows } from "../engine/escrow-rows.ts";
import type { Read, StateDatabase } from "./database.ts";
import { toEscrow } from "./escrow-cells.ts";
import { columnList } from "./schema.ts";

export type EscrowLists = Pick<
  EscrowRows,
  "listEscrowsOfBuyer" | "listEscrowsOfProvider" | "listUntakenIntents"
>;

/** Pages of escrows, by number. */
export function createEscrowLists(database: StateDatabase): EscrowLists {
  const columns = columnList("escrows");
  const page = (whose: string): Read =>
    database.prepareRead(
      `SELECT ${columns} FROM escrows WHERE ${whose} AND escrow_number > ?` +
        " ORDER BY escrow_number LIMIT ?",
    );
  const selectOfBuyer = page("buyer = ?");
  const selectOfProvider = page("provider = ?");
  const selectUntaken = page("provider IS NULL");

  return {
    listEscrowsOfBuyer: (buyer, afterNumber, limit) =>
      selectOfBuyer.all([buyer, afterNumber, limit]).map(toEscrow),
    listEscrowsOfProvider: (provider, afterNumber, limit) =>
      selectOfProvider.all([provider, afterNumber, limit]).map(toEscrow),
    listUntakenIntents: (afterNumber, limit) =>
      selectUntaken.all([afterNumber, limit]).map(toEscrow),
  };
}
