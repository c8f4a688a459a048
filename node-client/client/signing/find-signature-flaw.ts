import { readBigEndian } from "../../../spec/words.ts";

/** Why a 65-byte signature r ‖ s ‖ v is nobody's, whatever was signed. */
interface SignatureFlaw {
  readonly reason: "length" | "v" | "range" | "high_s";
  /** Goes on after "its signature", without a full stop. */
  readonly words: string;
}

/** Of secp256k1 (SEC 2): how many points there are. */
const ORDER = 0xffff_ffff_ffff_ffff_ffff_ffff_ffff_fffe_baae_dce6_af48_a03b_bfd2_5e8c_d036_4141n;
const SIGNATURE_BYTES = 65;

/**
 * What is wrong with an account's signature before anything is recovered from it: the machine takes
 * 65 bytes with v of 0, 1, 27 or 28 and the low one of both s (spec §7.2, EIP-2).
 *
 * @returns `undefined` where nothing is; the signature may still be another account's.
 * @example
 * findSignatureFlaw(hexToBytes(signature))?.reason; // "high_s"
 */
export function findSignatureFlaw(signature: Uint8Array): SignatureFlaw | undefined {
  const { length } = signature;
  if (length !== SIGNATURE_BYTES) {
    return { reason: "length", words: `has ${length} bytes instead of ${SIGNATURE_BYTES}` };
  }
  const r = readBigEndian(signature.subarray(0, 32));
  const s = readBigEndian(signature.subarray(32, 64));
  if (r === 0n || r >= ORDER || s === 0n || s >= ORDER) {
    return { reason: "range", words: "has an r or s outside the curve's order" };
  }
  if (s > ORDER / 2n) {
    const words =
      "has a high s (EIP-2 takes the low one: the curve's order less s, and the other v)";
    return { reason: "high_s", words };
  }
  const v = signature[64];
  if (v === 0 || v === 1 || v === 27 || v === 28) return undefined;
  return { reason: "v", words: `ends with v ${v} instead of 0, 1, 27 or 28` };
}
