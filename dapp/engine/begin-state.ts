import { bytesToHex } from "@noble/hashes/utils.js";
import type { Crypto } from "../../spec/crypto.ts";
import { computeGenesisRoot, MACHINE_ID } from "../../spec/genesis.ts";
import { equalBytes } from "../../spec/words.ts";
import { invariant } from "./invariant.ts";
import type { Store } from "./store.ts";

/**
 * §6.7 Puts the machine's key into an empty state: all that is there before the first input. A state
 * that has begun is left as it is.
 *
 * @param machineKey The machine's X25519 public key, 32 bytes.
 * @throws RangeError for a state that has begun under another key.
 */
export function beginState(store: Store, crypto: Crypto, machineKey: Uint8Array): void {
  if (store.machine.get(MACHINE_ID) !== undefined) {
    requireMachine(store, machineKey);
    return;
  }
  store.begin();
  store.machine.insert({
    ...{ machineId: MACHINE_ID, publicKey: machineKey },
    ...{ highestFoldedBatch: 0, shortAtSec: null },
  });
  store.commit();
  const root = computeGenesisRoot(crypto, machineKey);
  invariant(equalBytes(store.getRoot(), root), "a state begins with the machine's key alone");
}

/**
 * Makes sure that a state is of this machine: over another's nothing that is sealed to it would open,
 * and every root would be another.
 *
 * @throws RangeError that names both keys and says what to do.
 */
export function requireMachine(store: Pick<Store, "machine">, machineKey: Uint8Array): void {
  const found = store.machine.get(MACHINE_ID)?.publicKey;
  if (found !== undefined && equalBytes(found, machineKey)) return;
  throw new RangeError(
    found === undefined
      ? "the state names no machine key: replay the inputs from the first one"
      : `the state is that of the machine key 0x${bytesToHex(found)}, not of ` +
          `0x${bytesToHex(machineKey)}: use its key, or replay the inputs from the first one`,
  );
}
