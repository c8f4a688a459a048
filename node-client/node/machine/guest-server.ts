import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { readBody, respond } from "../../../dapp/rollup/ascii-bodies.ts";
import type { GuestDoor, GuestRefusal } from "./guest-door.ts";
import { BODY_BYTES_MAX, GuestRequestError } from "./guest-requests.ts";

/** Takes one request with its parsed body; may answer later. Throws `GuestRequestError`. */
type GuestHandler = (path: string, body: unknown, response: ServerResponse) => void;

/** How long a request may take to arrive whole, and its head: over loopback, with much to spare. */
const REQUEST_MS_MAX = 60_000;
const HEAD_MS_MAX = 10_000;
const ARRIVAL_CHECK_MS = 5_000;
const HEAD_BYTES_MAX = 8 * 1024;
/** Of a body that is too large so much is read and dropped, so that its sender sees the answer. */
const DROPPED_BYTES_MAX = 64 * 2 ** 20;
/** Objects and lists in one body. */
const OPENINGS_MAX = 64;

/**
 * The HTTP half of the host: reads whole JSON bodies of those whom the door lets in, hands them
 * over and turns refusals into answers. It is in the path of every output of every input, so it
 * does nothing else.
 */
export function createGuestServer(door: GuestDoor, handle: GuestHandler): Server {
  const options = {
    noDelay: true,
    maxHeaderSize: HEAD_BYTES_MAX,
    requestTimeout: REQUEST_MS_MAX,
    headersTimeout: HEAD_MS_MAX,
    connectionsCheckingInterval: ARRIVAL_CHECK_MS,
    // Between two requests a guest may compute for minutes, and then goes on with what it has.
    keepAliveTimeout: 0,
  };
  const server = createServer(options, (request, response) => {
    door.judge(
      request,
      (path) => serve(request, response, path, handle),
      (refusal) => turnAway(response, refusal),
    );
  });
  server.on("connection", (socket: Socket) => door.meet(socket));
  return server;
}

function serve(
  request: IncomingMessage,
  response: ServerResponse,
  path: string,
  handle: GuestHandler,
): void {
  readBody(request, BODY_BYTES_MAX, dropOnExcess, (body) => {
    try {
      if (request.method !== "POST") throw new GuestRequestError("only POST is understood", 405);
      // Cartesi's server asks for it too; a web page cannot say so to another origin unasked.
      if (!isJson(request.headers["content-type"])) {
        throw new GuestRequestError("the content type must be application/json");
      }
      if (body === undefined) throw new GuestRequestError("the body exceeds 5 MiB", 413);
      handle(path, parse(body), response);
    } catch (error) {
      if (!(error instanceof GuestRequestError)) throw error;
      respond(response, error.status, error.message, "text/plain");
    }
  });
}

/** Answers and hangs up, whatever else was on its way. */
function turnAway(response: ServerResponse, { status, message }: GuestRefusal): void {
  response.shouldKeepAlive = false;
  respond(response, status, message, "text/plain");
}

const isJson = (contentType: string | undefined): boolean =>
  contentType !== undefined && /^application\/json[\t ]*(;|$)/i.test(contentType);

function dropOnExcess(request: IncomingMessage, byteCount: number): void {
  if (byteCount > DROPPED_BYTES_MAX) request.destroy();
}

function parse(body: string): unknown {
  // What is understood is flat. A million lists within each other would take seconds to parse.
  if (!isShallow(body)) throw new GuestRequestError("the body must be a flat JSON object");
  try {
    return JSON.parse(body);
  } catch {
    throw new GuestRequestError("the body must be JSON");
  }
}

function isShallow(body: string): boolean {
  let count = 0;
  for (const opening of ["{", "["]) {
    for (let at = body.indexOf(opening); at !== -1; at = body.indexOf(opening, at + 1)) {
      count += 1;
      if (count > OPENINGS_MAX) return false;
    }
  }
  return true;
}
