import { encodeEvmAdvance } from "../../spec/evm-advance.ts";
import type { InputContext } from "../../spec/input.ts";
import { equalBytes, readBigEndian } from "../../spec/words.ts";
import { ClientError } from "../errors.ts";

/** Selector, seven static words, the payload's offset and its length. */
const HEAD_BYTES = 4 + 32 * 9;

/** Bytes that the InputBox of this line never makes: a provider's fault, or another line. */
export class EvmAdvanceMalformed extends ClientError {
  override readonly name = "EvmAdvanceMalformed";

  constructor() {
    super("An input of the chain is not an EvmAdvance call of the contracts' line.", {
      whatToDo:
        "Ask another RPC provider: this one altered the input, or its chain has other contracts.",
    });
  }
}

/** An input taken apart: what the chain says about it, and what its sender gave. */
interface DecodedInput {
  readonly at: InputContext;
  readonly payload: Uint8Array;
}

/**
 * The strict inverse of `encodeEvmAdvance`: what comes out encodes to the same bytes again. The
 * payload and addresses are views into `blob`.
 *
 * @throws EvmAdvanceMalformed for anything else.
 *
 * @example
 * const { at, payload } = decodeEvmAdvance(input.blob);
 * await machine.advance(at, payload);
 */
export function decodeEvmAdvance(blob: Uint8Array): DecodedInput {
  if (blob.length < HEAD_BYTES) throw new EvmAdvanceMalformed();
  const view = new DataView(blob.buffer, blob.byteOffset, blob.byteLength);
  // The upper three quarters of a counter's word are zero, or the comparison below fails.
  const counter = (index: number): number => Number(view.getBigUint64(4 + 32 * index + 24));
  const bytesOf = (index: number, from: number): Uint8Array =>
    blob.subarray(4 + 32 * index + from, 36 + 32 * index);
  const at: InputContext = {
    chainId: readBigEndian(bytesOf(0, 0)),
    app: bytesOf(1, 12),
    sender: bytesOf(2, 12),
    blockNumber: counter(3),
    timestampSec: counter(4),
    prevRandao: bytesOf(5, 0),
    inputIndex: counter(6),
  };
  const payloadBytes = counter(8);
  const counters = [at.blockNumber, at.timestampSec, at.inputIndex, payloadBytes];
  const isPlausible = counters.every(Number.isSafeInteger);
  if (!isPlausible || payloadBytes > blob.length - HEAD_BYTES) throw new EvmAdvanceMalformed();
  const payload = blob.subarray(HEAD_BYTES, HEAD_BYTES + payloadBytes);
  // Selector, offset, paddings and length in one comparison.
  if (!equalBytes(encodeEvmAdvance(at, payload), blob)) throw new EvmAdvanceMalformed();
  return { at, payload };
}
