import type { Hex, Output } from "../../../spec/outputs.ts";

/**
 * What a guest may send to the rollup HTTP server, judged as Cartesi's own server and libcmt judge
 * it. Everything here comes from another process, so nothing is taken on trust.
 */

/** The machine's output buffer; every bound below is what it leaves beside the ABI encoding. */
const BUFFER_BYTES = 2 ** 21;
/** ABI heads of the outputs: a selector, then words for fields, offset and length. */
const NOTICE_BYTES_MAX = payloadBytesMax(2);
const VOUCHER_BYTES_MAX = payloadBytesMax(4);
const DELEGATE_CALL_VOUCHER_BYTES_MAX = payloadBytesMax(3);
const REPORT_BYTES_MAX = BUFFER_BYTES;

/** Largest body of a request. */
export const BODY_BYTES_MAX = 5 * 2 ** 20;
/** Vouchers and notices of one input; the same bound is put on its reports. */
export const OUTPUTS_MAX = 65_536;
/** All payloads of one input, outputs and reports: what the host is willing to hold in memory. */
export const RESULT_BYTES_MAX = 64 * 2 ** 20;

/** The routes that carry an output. */
export type OutputPath = "/notice" | "/voucher" | "/delegate-call-voucher";

/** Why a request is refused; the message is the answer's body. */
export class GuestRequestError extends Error {
  override readonly name = "GuestRequestError";
  /** HTTP status of the answer. */
  readonly status: number;

  constructor(message: string, status = 400) {
    super(message);
    this.status = status;
  }
}

/**
 * Decodes the body of an output's request.
 *
 * @throws GuestRequestError
 * @example
 * readOutputRequest("/notice", { payload: "0x01" }); // { kind: "notice", payload: "0x01" }
 */
export function readOutputRequest(path: OutputPath, body: unknown): Output {
  const { payload, destination, value } = asRecord(body);
  if (path === "/notice") {
    return { kind: "notice", payload: decodeBytes("payload", payload, NOTICE_BYTES_MAX) };
  }
  const to = decodeAddress(destination);
  return path === "/voucher"
    ? {
        kind: "voucher",
        destination: to,
        value: decodeValue(value),
        payload: decodeBytes("payload", payload, VOUCHER_BYTES_MAX),
      }
    : {
        kind: "delegate_call_voucher",
        destination: to,
        payload: decodeBytes("payload", payload, DELEGATE_CALL_VOUCHER_BYTES_MAX),
      };
}

/** Decodes the body of a `/report` or `/exception`. Throws `GuestRequestError`. */
export function decodeReport(body: unknown): Hex {
  return decodeBytes("payload", asRecord(body).payload, REPORT_BYTES_MAX);
}

/** Decodes the body of a `/finish`. Throws `GuestRequestError`. */
export function decodeFinish(body: unknown): "accepted" | "rejected" {
  const { status } = asRecord(body);
  if (status === "accept") return "accepted";
  if (status === "reject") return "rejected";
  throw new GuestRequestError("status must be 'accept' or 'reject'");
}

function asRecord(body: unknown): Record<string, unknown> {
  if (typeof body === "object" && body !== null) return body as Record<string, unknown>;
  throw new GuestRequestError("the body must be a JSON object");
}

// One search for a wrong character: linear, and no group that could exhaust the matcher's stack
// over 4 MiB.
const NOT_HEX = /[^0-9a-fA-F]/g;
const UPPER_CASE = /[A-F]/;

function decodeBytes(name: string, value: unknown, bytesMax: number): Hex {
  if (typeof value !== "string" || !value.startsWith("0x")) {
    throw new GuestRequestError(`${name} must be a string that begins with 0x`);
  }
  NOT_HEX.lastIndex = 2;
  if (value.length % 2 !== 0 || NOT_HEX.test(value)) {
    throw new GuestRequestError(`${name} must be whole bytes in hexadecimal`);
  }
  if (value.length / 2 - 1 > bytesMax) {
    throw new GuestRequestError(`${name} exceeds ${bytesMax} bytes`);
  }
  // Bytes have one spelling from here on, so that outputs can be compared as strings.
  return (UPPER_CASE.test(value) ? value.toLowerCase() : value) as Hex;
}

function decodeAddress(value: unknown): Hex {
  const address = decodeBytes("destination", value, 20);
  if (address.length !== 42) throw new GuestRequestError("destination must be 20 bytes");
  return address;
}

function decodeValue(value: unknown): bigint {
  // A voucher without a value sends none; Cartesi's server takes null for the same.
  if (value === undefined || value === null) return 0n;
  const bytes = decodeBytes("value", value, 32);
  return bytes === "0x" ? 0n : BigInt(bytes);
}

/** What fits the buffer beside a selector and `headWords` words, the payload being padded. */
function payloadBytesMax(headWords: number): number {
  return Math.floor((BUFFER_BYTES - 4 - 32 * headWords) / 32) * 32;
}
