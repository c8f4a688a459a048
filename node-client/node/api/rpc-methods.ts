import { version } from "../../../package.json";
import type { NodeView } from "../store/sqlite-node-view.ts";
import {
  type DeclaredMethod,
  describeApi,
  get,
  list,
  listNone,
  type ServedNode,
} from "./declare-rpc-method.ts";
import { RpcError, type RpcMethod } from "./json-rpc.ts";
import { RpcParams } from "./rpc-params.ts";
import {
  APPLICATION_NAME,
  toWireEpoch,
  toWireInput,
  toWireNumber,
  toWireOutput,
  toWireReport,
} from "./wire-shapes.ts";

/** SemVer; what it is built with says whose node it is, lest it pass for the official one. */
const NODE_VERSION = `${version}+${APPLICATION_NAME}`;

const APP = ["application"] as const;
const PAGE = ["limit", "offset", "descending"] as const;
const BOUNDED = [...PAGE, "from", "to"] as const;
const EPOCH = [...APP, "epoch_index"] as const;
const OF_TOURNAMENT = ["epoch_index", "tournament_address"] as const;
const MATCH = [...APP, ...OF_TOURNAMENT, "id_hash"] as const;

/**
 * The methods of the official node's API (rollups-node v2). Tournaments, commitments and matches
 * belong to disputes, which our applications have none of.
 */
const METHODS: Readonly<Record<string, DeclaredMethod>> = {
  cartesi_listApplications: list("The applications of this node: one", [], PAGE, (node) => ({
    list: ({ offset }) => ({ items: offset === 0 ? [node] : [], totalCount: 1 }),
    toWire: () => node.describeApplication(),
  })),
  cartesi_getApplication: get("An application by its name or address", "Application", APP, (node) =>
    node.describeApplication(),
  ),
  cartesi_listEpochs: list("Epochs, by index", APP, ["status", ...BOUNDED], ({ view }, filter) => {
    const countEpochs = createEpochCounter(view);
    return {
      list: (page) => view.listEpochs(filter, page),
      toWire: (epoch) => toWireEpoch(epoch, countEpochs(epoch.index)),
    };
  }),
  cartesi_getEpoch: get("An epoch", "Epoch", EPOCH, ({ view }, params) => {
    const epoch = view.getEpoch(params.getIndex("epoch_index")!);
    return epoch && toWireEpoch(epoch, view.countEpochs(0, epoch.index));
  }),
  cartesi_getLastAcceptedEpochIndex: get(
    "The newest epoch whose claim is accepted",
    "Epoch",
    APP,
    ({ view }) => {
      const index = view.getLastAcceptedEpochIndex();
      return index === undefined ? undefined : toWireNumber(index);
    },
  ),
  cartesi_listInputs: list(
    "Inputs, by index",
    APP,
    ["epoch_index", "sender", ...BOUNDED],
    ({ view }, filter) => ({
      list: (page) => view.listInputs(filter, page),
      toWire: toWireInput,
    }),
  ),
  cartesi_getInput: get("An input", "Input", [...APP, "input_index"], ({ view }, params) => {
    const input = view.getInput(params.getIndex("input_index")!);
    return input && toWireInput(input);
  }),
  cartesi_getProcessedInputCount: get("How many inputs have a result", "Count", APP, ({ view }) =>
    toWireNumber(view.getProcessedInputCount()),
  ),
  cartesi_listOutputs: list(
    "Outputs, by index",
    APP,
    ["epoch_index", "input_index", "output_type", "voucher_address", ...BOUNDED, "executed"],
    ({ view }, filter) => ({
      list: (page) => view.listOutputs(filter, page),
      toWire: (output) => toWireOutput(output, view.getOutputSiblings(output.index)),
    }),
  ),
  cartesi_getOutput: get("An output", "Output", [...APP, "output_index"], ({ view }, params) => {
    const output = view.getOutput(params.getIndex("output_index")!);
    return output && toWireOutput(output, view.getOutputSiblings(output.index));
  }),
  cartesi_listReports: list(
    "Reports, by index",
    APP,
    ["epoch_index", "input_index", ...BOUNDED],
    ({ view }, filter) => ({
      list: (page) => view.listReports(filter, page),
      toWire: toWireReport,
    }),
  ),
  cartesi_getReport: get("A report", "Report", [...APP, "report_index"], ({ view }, params) => {
    const report = view.getReport(params.getIndex("report_index")!);
    return report && toWireReport(report);
  }),
  cartesi_listTournaments: listNone(
    "Tournaments of disputes: none",
    APP,
    ...(["epoch_index", "level", "parent_tournament_address", "parent_match_id_hash"] as const),
    ...PAGE,
  ),
  cartesi_getTournament: get("A tournament: none", "Tournament", [...APP, "address"]),
  cartesi_listCommitments: listNone(
    "Commitments in disputes: none",
    APP,
    ...OF_TOURNAMENT,
    ...PAGE,
  ),
  cartesi_getCommitment: get("A commitment: none", "Commitment", [
    ...APP,
    ...OF_TOURNAMENT,
    "commitment",
  ]),
  cartesi_listMatches: listNone("Matches of tournaments: none", APP, ...OF_TOURNAMENT, ...PAGE),
  cartesi_getMatch: get("A match: none", "Match", MATCH),
  cartesi_listMatchAdvances: listNone("Advances of a match: none", MATCH, ...PAGE),
  cartesi_getMatchAdvanced: get("An advance of a match: none", "Match advance", [
    ...MATCH,
    "parent",
  ]),
  cartesi_getChainId: get("The chain's id", "Chain", [], ({ view }) =>
    toWireNumber(view.getIdentity().chainId),
  ),
  cartesi_getNodeVersion: get("The version of this node", "Version", [], () => NODE_VERSION),
};

/** The methods by their names, over what a node has kept. */
export function createRpcMethods(node: ServedNode): ReadonlyMap<string, RpcMethod> {
  const { app } = node.view.getIdentity();
  const methods = new Map<string, RpcMethod>();
  for (const [name, method] of Object.entries(METHODS)) {
    methods.set(name, (values, budget) => {
      const params = new RpcParams(values, method);
      const application = params.getApplication() ?? app;
      if (application !== APPLICATION_NAME && application.toLowerCase() !== app) {
        throw new RpcError("application_not_found", "Application not found");
      }
      return method.answer(node, params, budget);
    });
  }
  methods.set("rpc.discover", (values, budget) => {
    new RpcParams(values, { required: [], optional: [] });
    return budget.take(JSON.stringify(describeApi(NODE_VERSION, METHODS)));
  });
  return methods;
}

/** Counts the epochs before one, beginning at the one that was counted last. */
function createEpochCounter(view: NodeView): (index: number) => number {
  let last = { index: 0, count: 0 };
  return (index) => {
    const count =
      index < last.index
        ? last.count - view.countEpochs(index, last.index)
        : last.count + view.countEpochs(last.index, index);
    last = { index, count };
    return count;
  };
}
