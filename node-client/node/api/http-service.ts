import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { isIPv6, type Socket } from "node:net";
import { isHomeName, toHostName } from "../../home-name.ts";
import { listenAt } from "../anvil/free-port.ts";
import type { BytesInFlight } from "./bytes-in-flight.ts";
import {
  type Body,
  createBusyAnswer,
  createTextAnswer,
  type HttpAnswer,
  IDLE_MS,
  readRequestBody,
  writeAnswer,
} from "./http-exchange.ts";

export interface HttpRequest {
  readonly method: string;
  /** Without query, not decoded. */
  readonly path: string;
  readonly body: Uint8Array;
  /** Whether nobody waits for the answer any more. */
  isGone(): boolean;
}

/** Whom an HTTP service lets in. */
interface GateOptions {
  /** The address that the service listens on. */
  readonly host: string;
  /** Origins of web pages that may call; `*` is every one. */
  readonly allowedOrigins: readonly string[];
  /** Names by which others, such as a reverse proxy, call this machine; `*` is every one. */
  readonly allowedHosts: readonly string[];
}

export interface HttpServiceOptions extends GateOptions {
  /** For errors: what the port is meant for. */
  readonly purpose: string;
  /** 0 lets the system choose. */
  readonly port: number;
  readonly bodyBytesMax: number;
  /** The memory that this service shares with others. */
  readonly inFlight: BytesInFlight;
  readonly handle: (request: HttpRequest) => HttpAnswer | Promise<HttpAnswer>;
  /** Takes one line about a failure of ours. */
  readonly log: (line: string) => void;
}

export interface HttpService {
  /** `http://host:port`, with the port that was chosen. */
  readonly url: string;
  close(): Promise<void>;
}

const CONNECTIONS_MAX = 128;
const HEADERS_MS = 10_000;
/** Requests of one connection that may wait for the one before them. */
const PIPELINED_MAX = 16;
/** How long an answer under way may take when the service closes. */
const CLOSING_MS = 1_000;

/**
 * A small HTTP server that slow, huge or hostile clients cannot exhaust: connections, bodies,
 * answers under way and times are bounded.
 *
 * @throws PortTaken, ListeningRefused
 */
export async function startHttpService(options: HttpServiceOptions): Promise<HttpService> {
  const gate = new Gate(options);
  const server = createServer({ noDelay: true, connectionsCheckingInterval: 1_000 });
  server.on("request", (request, response) => gate.serve(request, response));
  server.maxConnections = CONNECTIONS_MAX;
  server.headersTimeout = HEADERS_MS;
  server.requestTimeout = IDLE_MS;
  server.timeout = IDLE_MS;
  const port = await listenAt(server, { ...options, whatToDo: CHOOSE_API_PORT });
  const host = isIPv6(options.host) ? `[${options.host}]` : options.host;
  return { url: `http://${host}:${port}`, close: () => closeServer(server) };
}

/** What to do where one of the API's ports is taken. */
export const CHOOSE_API_PORT =
  "Stop the program that has it (another node?), or choose with --rpc-port, --inspect-port, --health-port.";

async function closeServer(server: Server): Promise<void> {
  const deadline = setTimeout(() => server.closeAllConnections(), CLOSING_MS);
  await new Promise((resolve) => {
    server.close(resolve);
    server.closeIdleConnections();
  });
  clearTimeout(deadline);
}

/** Serves the requests of a service: of each connection, one after the other. */
class Gate {
  readonly #options: HttpServiceOptions;
  readonly #lines = new WeakMap<Socket, { count: number; last: Promise<void> }>();

  constructor(options: HttpServiceOptions) {
    this.#options = options;
  }

  serve(request: IncomingMessage, response: ServerResponse): void {
    const { socket } = request;
    const line = this.#lines.get(socket) ?? { count: 0, last: Promise.resolve() };
    this.#lines.set(socket, line);
    line.count += 1;
    if (line.count > PIPELINED_MAX) {
      socket.destroy();
      return;
    }
    line.last = line.last.then(async () => {
      await this.#serveOne(request, response);
      line.count -= 1;
    });
  }

  /** Never throws: a client has no part in what goes wrong here. */
  async #serveOne(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { bodyBytesMax, inFlight, log, purpose } = this.#options;
    try {
      const refusal = findRefusal(request.headers, this.#options);
      const bytesMax = refusal === undefined ? bodyBytesMax : 0;
      const { body, release } = await readRequestBody(request, bytesMax, inFlight);
      try {
        const answer =
          refusal === undefined
            ? await this.#answer(request, response, body)
            : createTextAnswer(403, refusal);
        await writeAnswer(response, answer, inFlight);
      } finally {
        release();
      }
    } catch (error) {
      log(`${purpose}: ${describeFailure(error)}`);
      response.destroy();
    }
  }

  async #answer(
    request: IncomingMessage,
    response: ServerResponse,
    body: Body,
  ): Promise<HttpAnswer> {
    const { handle, log, purpose } = this.#options;
    for (const [name, value] of Object.entries(listCorsHeaders(request))) {
      response.setHeader(name, value);
    }
    const { method = "", headers } = request;
    if (method === "OPTIONS" && headers.origin !== undefined) return { status: 204, body: "" };
    if (body === "too large") return createTextAnswer(413, "Payload too large");
    if (body === "no room") return createBusyAnswer("Too many requests are under way");
    if (body === "gone") return createTextAnswer(400, "The request was cut");
    request.socket.setTimeout(0);
    const path = (request.url ?? "").replace(/[?#].*$/s, "");
    try {
      return await handle({ method, path, body, isGone: () => response.destroyed });
    } catch (error) {
      // What went wrong is for the operator; a client could do nothing with it.
      log(`${purpose}: ${describeFailure(error)}`);
      return createTextAnswer(500, "Internal server error");
    }
  }
}

function describeFailure(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

const PREFLIGHT_SEC = 600;

/**
 * Why a request is kept out; `undefined` lets it in.
 *
 * Web pages are kept out unless their origin is allowed: a browser names it in every POST. And a page
 * can give this machine a name of its own, so that its requests seem to stay at home: so a name is
 * believed only where nobody else could have made it up, and a number always.
 */
function findRefusal(
  { host, origin }: IncomingMessage["headers"],
  { host: ownHost, allowedHosts, allowedOrigins }: GateOptions,
): string | undefined {
  const name = toHostName(host ?? "");
  const isHome = isHomeName(name) || name === ownHost.toLowerCase();
  if (!isHome && !includes(allowedHosts, name)) {
    return "Forbidden: this node does not go by that host name (--allow-host)";
  }
  if (origin === undefined || includes(allowedOrigins, origin)) return undefined;
  return "Forbidden: pages of that origin may not call this node (--allow-origin)";
}

/** What a browser has to hear before it lets an allowed page ask, or read the answer. */
function listCorsHeaders(request: IncomingMessage): Record<string, string> {
  const { origin } = request.headers;
  if (origin === undefined) return {};
  const headers = {
    "access-control-allow-origin": origin,
    "access-control-expose-headers": "retry-after",
    vary: "origin",
  };
  if (request.method !== "OPTIONS") return headers;
  const isPrivate = request.headers["access-control-request-private-network"] === "true";
  return {
    ...headers,
    "access-control-allow-methods": "GET, POST",
    "access-control-allow-headers": "content-type",
    "access-control-max-age": String(PREFLIGHT_SEC),
    ...(isPrivate ? { "access-control-allow-private-network": "true" } : {}),
  };
}

function includes(allowed: readonly string[], given: string): boolean {
  return allowed.includes("*") || allowed.includes(given);
}
