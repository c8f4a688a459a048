import { createServer, connect as openConnection, type Server, type Socket } from "node:net";
import { isHomeName, toHostName } from "../../home-name.ts";
import { CHAIN_PURPOSE, CHOOSE_CHAIN_PORT, LOOPBACK_HOST } from "./anvil.ts";
import { listenAt } from "./free-port.ts";

const HEAD_BYTES_MAX = 8 * 1024;
/** For the first head to come, and for a refusal to be read. */
const HEAD_TIMEOUT_MS = 10_000;
/** One more is closed at once. */
const CONNECTIONS_MAX = 1_024;

/** How a request is turned away, in HTTP's terms. */
interface HeadRefusal {
  readonly status: "400 Bad Request" | "403 Forbidden" | "405 Method Not Allowed";
  readonly text: string;
}

const END_OF_HEAD = "\r\n\r\n";
/** No absolute form: that is how proxies are asked. */
const REQUEST_LINE = /^([A-Z]+) \/[\x21-\x7e]* HTTP\/1\.[01]$/;
/** No folded lines and no blank before the colon: two readers could take them differently. */
const FIELD = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([^\0\r\n]*?)[ \t]*$/;

const MALFORMED: HeadRefusal = {
  status: "400 Bad Request",
  text: "This is a development chain: it takes JSON-RPC over HTTP/1.1 or WebSocket.",
};
const FOREIGN_HOST: HeadRefusal = {
  status: "403 Forbidden",
  text: "Forbidden: the development chain does not go by that host name; call it 127.0.0.1.",
};
const PAGE: HeadRefusal = {
  status: "403 Forbidden",
  text: "Forbidden: pages in a browser may not use the development chain, whose accounts are open.",
};
const OTHER_METHOD: HeadRefusal = {
  status: "405 Method Not Allowed",
  text: "The development chain takes JSON-RPC by POST or WebSocket.",
};
const HEAD_TOO_LONG: HeadRefusal = {
  status: "400 Bad Request",
  text: `The request's head is longer than ${HEAD_BYTES_MAX} bytes.`,
};

/** Where anvil itself listens. */
export interface HiddenPlace {
  readonly host: string;
  readonly port: number;
}

/**
 * Where programs reach the development chain, and pages in a browser do not: anvil asks a WebSocket
 * for no `Origin` and a request for no `Host`, and has no option that would make it. The first
 * request's head is looked at (`findHeadRefusal` says why that is enough); from there on the bytes
 * of both sides pass as they are.
 */
export class AnvilDoor {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #headTimeoutMs: number;
  #inner: HiddenPlace | undefined;

  private constructor(headTimeoutMs: number) {
    this.#headTimeoutMs = headTimeoutMs;
    // Who has sent all may still wait for the answer.
    const options = { allowHalfOpen: true, noDelay: true };
    this.#server = createServer(options, (client) => this.#receive(client));
    this.#server.maxConnections = CONNECTIONS_MAX;
  }

  /**
   * Takes the chain's port, before there is a chain.
   *
   * @param headTimeoutMs How long the first head may take; ten seconds unless given.
   * @throws PortTaken, ListeningRefused
   */
  static async listen(port: number, headTimeoutMs = HEAD_TIMEOUT_MS): Promise<AnvilDoor> {
    const door = new AnvilDoor(headTimeoutMs);
    const place = { host: LOOPBACK_HOST, port, purpose: CHAIN_PURPOSE };
    await listenAt(door.#server, { ...place, whatToDo: CHOOSE_CHAIN_PORT });
    // One that cannot be taken, because too many files are open, is its client's loss alone.
    door.#server.on("error", () => {});
    return door;
  }

  /** Lets programs through to there; before that, connections are closed. */
  open(inner: HiddenPlace): void {
    this.#inner = inner;
  }

  /** Ends listening and all connections. Twice is once. */
  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  #receive(client: Socket): void {
    this.#keep(client);
    const inner = this.#inner;
    if (inner === undefined) {
      client.destroy();
      return;
    }
    const deadline = setTimeout(() => client.destroy(), this.#headTimeoutMs);
    client.once("close", () => clearTimeout(deadline));
    let received = Buffer.alloc(0);
    const read = (chunk: Buffer): void => {
      received = Buffer.concat([received, chunk]);
      const head = findHead(received.subarray(0, HEAD_BYTES_MAX));
      if (head === undefined && received.length < HEAD_BYTES_MAX) return;
      client.off("data", read).off("end", abandon);
      const refusal = head === undefined ? HEAD_TOO_LONG : findHeadRefusal(head);
      if (refusal !== undefined) {
        refuse(client, refusal);
        return;
      }
      clearTimeout(deadline);
      client.pause();
      client.unshift(received);
      this.#splice(client, inner);
    };
    const abandon = (): void => void client.destroy();
    client.on("data", read).on("end", abandon);
  }

  #splice(client: Socket, place: HiddenPlace): void {
    const inner = openConnection({ ...place, allowHalfOpen: true, noDelay: true });
    this.#keep(inner);
    client.pipe(inner);
    inner.pipe(client);
    // What broke on one side is broken on the other; an end in order has passed through the pipes.
    client.once("close", () => inner.destroy());
    inner.once("close", (hadError) => {
      if (hadError) client.destroy();
    });
  }

  #keep(socket: Socket): void {
    this.#sockets.add(socket);
    socket.once("close", () => this.#sockets.delete(socket));
    // `close` follows, and that is acted on.
    socket.on("error", () => {});
  }
}

/** Answers, and takes what is still sent, so that the answer is not lost with it. */
function refuse(client: Socket, { status, text }: HeadRefusal): void {
  const head = [
    `HTTP/1.1 ${status}`,
    "content-type: text/plain; charset=utf-8",
    `content-length: ${Buffer.byteLength(text) + 1}`,
    "connection: close",
  ];
  client.on("end", () => client.destroySoon());
  client.resume();
  client.end(`${head.join("\r\n")}\r\n\r\n${text}\n`);
}

/** The first request's head, once it is there whole; it ends before its body begins. */
function findHead(received: Buffer): string | undefined {
  const end = received.indexOf(END_OF_HEAD);
  return end < 0 ? undefined : received.toString("latin1", 0, end);
}

/**
 * Why a connection that begins with this head is none of a program; `undefined` where it is one.
 *
 * The first head speaks for the whole connection, because a browser never shares one between a page
 * and a program, and no page can open one: it names the page's `Origin` in every POST and every
 * WebSocket, and other methods, which may come without, are refused. A page that goes by a name of
 * its own (DNS rebinding) has connections of its own, for they are kept by host name.
 *
 * @example
 * findHeadRefusal("POST / HTTP/1.1\r\nHost: 127.0.0.1:8545"); // undefined
 */
export function findHeadRefusal(head: string): HeadRefusal | undefined {
  const [line = "", ...rest] = head.split("\r\n");
  const method = REQUEST_LINE.exec(line)?.[1];
  const fields = new Map<string, string>();
  for (const text of rest) {
    const [, name, value = ""] = FIELD.exec(text) ?? [];
    if (name === undefined) return MALFORMED;
    const key = name.toLowerCase();
    if (key === "host" && fields.has(key)) return MALFORMED;
    fields.set(key, value);
  }
  if (method === undefined) return MALFORMED;
  if (!isHomeName(toHostName(fields.get("host") ?? ""))) return FOREIGN_HOST;
  // `none`: the person at the browser, not a page. Node's own `fetch` sends no such field.
  const site = fields.get("sec-fetch-site") ?? "none";
  if (fields.has("origin") || site.toLowerCase() !== "none") return PAGE;
  const isWebSocket = method === "GET" && fields.get("upgrade")?.toLowerCase() === "websocket";
  return method === "POST" || isWebSocket ? undefined : OTHER_METHOD;
}
