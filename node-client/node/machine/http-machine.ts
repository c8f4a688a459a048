import type { Server, ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { respond } from "../../../dapp/rollup/ascii-bodies.ts";
import { BusyWait } from "../../../dapp/rollup/busy-wait.ts";
import type { InputContext } from "../../../spec/input.ts";
import type { AdvanceResult, Hex } from "../../../spec/outputs.ts";
import { ClientError } from "../../errors.ts";
import { GuestDoor } from "./guest-door.ts";
import { type GuestCommand, GuestProcess } from "./guest-process.ts";
import {
  decodeFinish,
  decodeReport,
  GuestRequestError,
  type OutputPath,
  readOutputRequest,
} from "./guest-requests.ts";
import { createGuestServer } from "./guest-server.ts";
import {
  createAdvanceJob,
  createInspectJob,
  type Job,
  keepOutput,
  keepReport,
} from "./http-job.ts";
import { type InspectResult, type Machine, MachineException, MachineLost } from "./machine.ts";

/** Options of `HttpMachine.start`. */
export interface HttpMachineOptions {
  /** The dApp to start. Without it the machine waits for one to connect to its `url`. */
  readonly guest?: GuestCommand;
  /** TCP port on 127.0.0.1; a free one by default. */
  readonly port?: number;
  /** How long a started dApp may take to ask for its first input, and any over one request. */
  readonly answerMsMax?: number;
  /** How long a dApp is left waiting before it has to ask again (202). */
  readonly retryMs?: number;
  /** Takes one line about what an operator should know. */
  readonly log?: (line: string) => void;
}

/** As long as Cartesi's node allows by default. */
const ANSWER_MS_MAX = 180_000;
/** Below the response timeouts of common HTTP clients. */
const RETRY_MS = 20_000;

/**
 * The host's side of the rollup HTTP API: runs any dApp that speaks it, as the server inside the
 * Cartesi Machine would. The dApp rolls back by itself when it rejects; its outputs are dropped
 * here, its reports are kept. Nothing of its state can be seen or restored from outside.
 *
 * A dApp that connects by itself (no `guest`) must be fresh, and is lost when it hangs up while
 * waiting for an input; whether it was restarted between two connections cannot be told.
 *
 * @example
 * const guest = { command: process.execPath, args: ["dist/dapp/index.cjs"], env };
 * const machine = await HttpMachine.start({ guest });
 * const { status, outputs } = await machine.advance(at, payload);
 */
export class HttpMachine implements Machine {
  /** Holds the secret: out of reach of whatever prints a machine. */
  readonly #url: string;
  readonly #door: GuestDoor;
  readonly #server: Server;
  readonly #guest: GuestProcess | undefined;
  readonly #log: (line: string) => void;
  readonly #queue: Job[] = [];
  readonly #deadline: NodeJS.Timeout;
  readonly #retry: NodeJS.Timeout;
  // Two, because what they wait for differs: the dApp computes, or it only sends the next output.
  readonly #computeWait = new BusyWait();
  readonly #outputWait = new BusyWait();
  #job: Job | undefined;
  /** The `/finish` that waits for something to do. */
  #parked: ServerResponse | undefined;
  #parkedSocket: Socket | undefined;
  #hasAsked = false;
  /** Outputs of accepted inputs so far: the index that the next one is told. */
  #outputCount = 0;
  #failure: MachineLost | undefined;

  /**
   * Opens the server and starts the dApp, without waiting for it: calls are queued until it asks.
   *
   * @throws ClientError when the port cannot be opened.
   */
  static async start(options: HttpMachineOptions = {}): Promise<HttpMachine> {
    // Made below, before the event loop can bring a first request.
    let machine: HttpMachine;
    const door = new GuestDoor((count) => machine.#onStranger(count));
    const server = createGuestServer(door, (path, body, response) =>
      machine.#handle(path, body, response),
    );
    const port = options.port ?? 0;
    await new Promise<void>((resolve, reject) => {
      server.once("error", (cause) => {
        const whatToDo = "Choose another port, or end the program that has it.";
        reject(new ClientError(`Port ${port} cannot be opened.`, { whatToDo, cause }));
      });
      server.listen(port, "127.0.0.1", resolve);
    });
    machine = new HttpMachine(server, door, options);
    return machine;
  }

  private constructor(server: Server, door: GuestDoor, options: HttpMachineOptions) {
    this.#server = server;
    this.#door = door;
    this.#log = options.log ?? (() => {});
    this.#url = door.open((server.address() as AddressInfo).port);
    server.on("connection", (socket: Socket) => socket.on("close", () => this.#onHangUp(socket)));
    const { guest, answerMsMax = ANSWER_MS_MAX, retryMs = RETRY_MS } = options;
    // One timer each, set back when it is needed: none is made or dropped an input.
    this.#deadline = setTimeout(() => this.#onDeadline(answerMsMax), answerMsMax).unref();
    this.#retry = setTimeout(() => this.#onRetry(), retryMs).unref();
    this.#guest =
      guest && new GuestProcess(guest, this.#url, door.secret, (error) => this.#fail(error));
  }

  /**
   * What a dApp takes as `ROLLUP_HTTP_SERVER_URL`, and nobody else may see: its path is the secret
   * that lets the dApp in. Ends without a slash: a dApp appends `/finish` and the others.
   */
  get url(): string {
    return this.#url;
  }

  /** Requests that did not come from the dApp, and were refused. */
  get strangerRequests(): number {
    return this.#door.strangerRequests;
  }

  /** The process id of the started dApp, for who watches its memory. */
  get guestPid(): number | undefined {
    return this.#guest?.pid;
  }

  advance(at: InputContext, payload: Uint8Array): Promise<AdvanceResult> {
    return new Promise((resolve, reject) =>
      this.#enqueue(createAdvanceJob(at, payload, resolve, reject)),
    );
  }

  inspect(query: Uint8Array): Promise<InspectResult> {
    return new Promise((resolve, reject) =>
      this.#enqueue(createInspectJob(query, resolve, reject)),
    );
  }

  async close(): Promise<void> {
    this.#fail(new MachineLost("The machine was closed.", { whatToDo: "Start a new one." }));
    await this.#guest?.kill();
    this.#server.closeAllConnections();
    if (this.#server.listening) await new Promise((resolve) => this.#server.close(resolve));
  }

  #enqueue(job: Job): void {
    if (this.#failure !== undefined) {
      job.fail(this.#failure);
      return;
    }
    this.#queue.push(job);
    this.#serveNext();
  }

  #serveNext(): void {
    if (this.#parked === undefined) return;
    const job = this.#queue.shift();
    if (job === undefined) return;
    const response = this.#parked;
    this.#parked = undefined;
    this.#job = job;
    this.#deadline.refresh();
    this.#computeWait.begin();
    respond(response, 200, job.request);
  }

  #handle(path: string, body: unknown, response: ServerResponse): void {
    this.#computeWait.end();
    this.#outputWait.end();
    if (this.#failure !== undefined) throw new GuestRequestError("the machine has stopped");
    switch (path) {
      case "/finish":
        this.#takeFinish(decodeFinish(body), response);
        break;
      case "/notice":
      case "/voucher":
      case "/delegate-call-voucher":
        this.#takeOutput(path, body, response);
        break;
      case "/report":
        this.#takeReport(decodeReport(body), response);
        break;
      case "/exception":
        this.#fail(new MachineException(decodeReport(body), this.#job?.reports ?? []));
        respond(response, 202, "");
        break;
      default:
        throw new GuestRequestError(`no such path: ${path}`, 404);
    }
  }

  #takeFinish(status: "accepted" | "rejected", response: ServerResponse): void {
    if (this.#parked !== undefined) throw new GuestRequestError("a finish is waiting already");
    const job = this.#job;
    this.#job = undefined;
    this.#hasAsked = true;
    this.#parked = response;
    this.#parkedSocket = response.socket ?? undefined;
    this.#retry.refresh();
    if (job !== undefined) {
      if (status === "accepted" && !job.isInspect) this.#outputCount += job.outputs.length;
      job.conclude(status);
    }
    this.#serveNext();
  }

  #takeOutput(path: OutputPath, body: unknown, response: ServerResponse): void {
    const output = readOutputRequest(path, body);
    const job = this.#findJob();
    if (job !== undefined) keepOutput(job, output);
    // During an inspect the outputs are counted like any others, then forgotten with the job.
    const index = this.#outputCount + (job?.outputs.length ?? 1) - 1;
    this.#acknowledge(response, 201, `{"index":${index}}`);
  }

  #takeReport(report: Hex, response: ServerResponse): void {
    const job = this.#findJob();
    if (job !== undefined) keepReport(job, report);
    this.#acknowledge(response, 202, "");
  }

  /** What is being answered. While it starts, a dApp may say what it likes: nobody keeps it. */
  #findJob(): Job | undefined {
    if (this.#job !== undefined || !this.#hasAsked) return this.#job;
    throw new GuestRequestError("no input is being processed");
  }

  #acknowledge(response: ServerResponse, status: number, body: string): void {
    this.#outputWait.begin();
    respond(response, status, body);
  }

  #onRetry(): void {
    const response = this.#parked;
    if (response === undefined) return;
    this.#parked = undefined;
    respond(response, 202, "");
  }

  #onDeadline(answerMsMax: number): void {
    const isStarting = this.#guest !== undefined && !this.#hasAsked;
    if (this.#job === undefined && !isStarting) return;
    const said = `The dApp did not answer within ${answerMsMax} ms.`;
    const whatToDo =
      this.strangerRequests === 0
        ? "Start the machine again and replay its inputs; allow more time if needed."
        : "Let the dApp append its paths to the whole of ROLLUP_HTTP_SERVER_URL, path included: " +
          "requests without that were refused.";
    this.#fail(new MachineLost(said, { whatToDo }));
    void this.#guest?.kill();
  }

  /** Said once: who knocks may do so all day. */
  #onStranger(count: number): void {
    if (count > 1) return;
    const { host } = new URL(this.#url);
    this.#log(
      `Something other than the dApp sent a request to the machine's server at ${host}. It was ` +
        "refused, as all that follow are: look for the program or web page that sends them.",
    );
  }

  #onHangUp(socket: Socket): void {
    if (this.#parked === undefined || this.#parkedSocket !== socket) return;
    this.#parked = undefined;
    // A started dApp may come back on another connection; its exit is seen otherwise.
    if (this.#guest !== undefined) return;
    const whatToDo = "Start the machine and the dApp again, and replay the inputs.";
    this.#fail(new MachineLost("The dApp hung up while it waited for an input.", { whatToDo }));
  }

  /** Only the request that was being answered gets an exception; the others find a lost machine. */
  #fail(error: MachineLost | MachineException): void {
    if (this.#failure !== undefined) return;
    clearTimeout(this.#deadline);
    clearTimeout(this.#retry);
    const whatToDo = "Start the machine again and replay the inputs before the one it failed on.";
    this.#failure =
      error instanceof MachineLost
        ? error
        : new MachineLost("The dApp stopped with an exception.", { whatToDo, cause: error });
    this.#job?.fail(error);
    this.#job = undefined;
    for (const job of this.#queue) job.fail(this.#failure);
    this.#queue.length = 0;
  }
}
