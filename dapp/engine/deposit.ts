import { decodeDeposit } from "../../spec/deposits.ts";
import type { InputContext } from "../../spec/input.ts";
import { encodeNotice } from "../../spec/notices.ts";
import type { Output } from "../../spec/outputs.ts";
import type { Portal } from "../../spec/portals.ts";
import { refuse } from "../../spec/refusals.ts";
import {
  encodeErc721Return,
  encodeErc1155BatchReturn,
  encodeErc1155Return,
  encodeWithdrawal,
} from "../../spec/vouchers.ts";
import { creditDeposit } from "./ledger.ts";
import type { Outcome } from "./operation-context.ts";
import type { Store } from "./store.ts";

/**
 * §5.1 A portal's input. A well-formed deposit is never refused, because the asset is already
 * here: what the ledger does not keep goes straight back by voucher.
 */
export function applyDeposit(
  store: Store,
  at: InputContext,
  portal: Portal,
  payload: Uint8Array,
): Outcome {
  const deposit = decodeDeposit(portal, payload);
  if (deposit === undefined) {
    const detail = "{byteCount} bytes are not a {portal} deposit";
    return refuse("deposit_malformed", detail, { byteCount: payload.length, portal });
  }
  const { token, sender } = deposit;
  const returned = (voucher: Output) => [voucher, encodeNotice("DepositReturned", [sender, token])];
  if (deposit.kind === "fungible") {
    return creditDeposit(store, sender, token, deposit.amount)
      ? [encodeNotice("Deposited", [sender, token, deposit.amount])]
      : returned(encodeWithdrawal(token, sender, deposit.amount));
  }
  if (deposit.kind === "erc721") {
    return returned(encodeErc721Return(token, at.app, sender, deposit.tokenId));
  }
  const { tokenIds, amounts } = deposit;
  return returned(
    deposit.isBatch
      ? encodeErc1155BatchReturn(token, at.app, sender, tokenIds, amounts)
      : encodeErc1155Return(token, at.app, sender, tokenIds[0]!, amounts[0]!),
  );
}
