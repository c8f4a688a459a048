import { request } from "node:http";
import type { Application } from "../../spec/application.ts";
import { type FinishStatus, RollupHttpClient } from "./http-client.ts";
import { encodeHex } from "./rollup-request.ts";

/** Enough for any message of ours; the server takes 2 MiB. */
const EXCEPTION_BYTES_MAX = 4_096;

/**
 * Serves an application through the rollup HTTP API until something breaks. It never returns: the
 * host ends the process, or the promise rejects.
 *
 * What `application.advance` or `inspect` throws is our bug and comes out unchanged, with none of
 * that input's outputs emitted: the caller reports it (`reportException`) and stops.
 *
 * @throws RollupConnectionError when the connection cannot be made or breaks.
 * @throws RollupAnswerError when the server answers otherwise than its API says.
 * @example
 * await runRollup(application, "http://127.0.0.1:5004");
 */
export async function runRollup(application: Application, url: string): Promise<never> {
  const client = new RollupHttpClient(url);
  try {
    let verdict: FinishStatus = "accept";
    for (;;) verdict = await serveOne(client, application, verdict);
  } finally {
    client.close();
  }
}

/**
 * One turn of the loop: reports the verdict on the request before, takes the next one, applies it
 * and emits what came of it. Gives the verdict to report in the next turn.
 */
export async function serveOne(
  client: RollupHttpClient,
  application: Application,
  verdict: FinishStatus,
): Promise<FinishStatus> {
  let next = await client.finish(verdict);
  // The verdict has been taken; asking again only repeats it (202: nothing to do yet).
  while (next === undefined) next = await client.finish(verdict);
  if (next.kind === "inspect") {
    await client.emit([], application.inspect(next.query));
    return "accept";
  }
  const result = application.advance(next.at, next.payload);
  // All of them are taken before the verdict goes out: it closes the input.
  await client.emit(result.outputs, result.reports);
  return result.status === "accepted" ? "accept" : "reject";
}

/**
 * POST `/exception` with the error's name and message, on a connection of its own. In the real
 * machine it never returns, since the machine stops there. Never rejects, because its caller is
 * about to exit anyway: `false` says that the server did not take it.
 *
 * @example
 * await reportException(url, error);
 * process.exit(1);
 */
export function reportException(url: string, error: unknown): Promise<boolean> {
  const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  const payload = encodeHex(Buffer.from(text).subarray(0, EXCEPTION_BYTES_MAX));
  return new Promise((resolve) => {
    const options = {
      method: "POST",
      agent: false,
      headers: { "Content-Type": "application/json" },
    } as const;
    // Appended, because the URL may have a path of its own.
    request(`${url.replace(/\/+$/, "")}/exception`, options, (answer) => {
      const status = answer.statusCode ?? 0;
      answer.on("error", () => resolve(false));
      answer.on("end", () => resolve(status >= 200 && status <= 299)).resume();
    })
      .on("error", () => resolve(false))
      .end(`{"payload":"${payload}"}`);
  });
}
