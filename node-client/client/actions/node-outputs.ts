import { decodeAbiParameters, decodeFunctionData, parseAbi, parseAbiParameters } from "viem";
import type { Hex } from "../../../spec/outputs.ts";
import { SAFE_ERC20_TRANSFER } from "../../../spec/portals.ts";
import { decodeNotice, type Notice } from "../decoding/decode-notice.ts";
import { ETHER, type TokenAmount } from "./ether.ts";
import { CODE_NO_RESOURCE, isNotFound, NodeRequestRefused } from "./node-errors.ts";
import type { ListReportsOptions } from "./node-inputs.ts";
import type { OutputAnswer } from "./node-methods.ts";
import { readPages, toHexFilter, toHexNumber } from "./read-pages.ts";
import type { TallyrollClient } from "./tallyroll-client.ts";

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

/** There is no output of this index, perhaps not yet: `isNotFound` holds. */
export class OutputNotFound extends NodeRequestRefused {
  override readonly name = "OutputNotFound";

  /** @param outputCount How many there are. */
  constructor(outputIndex: number, outputCount: number) {
    const there = outputCount === 0 ? "there are none yet" : `there are 0 to ${outputCount - 1}`;
    super("cartesi_getOutput", CODE_NO_RESOURCE, "", {
      shortMessage: `There is no output ${outputIndex}; ${there}.`,
      whatToDo: "Name one that is there; the node may also be behind the chain.",
    });
  }
}

/**
 * One output, with its siblings in the output tree once its epoch's claim is computed.
 *
 * @throws OutputNotFound where there is none of this index.
 * @example
 * const { siblings } = await getOutput(client, { outputIndex: 3 });
 */
export async function getOutput(
  client: Pick<TallyrollClient, "app" | "requestNode">,
  { outputIndex }: { readonly outputIndex: number },
): Promise<OutputInfo> {
  const application = client.app;
  const params = { application, output_index: toHexNumber(outputIndex) };
  try {
    const { data } = await client.requestNode("cartesi_getOutput", params);
    return fromOutputAnswer(data);
  } catch (error) {
    if (!isNotFound(error)) throw error;
    const page = { application, limit: 1, offset: 0 };
    const { pagination } = await client.requestNode("cartesi_listOutputs", page).catch(() => {
      throw error;
    });
    throw new OutputNotFound(outputIndex, Number(pagination.total_count));
  }
}

export interface ListOutputsOptions extends ListReportsOptions {
  readonly kind?: OutputKind;
  /** Destination of a voucher or delegate call voucher. */
  readonly voucherAddress?: Hex;
}

/**
 * The application's outputs in the order of the output tree, all pages.
 *
 * @example
 * for await (const output of listOutputs(client, { kind: "voucher" })) console.log(output);
 */
export function listOutputs(
  client: Pick<TallyrollClient, "app" | "requestNode">,
  options: ListOutputsOptions = {},
): AsyncGenerator<OutputInfo, void> {
  const { epochIndex, inputIndex, kind, voucherAddress } = options;
  const filter = {
    application: client.app,
    epoch_index: toHexFilter(epochIndex),
    input_index: toHexFilter(inputIndex),
    output_type: kind && OUTPUT_TYPES[kind],
    voucher_address: voucherAddress,
  };
  return readPages(
    options,
    (place) => client.requestNode("cartesi_listOutputs", { ...filter, ...place }),
    fromOutputAnswer,
  );
}

const SAFE_TRANSFER_ABI = parseAbi([
  "function safeTransfer(address token, address to, uint256 value)",
]);

/** What a withdrawal's voucher pays (spec §5.4). */
export interface Payout extends TokenAmount {
  readonly recipient: Hex;
}

/** Whether an output is one that `executeOutput` can have executed. */
export function isPayout(output: OutputInfo): output is VoucherOutput | DelegateCallVoucherOutput {
  return output.kind === "voucher" || output.kind === "delegate_call_voucher";
}

/** The notices among outputs, and what `executeOutput` executes. */
export function sortOutputs(outputs: readonly OutputInfo[]): {
  readonly notices: readonly Notice[];
  readonly vouchers: readonly (VoucherOutput | DelegateCallVoucherOutput)[];
} {
  const notices = outputs.flatMap((one) => (one.kind === "notice" && one.notice) || []);
  return { notices, vouchers: outputs.filter(isPayout) };
}

/**
 * What a voucher pays to whom; `undefined` for other outputs, such as the return of an asset that
 * the application does not keep.
 *
 * @example
 * readPayout(output); // { recipient: "0xb0b…", token: "0x00…", amount: 5n }
 */
export function readPayout(output: OutputInfo): Payout | undefined {
  if (output.kind === "voucher" && output.payload === "0x") {
    return { recipient: output.destination, token: ETHER, amount: output.valueWei };
  }
  if (output.kind !== "delegate_call_voucher" || output.destination !== SAFE_ERC20_TRANSFER) {
    return undefined;
  }
  try {
    const { args } = decodeFunctionData({ abi: SAFE_TRANSFER_ABI, data: output.payload });
    const [token, recipient] = [args[0].toLowerCase() as Hex, args[1].toLowerCase() as Hex];
    return { recipient, token, amount: args[2] };
  } catch {
    // Another call of the library: viem throws on a selector that is not in the ABI.
    return undefined;
  }
}
