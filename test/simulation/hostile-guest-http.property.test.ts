import { setImmediate as turn } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { HttpMachine } from "../../node-client/node/machine/http-machine.ts";
import type { AdvanceResult } from "../../spec/outputs.ts";
import { mutateBytes } from "../arbitraries/hostile-bytes.ts";
import { mutateJson, mutateText } from "../arbitraries/hostile-texts.ts";
import { SeededRng } from "../arbitraries/seeded-rng.ts";
import { GuestConnection } from "../integration/fixtures/guest-connection.ts";
import { contextOf, text } from "../integration/fixtures/start-stub-guest.ts";
import { runs, seed } from "../seed.ts";

/**
 * The machine's server on a real socket against mutated requests, from strangers without the secret
 * and from a guest with it: whole, in pieces, one after the other in one packet, cut off. It lives
 * on, serves the honest guest, and keeps only what the guest has sent.
 */

const CASES = runs(100_000);
/** Cases in one input: its honest end is checked after them. */
const CASES_PER_INPUT = 200;
const RSS_GROWTH_BYTES_MAX = 256 * 2 ** 20;

let machine: HttpMachine;
beforeAll(async () => {
  machine = await HttpMachine.start();
});
afterAll(async () => await machine.close());

const ADDRESS = `0x${"ab".repeat(20)}`;
const REQUESTS: readonly (readonly [path: string, body: object])[] = [
  ["/notice", { payload: "0xbad0" }],
  ["/voucher", { destination: ADDRESS, value: `0x${"01".repeat(32)}`, payload: "0xbad1" }],
  ["/delegate-call-voucher", { destination: ADDRESS, payload: "0xbad2" }],
  ["/report", { payload: "0xbad3" }],
  ["/finish", { status: "accept" }],
  ["/finish", { status: "reject" }],
  ["/exception", { payload: "0xbad4" }],
];
const HEADERS: readonly (readonly [name: string, value: string])[] = [
  ["Content-Length", "0"],
  ["Content-Length", "99999999999999999999"],
  ["Content-Length", "-1"],
  ["Transfer-Encoding", "chunked"],
  ["Transfer-Encoding", "gzip, chunked"],
  ["Content-Type", "text/plain"],
  ["Host", "localhost"],
  ["Host", ""],
  ["Origin", "http://example.com"],
  ["Connection", "close"],
  ["Connection", "Upgrade"],
  ["Upgrade", "websocket"],
  ["Expect", "100-continue"],
  ["X", "y".repeat(9_000)],
];
const METHODS = ["GET", "PUT", "OPTIONS", "CONNECT", "HEAD", "post", "PRI", "POST"] as const;

/** A request as it is written, with something done to it. */
function mutateRequest(connection: GuestConnection, rng: SeededRng): Uint8Array {
  const [path, honest] = rng.pick(REQUESTS);
  const body = rng.chance(3) ? mutateJson(honest, rng) : honest;
  const json = JSON.stringify(body) ?? "";
  const written = rng.chance(4) ? mutateText(json, rng) : json;
  const [name, value] = rng.pick(HEADERS);
  let raw = connection.encode(path, written, rng.chance(3) ? { [name]: value } : {});
  if (rng.chance(6)) raw = raw.replace("POST", rng.pick(METHODS));
  if (rng.chance(6)) raw = mutateText(raw, rng);
  const bytes = new Uint8Array(Buffer.from(raw));
  return rng.chance(4) ? mutateBytes(bytes, rng) : bytes;
}

/** Writes some requests to one connection, as one piece or in two; gives how many. */
async function attack(connection: GuestConnection, rng: SeededRng): Promise<number> {
  const count = rng.between(1, 6);
  const requests = Array.from({ length: count }, () => mutateRequest(connection, rng));
  const bytes = Buffer.concat(requests);
  const cut = rng.chance(3) ? rng.below(bytes.length + 1) : bytes.length;
  const { socket } = connection;
  socket.write(bytes.subarray(0, cut));
  if (cut < bytes.length && !rng.chance(3)) {
    await turn();
    socket.write(bytes.subarray(cut));
  }
  return count;
}

/** Ends it from this side; what it sent has been read by the server when it has closed. */
async function hangUp(connection: GuestConnection): Promise<void> {
  connection.socket.end();
  await connection.closed;
}

test("strangers change nothing, whatever they send", { timeout: 3_600_000 }, async () => {
  const rng = new SeededRng(seed("hostile guest http"));
  const { origin } = new URL(machine.url);
  const bases = [origin, `${origin}/${"0".repeat(64)}`, machine.url.slice(0, -1)];
  const guest = new GuestConnection(machine.url);
  let asked = guest.post("/finish", { status: "accept" });
  let rssBefore = 0;
  for (let sent = 0, inputIndex = 0; sent < CASES / 2; inputIndex++) {
    const result = machine.advance(contextOf(inputIndex), text("any"));
    result.catch(() => undefined);
    expect((await asked).status).toBe(200);
    for (let inInput = 0; inInput < CASES_PER_INPUT; ) {
      const connections = Array.from({ length: 8 }, () => new GuestConnection(rng.pick(bases)));
      for (const connection of connections) inInput += await attack(connection, rng);
      await Promise.all(connections.map(hangUp));
      sent += 8;
    }
    const payload = `0x${inputIndex.toString(16).padStart(8, "0")}` as const;
    expect((await guest.post("/notice", { payload })).status).toBe(201);
    asked = guest.post("/finish", { status: "accept" });
    expect(await result).toEqual({
      ...{ status: "accepted", reports: [] },
      outputs: [{ kind: "notice", payload }],
    });
    if (sent >= CASES / 20) rssBefore ||= process.memoryUsage().rss;
  }
  asked.catch(() => undefined);
  await guest.close();
  expect(process.memoryUsage().rss - rssBefore).toBeLessThan(RSS_GROWTH_BYTES_MAX);
});

/** Inputs that wait for a guest: more than a hostile connection can use up by its verdicts. */
class Inputs {
  readonly #results = new Map<number, Promise<AdvanceResult>>();
  #next = 0;

  refill(): void {
    while (this.#results.size < 20) {
      const result = machine.advance(contextOf(this.#next), text("any"));
      result.catch(() => undefined);
      this.#results.set(this.#next, result);
      this.#next += 1;
    }
  }

  /** The result of the input that this answer to a `finish` handed out. */
  async take(body: string): Promise<AdvanceResult> {
    const { input_index } = JSON.parse(body).data.metadata;
    const result = await this.#results.get(input_index);
    for (const index of this.#results.keys()) if (index <= input_index) this.#results.delete(index);
    return result!;
  }
}

test("no guest stops the server for the next", { timeout: 3_600_000 }, async () => {
  const rng = new SeededRng(seed("hostile guest http") ^ 1);
  let inputs = new Inputs();
  let restarts = 0;
  for (let sent = 0; sent < CASES / 2; ) {
    inputs.refill();
    const mad = new GuestConnection(machine.url);
    mad.socket.write(mad.encode("/finish", { status: "accept" }));
    sent += await attack(mad, rng);
    await hangUp(mad);

    const guest = new GuestConnection(machine.url);
    if ((await guest.post("/report", { payload: "0x" })).body.includes("stopped")) {
      // It reported an exception: well-formed, so it counts.
      await machine.close();
      machine = await HttpMachine.start();
      inputs = new Inputs();
      restarts += 1;
      continue;
    }
    const { status, body } = await guest.post("/finish", { status: "reject" });
    expect(status).toBe(200);
    const payload = `0x${rng.next().toString(16).padStart(8, "0")}` as const;
    expect((await guest.post("/notice", { payload })).status).toBe(201);
    const next = guest.post("/finish", { status: "accept" });
    next.catch(() => undefined);
    expect(await inputs.take(body)).toEqual({
      ...{ status: "accepted", reports: [] },
      outputs: [{ kind: "notice", payload }],
    });
    await guest.close();
  }
  expect(restarts).toBeGreaterThan(0);
});
