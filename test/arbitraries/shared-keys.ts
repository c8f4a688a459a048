import { utf8ToBytes } from "@noble/hashes/utils.js";
import { createNodeCrypto } from "../../dapp/crypto/node-crypto.ts";
import type { DeviceSigner } from "../../node-client/client/device/device-signer.ts";
import { type DeviceKeyType, encodePossessionMessage } from "../../spec/device-key.ts";
import { quickSigner } from "./signers.ts";
import { type Person, World } from "./world.ts";

/** The machine of all generated histories: one key, so that prepared material fits any of them. */
export const WORLD_SEED = "histories";
export const crypto = await createNodeCrypto();

/** A person of the world with the secret behind the account. */
export interface PersonWithKey extends Person {
  readonly secret: Uint8Array;
}

const KEY_TYPES: readonly DeviceKeyType[] = ["ed25519", "p256", "secp256k1"];

/** The world of the histories, at the beginning of its time. */
export const openWorld = (): World => new World(WORLD_SEED, crypto);

const world = openWorld();
export const MACHINE_KEY = world.machineKey;
export const MACHINE_SECRET = world.machineSecret;

/** Everybody who acts in the histories. The last one only relays what others signed. */
export const PEOPLE: readonly PersonWithKey[] = ["ada", "ben", "cleo", "dan", "eve", "relay"].map(
  (name) => {
    const person = world.person(name);
    // The world makes its accounts so; a wrong guess would show in every relayed operation.
    return { ...person, secret: crypto.sha256(utf8ToBytes(`person ${name}`)) };
  },
);

const signers: DeviceSigner[] = [];
const possessions = new Map<string, Uint8Array>();

/** The device keys of the histories, made once and used in every history; types take turns. */
export function signerAt(index: number): DeviceSigner {
  while (signers.length <= index) {
    const secret = crypto.sha256(utf8ToBytes(`device ${signers.length}`));
    signers.push(quickSigner(KEY_TYPES[signers.length % KEY_TYPES.length]!, secret));
  }
  return signers[index]!;
}

/** The proof that a device agrees to an owner; equal in every history, so signed once. */
export function possessionOf(owner: PersonWithKey, index: number): Uint8Array {
  const name = `${owner.name} ${index}`;
  let possession = possessions.get(name);
  if (possession === undefined) {
    const signer = signerAt(index);
    possession = signer.sign(encodePossessionMessage(world.at, owner.address, signer.key));
    possessions.set(name, possession);
  }
  return possession;
}
