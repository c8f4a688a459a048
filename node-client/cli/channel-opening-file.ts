import { bytesToHex, hexToBytes, isHex } from "viem";
import { CHANNEL_PAYMENTS, type OpenChannelByThirdParty } from "../../spec/channel-operations.ts";
import type { SettlementPlace } from "../channel/channel-payment.ts";
import { ClientError } from "../errors.ts";

/** What a channel's sender has signed for a third party. */
export type SignedOpening = Omit<OpenChannelByThirdParty, "kind">;

/** A file holds no signed opening of this application. */
export class OpeningFileError extends ClientError {
  override readonly name = "OpeningFileError";
}

const BYTES = {
  ...{ sender: 20, recipient: 20, signer: 20, groupId: 32, token: 20, signature: 65 },
} as const;

/** A signed opening as JSON, with the application it is for. */
export function formatOpening(at: SettlementPlace, opening: SignedOpening): string {
  const place = { chainId: at.chainId, app: at.app };
  return JSON.stringify({ ...place, ...opening }, (_, value) => {
    if (value instanceof Uint8Array) return bytesToHex(value);
    return typeof value === "bigint" ? value.toString() : value;
  });
}

/**
 * Reads what `formatOpening` wrote.
 *
 * @throws OpeningFileError when it is none, or for another application than `at`.
 */
export function parseOpening(at: SettlementPlace, text: string): SignedOpening {
  let fields: Record<string, unknown>;
  try {
    fields = JSON.parse(text) ?? {};
  } catch (cause) {
    throw none("it is no JSON", cause);
  }
  if (fields.chainId !== at.chainId.toString() || fields.app !== bytesToHex(at.app)) {
    throw none(`it is for ${nameOf(fields.app)} on chain ${nameOf(fields.chainId)}`);
  }
  const bytes = (name: keyof typeof BYTES): Uint8Array => {
    const value = fields[name];
    if (isHex(value) && value.length === 2 + 2 * BYTES[name]) return hexToBytes(value);
    throw none(`its ${name} has not ${BYTES[name]} bytes`);
  };
  const amount = (name: string): bigint => {
    const value = fields[name];
    if (typeof value === "string" && /^\d{1,77}$/.test(value)) return BigInt(value);
    throw none(`its ${name} is no number`);
  };
  const { form, expirationBlock } = fields;
  const payments = CHANNEL_PAYMENTS.find((kind) => kind === fields.payments);
  if (payments === undefined || (form !== "mpe" && form !== "eip712"))
    throw none("a word is missing");
  if (!Number.isSafeInteger(expirationBlock)) throw none("its expiration is no block");
  return {
    ...{ sender: bytes("sender"), recipient: bytes("recipient"), signer: bytes("signer") },
    ...{ groupId: bytes("groupId"), token: bytes("token"), value: amount("value") },
    ...{ expirationBlock: Number(expirationBlock), payments, form },
    ...{ messageNonce: amount("messageNonce"), signature: bytes("signature") },
  };
}

/** Not every value of JSON has a text: an object may have a `toString` of its own. */
const nameOf = (value: unknown): string => (typeof value === "string" ? value : "nothing");

const none = (why: string, cause?: unknown): OpeningFileError =>
  new OpeningFileError(`This is no signed opening of a channel here: ${why}.`, {
    whatToDo: "Give a file of `tallyroll channel sign-opening` for this application.",
    cause,
  });
