import { readdirSync, readFileSync } from "node:fs";
import { type AbiParameter, decodeFunctionData } from "viem";
import type { HistoryInput } from "../../node-client/history/history-lines.ts";
import { NOTICES_ABI } from "../../spec/notices.ts";
import type { Hex, Output } from "../../spec/outputs.ts";

/** The format of `spec/vectors/transition/*.json`; the README beside them says it in words. */
export interface TransitionFile {
  readonly subject: string;
  readonly comment: string;
  readonly chain_id: number;
  readonly app_contract: Hex;
  /** A key of the vectors only: everybody knows it. */
  readonly machine_secret: Hex;
  /** In place of the protocol's `STATE_BYTES_MAX`, so that few inputs fill the state. */
  readonly state_bytes_max?: number;
  /** Accounts by name, for the reader. */
  readonly people: Readonly<Record<string, Hex>>;
  /** What came before, by name; vectors list the names in order. */
  readonly inputs: Readonly<Record<string, VectorInput>>;
  readonly vectors: readonly TransitionVector[];
}

/** The chain's word about an input; its index is its place, prev_randao is 0. */
export interface VectorInput {
  readonly msg_sender: Hex;
  readonly block_number: number;
  readonly block_timestamp: number;
  readonly payload: Hex;
}

export interface TransitionVector {
  readonly id: string;
  readonly comment: string;
  readonly spec: string;
  readonly history: readonly string[];
  readonly input: VectorInput;
  readonly status: "accepted" | "rejected";
  /** Reports in order; `operation` is null where the whole input is refused. */
  readonly refusals: readonly { readonly operation: number | null; readonly refusal: string }[];
  /** Present where the input is accepted; a rejected one leaves the state as it was. */
  readonly outputs?: readonly VectorOutput[];
  readonly root?: Hex;
}

export interface VectorOutput {
  readonly kind: Output["kind"];
  /** A notice's name and arguments, for the reader; `payload` is what counts. */
  readonly notice?: string;
  readonly arguments?: Readonly<Record<string, unknown>>;
  readonly destination?: Hex;
  readonly value?: string;
  readonly payload: Hex;
}

export const TRANSITION_FOLDER = new URL("../../spec/vectors/transition/", import.meta.url);

/** All files, by name. Ours, so their shape is taken on trust; a wrong one fails its test. */
export function readTransitionFiles(): TransitionFile[] {
  return readdirSync(TRANSITION_FOLDER)
    .filter((name) => name.endsWith(".json"))
    .sort()
    .map((name) => {
      const file = JSON.parse(readFileSync(new URL(name, TRANSITION_FOLDER), "utf8"));
      if (`${file.subject}.json` !== name) throw new Error(`misnamed: ${name}`);
      return file as TransitionFile;
    });
}

export const fromHex = (hex: Hex): Uint8Array => new Uint8Array(Buffer.from(hex.slice(2), "hex"));
export const toHex = (bytes: Uint8Array): Hex => `0x${Buffer.from(bytes).toString("hex")}`;

/** The input as the application takes it, at its place in the history. */
export function toHistoryInput(
  file: TransitionFile,
  input: VectorInput,
  inputIndex: number,
): HistoryInput {
  return {
    at: {
      chainId: BigInt(file.chain_id),
      app: fromHex(file.app_contract),
      sender: fromHex(input.msg_sender),
      blockNumber: input.block_number,
      timestampSec: input.block_timestamp,
      prevRandao: new Uint8Array(32),
      inputIndex,
    },
    payload: fromHex(input.payload),
  };
}

/** An output as the vectors show it. */
export function describeOutput(output: Output): VectorOutput {
  const { kind, payload } = output;
  if (kind !== "notice") {
    const { destination } = output;
    return kind === "voucher"
      ? { kind, destination, value: output.value.toString(), payload }
      : { kind, destination, payload };
  }
  const { functionName, args } = decodeFunctionData({ abi: NOTICES_ABI, data: payload });
  const { inputs } = NOTICES_ABI.find((item) => item.name === functionName)!;
  const shown = inputs.map(({ name }: AbiParameter, i) => [name, show(args[i])]);
  return { kind, notice: functionName, arguments: Object.fromEntries(shown), payload };
}

/** Numbers as decimal text, which no JSON reader rounds; addresses in lower case. */
function show(value: unknown): unknown {
  if (typeof value === "bigint") return value.toString();
  if (Array.isArray(value)) return value.map(show);
  return typeof value === "string" && /^0x[0-9a-fA-F]*$/.test(value) ? value.toLowerCase() : value;
}
