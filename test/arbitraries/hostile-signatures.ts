import { concatBytes } from "@noble/hashes/utils.js";
import type { Operation } from "../../spec/operations.ts";
import type { HonestStream } from "./honest-streams.ts";
import { extremeBatch, type StreamEnd } from "./hostile-batches.ts";
import type { SeededRng } from "./seeded-rng.ts";
import { PEOPLE } from "./shared-keys.ts";
import { toBytes } from "./signers.ts";
import { START_SEC } from "./world.ts";

/**
 * Signatures at the edges of what the curves' libraries take: one that throws where it should say
 * no, or that loses a little memory each time, shows after some thousands of these.
 */

const wordOf = (digits: string): Uint8Array => toBytes(digits.padStart(64, "0"));
const SECP256K1_ORDER = "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141";
/** Zero, one, the orders of the curves and their neighbours, the field's prime, all ones. */
const EDGES: readonly Uint8Array[] = [
  wordOf("0"),
  wordOf("1"),
  wordOf(SECP256K1_ORDER),
  wordOf("fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364140"),
  wordOf("7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0"),
  wordOf("7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a1"),
  wordOf("fffffffffffffffffffffffffffffffffffffffffffffffffffffffefffffc2f"),
  wordOf("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551"),
  wordOf("f".repeat(64)),
];

const anyWord = (rng: SeededRng): Uint8Array => (rng.chance(2) ? rng.bytes(32) : rng.pick(EDGES));

/** An operation of an account at its own nonce, signed by nothing. */
export function falseAccountSignature(rng: SeededRng, getNonce: (account: Uint8Array) => number) {
  const { address: account, encryptionKey: key } = rng.pick(PEOPLE);
  const signature = concatBytes(
    anyWord(rng),
    anyWord(rng),
    Uint8Array.of(rng.pick([0, 1, 27, 28, 2, 26, 29, 255])),
  );
  const nonce = getNonce(account);
  const deadlineSec = START_SEC + 100_000_000;
  const authorization = { by: "account", account, nonce, deadlineSec, signature } as const;
  return { authorization, body: { kind: "register_encryption_key", key } } satisfies Operation;
}

/** An honest batch, signed by nothing. */
export function falseDeviceSignature(
  stream: HonestStream,
  end: StreamEnd,
  rng: SeededRng,
): Operation {
  const { body } = extremeBatch(stream, end, rng);
  const signature = concatBytes(anyWord(rng), anyWord(rng));
  return { authorization: { by: "device", signature }, body };
}
