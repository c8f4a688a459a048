import { listParameters, METHODS, type MethodDescription } from "./rpc-catalog.ts";
import { LIMIT_MAX, PARAMETERS } from "./rpc-params.ts";

/**
 * The answer to `rpc.discover`: an OpenRPC document of the methods that are there.
 *
 * @param version The node's, as SemVer.
 */
export function describeApi(version: string) {
  return {
    openrpc: "1.3.2",
    info: {
      title: "Cartesi Rollups Node API, as tallyroll serves it",
      version,
      description:
        "Integers are hexadecimal, times are ISO 8601. Unknown parameters are refused. Lists are " +
        `cut to ${LIMIT_MAX} items; \`from\` and \`to\` are the least and the largest index.`,
    },
    methods: [
      ...Object.entries(METHODS).map(([name, method]) => describeMethod(name, method)),
      {
        name: "rpc.discover",
        summary: "This document",
        params: [],
        result: { name: "result", schema: { type: "object" } },
      },
    ],
  };
}

function describeMethod(name: string, method: MethodDescription) {
  const { summary, required, gives } = method;
  return {
    name,
    summary,
    paramStructure: "either",
    params: listParameters(method).map((parameter) => ({
      name: parameter,
      required: required.includes(parameter),
      schema: PARAMETERS[parameter].schema,
    })),
    result: { name: "result", schema: gives === "list" ? LIST : ONE },
  };
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
