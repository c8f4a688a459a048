import { Agent, type ClientRequest, type IncomingMessage, request } from "node:http";
import { createConnection, type Socket } from "node:net";
import type { Hex, Output } from "../../spec/outputs.ts";
import { readBody } from "./ascii-bodies.ts";
import { BusyWait } from "./busy-wait.ts";
import { decodeRollupRequest, RollupAnswerError, type RollupRequest } from "./rollup-request.ts";

/** The connection to the rollup HTTP server could not be made, or broke. */
export class RollupConnectionError extends Error {
  override readonly name = "RollupConnectionError";
}

/** An inspect query of the largest size is 4 MiB of hexadecimal. */
const ANSWER_BYTES_MAX = 5 * 2 ** 20;
const CONTENT_LENGTH_AT = 5;
const FINISH_ACCEPT = '{"status":"accept"}';
const FINISH_REJECT = '{"status":"reject"}';

/** How the request before was judged, as `/finish` says it. */
export type FinishStatus = "accept" | "reject";

/**
 * The guest's side of the rollup HTTP API over one kept-alive connection. One connection is what
 * keeps outputs in order: a request is written when the one before it has been answered.
 *
 * Any failure is final, because outputs may have been lost: every later call throws the same.
 */
export class RollupHttpClient {
  readonly #basePath: string;
  readonly #agent: OneConnectionAgent;
  readonly #headers: string[];
  readonly #options = new Map<string, object>();
  // Two, because what they wait for differs: outputs are answered at once, inputs whenever.
  readonly #outputWait = new BusyWait();
  readonly #finishWait = new BusyWait();
  #failure: Error | undefined;
  #unanswered = 0;
  #resolveOutputs: (() => void) | undefined;
  #resolveFinish: ((request: RollupRequest | undefined) => void) | undefined;
  #reject: ((error: Error) => void) | undefined;

  /**
   * `url` is `http://HOST:PORT`, as in `ROLLUP_HTTP_SERVER_URL`, or that with a path before those of
   * the API. A host may put a secret there, so no error quotes it.
   */
  constructor(url: string) {
    const { protocol, hostname, port, host, pathname } = new URL(url);
    if (protocol !== "http:") throw new RangeError(`not an http URL, but one of ${protocol}`);
    this.#basePath = pathname.replace(/\/+$/, "");
    this.#agent = new OneConnectionAgent(hostname, Number(port || 80), this.#fail);
    // One array for all requests: node:http turns it into text before the next one changes it.
    this.#headers = ["Host", host, "Content-Type", "application/json", "Content-Length", "0"];
  }

  /**
   * POST `/finish`: judges the request before and asks for the next one; `undefined` when the
   * server has none yet and wants to be asked again (202).
   */
  finish(verdict: FinishStatus): Promise<RollupRequest | undefined> {
    return new Promise((resolve, reject) => {
      this.#begin(reject);
      this.#resolveFinish = resolve;
      this.#finishWait.begin();
      this.#post("/finish", verdict === "accept" ? FINISH_ACCEPT : FINISH_REJECT, this.#onFinish);
    });
  }

  /** POSTs all outputs, then all reports, in order; resolves when every one has been taken. */
  emit(outputs: readonly Output[], reports: readonly Hex[]): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#begin(reject);
      this.#unanswered = outputs.length + reports.length;
      if (this.#unanswered === 0) {
        resolve();
        return;
      }
      this.#resolveOutputs = resolve;
      this.#outputWait.begin();
      for (const output of outputs) this.#postOutput(output);
      for (const report of reports) this.#post("/report", payloadBody(report), this.#onAccepted);
    });
  }

  /** Drops the connection. */
  close(): void {
    this.#fail(new RollupConnectionError("the client was closed"));
  }

  #begin(reject: (error: Error) => void): void {
    if (this.#failure !== undefined) throw this.#failure;
    this.#reject = reject;
  }

  #postOutput(output: Output): void {
    if (output.kind === "notice") {
      this.#post("/notice", payloadBody(output.payload), this.#onAccepted);
      return;
    }
    const head = `{"destination":"${output.destination}",`;
    const tail = `"payload":"${output.payload}"}`;
    if (output.kind === "delegate_call_voucher") {
      this.#post("/delegate-call-voucher", head + tail, this.#onAccepted);
      return;
    }
    const value = `"value":"0x${output.value.toString(16).padStart(64, "0")}",`;
    this.#post("/voucher", head + value + tail, this.#onAccepted);
  }

  /** Bodies are ASCII, so that a string's length is its length in bytes. */
  #post(path: string, body: string, onAnswer: (answer: IncomingMessage) => void): void {
    let options = this.#options.get(path);
    if (options === undefined) {
      const whole = this.#basePath + path;
      options = { method: "POST", path: whole, headers: this.#headers, agent: this.#agent };
      this.#options.set(path, options);
    }
    this.#headers[CONTENT_LENGTH_AT] = String(body.length);
    // Head and body as one string: one write, one segment.
    request(options, onAnswer).on("error", this.#fail).end(body, "latin1");
  }

  readonly #onAccepted = (answer: IncomingMessage): void => {
    answer.on("error", this.#fail);
    const status = answer.statusCode ?? 0;
    if (status < 200 || status > 299) {
      readBody(answer, ANSWER_BYTES_MAX, failOnExcess, (body = "") => {
        this.#failOnStatus(answer, body);
      });
      return;
    }
    // What it says (an index) is not needed, but it has to be read before the next answer.
    answer.on("end", this.#onOutputTaken).resume();
  };

  readonly #onOutputTaken = (): void => {
    this.#unanswered -= 1;
    if (this.#unanswered > 0) {
      this.#outputWait.begin();
      return;
    }
    this.#outputWait.end();
    this.#resolveOutputs?.();
  };

  readonly #onFinish = (answer: IncomingMessage): void => {
    answer.on("error", this.#fail);
    readBody(answer, ANSWER_BYTES_MAX, failOnExcess, (body = "") => {
      this.#finishWait.end();
      if (answer.statusCode === 202) this.#resolveFinish?.(undefined);
      else if (answer.statusCode === 200) this.#decode(body);
      else this.#failOnStatus(answer, body);
    });
  };

  #decode(body: string): void {
    try {
      this.#resolveFinish?.(decodeRollupRequest(body));
    } catch (error) {
      this.#fail(error as Error);
    }
  }

  #failOnStatus(answer: IncomingMessage, body: string): void {
    const status = answer.statusCode;
    this.#fail(
      new RollupAnswerError(`the rollup server answered ${status}: ${body.slice(0, 200)}`),
    );
  }

  readonly #fail = (error: Error): void => {
    if (this.#failure !== undefined) return;
    const isNamed = error instanceof RollupAnswerError || error instanceof RollupConnectionError;
    this.#failure = isNamed
      ? error
      : new RollupConnectionError(`the connection to the rollup server broke: ${error.message}`, {
          cause: error,
        });
    this.#outputWait.end();
    this.#finishWait.end();
    this.#agent.destroy();
    this.#reject?.(this.#failure);
  };
}

/**
 * An agent with one socket and a queue, and nothing else. The stock agent looks the socket up by a
 * name it builds several times a request and sets socket options at each return to its pool, which
 * is a quarter of the cost of a request here.
 */
class OneConnectionAgent extends Agent {
  readonly #host: string;
  readonly #port: number;
  readonly #onLost: (error: Error) => void;
  readonly #waiting: ClientRequest[] = [];
  #socket: Socket | undefined;
  #isBusy = false;

  constructor(host: string, port: number, onLost: (error: Error) => void) {
    super({ keepAlive: true, maxSockets: 1 });
    // Brackets belong to the URL of an IPv6 address, not to the address.
    this.#host = host.replace(/^\[|\]$/g, "");
    this.#port = port;
    this.#onLost = onLost;
  }

  /** The one method that node:http calls on an agent. */
  addRequest(request: ClientRequest): void {
    this.#socket ??= this.#connect();
    if (this.#isBusy) {
      this.#waiting.push(request);
      return;
    }
    this.#isBusy = true;
    request.onSocket(this.#socket);
  }

  #connect(): Socket {
    const socket = createConnection({ host: this.#host, port: this.#port, noDelay: true });
    // node:http says "free" when an answer has been read to its end.
    socket.on("free", () => {
      const next = this.#waiting.shift();
      if (next === undefined) this.#isBusy = false;
      else next.onSocket(socket);
    });
    // Between two requests nobody else listens, and an unheard "error" would end the process.
    socket.on("error", this.#onLost);
    socket.on("close", () => this.#onLost(new RollupConnectionError("the rollup server hung up")));
    return socket;
  }

  override destroy(): void {
    this.#waiting.length = 0;
    this.#socket?.destroy();
  }
}

function payloadBody(payload: Hex): string {
  return `{"payload":"${payload}"}`;
}

function failOnExcess(answer: IncomingMessage): void {
  answer.destroy(new RollupAnswerError(`an answer exceeds ${ANSWER_BYTES_MAX} bytes`));
}
