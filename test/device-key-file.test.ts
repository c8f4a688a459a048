import { generateKeyPairSync } from "node:crypto";
import { readFileSync } from "node:fs";
import { afterAll, describe, expect, test } from "vitest";
import {
  createDeviceSigner,
  restoreDeviceSigner,
} from "../node-client/client/device/device-signer.ts";
import { createDeviceKey } from "../node-client/command/device/device-files.ts";
import {
  DeviceKeyFileError,
  parseDeviceKey,
} from "../node-client/command/device/device-key-file.ts";
import { refuseSecretArguments } from "../node-client/command/options/secret-arguments.ts";
import { seededRandom } from "../node-client/history/seed-history.ts";
import type { DeviceKeyType } from "../spec/device-key.ts";
import { Folder } from "./integration/fixtures/run-cli.ts";

/** Keys that a device has already, as its maker or another tool keeps them. */

const folder = new Folder();
afterAll(() => folder.remove());
const TYPES: readonly DeviceKeyType[] = ["ed25519", "p256", "secp256k1"];
const random = seededRandom("device keys");
const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
const pem = { format: "pem", type: "pkcs8" } as const;
const generated = {
  ed25519: () => generateKeyPairSync("ed25519"),
  p256: () => generateKeyPairSync("ec", { namedCurve: "P-256" }),
  secp256k1: () => generateKeyPairSync("ec", { namedCurve: "secp256k1" }),
} as const;

describe.each(TYPES)("an existing %s key", (type) => {
  test("is read from PEM", () => {
    const { privateKey } = generated[type]();
    const { d = "" } = privateKey.export({ format: "jwk" });
    const secret = Uint8Array.from(Buffer.from(d, "base64url"));
    const { key } = parseDeviceKey(String(privateKey.export(pem)), "key.pem", undefined);
    expect(key).toEqual(restoreDeviceSigner(type, secret).key);
  });

  test("is read from another data folder's file", () => {
    const { path, signer } = createDeviceKey(folder.file(`home-${type}`), "roof", type);
    expect(parseDeviceKey(readFileSync(path, "utf8"), path, type).key).toEqual(signer.key);
  });

  test("is read from 32 bytes in hex, whose curve must be said", () => {
    const { secret, key } = createDeviceSigner(type, random);
    for (const text of [hexOf(secret), `0x${hexOf(secret).toUpperCase()}\n`]) {
      expect(parseDeviceKey(text, "seed", type).key).toEqual(key);
      expect(() => parseDeviceKey(text, "seed", undefined)).toThrow(/Add --key-type/);
    }
  });
});

describe("a file without a device's key", () => {
  const rsa = generateKeyPairSync("rsa", { modulusLength: 1_024 }).privateKey.export(pem);
  const { privateKey, publicKey } = generated.p256();
  const locked = privateKey.export({ ...pem, cipher: "aes-256-cbc", passphrase: "secret" });
  const publicPem = publicKey.export({ format: "pem", type: "spki" });
  test.each([
    ["of another kind", String(rsa), /neither Ed25519, P-256 nor secp256k1/],
    ["behind a password", String(locked), /is encrypted/],
    ["of a public key", String(publicPem), /its PEM is not a private key/],
    ["of zeros", "00".repeat(32), /its secret is none of p256/],
    ["of a wrong length", "ab".repeat(31), /32 bytes in hex/],
    ["of JSON", '{"format":"another"}', /its format is not/],
    ["of broken JSON", '{"secret":"0xfeedfeed', /it is not JSON/],
  ])("%s is refused by name", (_, text, said) => {
    expect(() => parseDeviceKey(text, "file", "p256")).toThrow(DeviceKeyFileError);
    expect(() => parseDeviceKey(text, "file", "p256")).toThrow(said);
  });

  test("never gets its secret into a message", () => {
    const secret = "feedfeed".repeat(8);
    for (const text of [`${secret}00`, `{"secret":"${secret}`, `{"secret":"${secret}"}`]) {
      expect(() => parseDeviceKey(text, "file", "p256")).toThrow(/^((?!feedfeed)[\s\S])*$/);
    }
  });

  test("says another curve than --key-type", () => {
    const { privateKey: key } = generated.ed25519();
    expect(() => parseDeviceKey(String(key.export(pem)), "key.pem", "p256")).toThrow(
      /The key in key\.pem is ed25519, not p256/,
    );
  });
});

test("the secret itself is no file, and stays off the command line", () => {
  const words = ["device", "register", "roof", "--key", "ab".repeat(32)];
  expect(() => refuseSecretArguments(words)).toThrow("A secret is never an argument");
});
