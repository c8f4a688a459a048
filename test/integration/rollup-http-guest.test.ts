import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { RollupConnectionError } from "../../dapp/rollup/http-client.ts";
import { reportException, runRollup } from "../../dapp/rollup/loop.ts";
import {
  decodeRollupRequest,
  encodeAdvanceRequest,
  encodeInspectRequest,
  RollupAnswerError,
} from "../../dapp/rollup/rollup-request.ts";
import { warmUpHttp } from "../../dapp/rollup/warm-up.ts";
import type { Application } from "../../spec/application.ts";
import { contextOf, hexOf, text } from "./fixtures/start-stub-guest.ts";

/** The guest's loop against servers that answer late, wrongly or not at all. */

type Reply = readonly [status: number, body: string] | "hang up" | "cut short";

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

/** Answers requests one after the other from a list, notes them, and hangs up at its end. */
async function serve(replies: readonly Reply[]): Promise<{ url: string; seen: string[] }> {
  const seen: string[] = [];
  const server = createServer((request, response) => {
    let body = "";
    request.setEncoding("utf8").on("data", (chunk: string) => {
      body += chunk;
    });
    request.on("end", () => {
      reply(response, replies[seen.length] ?? "hang up");
      seen.push(`${request.url} ${body}`);
    });
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, seen };
}

function reply(response: ServerResponse, answer: Reply): void {
  if (answer === "hang up") response.destroy();
  else if (answer === "cut short") {
    response.writeHead(200, { "content-length": 100 }).write("{");
    setTimeout(() => response.destroy(), 20);
  } else response.writeHead(answer[0]).end(answer[1]);
}

const application: Application = {
  advance: (_at, payload) => ({
    status: payload[0] === 0x72 ? "rejected" : "accepted",
    outputs: [{ kind: "notice", payload: hexOf(payload) }],
    reports: [hexOf("seen")],
  }),
  inspect: (query) => [hexOf(query)],
};
const input = (payload: string): Reply => [200, encodeAdvanceRequest(contextOf(0), text(payload))];
const OUTPUT: Reply = [201, '{"index":0}'];
const REPORT: Reply = [202, ""];

describe("runRollup", () => {
  test("asks again after 202, with the same verdict", async () => {
    const { url, seen } = await serve([input("r"), OUTPUT, REPORT, [202, ""], [202, "later"]]);
    await expect(runRollup(application, url)).rejects.toThrow(RollupConnectionError);
    expect(seen).toEqual([
      '/finish {"status":"accept"}',
      `/notice {"payload":"${hexOf("r")}"}`,
      `/report {"payload":"${hexOf("seen")}"}`,
      '/finish {"status":"reject"}',
      '/finish {"status":"reject"}',
      '/finish {"status":"reject"}',
    ]);
  });

  test("answers a query with reports and accepts", async () => {
    const { url, seen } = await serve([[200, encodeInspectRequest(text("q"))], REPORT]);
    await expect(runRollup(application, url)).rejects.toThrow(RollupConnectionError);
    expect(seen.slice(1)).toEqual([
      `/report {"payload":"${hexOf("q")}"}`,
      '/finish {"status":"accept"}',
    ]);
  });

  test.each<[string, Reply[], string]>([
    ["a finish answered 500", [[500, "broken"]], "500: broken"],
    ["a body that is not JSON", [[200, "<html>"]], "not JSON"],
    ["an empty body", [[200, ""]], "not JSON"],
    ["an unknown request", [[200, '{"request_type":"x","data":{"payload":"0x"}}']], "request_type"],
    ["a refused notice", [input("n"), [400, "too long"]], "400: too long"],
    ["a refused report", [input("n"), OUTPUT, [400, "too long"]], "400: too long"],
  ])("stops at %s, and no verdict goes out", async (_name, replies, message) => {
    const { url, seen } = await serve(replies);
    const running = runRollup(application, url);
    await expect(running).rejects.toThrow(RollupAnswerError);
    await expect(running).rejects.toThrow(message);
    expect(seen.filter((request) => request.startsWith("/finish"))).toHaveLength(1);
  });

  test.each<[string, Reply[]]>([
    ["before the first input", ["hang up"]],
    ["in the middle of an input", ["cut short"]],
    ["over a notice", [input("n"), "hang up"]],
    ["over a report", [input("n"), OUTPUT, "hang up"]],
  ])("names a connection lost %s", async (_name, replies) => {
    const { url } = await serve(replies);
    await expect(runRollup(application, url)).rejects.toThrow(RollupConnectionError);
  });

  test("names a server that is not there", async () => {
    const { url } = await serve([]);
    const server = servers.pop()!;
    await new Promise((resolve) => server.close(resolve));
    await expect(runRollup(application, url)).rejects.toThrow(RollupConnectionError);
    expect(await reportException(url, new Error("nobody hears"))).toBe(false);
  });

  test("an error of the application comes out as it is, and emits nothing", async () => {
    const bug = new TypeError("our bug");
    const broken: Application = {
      advance: () => {
        throw bug;
      },
      inspect: () => [],
    };
    const { url, seen } = await serve([input("n"), [202, ""]]);
    await expect(runRollup(broken, url)).rejects.toBe(bug);
    expect(await reportException(url, bug)).toBe(true);
    expect(seen.slice(1)).toEqual([`/exception {"payload":"${hexOf("TypeError: our bug")}"}`]);
  });
});

describe("decodeRollupRequest", () => {
  const whole = encodeAdvanceRequest(contextOf(7), text("payload"));

  test("gives back what encodeAdvanceRequest was given", () => {
    expect(decodeRollupRequest(whole)).toEqual({
      kind: "advance",
      at: contextOf(7),
      payload: text("payload"),
    });
  });

  test.each([
    ["an index that lost its last digits", '"input_index":7', '"input_index":9007199254740993'],
    ["a negative index", '"input_index":7', '"input_index":-1'],
    ["a fraction", '"input_index":7', '"input_index":7.5'],
    ["a number as text", '"chain_id":31337', '"chain_id":"31337"'],
    ["a missing number", '"chain_id":31337', '"chain":31337'],
    ["a short sender", '"0x000102', '"0x0102'],
    ["a payload without 0x", `"payload":"0x`, `"payload":"00`],
    ["half a byte", `"payload":"0x7`, `"payload":"0x`],
    ["a digit that is none", `"payload":"0x7`, `"payload":"0xg`],
    ["no metadata", '"metadata":', '"meta":'],
  ])("refuses %s", (_name, good, bad) => {
    expect(whole).toContain(good);
    expect(() => decodeRollupRequest(whole.replace(good, bad))).toThrow(RollupAnswerError);
  });
});

describe("warmUpHttp", () => {
  test("runs every input through, in order, and leaves nothing open", async () => {
    const openServers = (): number =>
      process.getActiveResourcesInfo().filter((name) => name === "TCPServerWrap").length;
    const before = openServers();
    const seen: unknown[] = [];
    const inputs = ["a", "r", "b"].map((payload, i) => ({
      at: contextOf(i),
      payload: text(payload),
    }));
    await warmUpHttp(inputs, (at, payload) => {
      seen.push({ at, payload });
      return application.advance(at, payload);
    });
    expect(seen).toEqual(inputs);
    expect(openServers()).toBeLessThanOrEqual(before);
  });

  test("passes on what the callback throws", async () => {
    const inputs = [{ at: contextOf(0), payload: text("a") }];
    const failing = warmUpHttp(inputs, () => {
      throw new RangeError("our bug");
    });
    await expect(failing).rejects.toThrow(RangeError);
  });
});
