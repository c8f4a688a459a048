import { randomBytes, timingSafeEqual } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";

const SECRET_BYTES = 32;
/** How long a second connection waits for the first to close: its end may be seen late. */
const HANDOVER_MS = 1_000;
/** Connections that have not shown the secret yet. One more ends the oldest of them. */
const STRANGERS_MAX = 32;

/** Why a request gets no answer of the machine's. */
export interface GuestRefusal {
  readonly status: number;
  readonly message: string;
}

const NOT_FOUND: GuestRefusal = { status: 404, message: "not found" };
const OTHER_HOST: GuestRefusal = { status: 403, message: "the Host is not the one that was given" };
const FROM_A_PAGE: GuestRefusal = { status: 403, message: "web pages are not served" };
const SECOND_CONNECTION: GuestRefusal = {
  status: 409,
  message: "another connection is open: send everything over one, or close it before the next",
};

/**
 * Lets the guest in and nobody else. Whoever reaches the port could otherwise answer for the guest,
 * and what is said here becomes an output: vouchers included.
 *
 * The guest alone gets the secret: the path prefix of its `ROLLUP_HTTP_SERVER_URL`, in its
 * environment, which other users cannot read. A path is what guests keep: they append `/finish` to
 * what they are given. (Credentials in a URL are refused by `fetch`; a socket's owner can be looked
 * up on Linux alone, and not for a guest that a shell started.)
 *
 * It holds one connection at a time, because outputs have an order.
 */
export class GuestDoor {
  readonly #prefix = `/${randomBytes(SECRET_BYTES).toString("hex")}`;
  readonly #prefixBytes = Buffer.from(this.#prefix, "latin1");
  readonly #onStranger: (count: number) => void;
  readonly #strangers = new Set<Socket>();
  readonly #turnedAway = new WeakSet<Socket>();
  #host = "";
  #holder: Socket | undefined;
  #successor: Socket | undefined;
  #strangerRequests = 0;

  /** `onStranger` is called with each request that did not come from the guest. */
  constructor(onStranger: (count: number) => void) {
    this.#onStranger = onStranger;
  }

  /** Requests so far that did not come from the guest. */
  get strangerRequests(): number {
    return this.#strangerRequests;
  }

  /** The digits that may appear in no line and no error. */
  get secret(): string {
    return this.#prefix.slice(1);
  }

  /** The URL for the guest alone, of a server that listens on this port. */
  open(port: number): string {
    const url = new URL(`http://127.0.0.1:${port}`);
    this.#host = url.host;
    return `${url.origin}${this.#prefix}`;
  }

  /** A connection was made: by whom is seen when it sends its first request. */
  meet(socket: Socket): void {
    this.#strangers.add(socket);
    socket.on("close", () => {
      this.#strangers.delete(socket);
      if (this.#holder === socket) this.#holder = undefined;
    });
    if (this.#strangers.size <= STRANGERS_MAX) return;
    for (const oldest of this.#strangers) {
      this.#strangers.delete(oldest);
      oldest.destroy();
      break;
    }
  }

  /**
   * Calls `admit` with the request's path, or `refuse`, now or when the connection before has
   * closed. Nothing of a body has been read by then. Neither is called for what follows upon a
   * refused request on its connection.
   */
  judge(
    request: IncomingMessage,
    admit: (path: string) => void,
    refuse: (refusal: GuestRefusal) => void,
  ): void {
    const { socket } = request;
    if (this.#turnedAway.has(socket)) return;
    const turnAway = (refusal: GuestRefusal): void => {
      this.#turnedAway.add(socket);
      refuse(refusal);
    };
    const refusal = this.#findRefusal(request);
    if (refusal !== undefined) {
      this.#strangerRequests += 1;
      turnAway(refusal);
      this.#onStranger(this.#strangerRequests);
      return;
    }
    this.#strangers.delete(socket);
    const path = (request.url ?? "").slice(this.#prefix.length);
    if (this.#holder === undefined || this.#holder.destroyed) this.#holder = socket;
    if (this.#holder === socket) admit(path);
    else this.#succeed(this.#holder, socket, () => admit(path), turnAway);
  }

  #succeed(
    holder: Socket,
    socket: Socket,
    admit: () => void,
    refuse: (refusal: GuestRefusal) => void,
  ): void {
    if (this.#successor !== undefined) {
      refuse(SECOND_CONNECTION);
      return;
    }
    this.#successor = socket;
    const end = (): void => {
      clearTimeout(timer);
      holder.off("close", end);
      socket.off("close", end);
      this.#successor = undefined;
      if (socket.destroyed) return;
      if (!holder.destroyed) refuse(SECOND_CONNECTION);
      else {
        this.#holder = socket;
        admit();
      }
    };
    const timer = setTimeout(end, HANDOVER_MS).unref();
    holder.once("close", end);
    socket.once("close", end);
  }

  #findRefusal({ url = "", headers }: IncomingMessage): GuestRefusal | undefined {
    // How long the secret is, is known; what it is, no comparison may tell by its time.
    const isLongEnough = url.length > this.#prefix.length && url[this.#prefix.length] === "/";
    const given = Buffer.from(url.slice(0, this.#prefix.length), "latin1");
    if (!isLongEnough || !timingSafeEqual(given, this.#prefixBytes)) return NOT_FOUND;
    // A page whose name was made to point here still says its own name.
    if (headers.host !== this.#host) return OTHER_HOST;
    // Browsers send one of them with every POST. (Node's `fetch` sends `Sec-Fetch-Mode` alone.)
    const isOfPage = headers.origin !== undefined || headers["sec-fetch-site"] !== undefined;
    return isOfPage ? FROM_A_PAGE : undefined;
  }
}
