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
export interface DecodedInput {
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
  const word = (index: number): Uint8Array => blob.subarray(4 + 32 * index, 36 + 32 * index);
  const payloadBytes = readCounter(word(8));
  if (payloadBytes > blob.length - HEAD_BYTES) throw new EvmAdvanceMalformed();
  const at: InputContext = {
    chainId: readBigEndian(word(0)),
    app: word(1).subarray(12),
    sender: word(2).subarray(12),
    blockNumber: readCounter(word(3)),
    timestampSec: readCounter(word(4)),
    prevRandao: word(5),
    inputIndex: readCounter(word(6)),
  };
  const payload = blob.subarray(HEAD_BYTES, HEAD_BYTES + payloadBytes);
  // Selector, offset, paddings and length in one comparison.
  if (!equalBytes(encodeEvmAdvance(at, payload), blob)) throw new EvmAdvanceMalformed();
  return { at, payload };
}

function readCounter(word: Uint8Array): number {
  const value = readBigEndian(word);
  if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw new EvmAdvanceMalformed();
  return Number(value);
}
