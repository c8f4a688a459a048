import { version } from "../../../package.json";
import type { ApplicationStanding } from "../run/application-standing.ts";
import type { NodeView, Paged } from "../store/node-store.ts";
import { formatData, formatList } from "./answer-list.ts";
import { type ResponseBudget, RpcError, type RpcMethod } from "./json-rpc.ts";
import { listParameters, METHODS, type MethodName } from "./rpc-catalog.ts";
import { describeApi } from "./rpc-discover.ts";
import { RpcParams } from "./rpc-params.ts";
import { APPLICATION_NAME, toWireApplication } from "./wire-application.ts";
import {
  toWireEpoch,
  toWireInput,
  toWireNumber,
  toWireOutput,
  toWireReport,
} from "./wire-shapes.ts";

type Answer = (params: RpcParams, budget: ResponseBudget) => string;

/** SemVer; what it is built with says whose node it is, lest it pass for the official one. */
const NODE_VERSION = `${version}+${APPLICATION_NAME}`;
/** Tournaments, commitments and matches belong to disputes, which our applications have none of. */
const NO_ITEMS: () => Paged<never> = () => ({ items: [], totalCount: 0 });

/**
 * The methods of the official node's API, over what this node has kept.
 *
 * @param getStanding How the application stands.
 * @param startedAtMs What the application's times say: the file does not keep its own.
 */
export function createRpcMethods(
  view: NodeView,
  getStanding: () => ApplicationStanding,
  startedAtMs: number,
): ReadonlyMap<string, RpcMethod> {
  const getApplication = () => toWireApplication(view, getStanding(), startedAtMs);
  const getOne =
    <T>(what: string, get: (params: RpcParams) => T | undefined): Answer =>
    (params, budget) => {
      const found = get(params);
      if (found === undefined) throw new RpcError("resource_not_found", `${what} not found`);
      return formatData(found, budget);
    };
  const listNone: Answer = (params, budget) =>
    formatList(params.getPage(), NO_ITEMS, (item) => item, budget);

  const answers: Readonly<Record<MethodName, Answer>> = {
    cartesi_listApplications: (params, budget) => {
      const page = params.getPage();
      const items = page.offset === 0 ? [getApplication()] : [];
      return formatList(
        page,
        () => ({ items, totalCount: 1 }),
        (item) => item,
        budget,
      );
    },
    cartesi_getApplication: getOne("Application", getApplication),
    cartesi_listEpochs: (params, budget) => {
      const filter = params.getFilter();
      const countEpochs = createEpochCounter(view);
      return formatList(
        params.getPage(),
        (page) => view.listEpochs(filter, page),
        (epoch) => toWireEpoch(epoch, countEpochs(epoch.index)),
        budget,
      );
    },
    cartesi_getEpoch: getOne("Epoch", (params) => {
      const epoch = view.getEpoch(params.getIndex("epoch_index")!);
      return epoch && toWireEpoch(epoch, view.countEpochs(0, epoch.index));
    }),
    cartesi_getLastAcceptedEpochIndex: getOne("Epoch", () => {
      const index = view.getLastAcceptedEpochIndex();
      return index === undefined ? undefined : toWireNumber(index);
    }),
    cartesi_listInputs: (params, budget) => {
      const list = view.listInputs.bind(view, params.getFilter());
      return formatList(params.getPage(), list, toWireInput, budget);
    },
    cartesi_getInput: getOne("Input", (params) => {
      const input = view.getInput(params.getIndex("input_index")!);
      return input && toWireInput(input);
    }),
    cartesi_getProcessedInputCount: (_, budget) =>
      formatData(toWireNumber(view.getProcessedInputCount()), budget),
    cartesi_listOutputs: (params, budget) => {
      const filter = params.getFilter();
      return formatList(
        params.getPage(),
        (page) => view.listOutputs(filter, page),
        (output) => toWireOutput(output, view.getOutputSiblings(output.index)),
        budget,
      );
    },
    cartesi_getOutput: getOne("Output", (params) => {
      const output = view.getOutput(params.getIndex("output_index")!);
      return output && toWireOutput(output, view.getOutputSiblings(output.index));
    }),
    cartesi_listReports: (params, budget) => {
      const list = view.listReports.bind(view, params.getFilter());
      return formatList(params.getPage(), list, toWireReport, budget);
    },
    cartesi_getReport: getOne("Report", (params) => {
      const report = view.getReport(params.getIndex("report_index")!);
      return report && toWireReport(report);
    }),
    cartesi_listTournaments: listNone,
    cartesi_getTournament: getOne("Tournament", () => undefined),
    cartesi_listCommitments: listNone,
    cartesi_getCommitment: getOne("Commitment", () => undefined),
    cartesi_listMatches: listNone,
    cartesi_getMatch: getOne("Match", () => undefined),
    cartesi_listMatchAdvances: listNone,
    cartesi_getMatchAdvanced: getOne("Match advance", () => undefined),
    cartesi_getChainId: (_, budget) => formatData(toWireNumber(view.getIdentity().chainId), budget),
    cartesi_getNodeVersion: (_, budget) => formatData(NODE_VERSION, budget),
  };

  const { app } = view.getIdentity();
  const methods = new Map<string, RpcMethod>();
  for (const name of Object.keys(answers) as MethodName[]) {
    const parameters = listParameters(METHODS[name]);
    methods.set(name, (values, budget) => {
      const params = new RpcParams(values, parameters);
      params.require(METHODS[name].required);
      const application = params.getApplication() ?? app;
      if (application !== APPLICATION_NAME && application.toLowerCase() !== app) {
        throw new RpcError("application_not_found", "Application not found");
      }
      return answers[name](params, budget);
    });
  }
  methods.set("rpc.discover", (values, budget) => {
    new RpcParams(values, []);
    return budget.take(JSON.stringify(describeApi(NODE_VERSION)));
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
