/** Who reaches the development chain: programs do, pages in a browser do not. */
import { once } from "node:events";
import { Agent, request } from "node:http";
import { connect, createServer } from "node:net";
import { createPublicClient, createWalletClient, http, webSocket } from "viem";
import { foundry } from "viem/chains";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { getDevelopmentAccount } from "../../node-client/chain/chain-client.ts";
import { AnvilDoor, findHeadRefusal } from "../../node-client/node/anvil/anvil-door.ts";
import { PortTaken } from "../../node-client/node/anvil/free-port.ts";
import {
  type GuardedAnvil,
  startGuardedAnvil,
} from "../../node-client/node/anvil/guarded-anvil.ts";
import { PAGE_REQUESTS, PAGE_TARGET, sendAsPage, sendRaw } from "./fixtures/page-requests.ts";
import { takeTestPort } from "./fixtures/test-port.ts";

let port: number;
let guarded: GuardedAnvil;
const client = () => createPublicClient({ chain: foundry, transport: http(guarded.rpcUrl) });

beforeAll(async () => {
  port = await takeTestPort();
  guarded = await startGuardedAnvil({ port });
});
afterAll(() => guarded?.stop());

const CHAIN_ID = '{"jsonrpc":"2.0","id":1,"method":"eth_chainId","params":[]}';
const toPost = (body: string) =>
  `POST / HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nContent-Type: application/json\r\n` +
  `Content-Length: ${body.length}\r\n\r\n${body}`;

describe("a page", () => {
  test.each(PAGE_REQUESTS)("is refused: $name", async (asked) => {
    expect(await sendAsPage(asked, port)).toBe("HTTP/1.1 403 Forbidden");
    expect(await client().getBalance({ address: PAGE_TARGET as `0x${string}` })).toBe(0n);
  });

  test("hears why, however much it still sends", async () => {
    const headers = { origin: "https://page.example" };
    const body = Buffer.alloc(4_000_000);
    const answer = await fetch(guarded.rpcUrl, { method: "POST", headers, body });
    expect([answer.status, await answer.text()]).toEqual([
      403,
      "Forbidden: pages in a browser may not use the development chain, whose accounts are open.\n",
    ]);
  });

  test("opens no connection by a request that may come without an Origin", async () => {
    const plain = `GET / HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n\r\n`;
    expect(await sendRaw(port, plain + toPost(CHAIN_ID))).toBe("HTTP/1.1 405 Method Not Allowed");
  });

  test("does not find the chain itself at the door's port or address", () => {
    const url = new URL(guarded.anvil.rpcUrl);
    expect(Number(url.port)).not.toBe(port);
    expect(url.hostname).toMatch(process.platform === "linux" ? /^127\.[1-9]/ : /^127\./);
  });
});

describe("a head", () => {
  const lines = (...fields: string[]) => ["POST / HTTP/1.1", ...fields].join("\r\n");

  test.each(["127.0.0.1:8545", "localhost:8545", "LOCALHOST", "[::1]:8545", "192.168.1.5:9"])(
    "passes under the host %s",
    (host) => expect(findHeadRefusal(lines(`Host: ${host}`))).toBeUndefined(),
  );

  test.each([
    "localhost.page.example",
    "127.0.0.1.page.example:8545",
    "",
    "localhost:x",
    "x@localhost",
  ])("is refused under the host %j", (host) =>
    expect(findHeadRefusal(lines(`Host: ${host}`))?.status).toBe("403 Forbidden"),
  );

  test.each([
    ["two hosts", lines("Host: localhost", "Host: page.example")],
    ["a folded line", lines("Host: localhost", " Origin: x")],
    ["a blank before the colon", lines("Host: localhost", "Origin : x")],
    ["a bare line feed", lines("Host: localhost\nOrigin: x")],
    ["a whole URL", "POST http://localhost/ HTTP/1.1\r\nHost: localhost"],
    ["HTTP/2 without asking", "PRI * HTTP/2.0"],
    ["no HTTP", "\x00\x01\x00\x00"],
  ])("is malformed: %s", (_, head) => {
    expect(findHeadRefusal(head)?.status).toBe("400 Bad Request");
  });

  test("passes from Node's own fetch and from the person at a browser", () => {
    for (const field of ["Sec-Fetch-Mode: cors", "Sec-Fetch-Site: none"]) {
      expect(findHeadRefusal(lines("Host: localhost", field))).toBeUndefined();
    }
  });

  test("that is too long is refused, and one that never ends is closed", async () => {
    const long = `POST / HTTP/1.1\r\nHost: localhost\r\nX: ${"x".repeat(9_000)}\r\n\r\n`;
    expect(await sendRaw(port, long)).toBe("HTTP/1.1 400 Bad Request");
    const slowPort = await takeTestPort();
    const door = await AnvilDoor.listen(slowPort, 50);
    door.open({ host: "127.0.0.1", port });
    expect(await sendRaw(slowPort, "POST / HTTP/1.1\r\nHost:")).toBe("");
    expect(await sendRaw(slowPort, "")).toBe("");
    await door.close();
  });
});

describe("a program", () => {
  test("sends transactions over HTTP and hears of blocks over a WebSocket", async () => {
    const account = getDevelopmentAccount(0);
    const sockets = createPublicClient({
      chain: foundry,
      transport: webSocket(`ws://127.0.0.1:${port}`),
    });
    const seen = new Promise((resolve, reject) => {
      sockets.watchBlockNumber({ onBlockNumber: resolve, onError: reject });
    });
    const wallet = createWalletClient({ account, chain: foundry, transport: http(guarded.rpcUrl) });
    await sockets.getChainId();
    const hash = await wallet.sendTransaction({ to: account.address, value: 1n });
    const receipt = await client().waitForTransactionReceipt({ hash, pollingInterval: 20 });
    expect(receipt.status).toBe("success");
    expect(await seen).toBeTypeOf("bigint");
    (await sockets.transport.getRpcClient()).close();
  });

  test("sends batches, and requests by the hundred", async () => {
    const transport = http(guarded.rpcUrl, { batch: { batchSize: 50 } });
    const batching = createPublicClient({ chain: foundry, transport });
    const ids = await Promise.all(Array.from({ length: 200 }, () => batching.getChainId()));
    expect(new Set(ids)).toEqual(new Set([31_337]));
    const apart = await Promise.all(Array.from({ length: 200 }, () => client().getChainId()));
    expect(new Set(apart)).toEqual(new Set([31_337]));
  });

  test("sends many requests on one connection, pipelined or in turn", async () => {
    const socket = connect(port, "127.0.0.1");
    let text = "";
    socket.on("data", (chunk) => {
      text += chunk;
    });
    const countAnswers = (): number => text.split('"result":"0x7a69"').length - 1;
    const whole = toPost(CHAIN_ID).repeat(200);
    // A head may come in pieces; where the pieces are cut, nothing follows from it.
    for (let at = 0; at < 40; at += 8) {
      socket.write(whole.slice(at, at + 8));
      await new Promise((next) => setTimeout(next, 5));
    }
    socket.write(whole.slice(40));
    await expect.poll(countAnswers, { timeout: 20_000 }).toBe(200);
    socket.destroy();

    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const ports = new Set<number | undefined>();
    for (let i = 0; i < 20; i++) {
      const headers = { "content-type": "application/json" };
      const asked = request(guarded.rpcUrl, { agent, method: "POST", headers }).end(CHAIN_ID);
      const [response] = await once(asked, "response");
      expect(Buffer.concat(await response.toArray()).toString()).toContain("0x7a69");
      ports.add(asked.socket?.localPort);
    }
    expect(ports.size).toBe(1);
    agent.destroy();
  });

  test("sends and gets megabytes", async () => {
    const data = `0x${"5a".repeat(3_000_000)}`;
    const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "web3_sha3", params: [data] });
    const headers = { "content-type": "application/json" };
    const answer = await fetch(guarded.rpcUrl, { method: "POST", headers, body });
    expect(((await answer.json()) as { readonly result: string }).result).toMatch(
      /^0x[0-9a-f]{64}$/,
    );
    const dump = await fetch(guarded.rpcUrl, {
      ...{ method: "POST", headers },
      body: CHAIN_ID.replace("eth_chainId", "anvil_dumpState"),
    });
    expect(await dump.json()).toHaveProperty("result");
  });
});

describe("the chain's end", () => {
  test("closes what is connected, and the door", async () => {
    const mortal = await startGuardedAnvil({ port: await takeTestPort() });
    const waiting = connect(Number(new URL(mortal.rpcUrl).port), "127.0.0.1");
    const closed = once(waiting, "close");
    waiting.write(toPost(CHAIN_ID));
    await once(waiting, "data");
    process.kill(-mortal.anvil.pid, "SIGKILL");
    await closed;
    expect((await mortal.stop()).signal).toBe("SIGKILL");
    await expect(fetch(mortal.rpcUrl)).rejects.toThrow();
  });

  test("is not waited for by a client that holds its connection", async () => {
    const stopped = await startGuardedAnvil({ port: await takeTestPort() });
    const [idle, silent] = [0, 1].map(() =>
      connect(Number(new URL(stopped.rpcUrl).port), "127.0.0.1"),
    );
    idle!.write(toPost(CHAIN_ID));
    await once(idle!, "data");
    const closed = Promise.all([once(idle!, "close"), once(silent!, "close")]);
    for (const socket of [idle!, silent!]) socket.on("error", () => {});
    const [first, second] = await Promise.all([stopped.stop(), stopped.stop()]);
    expect([first.code, second]).toEqual([0, first]);
    await closed;
  });

  test("a port that is taken is named before a chain is started", async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port: taken } = server.address() as { port: number };
    // Were it looked for first, the missing binary would be named.
    const starting = startGuardedAnvil({ port: taken, binary: "/nowhere/anvil" });
    await expect(starting).rejects.toBeInstanceOf(PortTaken);
    await new Promise((resolve) => server.close(resolve));
  });
});
