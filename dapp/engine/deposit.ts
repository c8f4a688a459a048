import { decodeDeposit } from "../../spec/deposits.ts";
import type { InputContext } from "../../spec/input.ts";
import { AMOUNT_MAX } from "../../spec/limits.ts";
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
import { depositTotal, NO_TOTALS } from "./balances.ts";
import type { EngineParts, Outcome } from "./operation-context.ts";

/**
 * §5.1 A portal's input. A well-formed deposit is never refused, because the asset is already
 * here: what the ledger does not keep goes straight back by voucher.
 */
export function applyDeposit(
  parts: EngineParts,
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
    const { amount } = deposit;
    return keepDeposit(parts, sender, token, amount)
      ? [encodeNotice("Deposited", [sender, token, amount])]
      : returned(encodeWithdrawal(token, sender, amount));
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

/**
 * Credits a deposit, where its token claims no more than 256 bits in total and its rows have room
 * (spec §14.2). Whether it did.
 */
function keepDeposit(
  { store, stateBytesMax }: EngineParts,
  account: Uint8Array,
  token: Uint8Array,
  amount: bigint,
): boolean {
  if (amount === 0n) return true;
  const row = store.tokens.get(token) ?? { token, ...NO_TOTALS };
  if (row.deposited + amount > AMOUNT_MAX) return false;
  const before = store.getWeight();
  store.openSavepoint();
  depositTotal(store, account, row, amount);
  const weight = store.getWeight();
  const isKept = weight <= stateBytesMax || weight <= before;
  if (isKept) store.releaseSavepoint();
  else store.rollbackSavepoint();
  return isKept;
}
