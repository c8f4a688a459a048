import type { ParameterName } from "./rpc-params.ts";

/** What a method takes and gives, for callers and for `rpc.discover`. */
export interface MethodDescription {
  readonly summary: string;
  /** In the order of positional parameters. */
  readonly required: readonly ParameterName[];
  readonly optional: readonly ParameterName[];
  readonly gives: "one" | "list";
}

const APP = ["application"] as const;
const PAGE = ["limit", "offset", "descending"] as const;
const BOUNDED = [...PAGE, "from", "to"] as const;
const MATCH = ["application", "epoch_index", "tournament_address", "id_hash"] as const;

const get = (summary: string, ...required: readonly ParameterName[]): MethodDescription => ({
  summary,
  required,
  optional: [],
  gives: "one",
});
const list = (
  summary: string,
  required: readonly ParameterName[],
  ...optional: readonly ParameterName[]
): MethodDescription => ({ summary, required, optional, gives: "list" });

/** The methods of the official node's API (rollups-node v2), and what each of them takes. */
export const METHODS = {
  cartesi_listApplications: list("The applications of this node: one", [], ...PAGE),
  cartesi_getApplication: get("An application by its name or address", ...APP),
  cartesi_listEpochs: list("Epochs, by index", APP, "status", ...BOUNDED),
  cartesi_getEpoch: get("An epoch", ...APP, "epoch_index"),
  cartesi_getLastAcceptedEpochIndex: get("The newest epoch whose claim is accepted", ...APP),
  cartesi_listInputs: list("Inputs, by index", APP, "epoch_index", "sender", ...BOUNDED),
  cartesi_getInput: get("An input", ...APP, "input_index"),
  cartesi_getProcessedInputCount: get("How many inputs have a result", ...APP),
  cartesi_listOutputs: list(
    "Outputs, by index",
    APP,
    ...(["epoch_index", "input_index", "output_type", "voucher_address"] as const),
    ...BOUNDED,
    "executed",
  ),
  cartesi_getOutput: get("An output", ...APP, "output_index"),
  cartesi_listReports: list(
    "Reports, by index",
    APP,
    ...(["epoch_index", "input_index"] as const),
    ...BOUNDED,
  ),
  cartesi_getReport: get("A report", ...APP, "report_index"),
  cartesi_listTournaments: list(
    "Tournaments of disputes: none",
    APP,
    ...(["epoch_index", "level", "parent_tournament_address", "parent_match_id_hash"] as const),
    ...PAGE,
  ),
  cartesi_getTournament: get("A tournament: none", ...APP, "address"),
  cartesi_listCommitments: list(
    "Commitments in disputes: none",
    APP,
    ...(["epoch_index", "tournament_address"] as const),
    ...PAGE,
  ),
  cartesi_getCommitment: get(
    "A commitment: none",
    ...(["application", "epoch_index", "tournament_address", "commitment"] as const),
  ),
  cartesi_listMatches: list(
    "Matches of tournaments: none",
    APP,
    ...(["epoch_index", "tournament_address"] as const),
    ...PAGE,
  ),
  cartesi_getMatch: get("A match: none", ...MATCH),
  cartesi_listMatchAdvances: list("Advances of a match: none", MATCH, ...PAGE),
  cartesi_getMatchAdvanced: get("An advance of a match: none", ...MATCH, "parent"),
  cartesi_getChainId: get("The chain's id"),
  cartesi_getNodeVersion: get("The version of this node"),
} as const satisfies Record<string, MethodDescription>;

export type MethodName = keyof typeof METHODS;

/** A method's parameters in their order. */
export function listParameters({ required, optional }: MethodDescription): ParameterName[] {
  return [...required, ...optional];
}
