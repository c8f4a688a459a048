import { requireFreePort } from "../anvil/free-port.ts";
import type { ApplicationStanding } from "../run/application-standing.ts";
import type { NodeView } from "../store/sqlite-node-view.ts";
import { BytesInFlight } from "./bytes-in-flight.ts";
import {
  createMethodNotAllowed,
  createTextAnswer,
  type HttpAnswer,
  NOT_FOUND,
} from "./http-exchange.ts";
import {
  CHOOSE_API_PORT,
  type HttpRequest,
  type HttpService,
  type HttpServiceOptions,
  startHttpService,
} from "./http-service.ts";
import { createInspectHandler, type InspectAnswer } from "./inspect-service.ts";
import { RpcAnswerer } from "./json-rpc.ts";
import { createRpcMethods } from "./rpc-methods.ts";
import { toWireApplication } from "./wire-shapes.ts";

/** The official node's ports. */
export const API_PORTS = { rpc: 10011, inspect: 10012, health: 10000 } as const;

export type ApiName = keyof typeof API_PORTS;

/** Where the API listens, and whom it lets in. */
export interface ApiPlace {
  /** The official node's by default; 0 lets the system choose. */
  readonly ports?: Readonly<Record<ApiName, number>>;
  /** Loopback by default. The inspect API gives open streams to whoever reaches it. */
  readonly host?: string;
  /** Origins of web pages that may call, `*` for all; none by default. */
  readonly allowedOrigins?: readonly string[];
  /** Names that a reverse proxy or others call this machine by, `*` for all. */
  readonly allowedHosts?: readonly string[];
}

export interface ApiOptions extends ApiPlace {
  readonly view: NodeView;
  /** Asks the machine; `MachineLost` is answered as "not ready". */
  readonly inspect: (query: Uint8Array) => Promise<InspectAnswer>;
  /** Whether the node has caught up: what `/readyz` says, as long as the application operates. */
  readonly isReady: () => boolean;
  readonly getStanding: () => ApplicationStanding;
  /** Takes one line about a failure of ours; standard error by default. */
  readonly log?: (line: string) => void;
}

export interface Api {
  readonly urls: {
    /** With its path, `/rpc`. */
    readonly rpc: string;
    /** Queries go to `/inspect/{name or address}` below it. */
    readonly inspect: string;
    /** `/livez` and `/readyz` are below it. */
    readonly health: string;
  };
  /** Stops listening; answers under way are finished. */
  close(): Promise<void>;
}

/** What listens, in order. As the official node's, queries may be as large as a Cartesi Machine takes. */
const SERVICES = {
  rpc: { purpose: "the JSON-RPC API", bodyBytesMax: 1024 * 1024 },
  inspect: { purpose: "the inspect API", bodyBytesMax: 2 * 1024 * 1024 },
  health: { purpose: "the health API", bodyBytesMax: 0 },
} as const satisfies Record<ApiName, Pick<HttpServiceOptions, "purpose" | "bodyBytesMax">>;
const API_NAMES = Object.keys(SERVICES) as ApiName[];

/**
 * Makes sure that the API could listen, for what is started before it and would be left behind.
 *
 * @throws PortTaken, ListeningRefused
 */
export async function requireFreeApiPorts({
  ports = API_PORTS,
  host = "127.0.0.1",
}: ApiPlace = {}): Promise<void> {
  for (const name of API_NAMES) {
    const { purpose } = SERVICES[name];
    await requireFreePort({ host, port: ports[name], purpose, whatToDo: CHOOSE_API_PORT });
  }
}

/** Of all requests and answers under way. */
const IN_FLIGHT_BYTES_MAX = 48 * 1024 * 1024;

/**
 * Serves the official node's API (rollups-node v2): JSON-RPC, inspect and health, each on a port of
 * its own. All of them start or none.
 *
 * @throws PortTaken, ListeningRefused
 * @example
 * const api = await startApi({ view: store, inspect: (query) => node.inspect(query), isReady,
 *   getStanding });
 * api.urls.rpc; // "http://127.0.0.1:10011/rpc"
 */
export async function startApi(options: ApiOptions): Promise<Api> {
  const { view, inspect, getStanding, ports = API_PORTS, host = "127.0.0.1" } = options;
  const log = options.log ?? ((line: string) => process.stderr.write(`${line}\n`));
  const inFlight = new BytesInFlight(IN_FLIGHT_BYTES_MAX);
  const { allowedOrigins = [], allowedHosts = [] } = options;
  const common = { host, allowedOrigins, allowedHosts, inFlight, log };
  // The file does not keep the application's times.
  const startedAtMs = Date.now();
  const describeApplication = () => toWireApplication(view, getStanding(), startedAtMs);
  const methods = createRpcMethods({ view, describeApplication });
  const answerer = new RpcAnswerer(methods, inFlight, log);
  const handlers: Readonly<Record<ApiName, HttpServiceOptions["handle"]>> = {
    rpc: (request) => answerRpc(request, answerer),
    inspect: createInspectHandler(view.getIdentity().app, inspect, inFlight),
    health: (request) => answerHealth(request, options),
  };
  const started: HttpService[] = [];
  try {
    for (const name of API_NAMES) {
      const service = { ...common, ...SERVICES[name], port: ports[name], handle: handlers[name] };
      started.push(await startHttpService(service));
    }
  } catch (error) {
    await closeAll(started);
    throw error;
  }
  const [rpc = "", inspectUrl = "", health = ""] = started.map(({ url }) => url);
  return {
    urls: { rpc: `${rpc}/rpc`, inspect: inspectUrl, health },
    close: () => closeAll(started),
  };
}

async function closeAll(services: readonly HttpService[]): Promise<void> {
  await Promise.all(services.map((service) => service.close()));
}

async function answerRpc(
  { method, path, body, isGone }: HttpRequest,
  answerer: RpcAnswerer,
): Promise<HttpAnswer> {
  if (path !== "/rpc") return NOT_FOUND;
  if (method !== "POST") return createMethodNotAllowed("POST");
  return answerer.answer(body, isGone);
}

function answerHealth(
  { method, path }: HttpRequest,
  { isReady, getStanding }: ApiOptions,
): HttpAnswer {
  if (path !== "/livez" && path !== "/readyz") return NOT_FOUND;
  if (method !== "GET" && method !== "HEAD") return createMethodNotAllowed("GET, HEAD");
  if (path === "/livez") return createTextAnswer(200, "OK");
  const { state, reason } = getStanding();
  if (state === "INOPERABLE") return createTextAnswer(503, `Inoperable: ${reason}`);
  return isReady() ? createTextAnswer(200, "OK") : createTextAnswer(503, "Not ready");
}
