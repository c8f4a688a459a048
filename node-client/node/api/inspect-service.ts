import type { Hex } from "../../../spec/outputs.ts";
import { type InspectResult, MachineLost } from "../machine/machine.ts";
import type { BytesInFlight } from "./bytes-in-flight.ts";
import {
  createBusyAnswer,
  createMethodNotAllowed,
  createTextAnswer,
  type HttpAnswer,
  NOT_FOUND,
} from "./http-exchange.ts";
import type { HttpRequest } from "./http-service.ts";
import { APPLICATION_NAME } from "./wire-shapes.ts";

/** What a machine says to a query, and of how many inputs it knows. */
export interface InspectAnswer extends InspectResult {
  readonly processedInputCount: number;
  /** What the dApp said when it gave up. */
  readonly exception?: Hex;
}

/** Queries that may wait for the machine at once: it answers one at a time. */
const WAITING_MAX = 32;

const STATUSES = { accepted: "Accepted", rejected: "Rejected", exception: "Exception" } as const;

/**
 * `POST /inspect/{name or address}`: the body is the query, raw. As in the official node, what the
 * machine says is HTTP 200 whatever it says.
 */
export function createInspectHandler(
  app: Hex,
  inspect: (query: Uint8Array) => Promise<InspectAnswer>,
  inFlight: BytesInFlight,
): (request: HttpRequest) => Promise<HttpAnswer> {
  let waiting = 0;
  return async ({ method, path, body }) => {
    const [, application] = /^\/inspect\/([^/]+)$/.exec(path) ?? [];
    if (application === undefined) return NOT_FOUND;
    if (method !== "POST") return createMethodNotAllowed("POST");
    if (application !== APPLICATION_NAME && application.toLowerCase() !== app) {
      return createTextAnswer(404, "Application not found");
    }
    if (waiting >= WAITING_MAX) return createBusyAnswer("Too many queries are waiting");
    waiting += 1;
    try {
      const text = JSON.stringify(toWireAnswer(await inspect(body)));
      if (inFlight.hasRoom(text.length)) return { status: 200, body: text };
      return createBusyAnswer("Too many answers wait to be read");
    } catch (error) {
      if (!(error instanceof MachineLost)) throw error;
      return createBusyAnswer("Machine not ready");
    } finally {
      waiting -= 1;
    }
  };
}

function toWireAnswer({ status, reports, exception, processedInputCount }: InspectAnswer) {
  const isException = status === "exception";
  return {
    status: STATUSES[status],
    ...(isException ? { error: "The machine raised an exception while inspecting" } : {}),
    ...(exception === undefined ? {} : { exception_data: exception }),
    reports: reports.map((payload) => ({ payload })),
    processed_input_count: processedInputCount,
  };
}
