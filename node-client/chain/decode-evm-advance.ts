import { type DecodedInput, decodeEvmAdvance as readEvmAdvance } from "../../spec/evm-advance.ts";
import { ClientError } from "../errors.ts";

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
  const decoded = readEvmAdvance(blob);
  if (decoded === undefined) throw new EvmAdvanceMalformed();
  return decoded;
}
