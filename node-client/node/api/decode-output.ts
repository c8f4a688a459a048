import { getAddress } from "viem";
import { encodeOutput, type Hex, type Output } from "../../../spec/outputs.ts";
import { equalBytes, readBigEndian } from "../../../spec/words.ts";

/** An output in the shape of the official node's `decoded_data`. */
type WireDecodedOutput =
  | { readonly type: "Notice"; readonly payload: Hex }
  | {
      readonly type: "Voucher";
      readonly destination: Hex;
      readonly value: Hex;
      readonly payload: Hex;
    }
  | { readonly type: "DelegateCallVoucher"; readonly destination: Hex; readonly payload: Hex };

const WORD = 32;
const toHex = ({ buffer, byteOffset, byteLength }: Uint8Array): Hex =>
  `0x${Buffer.from(buffer, byteOffset, byteLength).toString("hex")}`;

/**
 * Takes an output apart; `null` for bytes that none of the three calls encode to. A dApp behind
 * HTTP cannot make such bytes, and a list must not fail over them.
 */
export function toDecodedOutput(raw: Uint8Array): WireDecodedOutput | null {
  const word = (index: number): Uint8Array =>
    raw.subarray(4 + WORD * index, 4 + WORD * (index + 1));
  const destination = toHex(word(0).subarray(12));
  let output: Output;
  switch (toHex(raw.subarray(0, 4))) {
    case "0xc258d6e5":
      output = { kind: "notice", payload: readPayload(raw, 1) };
      break;
    case "0x237a816f":
      output = {
        kind: "voucher",
        destination,
        value: readBigEndian(word(1)),
        payload: readPayload(raw, 3),
      };
      break;
    case "0x10321e8b":
      output = { kind: "delegate_call_voucher", destination, payload: readPayload(raw, 2) };
      break;
    default:
      return null;
  }
  // Offsets, lengths and paddings are right if the parts encode to the same bytes again.
  if (raw.length < 4 + 2 * WORD || !equalBytes(encodeOutput(output), raw)) return null;
  return toWire(output);
}

/** The bytes after the length that stands at a word. */
function readPayload(raw: Uint8Array, lengthWord: number): Hex {
  const start = 4 + WORD * (lengthWord + 1);
  const length = readBigEndian(raw.subarray(start - WORD, start));
  return toHex(raw.subarray(start, length > raw.length ? raw.length : start + Number(length)));
}

function toWire(output: Output): WireDecodedOutput {
  const { payload } = output;
  if (output.kind === "notice") return { type: "Notice", payload };
  const destination = getAddress(output.destination);
  return output.kind === "voucher"
    ? { type: "Voucher", destination, value: `0x${output.value.toString(16)}`, payload }
    : { type: "DelegateCallVoucher", destination, payload };
}
