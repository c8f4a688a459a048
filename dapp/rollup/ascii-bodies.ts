import type { IncomingMessage, ServerResponse } from "node:http";

/** Bodies of the rollup HTTP API, which are ASCII: how both of its sides read and write them. */

/**
 * Hands over the whole body, or `undefined` when it exceeds the bound; the rest is thrown away.
 *
 * @param onExcess Called for each piece over the bound, with what has come in all.
 */
export function readBody(
  message: IncomingMessage,
  bytesMax: number,
  onExcess: (message: IncomingMessage, byteCount: number) => void,
  onBody: (body: string | undefined) => void,
): void {
  let only: Buffer | undefined;
  let chunks: Buffer[] | undefined;
  let size = 0;
  message.on("data", (chunk: Buffer) => {
    size += chunk.length;
    if (size > bytesMax) {
      chunks = only = undefined;
      onExcess(message, size);
    } else if (only === undefined) only = chunk;
    else if (chunks === undefined) chunks = [only, chunk];
    else chunks.push(chunk);
  });
  message.on("end", () => {
    // A small body comes in one piece, which needs no copy.
    const whole = chunks === undefined ? only : Buffer.concat(chunks, size);
    onBody(size > bytesMax ? undefined : (whole?.toString("latin1") ?? ""));
  });
}

/** Answers with a body. */
export function respond(
  response: ServerResponse,
  status: number,
  body: string,
  contentType = "application/json",
): void {
  // A date would read the clock, which a dApp must not, and start a timer to cache it.
  response.sendDate = false;
  // Raw headers and one string for head and body: one write, and no header map to build.
  const headers = ["Content-Type", contentType, "Content-Length", String(body.length)];
  response.writeHead(status, headers).end(body, "latin1");
}
