import assert from "node:assert/strict";
import { expect, test } from "vitest";
import { decodeNotice } from "../../node-client/client/actions/decode-notice.ts";
import { listOpeningPayers } from "../../node-client/client/statement/list-opening-payers.ts";
import { MOVEMENT_KINDS, NoticeLedger } from "../../node-client/client/statement/notice-ledger.ts";
import type { HistoryInput } from "../../node-client/history/history-lines.ts";
import type { Output } from "../../spec/outputs.ts";
import { Dice } from "../arbitraries/dice.ts";
import { Duel } from "../arbitraries/model-duel.ts";
import { DEED_KINDS, makeInput } from "../arbitraries/model-play.ts";
import { runs, seed } from "../seed.ts";

/** What the notices say of an account's money is what the state says, whatever happens. */

const LENGTH = 60;
const SEQUENCES = 500;

const duel = await Duel.open();

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
  const dice = new Dice(seed("notice ledger"));
  const kinds = new Set<string>();
  for (let count = runs(SEQUENCES); count > 0; count--) {
    const follower = new Follower(kinds);
    const clock = duel.restart();
    for (const { input, outputs } of duel.prelude) follower.follow(input, outputs, new Set());
    for (let i = 0; i < LENGTH; i++) {
      const input = makeInput(duel.model, dice.pick(DEED_KINDS), dice.next(), clock);
      const { outputs, refusals } = duel.play(input);
      const refused = new Set(refusals.map(({ operation }) => operation as number));
      follower.follow(input, outputs, refused);
    }
    const held = duel.model.state
      .list("balances")
      .map(({ account, token, amount }) => [`${account} ${token}`, amount] as const);
    expect(listHeld(follower.balances)).toEqual(listHeld(held));
  }
  expect([...kinds].sort()).toEqual([...MOVEMENT_KINDS].sort());
});
