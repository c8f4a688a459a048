import type { Hex } from "../../spec/outputs.ts";
import type { NodeProcess } from "../integration/fixtures/node-process.ts";

/** Everything that two nodes of one application must agree on, as their API tells it. */
export interface NodeDump {
  readonly root: unknown;
  readonly inputs: readonly DumpedRow[];
  readonly outputs: readonly DumpedRow[];
  readonly reports: readonly DumpedRow[];
  readonly epochs: readonly DumpedRow[];
  readonly lastAcceptedEpochIndex: unknown;
}

export type DumpedRow = Readonly<Record<string, unknown>>;

/** Rows of one answer: it must stay below the API's ten megabytes. */
const PAGE_ROWS = 100;

/** Reads all of it. Times of recording are left out: they are each node's own. */
export async function dumpNode(node: NodeProcess, app: Hex): Promise<NodeDump> {
  return {
    root: (await node.query(app, { query: "root" })).root,
    inputs: await listAll(node, app, "listInputs"),
    outputs: await listAll(node, app, "listOutputs"),
    reports: await listAll(node, app, "listReports"),
    epochs: await listAll(node, app, "listEpochs"),
    lastAcceptedEpochIndex: await node.call("getLastAcceptedEpochIndex", { application: app }),
  };
}

/** All rows that a listing method gives. */
export async function listAll(
  node: NodeProcess,
  application: Hex,
  method: string,
  filter: object = {},
): Promise<DumpedRow[]> {
  const rows: DumpedRow[] = [];
  for (;;) {
    const params = { application, ...filter, limit: PAGE_ROWS, offset: rows.length };
    const { data, pagination } = (await node.call(method, params)) as {
      data: DumpedRow[];
      pagination: { total_count: string };
    };
    rows.push(...data.map(({ created_at: _, updated_at: __, ...row }) => row));
    if (data.length === 0 || rows.length >= Number(pagination.total_count)) return rows;
  }
}
