import { concatBytes } from "@noble/hashes/utils.js";
import type { Crypto } from "./crypto.ts";
import {
  accumulateRow,
  computeRoot,
  computeRowLanes,
  computeSchemaHash,
  encodeRow,
  LANE_COUNT,
} from "./state-root.ts";
import { STATE } from "./tables.ts";

/** The key of the one row of the table `machine`. */
export const MACHINE_ID = 0;

/**
 * The root before the first input (spec §6.7): the machine's public key is the only row there is.
 * Another key gives another root here, and so after every input.
 *
 * @param machineKey The machine's X25519 public key, 32 bytes (spec §3.7).
 * @example
 * computeGenesisRoot(nobleCrypto, nobleCrypto.x25519PublicKey(machineSecret));
 */
export function computeGenesisRoot(crypto: Crypto, machineKey: Uint8Array): Uint8Array {
  const lanes = new Uint16Array(LANE_COUNT);
  const row = encodeRow(STATE.machine.name, [MACHINE_ID, machineKey, 0, null]);
  accumulateRow(lanes, computeRowLanes(crypto, row), 1);
  return computeRoot(crypto, computeSchemaHash(crypto), lanes);
}

/**
 * The template hash of an application whose machine is no Cartesi Machine (spec §6.8): which program
 * it runs, and from which state. A Cartesi Machine's is its own hash.
 *
 * @param program The bytes of the built dApp.
 * @example
 * computeTemplateHash(crypto, readFileSync("dist/dapp/index.cjs"), computeGenesisRoot(crypto, key));
 */
export function computeTemplateHash(
  crypto: Crypto,
  program: Uint8Array,
  genesisRoot: Uint8Array,
): Uint8Array {
  return crypto.sha256(concatBytes(program, genesisRoot));
}
