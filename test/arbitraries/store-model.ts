import type { Row, StoreTables } from "../../dapp/engine/store.ts";
import { createCellOf, listCells, type Values } from "../../dapp/store/row-cells.ts";
import type { Metric } from "../../spec/readings.ts";
import { STATE } from "../../spec/tables.ts";
import type { NamedRow } from "./state-rows.ts";

/** The state as Maps of plain rows: what the store must equal, whatever happened to it before. */
export class StoreModel {
  readonly machine = new Map<number, Row<"machine">>();
  readonly tokens = new Map<string, Row<"tokens">>();
  readonly accounts = new Map<string, Row<"accounts">>();
  readonly balances = new Map<string, Row<"balances">>();
  readonly batchBonds = new Map<number, Row<"batchBonds">>();
  readonly bonds = new Map<string, Row<"bonds">>();
  readonly lowBalances = new Map<string, Row<"lowBalances">>();
  readonly devices = new Map<number, Row<"devices">>();
  readonly deviceKeys = new Map<string, Row<"deviceKeys">>();
  readonly streams = new Map<number, Row<"streams">>();
  readonly metrics = new Map<number, readonly Metric[]>();
  readonly epochKeys = new Map<string, Row<"epochKeys">>();
  readonly batches = new Map<number, Row<"batches">>();
  readonly batchBodies = new Map<number, Row<"batchBodies">>();
  readonly streamRanges = new Map<number, Row<"streamRanges">>();
  readonly grants = new Map<number, Row<"grants">>();
  readonly channels = new Map<number, Row<"channels">>();
  readonly channelLanes = new Map<string, Row<"channelLanes">>();
  readonly channelMessages = new Map<string, Row<"channelMessages">>();
  readonly organizations = new Map<string, Row<"organizations">>();
  readonly paymentGroups = new Map<string, Row<"paymentGroups">>();
  readonly services = new Map<number, Row<"services">>();
  readonly serviceVersions = new Map<number, Row<"serviceVersions">>();
  /** Versions that have their tags in the table, by their row. */
  readonly tagged = new Map<number, Row<"serviceVersions">>();
  readonly providers = new Map<string, Row<"providers">>();
  readonly escrows = new Map<number, Row<"escrows">>();
  readonly openIntents = new Map<number, Row<"openIntents">>();
  readonly escrowTerms = new Map<number, Row<"escrowTerms">>();

  /** Rows are never changed in place, so copying the Maps keeps a whole state. */
  clone(): StoreModel {
    const copy = new StoreModel();
    for (const name of Object.keys(this) as (keyof this)[]) {
      const target = copy[name as keyof StoreModel] as Map<unknown, unknown>;
      for (const [key, row] of this[name] as Map<unknown, unknown>) target.set(key, row);
    }
    return copy;
  }

  /** Every row as its table's cells. */
  *rows(): Iterable<NamedRow> {
    for (const [name, table] of Object.entries(STATE)) {
      const cellsOf = table.columns.map(createCellOf);
      for (const row of this.#list(name as keyof StoreTables)) {
        yield [table.name, listCells(cellsOf, row)];
      }
    }
  }

  #list(name: keyof StoreTables): Iterable<Values> {
    if (name === "metrics") {
      return [...this.metrics].flatMap(([streamId, metrics]) =>
        metrics.map((metric, metricIndex) => ({ streamId, metricIndex, ...metric })),
      );
    }
    if (name === "serviceTags") {
      return [...this.tagged.values()].flatMap((row) => row.tags.map((tag) => ({ tag, ...row })));
    }
    return this[name].values();
  }
}
