import { decodeFunctionData, parseAbi } from "viem";
import type { Hex } from "../../../spec/outputs.ts";
import { SAFE_ERC20_TRANSFER } from "../../../spec/portals.ts";
import { ETHER } from "./ether.ts";
import type { DelegateCallVoucherOutput, OutputInfo, VoucherOutput } from "./output-info.ts";

const SAFE_TRANSFER_ABI = parseAbi([
  "function safeTransfer(address token, address to, uint256 value)",
]);

/** What a withdrawal's voucher pays (spec §5.4). */
export interface Payout {
  readonly recipient: Hex;
  /** `ETHER`, or an ERC-20. */
  readonly token: Hex;
  /** Base units. */
  readonly amount: bigint;
}

/** Whether an output is one that `executeOutput` can have executed. */
export function isPayout(output: OutputInfo): output is VoucherOutput | DelegateCallVoucherOutput {
  return output.kind === "voucher" || output.kind === "delegate_call_voucher";
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
