import { requireFreePort } from "../../chain/free-port.ts";
import type { NodeView } from "../node-store.ts";
import {
  CHOOSE_API_PORT,
  createMethodNotAllowed,
  createTextAnswer,
  type HttpAnswer,
  type HttpRequest,
  type HttpService,
  type HttpServiceOptions,
  NOT_FOUND,
  startHttpService,
} from "./http-service.ts";
import { createInspectHandler, type InspectAnswer } from "./inspect-service.ts";
import { answerJsonRpc, type RpcMethod } from "./json-rpc.ts";
import { createRpcMethods } from "./rpc-methods.ts";

/** The official node's ports. */
export const API_PORTS = { rpc: 10011, inspect: 10012, health: 10000 } as const;

export type ApiName = keyof typeof API_PORTS;

export interface ApiOptions {
  readonly view: NodeView;
  /** Asks the machine; `MachineLost` is answered as "not ready". */
  readonly inspect: (query: Uint8Array) => Promise<InspectAnswer>;
  /** Whether the node has caught up: what `/readyz` says. */
  readonly isReady: () => boolean;
  /** The official node's by default; 0 lets the system choose. */
  readonly ports?: Readonly<Record<ApiName, number>>;
  /** Loopback by default. The inspect API gives open streams to whoever reaches it. */
  readonly host?: string;
  /** Origins of web pages that may call, `*` for all; none by default. */
  readonly allowedOrigins?: readonly string[];
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

const PURPOSES: Readonly<Record<ApiName, string>> = {
  rpc: "the JSON-RPC API",
  inspect: "the inspect API",
  health: "the health API",
};

/**
 * Makes sure that the API could listen, for what is started before it and would be left behind.
 *
 * @throws PortTaken, ListeningRefused
 */
export async function requireFreeApiPorts(
  ports: Readonly<Record<ApiName, number>> = API_PORTS,
  host = "127.0.0.1",
): Promise<void> {
  for (const name of ["rpc", "inspect", "health"] as const) {
    const [port, purpose] = [ports[name], PURPOSES[name]];
    await requireFreePort({ host, port, purpose, whatToDo: CHOOSE_API_PORT });
  }
}

const RPC_BYTES_MAX = 1024 * 1024;
/** The machine takes queries of this size at most. */
const QUERY_BYTES_MAX = 64 * 1024;

/**
 * Serves the official node's API (rollups-node v2): JSON-RPC, inspect and health, each on a port of
 * its own. All of them start or none.
 *
 * @throws PortTaken, ListeningRefused
 * @example
 * const api = await startApi({ view: store, inspect: (query) => node.inspect(query), isReady });
 * api.urls.rpc; // "http://127.0.0.1:10011/rpc"
 */
export async function startApi(options: ApiOptions): Promise<Api> {
  const { view, inspect, isReady, ports = API_PORTS, host = "127.0.0.1" } = options;
  const log = options.log ?? ((line: string) => process.stderr.write(`${line}\n`));
  const common = { host, allowedOrigins: options.allowedOrigins ?? [], log };
  const methods = createRpcMethods(view, Date.now());
  const all: HttpServiceOptions[] = [
    {
      ...common,
      purpose: PURPOSES.rpc,
      port: ports.rpc,
      bodyBytesMax: RPC_BYTES_MAX,
      handle: (request) => answerRpc(request, methods, log),
    },
    {
      ...common,
      purpose: PURPOSES.inspect,
      port: ports.inspect,
      bodyBytesMax: QUERY_BYTES_MAX,
      handle: createInspectHandler(view.getIdentity().app, inspect),
    },
    {
      ...common,
      purpose: PURPOSES.health,
      port: ports.health,
      bodyBytesMax: 0,
      handle: (request) => answerHealth(request, isReady),
    },
  ];
  const started: HttpService[] = [];
  try {
    for (const service of all) started.push(await startHttpService(service));
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
  { method, path, body }: HttpRequest,
  methods: ReadonlyMap<string, RpcMethod>,
  log: (line: string) => void,
): Promise<HttpAnswer> {
  if (path !== "/rpc") return NOT_FOUND;
  if (method !== "POST") return createMethodNotAllowed("POST");
  return { status: 200, body: await answerJsonRpc(body, methods, log) };
}

function answerHealth({ method, path }: HttpRequest, isReady: () => boolean): HttpAnswer {
  if (path !== "/livez" && path !== "/readyz") return NOT_FOUND;
  if (method !== "GET" && method !== "HEAD") return createMethodNotAllowed("GET, HEAD");
  const isWell = path === "/livez" || isReady();
  return isWell ? createTextAnswer(200, "OK") : createTextAnswer(503, "Not ready");
}
