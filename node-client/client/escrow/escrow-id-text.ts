import { hexToBytes } from "viem";
import type { EscrowKind } from "../../../spec/escrow-operations.ts";
import { ClientError } from "../../errors.ts";
import { escapeValue } from "../../escape-value.ts";

/** An escrow as people name it: `standard:0x…` or `intent:0x…` with 32 hexadecimal digits. */
export type EscrowIdText = `${EscrowKind}:0x${string}`;

/** What was given as an escrow's identifier is none. */
export class EscrowIdError extends ClientError {
  override readonly name = "EscrowIdError";
}

/**
 * Checks an escrow's text.
 *
 * @throws EscrowIdError when it is none.
 */
export function parseEscrowId(text: string): EscrowIdText {
  const id = text.toLowerCase();
  if (/^(standard|intent):0x[0-9a-f]{32}$/.test(id)) return id as EscrowIdText;
  throw new EscrowIdError(`${escapeValue(text)} is not an escrow.`, {
    whatToDo: "Give standard:0x or intent:0x and 32 hexadecimal digits, as the opening shows them.",
  });
}

/** The 16 bytes that operations carry. */
export const toEscrowIdBytes = (id: EscrowIdText): Uint8Array =>
  hexToBytes(`0x${id.slice(id.indexOf("0x") + 2)}`);
