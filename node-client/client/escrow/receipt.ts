import { bytesToHex, hexToBytes, isAddress, isHex } from "viem";
import type { Crypto } from "../../../spec/crypto.ts";
import { computeReceiptDigest, RECEIPT_DEFINITION } from "../../../spec/escrow-receipt.ts";
import type { Hex } from "../../../spec/outputs.ts";
import { computeDomainSeparator } from "../../../spec/typed-hash.ts";
import { ClientError } from "../../errors.ts";
import { escapeValue } from "../../escape-value.ts";
import type { SettlementPlace } from "../payment/signed-payment.ts";
import { findSignatureFlaw } from "../signing/find-signature-flaw.ts";
import type { TypedDataSigner } from "../signing/sign-operation.ts";
import { signStruct } from "../signing/sign-struct.ts";
import { type EscrowIdText, parseEscrowId, toEscrowIdBytes } from "./escrow-id-text.ts";

/** What a buyer confirms off chain; cumulative, so that the last one says it all. */
export interface ReceiptTerms {
  readonly escrowId: EscrowIdText;
  /** Pull: how many units are accepted in all. Pubsub: the session. */
  readonly unit: number;
  /** Pubsub: messages of the session so far, and valid ones among them; 0 in pull mode. */
  readonly messageCount: number;
  readonly validCount: number;
}

/** A receipt with its buyer's signature: whoever provides redeems it. */
export interface SignedReceipt extends ReceiptTerms {
  /** r ‖ s ‖ v. */
  readonly signature: Hex;
}

/** A receipt is none, or not this escrow's buyer's. */
export class ReceiptError extends ClientError {
  override readonly name = "ReceiptError";
}

/**
 * Signs a receipt, off chain (spec §12.6).
 *
 * @example
 * const receipt = await signReceipt(buyer, client.at, {
 *   escrowId: "standard:0x…", unit: 3, messageCount: 0, validCount: 0,
 * });
 */
export async function signReceipt(
  buyer: TypedDataSigner,
  at: SettlementPlace,
  terms: ReceiptTerms,
): Promise<SignedReceipt> {
  const escrowId = toEscrowIdBytes(terms.escrowId);
  const signature = await signStruct(buyer, at, RECEIPT_DEFINITION, { ...terms, escrowId });
  return { ...terms, signature };
}

/**
 * Checks that the buyer has signed a receipt: what a provider does before they go on delivering.
 *
 * @throws ReceiptError when somebody else has, or it counts more valid messages than messages.
 */
export function checkReceipt(
  crypto: Crypto,
  at: SettlementPlace,
  receipt: SignedReceipt,
  buyer: Hex,
): void {
  const { escrowId, unit, messageCount, validCount, signature } = receipt;
  const fields = { escrowId: toEscrowIdBytes(escrowId), unit, messageCount, validCount };
  const digest = computeReceiptDigest(crypto, computeDomainSeparator(crypto, at), fields);
  const signer = crypto.recoverAddress(digest, hexToBytes(signature));
  const who = signer === undefined ? "nobody" : bytesToHex(signer);
  if (who !== buyer.toLowerCase()) {
    throw new ReceiptError(`The receipt of ${escrowId} is signed by ${who}, not by its buyer.`, {
      whatToDo: `Ask ${buyer} for one, and do not deliver more before.`,
    });
  }
  if (validCount <= messageCount) return;
  throw new ReceiptError(`The receipt has ${validCount} valid of ${messageCount} messages.`, {
    whatToDo: "Ask the buyer for one whose valid messages are among all of them.",
  });
}

/** A receipt as JSON, with the application it is for. */
export const formatReceipt = (at: SettlementPlace, receipt: SignedReceipt): string =>
  JSON.stringify({ chainId: at.chainId.toString(), app: bytesToHex(at.app), ...receipt });

/**
 * Reads what `formatReceipt` wrote.
 *
 * @throws ReceiptError when it is none, or for another application than `at`.
 */
export function parseReceipt(at: SettlementPlace, text: string): SignedReceipt {
  const fields = readFields(text);
  const { chainId, app, escrowId, unit, messageCount, validCount, signature } = fields;
  if (typeof app !== "string" || !isAddress(app, { strict: false })) throw noReceipt("no app");
  if (chainId !== at.chainId.toString() || app.toLowerCase() !== bytesToHex(at.app)) {
    throw new ReceiptError(`The receipt is for ${app} on chain ${escapeValue(chainId)}.`, {
      whatToDo: `Redeem it there; this is ${bytesToHex(at.app)} on chain ${at.chainId}.`,
    });
  }
  if (!isCount(unit) || !isCount(messageCount) || !isCount(validCount)) {
    throw noReceipt("unit, messageCount and validCount have to be whole numbers");
  }
  if (!isHex(signature) || signature.length !== 132)
    throw noReceipt("its signature has not 65 bytes");
  const flaw = findSignatureFlaw(hexToBytes(signature));
  if (flaw?.reason === "high_s") throw noReceipt(`its signature ${flaw.words}`);
  return { escrowId: readEscrowId(escrowId), unit, messageCount, validCount, signature };
}

const isCount = (value: unknown): value is number =>
  typeof value === "number" && Number.isSafeInteger(value) && value >= 0;

function readEscrowId(value: unknown): EscrowIdText {
  if (typeof value === "string") return parseEscrowId(value);
  throw noReceipt(`its escrowId is ${escapeValue(value)}`);
}

/**
 * The escrow that a receipt's text names, before anything else of it is looked at.
 *
 * @throws ReceiptError and EscrowIdError when it names none.
 */
export const escrowOfReceipt = (text: string): EscrowIdText =>
  readEscrowId(readFields(text).escrowId);

function readFields(text: string): Readonly<Record<string, unknown>> {
  try {
    return JSON.parse(text) ?? {};
  } catch (cause) {
    throw noReceipt("it is not JSON", cause);
  }
}

const noReceipt = (why: string, cause?: unknown): ReceiptError =>
  new ReceiptError(`This is not an escrow's receipt: ${why}.`, {
    whatToDo: "Give one that `tallyroll escrow receipt sign` has written.",
    cause,
  });
