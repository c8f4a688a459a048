import type { RunningNode } from "../../node/start-node.ts";
import { formatFields } from "../terminal/format-table.ts";

/** What is said of a node that serves. */
export function describeNode({ identity, urls, node }: RunningNode) {
  return {
    app: identity.app,
    consensus: identity.consensus,
    epochLength: identity.epochLength,
    machineKey: identity.machineKey,
    nodeUrl: urls.rpc,
    inspectUrl: urls.inspect,
    healthUrl: urls.health,
    inputs: node.view.getProcessedInputCount(),
  };
}

/** The same in words. */
export function formatFacts(
  facts: ReturnType<typeof describeNode> & { rpcUrl: string; token?: string },
  hint: string,
  columns: number | undefined,
): string {
  const lines = [
    ["chain", facts.rpcUrl],
    ["application", facts.app],
    ...(facts.token === undefined ? [] : [["test token", facts.token]]),
    ["machine key", facts.machineKey],
    ["JSON-RPC", facts.nodeUrl],
    ["inspect", `${facts.inspectUrl}/inspect/${facts.app}`],
    ["health", `${facts.healthUrl}/readyz`],
    ["inputs so far", String(facts.inputs)],
  ];
  return `${formatFields(lines, columns, 14)}ready: ${hint}; Ctrl-C ends it\n`;
}
