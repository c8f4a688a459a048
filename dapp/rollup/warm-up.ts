import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { InputContext } from "../../spec/input.ts";
import type { AdvanceResult } from "../../spec/outputs.ts";
import { respond } from "./ascii-bodies.ts";
import { type FinishStatus, RollupHttpClient } from "./http-client.ts";
import { serveOne } from "./loop.ts";
import { encodeAdvanceRequest } from "./rollup-request.ts";

/** One made-up input to warm up with. */
interface WarmUpInput {
  readonly at: InputContext;
  readonly payload: Uint8Array;
}

/**
 * Runs inputs through the very code that will serve the real ones, HTTP included, against a small
 * rollup server in this process: so that compiling it lands in the stored machine, before the
 * first `/finish`, and no input pays for it. The caller resets whatever `advance` has changed.
 *
 * @throws whatever `advance` throws.
 * @example
 * await warmUpHttp(inputs, (at, payload) => application.advance(at, payload));
 */
export async function warmUpHttp(
  inputs: Iterable<WarmUpInput>,
  advance: (at: InputContext, payload: Uint8Array) => AdvanceResult,
): Promise<void> {
  const application = { advance, inspect: () => [] };
  let next = "";
  const server = await listen(() => next);
  const { port } = server.address() as AddressInfo;
  const client = new RollupHttpClient(`http://127.0.0.1:${port}`);
  try {
    let verdict: FinishStatus = "accept";
    for (const { at, payload } of inputs) {
      next = encodeAdvanceRequest(at, payload);
      verdict = await serveOne(client, application, verdict);
    }
  } finally {
    client.close();
    await new Promise((resolve) => server.close(resolve));
  }
}

/** Answers as Cartesi's rollup HTTP server does: 200 for `/finish`, 202 reports, 201 outputs. */
function listen(nextRequest: () => string): Promise<Server> {
  const server = createServer((request, response) => {
    request.resume();
    request.on("end", () => {
      if (request.url === "/finish") respond(response, 200, nextRequest());
      else if (request.url === "/report") respond(response, 202, "");
      else respond(response, 201, '{"index":0}');
    });
  });
  // No timeouts: they would only start timers, and the guest has no use for any.
  server.keepAliveTimeout = 0;
  server.requestTimeout = 0;
  server.headersTimeout = 0;
  return new Promise((resolve, reject) => {
    server.on("error", reject);
    server.listen(0, "127.0.0.1", () => resolve(server));
  });
}
