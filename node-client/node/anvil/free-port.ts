import { createServer, type Server } from "node:net";
import { ClientError } from "../../errors.ts";

/** Something else listens where we have to. */
export class PortTaken extends ClientError {
  override readonly name = "PortTaken";
  readonly port: number;

  constructor(port: number, purpose: string, options: { readonly whatToDo: string }) {
    super(`Port ${port}, meant for ${purpose}, is taken by another program.`, options);
    this.port = port;
  }
}

/** No program of this user can listen there, whatever else listens. */
class ListeningRefused extends ClientError {
  override readonly name = "ListeningRefused";
}

/** Where something is to listen, and for what. */
interface ListeningPlace {
  readonly host: string;
  readonly port: number;
  /** Such as `the JSON-RPC API`. */
  readonly purpose: string;
  /** Where the port is taken. */
  readonly whatToDo: string;
}

/** What a failure to listen means for the user; errors of other kinds pass unchanged. */
function toListenError(error: NodeJS.ErrnoException, place: ListeningPlace): Error {
  const { host, port, purpose, whatToDo } = place;
  switch (error.code) {
    case "EADDRINUSE":
      return new PortTaken(port, purpose, { whatToDo });
    case "EACCES":
      return new ListeningRefused(`You may not use port ${port}, meant for ${purpose}.`, {
        whatToDo: "Choose one of 1024 or more.",
        cause: error,
      });
    case "ENOTFOUND":
    case "EAI_AGAIN":
    case "EADDRNOTAVAIL":
    case "EINVAL":
      return new ListeningRefused(
        `Nothing can listen at ${JSON.stringify(host)}, meant for ${purpose}: it is not an address ` +
          "of this computer.",
        {
          whatToDo: "Give an address that it has, such as 127.0.0.1, or 0.0.0.0 for all of them.",
          cause: error,
        },
      );
    default:
      return error;
  }
}

/**
 * Begins to listen.
 *
 * @returns The port, which the system chooses where 0 is given.
 * @throws PortTaken, ListeningRefused
 */
export async function listenAt(server: Server, place: ListeningPlace): Promise<number> {
  const { host, port } = place;
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen({ port, host, exclusive: true }, resolve);
  }).catch((error: NodeJS.ErrnoException) => {
    throw toListenError(error, place);
  });
  const address = server.address();
  return typeof address === "object" && address !== null ? address.port : port;
}

/**
 * Makes sure that nobody listens on a port. A check beforehand, for a
 * child that would only fail in its own words; it can be taken in the very next moment.
 *
 * @throws PortTaken, ListeningRefused
 */
export async function requireFreePort(place: ListeningPlace): Promise<number> {
  const server = createServer();
  const port = await listenAt(server, place);
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/**
 * A port of a loopback address that was free a moment ago, chosen by the system.
 *
 * @throws ListeningRefused where this computer does not have that address.
 */
export const findFreePort = (host = "127.0.0.1"): Promise<number> =>
  requireFreePort({ host, port: 0, purpose: "a port of its choice", whatToDo: "Try again." });
