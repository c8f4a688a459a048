import { ESCROW_STATUSES } from "../../spec/escrow-operations.ts";
import type { Cell } from "../../spec/tables.ts";
import type { EscrowRow, EscrowRows } from "../engine/escrow-rows.ts";
import type { Read, StateDatabase } from "./database.ts";
import { toEscrow } from "./escrow-cells.ts";
import { columnList } from "./schema.ts";

export type EscrowLists = Pick<
  EscrowRows,
  "listEscrowsOfBuyer" | "listEscrowsOfProvider" | "listOfferedIntents"
>;

/** Pages of escrows, by number. */
export function createEscrowLists(database: StateDatabase): EscrowLists {
  const columns = columnList("escrows");
  const page = (party: "buyer" | "provider"): Read =>
    database.prepareRead(
      `SELECT ${columns} FROM escrows WHERE ${party} = ? AND status = ? AND escrow_number > ?` +
        " ORDER BY escrow_number LIMIT ?",
    );
  const selectOfBuyer = page("buyer");
  const selectOfProvider = page("provider");
  const selectOffered = database.prepareRead(
    `SELECT ${columns} FROM escrows WHERE provider IS NULL AND status = 'offered'` +
      " AND escrow_number > ? ORDER BY escrow_number LIMIT ?",
  );

  return {
    listEscrowsOfBuyer: (buyer, status, afterNumber, limit) =>
      listOfParty(selectOfBuyer, buyer, status, afterNumber, limit),
    listEscrowsOfProvider: (provider, status, afterNumber, limit) =>
      listOfParty(selectOfProvider, provider, status, afterNumber, limit),
    listOfferedIntents: (afterNumber, limit) =>
      selectOffered.all([afterNumber, limit]).map(toEscrow),
  };
}

/**
 * The indices are by party and status. Of any status, a page of each is read and the first of all
 * are taken: that is bounded, where a sort of all escrows of the party would not be.
 */
function listOfParty(
  select: Read,
  party: Uint8Array,
  status: EscrowRow["status"] | undefined,
  afterNumber: number,
  limit: number,
): readonly EscrowRow[] {
  if (status !== undefined) return select.all([party, status, afterNumber, limit]).map(toEscrow);
  const rows: Cell[][] = ESCROW_STATUSES.flatMap((each) =>
    select.all([party, each, afterNumber, limit]),
  );
  return rows
    .sort((a, b) => (a[0] as number) - (b[0] as number))
    .slice(0, limit)
    .map(toEscrow);
}
