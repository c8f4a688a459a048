import { version } from "../../../package.json";
import type { NodeView, Page, Paged } from "../node-store.ts";
import { type ResponseBudget, RpcError, type RpcMethod } from "./json-rpc.ts";
import { RpcParams } from "./rpc-params.ts";
import { APPLICATION_NAME, toWireApplication } from "./wire-application.ts";
import {
  toWireEpoch,
  toWireInput,
  toWireNumber,
  toWireOutput,
  toWireReport,
} from "./wire-shapes.ts";

const PAGE = ["limit", "offset", "descending"] as const;
/**
 * Rows read at a time: a page of 10,000 inputs could hold 640 MB, of which 10 MiB may leave. More
 * once that many have turned out to be small, because each reading walks and counts an index.
 */
const CHUNK_MIN = 64;
const CHUNK_MAX = 512;

/**
 * The methods of the official node's API, over what this node has kept. Tournaments, commitments
 * and matches belong to disputes, which an authority's application has none of.
 *
 * @param startedAtMs What the application's times say: the file does not keep its own.
 */
export function createRpcMethods(
  view: NodeView,
  startedAtMs: number,
): ReadonlyMap<string, RpcMethod> {
  const { app } = view.getIdentity();

  const requireApplication = (params: RpcParams): void => {
    const application = params.getApplication();
    if (application !== APPLICATION_NAME && application.toLowerCase() !== app) {
      throw new RpcError("application_not_found", "Application not found");
    }
  };

  /** A method about the application's history. */
  const define =
    (names: readonly string[], answer: (params: RpcParams, budget: ResponseBudget) => string) =>
    (values: unknown, budget: ResponseBudget): string => {
      const params = new RpcParams(values, ["application", ...names]);
      requireApplication(params);
      return answer(params, budget);
    };

  const getOne = <T>(name: string, what: string, get: (index: number) => T | undefined) =>
    define([name], (params, budget) => {
      const found = get(params.requireIndex(name));
      if (found === undefined) throw new RpcError("resource_not_found", `${what} not found`);
      return formatData(found, budget);
    });

  const getApplication = () => toWireApplication(view, startedAtMs);
  const getWireOutput = (index: number) => {
    const output = view.getOutput(index);
    return output && toWireOutput(output, view.getOutputSiblings(index));
  };

  return new Map<string, RpcMethod>([
    [
      "cartesi_listApplications",
      (values, budget) => {
        const page = new RpcParams(values, PAGE).getPage();
        const items = page.offset === 0 ? [getApplication()] : [];
        return formatList(
          page,
          () => ({ items, totalCount: 1 }),
          (item) => item,
          budget,
        );
      },
    ],
    ["cartesi_getApplication", define([], (_, budget) => formatData(getApplication(), budget))],
    [
      "cartesi_listEpochs",
      define(["status", ...PAGE], (params, budget) => {
        const status = params.getEpochStatus("status");
        const filter = status === undefined ? {} : { status };
        const list = (page: Page) => view.listEpochs(filter, page);
        return formatList(params.getPage(), list, toWireEpoch, budget);
      }),
    ],
    [
      "cartesi_getEpoch",
      getOne("epoch_index", "Epoch", (index) => {
        const epoch = view.getEpoch(index);
        return epoch && toWireEpoch(epoch);
      }),
    ],
    [
      "cartesi_getLastAcceptedEpochIndex",
      define([], (_, budget) => {
        const index = view.getLastAcceptedEpochIndex();
        if (index === undefined) throw new RpcError("resource_not_found", "Epoch not found");
        return formatData(toWireNumber(index), budget);
      }),
    ],
    [
      "cartesi_listInputs",
      define(["epoch_index", "sender", ...PAGE], (params, budget) => {
        const filter = omitUndefined({
          epochIndex: params.getIndex("epoch_index"),
          sender: params.getAddress("sender"),
        });
        const list = (page: Page) => view.listInputs(filter, page);
        return formatList(params.getPage(), list, toWireInput, budget);
      }),
    ],
    [
      "cartesi_getInput",
      getOne("input_index", "Input", (index) => {
        const input = view.getInput(index);
        return input && toWireInput(input);
      }),
    ],
    [
      "cartesi_getProcessedInputCount",
      define([], (_, budget) => formatData(toWireNumber(view.getProcessedInputCount()), budget)),
    ],
    [
      "cartesi_listOutputs",
      define(
        ["epoch_index", "input_index", "output_type", "voucher_address", ...PAGE],
        (params, budget) => {
          const filter = omitUndefined({
            epochIndex: params.getIndex("epoch_index"),
            inputIndex: params.getIndex("input_index"),
            outputType: params.getSelector("output_type"),
            voucherAddress: params.getAddress("voucher_address"),
          });
          const list = (page: Page) => view.listOutputs(filter, page);
          return formatList(
            params.getPage(),
            list,
            (output) => toWireOutput(output, view.getOutputSiblings(output.index)),
            budget,
          );
        },
      ),
    ],
    ["cartesi_getOutput", getOne("output_index", "Output", getWireOutput)],
    [
      "cartesi_listReports",
      define(["epoch_index", "input_index", ...PAGE], (params, budget) => {
        const filter = omitUndefined({
          epochIndex: params.getIndex("epoch_index"),
          inputIndex: params.getIndex("input_index"),
        });
        const list = (page: Page) => view.listReports(filter, page);
        return formatList(params.getPage(), list, toWireReport, budget);
      }),
    ],
    [
      "cartesi_getReport",
      getOne("report_index", "Report", (index) => {
        const report = view.getReport(index);
        return report && toWireReport(report);
      }),
    ],
    [
      "cartesi_getChainId",
      (_, budget) => formatData(toWireNumber(view.getIdentity().chainId), budget),
    ],
    // The first word says whose node it is, lest it pass for the official one.
    ["cartesi_getNodeVersion", (_, budget) => formatData(`${APPLICATION_NAME}-${version}`, budget)],
  ]);
}

function formatData(data: unknown, budget: ResponseBudget): string {
  return budget.take(`{"data":${JSON.stringify(data)}}`);
}

/** Reads a page in chunks and stops as soon as it does not fit the answer. */
function formatList<T>(
  page: Required<Page>,
  list: (page: Page) => Paged<T>,
  toWire: (item: T) => unknown,
  budget: ResponseBudget,
): string {
  const texts: string[] = [];
  let totalCount: number;
  for (let rows = CHUNK_MIN; ; rows = Math.min(CHUNK_MAX, 2 * rows)) {
    const limit = Math.min(rows, page.limit - texts.length);
    const offset = page.offset + texts.length;
    const chunk = list({ limit, offset, descending: page.descending });
    totalCount = chunk.totalCount;
    for (const item of chunk.items) texts.push(budget.take(JSON.stringify(toWire(item))));
    if (chunk.items.length < limit || texts.length === page.limit) break;
  }
  const pagination = { total_count: totalCount, limit: page.limit, offset: page.offset };
  return `{"data":[${texts.join(",")}],"pagination":${JSON.stringify(pagination)}}`;
}

/** A filter without the fields that were not given. */
function omitUndefined<T extends object>(filter: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  const entries = Object.entries(filter).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as { [K in keyof T]?: Exclude<T[K], undefined> };
}
