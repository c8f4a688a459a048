import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { build } from "esbuild";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Api } from "../../node-client/node/api/start-api.ts";
import { IDENTITY } from "../arbitraries/node-store-steps.ts";

/** Clients that ask for much and read nothing cannot take the node's memory, or its time. */
const ABOVE_IDLE_BYTES_MAX = 256 * 1024 * 1024;
const SOCKETS = 126;
const application = IDENTITY.app;

let folder: string;
let server: ChildProcess;
let urls: Api["urls"];
let from: number;
let sockets: Socket[];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "tallyroll-memory-"));
  symlinkSync(resolve(import.meta.dirname, "../../node_modules"), join(folder, "node_modules"));
  await build({
    entryPoints: [join(import.meta.dirname, "fixtures/served-store-process.ts")],
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node20",
    packages: "external",
    outfile: join(folder, "server.mjs"),
  });
});
afterAll(() => rmSync(folder, { recursive: true }));
beforeEach(async () => {
  sockets = [];
  server = fork(join(folder, "server.mjs"));
  [{ urls, from }] = await once(server, "message");
});
afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  server.disconnect();
  await once(server, "exit");
});

async function measure(): Promise<{ rssBytes: number; log: string[] }> {
  server.send("memory");
  const [said] = await once(server, "message");
  return said;
}

/** Sends one request, or the beginning of it, and reads nothing of the answer. */
async function sendUnread(
  url: string,
  body: string | Uint8Array,
  sentBytes = body.length,
): Promise<void> {
  const { hostname, port, pathname } = new URL(url);
  const socket = connect(Number(port), hostname).on("error", () => {});
  sockets.push(socket.pause());
  const head = `POST ${pathname} HTTP/1.1\r\nhost: ${hostname}\r\ncontent-length: ${body.length}\r\n\r\n`;
  socket.write(head);
  await new Promise((resolve) => socket.write(body.slice(0, sentBytes), resolve));
}

const request = (method: string, params: object) => ({ jsonrpc: "2.0", id: 1, method, params });

async function call(asked: object) {
  const response = await fetch(urls.rpc, { method: "POST", body: JSON.stringify(asked) });
  return { status: response.status, headers: response.headers, answer: await response.json() };
}

/** The most memory that it has while `done` is under way, looked at again and again. */
async function watchPeak(done: Promise<unknown>): Promise<number> {
  let isDone = false;
  void done.finally(() => {
    isDone = true;
  });
  let peak = 0;
  while (!isDone) {
    peak = Math.max(peak, (await measure()).rssBytes);
    await sleep(50);
  }
  return peak;
}

const listLarge = (count: number) =>
  request("cartesi_listInputs", { application, from: `0x${from.toString(16)}`, limit: count });

describe("clients that read nothing", () => {
  test("take little memory and no time by 126 batches of 100 large answers", async () => {
    const idle = (await measure()).rssBytes;
    const batch = JSON.stringify(Array.from({ length: 100 }, () => listLarge(50)));
    const others = async () => {
      await Promise.all(Array.from({ length: SOCKETS }, () => sendUnread(urls.rpc, batch)));
      for (let i = 0; i < 5; i++) {
        expect((await fetch(`${urls.health}/livez`)).status).toBe(200);
        const { answer } = await call(request("cartesi_getChainId", {}));
        expect(answer).toMatchObject({ result: { data: "0x7a69" } });
        await sleep(50);
      }
    };
    const peak = await watchPeak(others());
    expect(peak - idle).toBeLessThan(ABOVE_IDLE_BYTES_MAX);
    expect((await measure()).log).toEqual([]);
  });

  test("have to let go of it when somebody who reads wants a large answer", async () => {
    const body = JSON.stringify(listLarge(50));
    await Promise.all(Array.from({ length: 12 }, () => sendUnread(urls.rpc, body)));
    // Until all of the memory is theirs, and what they ask for has to wait.
    await sleep(1_000);
    for (;;) {
      const { status, headers, answer } = await call(listLarge(50));
      if (status === 200) {
        expect(answer).toMatchObject({ result: { pagination: { limit: 50 } } });
        break;
      }
      expect([status, headers.get("retry-after")]).toEqual([503, "1"]);
      expect(answer).toMatchObject({ id: 1, error: { code: -32005 } });
    }
  });
});

test("queries that never end take little memory", async () => {
  const idle = (await measure()).rssBytes;
  const url = `${urls.inspect}/inspect/${application}`;
  const query = new Uint8Array(2 * 1024 * 1024);
  const others = async () => {
    const sent = Array.from({ length: SOCKETS }, () => sendUnread(url, query, query.length - 1));
    await Promise.all(sent);
    const response = await fetch(url, { method: "POST", body: "small" });
    expect(response.status).toBe(200);
  };
  const peak = await watchPeak(others());
  expect(peak - idle).toBeLessThan(ABOVE_IDLE_BYTES_MAX);
});

test("bodies that stop in the middle do not keep others out", async () => {
  const url = `${urls.inspect}/inspect/${application}`;
  const query = new Uint8Array(2 * 1024 * 1024);
  const stopped = Array.from({ length: SOCKETS }, () => sendUnread(url, query, query.length - 1));
  await Promise.all(stopped);
  const ask = async () => {
    const response = await fetch(url, { method: "POST", body: new Uint8Array(100_000) });
    await response.arrayBuffer();
    return response.status;
  };
  await expect.poll(ask).toBe(503);
  await expect.poll(ask, { timeout: 60_000, interval: 200 }).toBe(200);
});
