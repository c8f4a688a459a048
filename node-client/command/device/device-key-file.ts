import { createPrivateKey, type KeyObject } from "node:crypto";
import type { DeviceKeyType } from "../../../spec/device-key.ts";
import { type DeviceSigner, restoreDeviceSigner } from "../../client/device/device-signer.ts";
import type { ClientError } from "../../errors.ts";
import { errorKind } from "../terminal/io.ts";
import { KEY_FORMAT } from "./device-files.ts";

export const DeviceKeyFileError = errorKind("DeviceKeyFileError");

const CURVES: Readonly<Record<string, DeviceKeyType>> = {
  Ed25519: "ed25519",
  "P-256": "p256",
  secp256k1: "secp256k1",
};
const TYPES: readonly unknown[] = Object.values(CURVES);

/**
 * A device's key that was made elsewhere: a file of a data folder, a PEM private key (PKCS#8, or
 * SEC 1 for the curves of NIST and SECG), or 32 bytes in hex.
 *
 * @param called The file, for messages; what is in it never gets into one.
 * @param type What `--key-type` says: needed for bytes in hex, the same as the key's otherwise.
 * @throws DeviceKeyFileError
 */
export function parseDeviceKey(
  text: string,
  called: string,
  type: DeviceKeyType | undefined,
): DeviceSigner {
  const found = readPem(text, called) ?? readKept(text, called) ?? readHex(text, called, type);
  if (type !== undefined && type !== found.type) {
    throw new DeviceKeyFileError(`The key in ${called} is ${found.type}, not ${type}.`, {
      whatToDo: "Leave --key-type away, or name another file.",
    });
  }
  try {
    return restoreDeviceSigner(found.type, found.secret);
  } catch (cause) {
    throw none(called, `its secret is none of ${found.type}`, cause);
  }
}

interface FoundKey {
  readonly type: DeviceKeyType;
  readonly secret: Uint8Array;
}

function readPem(text: string, called: string): FoundKey | undefined {
  if (!/^\s*-----BEGIN /.test(text)) return undefined;
  if (/ENCRYPTED/.test(text)) {
    throw new DeviceKeyFileError(`The key in ${called} is encrypted.`, {
      whatToDo: "Decrypt it first: openssl pkcs8 -in FILE -out PLAIN, readable to you alone.",
    });
  }
  let key: KeyObject;
  try {
    key = createPrivateKey(text);
  } catch (cause) {
    throw none(called, "its PEM is not a private key", cause);
  }
  const isKnown = key.asymmetricKeyType === "ed25519" || key.asymmetricKeyType === "ec";
  const { crv = "", d = "" } = isKnown ? key.export({ format: "jwk" }) : {};
  const type = Object.hasOwn(CURVES, crv) ? CURVES[crv] : undefined;
  if (type === undefined) throw none(called, "its key is neither Ed25519, P-256 nor secp256k1");
  return { type, secret: Uint8Array.from(Buffer.from(d, "base64url")) };
}

function readKept(text: string, called: string): FoundKey | undefined {
  if (!/^\s*\{/.test(text)) return undefined;
  let fields: Record<string, unknown>;
  try {
    fields = JSON.parse(text);
  } catch {
    // Without its cause, whose message quotes the text.
    throw none(called, "it is not JSON");
  }
  const { format, key_type: type, secret } = fields;
  if (format !== KEY_FORMAT) throw none(called, `its format is not "${KEY_FORMAT}"`);
  const bytes = typeof secret === "string" ? fromHex(secret) : undefined;
  if (bytes === undefined) throw none(called, "its secret is not 0x and 32 bytes in hex");
  if (!TYPES.includes(type)) throw none(called, `its key_type is none of ${TYPES.join(", ")}`);
  return { type: type as DeviceKeyType, secret: bytes };
}

function readHex(text: string, called: string, type: DeviceKeyType | undefined): FoundKey {
  const secret = fromHex(text.trim());
  if (secret === undefined) {
    throw none(called, "it is neither PEM, nor JSON of a data folder, nor 32 bytes in hex");
  }
  if (type !== undefined) return { type, secret };
  throw new DeviceKeyFileError(`The 32 bytes in ${called} do not say of which curve they are.`, {
    whatToDo: "Add --key-type: another curve would make another key of them.",
  });
}

const fromHex = (text: string): Uint8Array | undefined =>
  /^(0x)?[0-9a-f]{64}$/i.test(text)
    ? Uint8Array.from(Buffer.from(text.replace(/^0x/, ""), "hex"))
    : undefined;

const none = (called: string, why: string, cause?: unknown): ClientError =>
  new DeviceKeyFileError(`${called} holds no device key: ${why}.`, {
    whatToDo: "Give devices/NAME.json of a data folder, a PEM private key, or 32 bytes in hex.",
    cause,
  });
