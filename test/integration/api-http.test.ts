import { request as httpRequest } from "node:http";
import { connect } from "node:net";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { PortTaken } from "../../node-client/node/anvil/free-port.ts";
import { startApi } from "../../node-client/node/api/start-api.ts";
import { MachineLost } from "../../node-client/node/machine/machine.ts";
import { hexOf } from "../arbitraries/node-store-model.ts";
import { IDENTITY } from "../arbitraries/node-store-steps.ts";
import { type ServedStore, serveStore } from "./fixtures/served-store.ts";

/** Paths, origins, connections, health and queries: what is below JSON-RPC. */
let served: ServedStore;
beforeEach(async () => {
  served = await serveStore();
});
afterEach(() => served.close());

const application = IDENTITY.app;

/** A request with headers that `fetch` would not send. */
function sendRaw(
  url: string,
  options: { readonly method?: string; readonly headers?: Record<string, string> },
): Promise<{ status: number | undefined; headers: Record<string, unknown> }> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(url, options, (response) => {
      response.resume().once("end", () => {
        resolve({ status: response.statusCode, headers: response.headers });
      });
    });
    request.once("error", reject).end();
  });
}

describe("HTTP", () => {
  test("knows its paths and methods", async () => {
    const { rpc, inspect, health } = served.api.urls;
    expect((await fetch(rpc)).status).toBe(405);
    expect((await fetch(rpc.replace("/rpc", "/"), { method: "POST", body: "{}" })).status).toBe(
      404,
    );
    expect((await fetch(`${health}/livez`)).status).toBe(200);
    expect((await fetch(`${health}/nowhere`)).status).toBe(404);
    expect((await fetch(`${health}/livez`, { method: "DELETE" })).status).toBe(405);
    expect((await fetch(`${inspect}/inspect/${application}`)).status).toBe(405);
    expect((await fetch(`${inspect}/inspect/a/b`, { method: "POST" })).status).toBe(404);
  });

  test("keeps web pages out, whatever name they give this machine", async () => {
    const { rpc, inspect } = served.api.urls;
    for (const url of [rpc, `${inspect}/inspect/${application}`]) {
      const headers = { origin: "https://evil.example" };
      expect((await sendRaw(url, { method: "POST", headers })).status).toBe(403);
      expect((await sendRaw(url, { method: "OPTIONS", headers })).status).toBe(403);
      const rebound = await sendRaw(url, {
        method: "POST",
        headers: { host: "evil.example:10011" },
      });
      expect(rebound.status).toBe(403);
      expect(rebound.headers["access-control-allow-origin"]).toBeUndefined();
    }
  });

  test("goes by numbers, by its own name and by the names it was told", async () => {
    await served.close();
    served = await serveStore({ host: "0.0.0.0", allowedHosts: ["node.example"] });
    const { port } = new URL(served.api.urls.rpc);
    const statusFor = async (host: string) =>
      (await sendRaw(`http://127.0.0.1:${port}/rpc`, { method: "POST", headers: { host } })).status;
    for (const host of ["192.0.2.7:10011", "[::1]:80", "localhost", "Node.Example:443"]) {
      expect([host, await statusFor(host)]).toEqual([host, 200]);
    }
    for (const host of ["evil.example", "node.example.evil.example", "127.0.0.1.evil.example"]) {
      expect([host, await statusFor(host)]).toEqual([host, 403]);
    }
  });

  test("answers pipelined requests in their order, and not without end", async () => {
    const { hostname, port } = new URL(served.api.urls.rpc);
    const send = async (count: number) => {
      const body = (id: number) => JSON.stringify({ jsonrpc: "2.0", id, method: "rpc.discover" });
      const requests = Array.from({ length: count }, (_, id) => {
        const text = body(id);
        return `POST /rpc HTTP/1.1\r\nhost: ${hostname}\r\ncontent-length: ${text.length}\r\n\r\n${text}`;
      });
      const socket = connect(Number(port), hostname).on("error", () => {});
      let text = "";
      socket.on("data", (chunk) => {
        text += chunk;
        if ([...text.matchAll(/"id":\d+,"result"/g)].length === count) socket.destroy();
      });
      socket.write(requests.join(""));
      await new Promise((resolve) => socket.once("close", resolve));
      return [...text.matchAll(/"id":(\d+),"result"/g)].map(([, id]) => Number(id));
    };
    expect(await send(10)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect((await send(1_000)).length).toBeLessThan(100);
    expect((await fetch(served.api.urls.rpc)).status).toBe(405);
  });

  test("lets in the web pages it was told to", async () => {
    await served.close();
    served = await serveStore({ allowedOrigins: ["https://good.example"] });
    const headers = { origin: "https://good.example" };
    const asked = await sendRaw(served.api.urls.rpc, { method: "OPTIONS", headers });
    expect(asked.status).toBe(204);
    expect(asked.headers["access-control-allow-origin"]).toBe("https://good.example");
    const bad = { origin: "https://evil.example" };
    expect((await sendRaw(served.api.urls.rpc, { method: "POST", headers: bad })).status).toBe(403);
  });

  test("outlives clients that go away in mid-body, and closes with one connected", async () => {
    const { hostname, port } = new URL(served.api.urls.rpc);
    const socket = connect(Number(port), hostname);
    const lines = ["POST /rpc HTTP/1.1", `host: ${hostname}`, "content-length: 100", "", '{"json'];
    await new Promise((resolve) => socket.write(lines.join("\r\n"), resolve));
    socket.destroy();
    // How the server ends a connection is its own affair; an unheard reset would fail the test.
    const garbage = connect(Number(port), hostname).on("error", () => {});
    garbage.end("\x16\x03\x01 not http\r\n\r\n");
    await new Promise((resolve) => garbage.once("close", resolve).resume());
    expect((await fetch(served.api.urls.rpc)).status).toBe(405);
    expect(served.log).toEqual([]);
    const idle = connect(Number(port), hostname).on("error", () => {});
    await new Promise((resolve) => idle.once("connect", resolve));
    const gone = new Promise((resolve) => idle.once("close", resolve).resume());
    await served.api.close();
    await gone;
  });

  test("turns away more connections than it can serve, and serves on when some are gone", async () => {
    const { hostname, port } = new URL(served.api.urls.rpc);
    const sockets = Array.from({ length: 140 }, () => connect(Number(port), hostname));
    let goneCount = 0;
    await new Promise<void>((resolve) => {
      for (const socket of sockets) {
        socket.on("error", () => {});
        socket.resume().once("close", () => {
          goneCount += 1;
          if (goneCount === 12) resolve();
        });
      }
    });
    expect(sockets.filter(({ closed }) => !closed).length).toBe(128);
    const kept = sockets.filter(({ closed }) => !closed);
    await Promise.all(
      kept.map((socket) => new Promise((resolve) => socket.once("close", resolve).destroy())),
    );
    expect((await fetch(served.api.urls.rpc)).status).toBe(405);
  });

  test("says whether it is ready, and which port is taken", async () => {
    let isReady = false;
    const { store, api } = served;
    const ports = { rpc: 0, inspect: 0, health: 0 };
    let reason: string | null = null;
    const options = {
      view: store,
      inspect: () => Promise.reject(),
      isReady: () => isReady,
      getStanding: () => ({
        consensusType: "QUORUM" as const,
        state: reason === null ? ("ENABLED" as const) : ("INOPERABLE" as const),
        reason,
      }),
    };
    const other = await startApi({ ...options, ports });
    expect((await fetch(`${other.urls.health}/readyz`)).status).toBe(503);
    isReady = true;
    expect((await fetch(`${other.urls.health}/readyz`)).status).toBe(200);
    reason = "The consensus believes another.";
    const inoperable = await fetch(`${other.urls.health}/readyz`);
    expect([inoperable.status, await inoperable.text()]).toEqual([503, `Inoperable: ${reason}`]);
    expect((await fetch(`${other.urls.health}/livez`)).status).toBe(200);
    const rpcAnswer = await fetch(other.urls.rpc, {
      method: "POST",
      body: JSON.stringify({
        ...{ jsonrpc: "2.0", id: 1, method: "cartesi_getApplication" },
        params: { application },
      }),
    });
    expect(((await rpcAnswer.json()) as { result: { data: object } }).result.data).toMatchObject({
      ...{ consensus_type: "QUORUM", state: "INOPERABLE", reason },
    });
    await other.close();
    const taken = Number(new URL(api.urls.health).port);
    const started = startApi({ ...options, ports: { ...ports, health: taken } });
    await expect(started).rejects.toThrow(PortTaken);
    await expect(started).rejects.toThrow(`Port ${taken}, meant for the health API`);
  });
});

describe("inspect", () => {
  const ask = (path: string, body: Uint8Array | string) =>
    fetch(`${served.api.urls.inspect}${path}`, { method: "POST", body });

  test("hands raw bytes to the machine and its reports back", async () => {
    for (const name of [application, "tallyroll"]) {
      const response = await ask(`/inspect/${name}`, Buffer.from([0, 255, 128]));
      expect(await response.json()).toEqual({
        status: "Accepted",
        reports: [{ payload: "0x00ff80" }],
        processed_input_count: 17,
      });
    }
    expect((await ask(`/inspect/${hexOf(1, 20)}`, "x")).status).toBe(404);
    const largest = await ask(`/inspect/${application}`, new Uint8Array(2 * 1024 * 1024));
    expect(largest.status).toBe(200);
    const { reports } = (await largest.json()) as { reports: { payload: string }[] };
    expect(reports[0]?.payload.length).toBe(2 + 4 * 1024 * 1024);
    const larger = await ask(`/inspect/${application}`, new Uint8Array(2 * 1024 * 1024 + 1));
    expect(larger.status).toBe(413);
  });

  test("tells an exception, a lost machine and a bug of ours apart", async () => {
    await served.close();
    const answers = [
      async () => ({
        status: "exception" as const,
        reports: [],
        processedInputCount: 3,
        exception: "0x77" as const,
      }),
      () => Promise.reject(new MachineLost("gone", { whatToDo: "Wait." })),
      () => Promise.reject(new Error("a secret path")),
    ];
    served = await serveStore({ inspect: () => answers.shift()!() });
    const failed = await ask(`/inspect/${application}`, "x");
    expect(await failed.json()).toEqual({
      status: "Exception",
      error: "The machine raised an exception while inspecting",
      exception_data: "0x77",
      reports: [],
      processed_input_count: 3,
    });
    expect((await ask(`/inspect/${application}`, "x")).status).toBe(503);
    const broken = await ask(`/inspect/${application}`, "x");
    expect([broken.status, await broken.text()]).toEqual([500, "Internal server error"]);
    expect(served.log.join()).toContain("a secret path");
  });

  test("lets only so many queries wait for the machine", async () => {
    await served.close();
    let release: () => void = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    let waiting = 0;
    let allWaiting: () => void = () => {};
    const full = new Promise<void>((resolve) => {
      allWaiting = resolve;
    });
    served = await serveStore({
      inspect: async () => {
        waiting += 1;
        if (waiting === 32) allWaiting();
        await held;
        return { status: "accepted", reports: [], processedInputCount: 0 };
      },
    });
    const asked = Array.from({ length: 32 }, () => ask(`/inspect/${application}`, "x"));
    await full;
    expect((await ask(`/inspect/${application}`, "x")).status).toBe(503);
    release();
    for (const response of await Promise.all(asked)) expect(response.status).toBe(200);
  });
});
