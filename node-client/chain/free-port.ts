import { createServer } from "node:net";
import { ClientError } from "../errors.ts";

/** Something else listens where we have to. */
export class PortTaken extends ClientError {
  override readonly name = "PortTaken";
  readonly port: number;

  constructor(port: number, purpose: string, options: { readonly whatToDo: string }) {
    super(`Port ${port}, meant for ${purpose}, is taken by another program.`, options);
    this.port = port;
  }
}

/**
 * Makes sure that nobody listens on a port of the loopback interface. A check beforehand, for a
 * child that would only fail in its own words; it can be taken in the very next moment.
 *
 * @throws PortTaken
 */
export async function requireFreePort(
  port: number,
  purpose: string,
  whatToDo: string,
): Promise<void> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen({ port, host: "127.0.0.1", exclusive: true }, resolve);
  }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "EADDRINUSE") throw new PortTaken(port, purpose, { whatToDo });
    throw error;
  });
  await new Promise((resolve) => server.close(resolve));
}

/** A port of the loopback interface that was free a moment ago, chosen by the system. */
export async function findFreePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === "string") throw new Error("a TCP server has a port");
  return address.port;
}
