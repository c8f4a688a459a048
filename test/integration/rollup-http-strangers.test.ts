import { readFileSync } from "node:fs";
import { inspect } from "node:util";
import { afterEach, describe, expect, test } from "vitest";
import {
  HttpMachine,
  type HttpMachineOptions,
} from "../../node-client/node/machine/http-machine.ts";
import { GuestConnection } from "./fixtures/guest-connection.ts";
import { contextOf, hexOf, text } from "./fixtures/start-stub-guest.ts";

/** The machine's server against whoever else reaches its port: nothing of theirs may count. */

const lines: string[] = [];
const connections: GuestConnection[] = [];
let machine: HttpMachine | undefined;

afterEach(async () => {
  await Promise.all(connections.splice(0).map((connection) => connection.close()));
  await machine?.close();
  lines.length = 0;
});

async function start(options: HttpMachineOptions = {}): Promise<HttpMachine> {
  machine = await HttpMachine.start({ log: (line) => lines.push(line), ...options });
  return machine;
}

function connectTo(url: string): GuestConnection {
  const connection = new GuestConnection(url);
  connections.push(connection);
  return connection;
}

const FINISH = { status: "accept" };
const ADDRESS = `0x${"11".repeat(20)}`;
const secretOf = (url: string): string => new URL(url).pathname.slice(1);

/** A guest with an input under way. */
async function startInput(): Promise<{ url: string; guest: GuestConnection; end: () => unknown }> {
  const { url } = await start();
  const guest = connectTo(url);
  const result = machine!.advance(contextOf(0), text("any"));
  result.catch(() => undefined);
  expect((await guest.post("/finish", FINISH)).status).toBe(200);
  const end = async (): Promise<unknown> => {
    guest.post("/finish", FINISH).catch(() => undefined);
    return await result;
  };
  return { url, guest, end };
}

const NOTHING = { status: "accepted", outputs: [], reports: [] };

describe("without the secret nothing is answered and nothing happens", () => {
  test.each<[string, (secret: string) => string]>([
    ["no path", () => ""],
    ["another secret", () => `/${"0".repeat(64)}`],
    ["a part of it", (secret) => `/${secret.slice(0, -1)}`],
    ["more than it", (secret) => `/${secret}0`],
    ["in capitals", (secret) => `/${secret.toUpperCase()}`],
    ["within another path", (secret) => `/x/${secret}`],
    ["as a query", (secret) => `/?${secret}`],
  ])("%s", async (_name, pathOf) => {
    const { url, end } = await startInput();
    const base = new URL(url).origin + pathOf(secretOf(url));
    const bodies = {
      "/finish": { status: "reject" },
      "/voucher": { destination: ADDRESS, payload: "0x" },
      "/notice": { payload: "0x" },
      "/report": { payload: "0x" },
      "/exception": { payload: "0x" },
    };
    for (const [path, body] of Object.entries(bodies)) {
      const stranger = connectTo(base);
      expect(await stranger.post(path, body)).toEqual({ status: 404, body: "not found" });
      await stranger.closed;
    }
    expect(await end()).toEqual(NOTHING);
    expect(machine!.strangerRequests).toBe(5);
    expect(lines).toHaveLength(1);
    expect(lines[0]).not.toContain(secretOf(url));
  });

  test("two machines have two secrets", async () => {
    const { url } = await start();
    const other = await HttpMachine.start();
    await other.close();
    expect(secretOf(url)).toMatch(/^[0-9a-f]{64}$/);
    expect(secretOf(other.url)).not.toBe(secretOf(url));
  });

  test("what a stranger pipelines after a refused request is not read", async () => {
    const { url, guest, end } = await startInput();
    const stranger = connectTo(new URL(url).origin);
    const output = guest.encode("/notice", { payload: "0x01" });
    const [first, second] = stranger.sendAll([stranger.encode("/finish", FINISH), output]);
    expect((await first!).status).toBe(404);
    await expect(second).rejects.toThrow("hung up");
    expect(await end()).toEqual(NOTHING);
  });

  test("a hundred silent connections end the oldest of their own, not the guest's", async () => {
    const { url, guest, end } = await startInput();
    const silent = Array.from({ length: 100 }, () => connectTo(new URL(url).origin));
    await silent[0]!.closed;
    expect((await guest.post("/notice", { payload: "0x01" })).status).toBe(201);
    expect(await end()).toMatchObject({ outputs: [{ payload: "0x01" }] });
  });
});

describe("with the secret, a request as a browser would send it is refused", () => {
  test.each<[string, Record<string, string>]>([
    ["of a page elsewhere", { Origin: "http://example.com" }],
    ["of a page without an origin", { Origin: "null" }],
    ["of a page of the same origin", { "Sec-Fetch-Site": "same-origin" }],
    ["under another name", { Host: "example.com" }],
    ["under another port", { Host: "127.0.0.1:1" }],
    ["under localhost", { Host: "localhost" }],
  ])("%s", async (_name, headers) => {
    const { url, end } = await startInput();
    const page = connectTo(url);
    expect((await page.post("/notice", { payload: "0x01" }, headers)).status).toBe(403);
    expect(await end()).toEqual(NOTHING);
    expect(machine!.strangerRequests).toBe(1);
  });

  test("a preflight allows nothing", async () => {
    const { url } = await start();
    const page = connectTo(url);
    const { host, pathname } = new URL(url);
    const preflight = `OPTIONS ${pathname}/finish HTTP/1.1\r\nHost: ${host}\r\nOrigin: http://a\r\n\r\n`;
    expect((await page.send(preflight)).status).toBe(403);
  });

  test("but for the header that Node's own fetch sends", async () => {
    const { url } = await start();
    const headers = { "Sec-Fetch-Mode": "cors" };
    expect((await connectTo(url).post("/report", { payload: "0x" }, headers)).status).toBe(202);
    const init = { method: "POST", headers: { "content-type": "application/json" } };
    await connections[0]!.close();
    expect((await fetch(`${url}/report`, { ...init, body: '{"payload":"0x"}' })).status).toBe(202);
  });
});

describe("the guest has one connection at a time", () => {
  test("a second one with the secret is refused while the first is open", async () => {
    const { url, guest, end } = await startInput();
    const second = connectTo(url);
    expect((await second.post("/notice", { payload: "0x02" })).status).toBe(409);
    expect((await guest.post("/notice", { payload: "0x01" })).status).toBe(201);
    expect(await end()).toEqual({ ...NOTHING, outputs: [{ kind: "notice", payload: "0x01" }] });
  });

  test("the next one is served when the one before has closed, input or not", async () => {
    const { url, guest } = await startInput();
    for (const payload of ["0x01", "0x02"]) {
      guest.socket.end();
      const next = connectTo(url);
      expect((await next.post("/notice", { payload })).status).toBe(201);
      await next.close();
    }
  });
});

describe("the secret stays out of sight", () => {
  test("of arguments, of what a machine looks like, of lines and errors", async () => {
    let printed = "";
    const script =
      "const url = process.env.ROLLUP_HTTP_SERVER_URL;" +
      "process.stderr.write('at ' + url.slice(0, 50));" +
      "setTimeout(() => { process.stderr.write(url.slice(50) + ' ' + url); process.exit(3); }, 100)";
    const guest = {
      command: process.execPath,
      args: ["-e", script],
      log: (words: string) => {
        printed += words;
      },
    };
    const { url } = await start({ guest });
    const args = readFileSync(`/proc/${machine!.guestPid}/cmdline`, "utf8");
    const error = await machine!.advance(contextOf(0), text("n")).catch((cause) => cause);
    const shown = [args, inspect(machine, { depth: 9 }), inspect(error), printed];
    for (const words of shown) expect(words).not.toContain(secretOf(url));
    const { origin } = new URL(url);
    expect(printed).toBe(`at ${origin}/… ${origin}/…`);
    expect(error.message).toContain(`It said: at ${origin}/… ${origin}/…`);
  });

  test("a guest that drops the path is said to", async () => {
    const script =
      "const { origin } = new URL(process.env.ROLLUP_HTTP_SERVER_URL);" +
      "fetch(origin + '/finish', { method: 'POST', body: '{}' }); setInterval(() => {}, 1000)";
    const guest = { command: process.execPath, args: ["-e", script] };
    await start({ guest, answerMsMax: 4_000 });
    const error = await machine!.advance(contextOf(0), text("n")).catch((cause) => cause);
    expect(error.whatToDo).toContain("path included");
  });
});

test("bytes that are no HTTP, and JSON of any depth, end their own connection at most", async () => {
  const { url, guest, end } = await startInput();
  for (const raw of ["\0\0\0\0", "POST / HTTP/9.9\r\n\r\n", `GET /${"x".repeat(20_000)}`]) {
    const stranger = connectTo(url);
    stranger.send(raw).catch(() => undefined);
    stranger.socket.end();
    await stranger.closed;
  }
  const deep = `{"payload":${"[".repeat(1_000_000)}${"]".repeat(1_000_000)}}`;
  for (const body of [deep, "[".repeat(2_000_000), '{"__proto__":{"payload":"0x"}}']) {
    expect((await guest.post("/notice", body)).status).toBe(400);
  }
  expect((await guest.post("/notice", { payload: hexOf("n") })).status).toBe(201);
  expect(await end()).toMatchObject({ outputs: [{ payload: hexOf("n") }] });
});
