import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { BODY_BYTES_MAX, GuestRequestError } from "./guest-requests.ts";

/** Takes one request with its parsed body; may answer later. Throws `GuestRequestError`. */
export type GuestHandler = (path: string, body: unknown, response: ServerResponse) => void;

/**
 * The HTTP half of the host: reads whole JSON bodies, hands them over and turns refusals into
 * answers. It is in the path of every output of every input, so it does nothing else.
 */
export function createGuestServer(handle: GuestHandler): Server {
  const server = createServer({ noDelay: true }, (request, response) => {
    // No date: the guest has no use for it, and a dApp must not read clocks.
    response.sendDate = false;
    readBody(request, (body) => {
      try {
        if (request.method !== "POST") throw new GuestRequestError("only POST is understood", 405);
        // Cartesi's server asks for it too; here it also keeps web pages out, which cannot say so
        // to another origin.
        if (!request.headers["content-type"]?.startsWith("application/json")) {
          throw new GuestRequestError("the content type must be application/json");
        }
        if (body === undefined) throw new GuestRequestError("the body exceeds 5 MiB", 413);
        handle(request.url ?? "", parse(body), response);
      } catch (error) {
        if (!(error instanceof GuestRequestError)) throw error;
        respond(response, error.status, error.message, "text/plain");
      }
    });
  });
  // A guest may compute for minutes and then go on with the connection it has.
  server.keepAliveTimeout = 0;
  server.requestTimeout = 0;
  server.headersTimeout = 0;
  return server;
}

/** Answers with an ASCII body. */
export function respond(
  response: ServerResponse,
  status: number,
  body: string,
  contentType = "application/json",
): void {
  // Raw headers and one string for head and body: one write, and no header map to build.
  const headers = ["Content-Type", contentType, "Content-Length", String(body.length)];
  response.writeHead(status, headers).end(body, "latin1");
}

/** Hands over the whole body, or `undefined` when it exceeds the bound; the rest is thrown away. */
function readBody(request: IncomingMessage, onBody: (body: string | undefined) => void): void {
  let only: Buffer | undefined;
  let chunks: Buffer[] | undefined;
  let size = 0;
  request.on("data", (chunk: Buffer) => {
    size += chunk.length;
    if (size > BODY_BYTES_MAX) chunks = only = undefined;
    else if (only === undefined) only = chunk;
    else if (chunks === undefined) chunks = [only, chunk];
    else chunks.push(chunk);
  });
  request.on("end", () => {
    if (size > BODY_BYTES_MAX) onBody(undefined);
    // What is understood is ASCII; anything else only has to be refused, not spelt right.
    else onBody(chunks === undefined ? (only?.toString("latin1") ?? "") : joined(chunks, size));
  });
}

function joined(chunks: readonly Buffer[], size: number): string {
  return Buffer.concat(chunks, size).toString("latin1");
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    throw new GuestRequestError("the body must be JSON");
  }
}
