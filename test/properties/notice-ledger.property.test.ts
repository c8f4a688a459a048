import assert from "node:assert/strict";
import { expect, test } from "vitest";
import { decodeNotice } from "../../node-client/client/decoding/decode-notice.ts";
import { listOpeningPayers } from "../../node-client/client/statement/account-statement.ts";
import { MOVEMENT_KINDS, NoticeLedger } from "../../node-client/client/statement/notice-ledger.ts";
import type { HistoryInput } from "../../node-client/history/history-lines.ts";
import type { Output } from "../../spec/outputs.ts";
import { ModelComparison } from "../arbitraries/model-comparison.ts";
import { MAKER_KINDS, makeInput } from "../arbitraries/model-play.ts";
import { SeededRng } from "../arbitraries/seeded-rng.ts";
import { runs, seed } from "../seed.ts";

/** What the notices say of an account's money is what the state says, whatever happens. */

const LENGTH = 60;
const SEQUENCES = 500;

const comparisons = [await ModelComparison.open(), await ModelComparison.openSmall()];

/** The movements that the outputs of one input report, added up by account and token. */
class Follower {
  readonly ledger = new NoticeLedger();
  readonly balances = new Map<string, bigint>();
  readonly kinds: Set<string>;

  constructor(kinds: Set<string>) {
    this.kinds = kinds;
  }

  follow({ payload, at }: HistoryInput, outputs: readonly Output[], refused: Set<number>): void {
    const sender = `0x${Buffer.from(at.sender).toString("hex")}` as const;
    const payers = listOpeningPayers({ payload, sender, refused })?.values();
    for (const output of outputs) {
      const notice = output.kind === "notice" ? decodeNotice(output.payload) : undefined;
      if (notice === undefined) continue;
      const movements = this.ledger.apply(notice, () => {
        const payer = payers?.next().value;
        assert.ok(payer !== undefined, "a plain input names who pays for its channels");
        return payer;
      });
      for (const { kind, account, token, amount } of movements) {
        const key = `${account} ${token}`;
        this.balances.set(key, (this.balances.get(key) ?? 0n) + amount);
        if (amount !== 0n) this.kinds.add(kind);
      }
    }
  }
}

const listHeld = (balances: Iterable<readonly [string, bigint]>): (readonly [string, bigint])[] =>
  [...balances].filter(([, amount]) => amount !== 0n).sort(([a], [b]) => (a < b ? -1 : 1));

test("what the notices say of everybody's money is what the state holds", () => {
  const rng = new SeededRng(seed("notice ledger"));
  const kinds = new Set<string>();
  for (let count = runs(SEQUENCES); count > 0; count--) {
    const comparison = comparisons[count % comparisons.length]!;
    const follower = new Follower(kinds);
    const clock = comparison.restart();
    for (const { input, outputs } of comparison.prelude) follower.follow(input, outputs, new Set());
    for (let i = 0; i < LENGTH; i++) {
      const input = makeInput(comparison.model, rng.pick(MAKER_KINDS), rng.next(), clock);
      const { outputs, refusals } = comparison.play(input);
      const refused = new Set(refusals.map(({ operation }) => operation as number));
      follower.follow(input, outputs, refused);
    }
    const held = comparison.model.state
      .list("balances")
      .map(({ account, token, amount }) => [`${account} ${token}`, amount] as const);
    expect(listHeld(follower.balances)).toEqual(listHeld(held));
  }
  expect([...kinds].sort()).toEqual([...MOVEMENT_KINDS].sort());
});
