import { bytesToHex, hexToBytes, isHex } from "viem";
import { CHANNEL_PAYMENTS } from "../../../spec/channel-operations.ts";
import { AMOUNT_MAX, COUNTER_MAX } from "../../../spec/limits.ts";
import type { SignedOpening } from "../../client/payment/signed-opening.ts";
import type { SettlementPlace } from "../../client/payment/signed-payment.ts";
import { ClientError } from "../../errors.ts";
import { escapeValue } from "../../escape-value.ts";
import { theirs } from "../options/command-hints.ts";

/** A file holds no signed opening of this application. */
class OpeningFileError extends ClientError {
  override readonly name = "OpeningFileError";
}

const BYTES = {
  ...{ sender: 20, recipient: 20, signer: 20, groupId: 32, token: 20, signature: 65 },
} as const;
const FORMS = ["mpe", "eip712"] as const;

/** A signed opening as JSON, with the application it is for. */
export function formatOpening(at: SettlementPlace, opening: SignedOpening): string {
  const place = { chainId: at.chainId, app: at.app };
  return JSON.stringify({ ...place, ...opening }, (_, value) => {
    if (value instanceof Uint8Array) return bytesToHex(value);
    return typeof value === "bigint" ? value.toString() : value;
  });
}

/**
 * Reads what `formatOpening` wrote, perhaps a stranger. Nothing of it is verified yet:
 * `checkOpening` looks at its signature.
 *
 * @throws OpeningFileError when it is none, naming the field and its bound, or for another
 * application than `at`.
 */
export function parseOpening(at: SettlementPlace, text: string): SignedOpening {
  let fields: Record<string, unknown>;
  try {
    fields = JSON.parse(text) ?? {};
  } catch (cause) {
    throw none("it is not JSON", cause);
  }
  const { chainId, app } = fields;
  if (chainId !== at.chainId.toString() || app !== bytesToHex(at.app)) {
    throw none(`it is for ${escapeValue(app)} on chain ${escapeValue(chainId)}`);
  }
  const misfit = (name: string, bound: string) =>
    none(`its ${name} is ${escapeValue(fields[name])}; it takes ${bound}`);
  const bytes = (name: keyof typeof BYTES): Uint8Array => {
    const value = fields[name];
    if (isHex(value) && value.length === 2 + 2 * BYTES[name]) return hexToBytes(value);
    throw misfit(name, `0x and ${BYTES[name]} bytes in hex`);
  };
  const amount = (name: string): bigint => {
    const value = fields[name];
    const isDigits = typeof value === "string" && /^\d{1,78}$/.test(value);
    if (isDigits && BigInt(value) <= AMOUNT_MAX) return BigInt(value);
    throw misfit(name, "decimal digits from 0 to 2^256 - 1");
  };
  const word = <Word extends string>(name: string, words: readonly Word[]): Word => {
    const found = words.find((each) => each === fields[name]);
    if (found !== undefined) return found;
    throw misfit(name, `one of ${words.join(", ")}`);
  };
  const expirationBlock = fields.expirationBlock;
  if (!Number.isSafeInteger(expirationBlock) || Number(expirationBlock) < 0) {
    throw misfit("expirationBlock", `a whole number from 0 to ${COUNTER_MAX}`);
  }
  return {
    ...{ sender: bytes("sender"), recipient: bytes("recipient"), signer: bytes("signer") },
    ...{ groupId: bytes("groupId"), token: bytes("token"), value: amount("value") },
    ...{ expirationBlock: Number(expirationBlock), payments: word("payments", CHANNEL_PAYMENTS) },
    ...{ form: word("form", FORMS), messageNonce: amount("messageNonce") },
    signature: bytes("signature"),
  };
}

const none = (why: string, cause?: unknown): OpeningFileError =>
  new OpeningFileError(`This is not a signed opening of a channel here: ${why}.`, {
    whatToDo: `Give a file of ${theirs("channel sign-opening RECIPIENT AMOUNT --payer ADDRESS")} for this application.`,
    cause,
  });
