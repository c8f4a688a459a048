import type { Page, Paged } from "../store/row-kinds.ts";
import type { NodeView } from "../store/sqlite-node-view.ts";
import { type ResponseBudget, RpcError } from "./json-rpc.ts";
import { LIMIT_MAX, PARAMETERS, type ParameterName, type RpcParams } from "./rpc-params.ts";
import type { toWireApplication } from "./wire-shapes.ts";

/** What the methods answer from. */
export interface ServedNode {
  readonly view: NodeView;
  describeApplication(): ReturnType<typeof toWireApplication>;
}

/** All that is said of a method, once: for the checks of its parameters, its answer, and `rpc.discover`. */
export interface DeclaredMethod {
  readonly summary: string;
  /** In the order of positional parameters, before the optional ones. */
  readonly required: readonly ParameterName[];
  readonly optional: readonly ParameterName[];
  readonly resultSchema: object;
  /** The JSON text of the result, for which it takes room in the budget. */
  answer(node: ServedNode, params: RpcParams, budget: ResponseBudget): string;
}

/** Where the items of a list come from, and what they are to callers. */
interface ListSource<Item> {
  list(page: Page): Paged<Item>;
  toWire(item: Item): unknown;
}

const ONE = { type: "object", required: ["data"], properties: { data: {} } };
const COUNT = { type: "integer", minimum: 0 };
const LIST = {
  type: "object",
  required: ["data", "pagination"],
  properties: {
    data: { type: "array" },
    pagination: {
      type: "object",
      required: ["total_count", "limit", "offset"],
      properties: { total_count: COUNT, limit: COUNT, offset: COUNT },
    },
  },
};

/** A method that gives one thing, or says that there is no `what`; without `find` there never is. */
export const get = (
  summary: string,
  what: string,
  required: readonly ParameterName[],
  find: (node: ServedNode, params: RpcParams) => unknown = () => undefined,
): DeclaredMethod => ({
  summary,
  required,
  optional: [],
  resultSchema: ONE,
  answer(node, params, budget) {
    const data = find(node, params);
    if (data === undefined) throw new RpcError("resource_not_found", `${what} not found`);
    return budget.take(`{"data":${JSON.stringify(data)}}`);
  },
});

/** A method that gives a page of things. */
export const list = <Item>(
  summary: string,
  required: readonly ParameterName[],
  optional: readonly ParameterName[],
  open: (node: ServedNode, filter: ReturnType<RpcParams["getFilter"]>) => ListSource<Item>,
): DeclaredMethod => ({
  summary,
  required,
  optional,
  resultSchema: LIST,
  answer: (node, params, budget) =>
    formatList(params.getPage(), open(node, params.getFilter()), budget),
});

/** A list of what our applications have none of. */
export const listNone = (
  summary: string,
  required: readonly ParameterName[],
  ...optional: readonly ParameterName[]
): DeclaredMethod =>
  list(summary, required, optional, () => ({
    list: () => ({ items: [], totalCount: 0 }),
    toWire: (item) => item,
  }));

/**
 * Rows read at a time: a page of 10,000 inputs could hold 640 MB, of which 10 MiB may leave. More
 * once that many have turned out to be small, because each reading walks and counts an index.
 */
const CHUNK_MIN = 64;
const CHUNK_MAX = 512;

/** Reads a page in chunks and stops as soon as it does not fit the answer. */
function formatList<Item>(
  page: Required<Page>,
  source: ListSource<Item>,
  budget: ResponseBudget,
): string {
  const texts: string[] = [];
  let totalCount: number;
  for (let rows = CHUNK_MIN; ; rows = Math.min(CHUNK_MAX, 2 * rows)) {
    const limit = Math.min(rows, page.limit - texts.length);
    const offset = page.offset + texts.length;
    const chunk = source.list({ limit, offset, descending: page.descending });
    totalCount = chunk.totalCount;
    for (const item of chunk.items) texts.push(budget.take(JSON.stringify(source.toWire(item))));
    if (chunk.items.length < limit || texts.length === page.limit) break;
  }
  const pagination = { total_count: totalCount, limit: page.limit, offset: page.offset };
  return `{"data":[${texts.join(",")}],"pagination":${JSON.stringify(pagination)}}`;
}

/** The answer to `rpc.discover`: an OpenRPC document of the methods that are there. */
export const describeApi = (
  version: string,
  methods: Readonly<Record<string, DeclaredMethod>>,
) => ({
  openrpc: "1.3.2",
  info: {
    title: "Cartesi Rollups Node API, as tallyroll serves it",
    version,
    description:
      "Integers are hexadecimal, times are ISO 8601. Unknown parameters are refused. Lists are " +
      `cut to ${LIMIT_MAX} items; \`from\` and \`to\` are the least and the largest index.`,
  },
  methods: [
    ...Object.entries(methods).map(([name, { summary, required, optional, resultSchema }]) => ({
      name,
      summary,
      paramStructure: "either",
      params: [...required, ...optional].map((parameter) => ({
        name: parameter,
        required: required.includes(parameter),
        schema: PARAMETERS[parameter].schema,
      })),
      result: { name: "result", schema: resultSchema },
    })),
    {
      name: "rpc.discover",
      summary: "This document",
      params: [],
      result: { name: "result", schema: { type: "object" } },
    },
  ],
});
