import type { Hex } from "../../../spec/outputs.ts";
import { ClientError } from "../../errors.ts";
import { CHAIN_PURPOSE, CHOOSE_CHAIN_PORT, LOOPBACK_HOST } from "../../node/anvil/anvil.ts";
import { requireFreePort } from "../../node/anvil/free-port.ts";
import { requireFreeApiPorts } from "../../node/api/start-api.ts";
import type { Settlement } from "../../node/run/rpc-claim-sender.ts";
import type { MachineDriver } from "../../node/start-node.ts";
import { type ApiCommandOptions, toApiPlace } from "./api-options.ts";

/** What `tallyroll start` was asked for. */
export interface StartOptions extends ApiCommandOptions {
  readonly port: number;
  readonly blockTime: number;
  readonly epochLength?: number;
  readonly driver: MachineDriver["driver"];
  readonly rpc?: string;
  readonly app?: Hex;
  readonly claims: boolean;
  readonly settlement?: Settlement;
  readonly poll?: number;
  readonly keystore?: string;
  readonly devAccount?: number;
  readonly dataFolder?: string;
  readonly quiet: boolean;
  readonly json: boolean;
}

/** @throws ClientError for options that contradict each other, and for ports that are taken. */
export async function requireStartable(options: StartOptions): Promise<void> {
  if (options.rpc === undefined) {
    requireOwnChainOptions(options);
    await requireFreePort({
      ...{ host: LOOPBACK_HOST, port: options.port },
      ...{ purpose: CHAIN_PURPOSE, whatToDo: CHOOSE_CHAIN_PORT },
    });
  } else if (options.app === undefined) {
    throw new ClientError("--rpc names a chain, and nothing says which application on it.", {
      whatToDo: "Give --app ADDRESS, or leave --rpc away for a chain of your own.",
    });
  }
  const { ports, host } = toApiPlace(options);
  await requireFreeApiPorts({ ports, host });
}

/**
 * What is about an application on somebody else's chain would change nothing here.
 *
 * @throws ClientError
 */
function requireOwnChainOptions(options: StartOptions): void {
  if (options.app !== undefined) {
    throw new ClientError("--app names an application of a chain that --rpc has to name.", {
      whatToDo: "Give --rpc URL too, or leave --app away: a chain of your own gets its own.",
    });
  }
  const about: readonly (readonly [boolean, string])[] = [
    [options.keystore !== undefined, "--keystore"],
    [options.devAccount !== undefined, "--dev-account"],
    [!options.claims, "--no-claims"],
    [options.settlement !== undefined, "--settlement"],
  ];
  const given = about.find(([isGiven]) => isGiven);
  if (given === undefined) return;
  throw new ClientError(`${given[1]} says how epochs are claimed on a chain that --rpc names.`, {
    whatToDo:
      `Leave ${given[1]} away, or give --rpc URL and --app ADDRESS too: a chain of your own ` +
      "claims by itself.",
  });
}
