import { randomInt } from "node:crypto";
import {
  type Anvil,
  type AnvilExit,
  type AnvilOptions,
  LOOPBACK_HOST,
  startAnvil,
} from "./anvil.ts";
import { AnvilDoor, type HiddenPlace } from "./anvil-door.ts";
import { findFreePort } from "./free-port.ts";

/** A chain that programs reach and pages in a browser do not. */
export interface GuardedAnvil {
  /** For everybody else: the door. */
  readonly rpcUrl: string;
  /**
   * The chain itself, for this process alone: whoever gets its URL, such as through a file or an
   * answer, passes by the door.
   */
  readonly anvil: Anvil;
  /** Ends both, so that the chain's state is written. Twice is once. */
  stop(): Promise<AnvilExit>;
}

/**
 * Starts anvil where no page finds it, and a door for programs at the port of the options.
 *
 * @throws PortTaken, ListeningRefused before anvil is started, and as `startAnvil`.
 * @example
 * const { rpcUrl, anvil, stop } = await startGuardedAnvil({ port: 8545 });
 */
export async function startGuardedAnvil(
  options: Omit<AnvilOptions, "host">,
): Promise<GuardedAnvil> {
  const door = await AnvilDoor.listen(options.port);
  try {
    const place = await findHiddenPlace();
    const anvil = await startAnvil({ ...options, ...place });
    door.open(place);
    // A port that nothing is after any more says so by refusing.
    void anvil.exited.then(() => door.close());
    const stop = async (): Promise<AnvilExit> => {
      await door.close();
      return await anvil.stop();
    };
    return { rpcUrl: `http://${LOOPBACK_HOST}:${options.port}`, anvil, stop };
  } catch (error) {
    await door.close();
    throw error;
  }
}

/**
 * A place that nobody guesses: on Linux all of 127.0.0.0/8 is this computer, so that a page would
 * have to try some 10¹¹ places, anew for every start. Where only 127.0.0.1 is there, what hides
 * the chain is its port, and that a page can find in minutes.
 */
async function findHiddenPlace(): Promise<HiddenPlace> {
  const host = `127.${randomInt(1, 255)}.${randomInt(256)}.${randomInt(1, 255)}`;
  try {
    return { host, port: await findFreePort(host) };
  } catch {
    return { host: LOOPBACK_HOST, port: await findFreePort() };
  }
}
