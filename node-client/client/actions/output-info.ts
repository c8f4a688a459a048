import { decodeAbiParameters, parseAbiParameters } from "viem";
import type { Hex } from "../../../spec/outputs.ts";
import { decodeNotice, type Notice } from "../decoding/decode-notice.ts";
import type { OutputAnswer } from "./node-methods.ts";

/** First four bytes of an output (rollups-contracts 2.2.0, `Outputs`). */
export const OUTPUT_TYPES = {
  notice: "0xc258d6e5",
  voucher: "0x237a816f",
  delegate_call_voucher: "0x10321e8b",
} as const satisfies Record<string, Hex>;

export type OutputKind = keyof typeof OUTPUT_TYPES;

/** Where an output stands, and how the chain checks it. */
interface OutputPlace {
  /** Since genesis: the leaf of the output tree. */
  readonly outputIndex: number;
  readonly inputIndex: number;
  readonly epochIndex: number;
  /** What `executeOutput` and `validateOutput` take on chain. */
  readonly raw: Hex;
  /** 63 hashes, bottom up; `undefined` until the epoch's claim is computed. */
  readonly siblings: readonly Hex[] | undefined;
  readonly executionTransactionHash: Hex | undefined;
}

export interface NoticeOutput extends OutputPlace {
  readonly kind: "notice";
  readonly payload: Hex;
  /** `undefined` where it is none of `Notices.sol`. */
  readonly notice: Notice | undefined;
}

export interface VoucherOutput extends OutputPlace {
  readonly kind: "voucher";
  readonly destination: Hex;
  readonly valueWei: bigint;
  readonly payload: Hex;
}

export interface DelegateCallVoucherOutput extends OutputPlace {
  readonly kind: "delegate_call_voucher";
  readonly destination: Hex;
  readonly payload: Hex;
}

/** Bytes in the output tree that no contract of this line knows. */
export interface UnknownOutput extends OutputPlace {
  readonly kind: "unknown";
}

export type OutputInfo = NoticeOutput | VoucherOutput | DelegateCallVoucherOutput | UnknownOutput;

const NOTICE = parseAbiParameters("bytes");
const VOUCHER = parseAbiParameters("address, uint256, bytes");
const DELEGATE_CALL_VOUCHER = parseAbiParameters("address, bytes");

/** A node's answer as an output. Decodes the raw bytes, since only they are in the tree. */
export function fromOutputAnswer(answer: OutputAnswer): OutputInfo {
  const raw = answer.raw_data;
  const place: OutputPlace = {
    outputIndex: Number(answer.index),
    inputIndex: Number(answer.input_index),
    epochIndex: Number(answer.epoch_index),
    raw,
    siblings: answer.output_hashes_siblings ?? undefined,
    executionTransactionHash: answer.execution_transaction_hash ?? undefined,
  };
  try {
    return decodeOutput(place, raw.slice(0, 10), `0x${raw.slice(10)}`);
  } catch {
    // viem throws on malformed data: an application of another kind may emit anything.
    return { kind: "unknown", ...place };
  }
}

function decodeOutput(place: OutputPlace, type: string, data: Hex): OutputInfo {
  if (type === OUTPUT_TYPES.notice) {
    const [payload] = decodeAbiParameters(NOTICE, data);
    return { kind: "notice", ...place, payload, notice: decodeNotice(payload) };
  }
  if (type === OUTPUT_TYPES.voucher) {
    const [destination, valueWei, payload] = decodeAbiParameters(VOUCHER, data);
    return { kind: "voucher", ...place, destination: lower(destination), valueWei, payload };
  }
  if (type === OUTPUT_TYPES.delegate_call_voucher) {
    const [destination, payload] = decodeAbiParameters(DELEGATE_CALL_VOUCHER, data);
    return { kind: "delegate_call_voucher", ...place, destination: lower(destination), payload };
  }
  return { kind: "unknown", ...place };
}

const lower = (address: string): Hex => address.toLowerCase() as Hex;
