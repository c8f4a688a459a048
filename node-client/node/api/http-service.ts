import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { isIPv6 } from "node:net";
import { toListenError } from "../../chain/free-port.ts";

/** What a service answers to one request. */
export interface HttpAnswer {
  readonly status: number;
  readonly body: string;
  /** JSON by default. */
  readonly contentType?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface HttpRequest {
  readonly method: string;
  /** Without query, not decoded. */
  readonly path: string;
  readonly body: Uint8Array;
}

export interface HttpServiceOptions {
  /** For errors: what the port is meant for. */
  readonly purpose: string;
  readonly host: string;
  /** 0 lets the system choose. */
  readonly port: number;
  readonly bodyBytesMax: number;
  /** Origins of web pages that may call; `*` is every one. None by default. */
  readonly allowedOrigins: readonly string[];
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
/** A client that sends or reads nothing for so long is dropped. */
const IDLE_MS = 30_000;
const HEADERS_MS = 10_000;
/** Answers that clients have not read yet, all together: beyond it new requests have to wait. */
const UNREAD_BYTES_MAX = 64 * 1024 * 1024;
/** How long an answer under way may take when the service closes. */
const CLOSING_MS = 1_000;

const LOOPBACK = new Set(["127.0.0.1", "::1", "localhost"]);

/**
 * A small HTTP server that slow, huge or hostile clients cannot exhaust: connections, bodies,
 * unread answers and times are bounded.
 *
 * Web pages are kept out unless their origin is allowed. A browser names the page's origin in every
 * POST, and sends it to a host name of the page's choosing even when that name was made to lead to
 * this machine: so a foreign Origin is refused, and behind a loopback address a foreign Host too.
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
  await listen(server, options);
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : options.port;
  const host = isIPv6(options.host) ? `[${options.host}]` : options.host;
  return { url: `http://${host}:${port}`, close: () => closeServer(server) };
}

/** What to do where one of the API's ports is taken. */
export const CHOOSE_API_PORT =
  "Stop the program that has it (another node?), or choose with --rpc-port, --inspect-port, --health-port.";

async function listen(server: Server, { host, port, purpose }: HttpServiceOptions): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen({ host, port }, resolve);
  }).catch((error: NodeJS.ErrnoException) => {
    throw toListenError(error, { host, port, purpose, whatToDo: CHOOSE_API_PORT });
  });
}

async function closeServer(server: Server): Promise<void> {
  const deadline = setTimeout(() => server.closeAllConnections(), CLOSING_MS);
  await new Promise((resolve) => {
    server.close(resolve);
    server.closeIdleConnections();
  });
  clearTimeout(deadline);
}

/** Decides who gets in, reads the body and writes the answer. */
class Gate {
  readonly #options: HttpServiceOptions;
  #unreadBytes = 0;

  constructor(options: HttpServiceOptions) {
    this.#options = options;
  }

  serve(request: IncomingMessage, response: ServerResponse): void {
    const origin = request.headers.origin;
    if (!this.#isHostAllowed(request.headers.host) || !this.#isOriginAllowed(origin)) {
      request.resume();
      this.#write(response, createTextAnswer(403, "Forbidden"));
      return;
    }
    if (origin !== undefined) {
      response.setHeader("access-control-allow-origin", origin);
      response.setHeader("vary", "origin");
      if (request.method === "OPTIONS") {
        response.setHeader("access-control-allow-methods", "GET, POST");
        response.setHeader("access-control-allow-headers", "content-type");
        request.resume();
        this.#write(response, { status: 204, body: "" });
        return;
      }
    }
    this.#readBody(request, response);
  }

  #isHostAllowed(host: string | undefined): boolean {
    if (!LOOPBACK.has(this.#options.host)) return true;
    const name = (host ?? "").replace(/:\d+$/, "").replace(/^\[(.*)\]$/, "$1");
    return LOOPBACK.has(name.toLowerCase());
  }

  #isOriginAllowed(origin: string | undefined): boolean {
    const { allowedOrigins } = this.#options;
    return origin === undefined || allowedOrigins.includes("*") || allowedOrigins.includes(origin);
  }

  #readBody(request: IncomingMessage, response: ServerResponse): void {
    const chunks: Buffer[] = [];
    let size = 0;
    request.on("data", (chunk: Buffer) => {
      size += chunk.length;
      if (size <= this.#options.bodyBytesMax) chunks.push(chunk);
      else chunks.length = 0;
    });
    request.on("end", () => {
      // Too much is read to its end and thrown away: an answer before would be lost with the
      // connection. The time for a request bounds how long that may take.
      if (size <= this.#options.bodyBytesMax) {
        void this.#answer(request, Buffer.concat(chunks, size), response);
      } else this.#write(response, createTextAnswer(413, "Payload too large"));
    });
    // A client that goes away in mid-body has nothing to be told.
    request.on("error", () => {});
  }

  async #answer(request: IncomingMessage, body: Uint8Array, response: ServerResponse) {
    if (this.#unreadBytes > UNREAD_BYTES_MAX) {
      this.#write(response, createTextAnswer(503, "Too many answers are unread"));
      return;
    }
    // A machine may take its time; the client's time counts again when there is something to read.
    request.socket.setTimeout(0);
    const path = (request.url ?? "").replace(/[?#].*$/s, "");
    try {
      this.#write(
        response,
        await this.#options.handle({ method: request.method ?? "", path, body }),
      );
    } catch (error) {
      // What went wrong is for the operator; a client could do nothing with it.
      const words = error instanceof Error ? (error.stack ?? error.message) : String(error);
      this.#options.log(`${this.#options.purpose}: ${words}`);
      this.#write(response, createTextAnswer(500, "Internal server error"));
    }
  }

  #write(response: ServerResponse, answer: HttpAnswer): void {
    if (response.destroyed || response.headersSent) return;
    const bytes = Buffer.from(answer.body, "utf8");
    this.#unreadBytes += bytes.length;
    response.once("close", () => {
      this.#unreadBytes -= bytes.length;
    });
    response.writeHead(answer.status, {
      "content-type": answer.contentType ?? "application/json",
      "content-length": bytes.length,
      "x-content-type-options": "nosniff",
      ...answer.headers,
    });
    response.socket?.setTimeout(IDLE_MS);
    response.end(bytes);
  }
}

/** An answer in plain words. */
export function createTextAnswer(status: number, body: string): HttpAnswer {
  return { status, body, contentType: "text/plain" };
}

/** The answer to a method that a path does not know. */
export function createMethodNotAllowed(allow: string): HttpAnswer {
  return { ...createTextAnswer(405, "Method not allowed"), headers: { allow } };
}

/** The answer to a path that nobody serves. */
export const NOT_FOUND: HttpAnswer = createTextAnswer(404, "Not found");
