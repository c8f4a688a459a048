import { decodeDeposit } from "./deposits.ts";
import { AMOUNT_MAX } from "./limits.ts";
import { demand, type ModelAct, type ModelRules, ZERO_ADDRESS } from "./model-act.ts";
import { bytes, hex } from "./model-state.ts";
import { encodeNotice } from "./notices.ts";
import type { BodyOf } from "./operations.ts";
import type { Hex } from "./outputs.ts";
import type { Portal } from "./portals.ts";
import {
  encodeErc721Return,
  encodeErc1155BatchReturn,
  encodeErc1155Return,
  encodeWithdrawal,
} from "./vouchers.ts";

/** Money: balances, their totals, deposits, transfers, withdrawals (spec §5, §13). */

export const MONEY_RULES = {
  transfer,
  withdraw,
  set_low_balance: setLowBalance,
} satisfies Partial<ModelRules>;

const NO_TOTALS = {
  ...{ deposited: 0n, withdrawn: 0n },
  ...{ in_balances: 0n, in_channels: 0n, in_escrows: 0n, in_bonds: 0n },
};

type Place = "withdrawn" | "in_balances" | "in_channels" | "in_escrows" | "in_bonds";

export function balanceOf(act: ModelAct, account: Hex, token: Hex): bigint {
  return act.state.get("balances", account, token)?.amount ?? 0n;
}

/** A token's totals: what is moved from one place to another (spec §5.5). */
export function moveTotal(act: ModelAct, token: Hex, from: Place, to: Place, amount: bigint) {
  if (amount === 0n) return;
  const totals = act.state.get("tokens", token)!;
  const [less, more] = [totals[from] - amount, totals[to] + amount];
  act.state.put("tokens", { ...totals, [from]: less, [to]: more });
}

export function credit(act: ModelAct, account: Hex, token: Hex, amount: bigint): void {
  if (amount === 0n) return;
  openBalance(act, account, token);
  act.state.put("balances", { account, token, amount: balanceOf(act, account, token) + amount });
}

export function openAccount(act: ModelAct, account: Hex): void {
  if (act.state.get("accounts", account) !== undefined) return;
  act.state.put("accounts", { account, nonce: 0, encryption_key: null });
}

/** What money for an account needs (spec §5.2). */
export function openBalance(act: ModelAct, account: Hex, token: Hex): void {
  openAccount(act, account);
  if (act.state.get("balances", account, token) !== undefined) return;
  act.state.put("balances", { account, token, amount: 0n });
}

/** Takes `amount` off a balance, and tells of a fall below the account's threshold. */
export function debit(act: ModelAct, account: Hex, token: Hex, amount: bigint): void {
  demand(balanceOf(act, account, token) >= amount, "balance_too_low");
  takeOff(act, account, token, amount);
}

/** What is known to be there. */
export function takeOff(act: ModelAct, account: Hex, token: Hex, amount: bigint): void {
  if (amount === 0n) return;
  const before = balanceOf(act, account, token);
  const after = before - amount;
  act.state.put("balances", { account, token, amount: after });
  const threshold = act.state.get("low_balances", account, token)?.threshold ?? 0n;
  if (before >= threshold && after < threshold) {
    act.lowBalances.push(encodeNotice("BalanceLow", [account, token, after, threshold]));
  }
}

function transfer(act: ModelAct, body: BodyOf<"transfer">): void {
  const [token, to] = [hex(body.token), hex(body.to)];
  demand(body.amount > 0n, "amount_zero");
  demand(to !== ZERO_ADDRESS, "recipient_not_payable");
  debit(act, act.actor, token, body.amount);
  credit(act, to, token, body.amount);
  act.notify("Transferred", [act.actor, to, token, body.amount]);
}

function withdraw(act: ModelAct, body: BodyOf<"withdraw">): void {
  const [token, recipient] = [hex(body.token), hex(body.recipient)];
  demand(body.amount > 0n, "amount_zero");
  demand(recipient !== ZERO_ADDRESS && recipient !== act.app, "recipient_not_payable");
  debit(act, act.actor, token, body.amount);
  moveTotal(act, token, "in_balances", "withdrawn", body.amount);
  act.outputs.push(encodeWithdrawal(body.token, body.recipient, body.amount));
  act.notify("Withdrawn", [act.actor, recipient, token, body.amount]);
}

function setLowBalance(act: ModelAct, body: BodyOf<"set_low_balance">): void {
  const { actor: account } = act;
  const { threshold } = body;
  const token = hex(body.token);
  act.state.put("low_balances", { account, token, threshold });
  act.notify("LowBalanceSet", [account, token, threshold]);
}

/** A portal's input (spec §5.1). */
export function deposit(act: ModelAct, portal: Portal, payload: Uint8Array): void {
  const asset = decodeDeposit(portal, payload);
  demand(asset !== undefined, "deposit_malformed");
  const [token, account] = [hex(asset.token), hex(asset.sender)];
  if (asset.kind === "fungible") {
    const totals = act.state.get("tokens", token) ?? { token, ...NO_TOTALS };
    const { amount } = asset;
    const copy = act.state.copy();
    const before = act.state.weight();
    const deposited = totals.deposited + amount;
    const in_balances = totals.in_balances + amount;
    const isCounted = deposited <= AMOUNT_MAX;
    if (isCounted && amount > 0n) {
      act.state.put("tokens", { ...totals, deposited, in_balances });
      credit(act, account, token, amount);
    }
    const weight = act.state.weight();
    const hasRoom = weight <= before || weight <= act.stateBytesMax;
    if (isCounted && hasRoom) {
      act.notify("Deposited", [account, token, amount]);
      return;
    }
    act.state.restore(copy);
    act.outputs.push(encodeWithdrawal(asset.token, asset.sender, amount));
  } else if (asset.kind === "erc721") {
    act.outputs.push(encodeErc721Return(asset.token, act.at.app, asset.sender, asset.tokenId));
  } else {
    const { tokenIds, amounts } = asset;
    const owner = bytes(account);
    act.outputs.push(
      asset.isBatch
        ? encodeErc1155BatchReturn(asset.token, act.at.app, owner, tokenIds, amounts)
        : encodeErc1155Return(asset.token, act.at.app, owner, tokenIds[0]!, amounts[0]!),
    );
  }
  act.notify("DepositReturned", [account, token]);
}
