import { isHomeName, toHostName } from "../../home-name.ts";

/** How a request is turned away, in HTTP's terms. */
export interface HeadRefusal {
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

/** The first request's head, once it is there whole; it ends before its body begins. */
export function findHead(received: Buffer): string | undefined {
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
