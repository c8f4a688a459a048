import { hexToString } from "viem";
import type { Hex } from "../../../spec/outputs.ts";
import { ClientError } from "../../errors.ts";
import { NodeAnswerInvalid } from "./node-errors.ts";
import { type Query, QueryRefused } from "./query-refused.ts";
import { type NodeWay, postToNode } from "./request-node.ts";

/** Where a node's inspect API is, and of which application. */
export interface InspectEndpoint extends NodeWay {
  readonly inspectUrl: string;
  readonly app: Hex;
}

/** The machine gave up over a query, or gave no report: the node's or the application's fault. */
export class InspectFailed extends ClientError {
  override readonly name = "InspectFailed";
}

/**
 * Asks the application about its state, through the node's inspect API: raw bytes in, reports out.
 *
 * @returns The JSON object that the application reports, in its wire shape (snake_case).
 * @throws QueryRefused when the application cannot answer, InspectFailed when the machine gave up,
 * NodeUnreachable and NodeAnswerInvalid.
 * @example
 * await inspectApplication(at, { query: "balance", account, token }); // { amount: "100", … }
 */
export async function inspectApplication<Answer>(
  { inspectUrl, app, ...way }: InspectEndpoint,
  query: Query,
): Promise<Answer> {
  const url = `${inspectUrl}/inspect/${app}`;
  const body = new TextEncoder().encode(JSON.stringify(query));
  const contentType = "application/octet-stream";
  const answer = await postToNode(url, body, { contentType, ...way });
  const { status, reports } = answer;
  if (typeof status !== "string") {
    throw new NodeAnswerInvalid(url, String(answer.error ?? answer.message ?? "no status"));
  }
  const report = Array.isArray(reports) ? reports[0]?.payload : undefined;
  if (status.toUpperCase() !== "ACCEPTED" || typeof report !== "string") {
    throw new InspectFailed(`The machine did not answer "${query.query}": ${status}.`, {
      whatToDo: "Look at the node's log; an exception there is a bug of the application.",
    });
  }
  return parseReport(url, query, report);
}

function parseReport<Answer>(url: string, query: Query, report: string): Answer {
  let value: unknown;
  try {
    value = JSON.parse(hexToString(report as Hex));
  } catch (cause) {
    throw new NodeAnswerInvalid(url, "a report that is no JSON", cause);
  }
  if (typeof value !== "object" || value === null) {
    throw new NodeAnswerInvalid(url, "a report that is no JSON object");
  }
  if ("error" in value) throw new QueryRefused(query, { ...value });
  return value as Answer;
}
