import { hexToBytes } from "viem";
import type { Hex } from "../../../spec/outputs.ts";
import type { TallyrollClient } from "./tallyroll-client.ts";

interface RootAnswer {
  readonly root: Hex;
  readonly machine_key: Hex;
}

export interface StateRoot {
  /** Commits to all rows of the state. */
  readonly root: Hex;
  /** The machine's X25519 public key: batches and sealed inputs are sealed to it. */
  readonly machineKey: Uint8Array;
}

/**
 * The state's root and the machine's key.
 *
 * @throws What `inspectApplication` throws.
 * @example
 * const { machineKey } = await getRoot(client);
 */
export async function getRoot(client: Pick<TallyrollClient, "inspect">): Promise<StateRoot> {
  const answer = await client.inspect<RootAnswer>({ query: "root" });
  return { root: answer.root, machineKey: hexToBytes(answer.machine_key) };
}
