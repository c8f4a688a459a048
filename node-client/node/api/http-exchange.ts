import type { IncomingMessage, ServerResponse } from "node:http";
import { type BytesInFlight, SMALL_BYTES } from "./bytes-in-flight.ts";

/** What a service answers to one request. */
export interface HttpAnswer {
  readonly status: number;
  /** Text or its bytes, or pieces of them that are made one after the other as the client reads. */
  readonly body: string | Uint8Array | AsyncIterable<Uint8Array>;
  /** JSON by default. */
  readonly contentType?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** The answer to what the node could do at another moment. */
export function createBusyAnswer(body: string): HttpAnswer {
  return { ...createTextAnswer(503, body), headers: { "retry-after": "1" } };
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

/** A client that sends or reads nothing for so long is dropped. */
export const IDLE_MS = 30_000;

/** What came of reading a body. */
export type Body = Uint8Array | "too large" | "no room" | "gone";

/**
 * Reads a request's body, which is held in memory until `release`. Too much is read to its end and
 * thrown away: an answer before would be lost with the connection. The time for a request bounds how
 * long that may take.
 */
export async function readRequestBody(
  request: IncomingMessage,
  bytesMax: number,
  inFlight: BytesInFlight,
): Promise<{ readonly body: Body; readonly release: () => void }> {
  const chunks: Buffer[] = [];
  const holding = inFlight.hold(0, () => request.destroy());
  const { release } = holding;
  let size = 0;
  let fault: "too large" | "no room" | undefined;
  try {
    for await (const chunk of request as AsyncIterable<Buffer>) {
      size += chunk.length;
      holding.note(chunk.length);
      if (size > bytesMax) fault = "too large";
      else if (size > SMALL_BYTES && !inFlight.hasRoom(SMALL_BYTES + chunk.length))
        fault ??= "no room";
      if (fault === undefined) {
        holding.grow(chunk.length);
        chunks.push(chunk);
      } else chunks.length = 0;
    }
  } catch {
    // A client that goes away in mid-body hears nothing any more.
    return { body: "gone", release };
  }
  holding.keep();
  return { body: fault ?? Buffer.concat(chunks, size), release };
}

/**
 * Writes an answer as fast as the client reads it, and waits until the last byte has left. The next
 * piece of an answer in pieces is asked for when the one before has left.
 */
export async function writeAnswer(
  response: ServerResponse,
  answer: HttpAnswer,
  inFlight: BytesInFlight,
): Promise<void> {
  const { status, body, headers, contentType = "application/json" } = answer;
  const head = { "content-type": contentType, "x-content-type-options": "nosniff", ...headers };
  // A machine may take its time; the client's time counts again when there is something to read.
  const expectReading = () => response.socket?.setTimeout(IDLE_MS);
  if (typeof body === "string" || body instanceof Uint8Array) {
    const bytes = typeof body === "string" ? Buffer.from(body, "utf8") : body;
    if (!response.destroyed)
      response.writeHead(status, { ...head, "content-length": bytes.length });
    expectReading();
    await writePiece(response, bytes, inFlight);
  } else {
    for await (const piece of body) {
      if (response.destroyed) return;
      if (!response.headersSent) response.writeHead(status, head);
      expectReading();
      await writePiece(response, piece, inFlight);
      response.socket?.setTimeout(0);
    }
  }
  if (response.destroyed) return;
  expectReading();
  await new Promise<void>((resolve) => {
    response.once("close", resolve);
    response.end(resolve);
  });
}

async function writePiece(
  response: ServerResponse,
  bytes: Uint8Array,
  inFlight: BytesInFlight,
): Promise<void> {
  const holding = inFlight.hold(bytes.length, () => response.destroy());
  try {
    for (let at = 0; at < bytes.length && !response.destroyed; at += SMALL_BYTES) {
      const slice = bytes.subarray(at, at + SMALL_BYTES);
      await writeSlice(response, slice);
      holding.note(slice.length);
    }
  } finally {
    holding.release();
  }
}

/** Settles when the bytes have left the process, or nobody is there to take them. */
function writeSlice(response: ServerResponse, slice: Uint8Array): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      response.off("close", end);
      resolve();
    };
    response.once("close", end);
    response.write(slice, end);
  });
}
