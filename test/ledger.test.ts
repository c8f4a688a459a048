/** Money (spec §5), read like a ledger: who does what, and what everybody has afterwards. */

import { expect, test } from "vitest";
import { createNodeCrypto } from "../dapp/crypto/node-crypto.ts";
import { balanceOf } from "../dapp/engine/balances.ts";
import type { HistoryInput } from "../node-client/history/history-lines.ts";
import { AMOUNT_MAX } from "../spec/limits.ts";
import { ETHER } from "../spec/portals.ts";
import { type Engine, openEngine, type Person, refusalsOf, World } from "./arbitraries/world.ts";

const crypto = await createNodeCrypto();
const world = new World("ledger", crypto);
const [ada, ben, cleo] = [world.person("ada"), world.person("ben"), world.person("cleo")];
const PEOPLE = [ada, ben, cleo];
const COIN = new Uint8Array(20).fill(0x70);
const MAX = AMOUNT_MAX;

/** One input, built when its turn comes. */
type Step = () => HistoryInput;
const deposit =
  (who: Person, amount: bigint, token = ETHER): Step =>
  () =>
    token === ETHER ? world.depositEther(who, amount) : world.depositErc20(who, token, amount);
const give =
  (who: Person, to: Person, amount: bigint, token = ETHER): Step =>
  () =>
    world.bySender(who, { kind: "transfer", token, to: to.address, amount });
const take =
  (who: Person, amount: bigint, token = ETHER): Step =>
  () =>
    world.bySender(who, { kind: "withdraw", token, recipient: who.address, amount });

async function play(...steps: readonly Step[]) {
  const engine = await openEngine(world);
  const refusals = steps.flatMap((step) => refusalsOf(engine.apply(step())));
  expect(engine.store.rescanRoot()).toEqual(engine.store.getRoot());
  return { engine, refusals };
}

/** Everybody's balance of one token, then what was deposited and withdrawn. */
function accountsOf({ store }: Engine, token = ETHER): bigint[] {
  const row = store.tokens.get(token) ?? { deposited: 0n, withdrawn: 0n, inBalances: 0n };
  const balances = PEOPLE.map((person) => balanceOf(store, person.address, token));
  expect(row.inBalances).toBe(balances.reduce((sum, balance) => sum + balance));
  return [...balances, row.deposited, row.withdrawn];
}

const few = "balance_too_low";
type Line = readonly [string, readonly Step[], readonly string[], readonly bigint[]];
// biome-ignore format: a ledger reads line by line.
const LEDGER: readonly Line[] = [
  // what happens, step by step                                          refused  ada  ben  cleo  in  out
  ["a deposit", [deposit(ada, 5n)],                                          [], [5n, 0n, 0n, 5n, 0n]],
  ["deposits add up", [deposit(ada, 5n), deposit(ada, 6n), deposit(ben, 1n)],
                                                                            [], [11n, 1n, 0n, 12n, 0n]],
  ["a transfer", [deposit(ada, 5n), give(ada, ben, 2n)],                     [], [3n, 2n, 0n, 5n, 0n]],
  ["all there is", [deposit(ada, 5n), give(ada, ben, 5n)],                   [], [0n, 5n, 0n, 5n, 0n]],
  ["to oneself", [deposit(ada, 5n), give(ada, ada, 5n)],                     [], [5n, 0n, 0n, 5n, 0n]],
  ["to oneself, too much", [deposit(ada, 5n), give(ada, ada, 6n)],        [few], [5n, 0n, 0n, 5n, 0n]],
  ["in a circle", [deposit(ada, 5n), give(ada, ben, 5n), give(ben, cleo, 4n), give(cleo, ada, 3n)],
                                                                            [], [3n, 1n, 1n, 5n, 0n]],
  ["spent twice", [deposit(ada, 5n), give(ada, ben, 3n), give(ada, cleo, 3n)],
                                                                         [few], [2n, 3n, 0n, 5n, 0n]],
  ["a withdrawal", [deposit(ada, 5n), take(ada, 2n)],                        [], [3n, 0n, 0n, 5n, 2n]],
  ["withdrawn twice", [deposit(ada, 5n), take(ada, 5n), take(ada, 5n)],   [few], [0n, 0n, 0n, 5n, 5n]],
  ["given, then withdrawn", [deposit(ada, 5n), give(ada, ben, 4n), take(ada, 2n), take(ben, 4n)],
                                                                         [few], [1n, 0n, 0n, 5n, 4n]],
  ["a full count, given and withdrawn", [deposit(ada, MAX), give(ada, ben, MAX), take(ben, MAX)],
                                                                            [], [0n, 0n, 0n, MAX, MAX]],
  ["a full count, all but one", [deposit(ada, MAX), give(ada, ben, MAX - 1n), take(ada, 1n)],
                                                                      [], [0n, MAX - 1n, 0n, MAX, 1n]],
  ["a full count, to oneself", [deposit(ada, MAX), give(ada, ada, MAX)], [], [MAX, 0n, 0n, MAX, 0n]],
  ["one too many goes back", [deposit(ada, MAX), deposit(ben, 1n)],      [], [MAX, 0n, 0n, MAX, 0n]],
  ["deposits count for good, withdrawn or not", [deposit(ada, MAX), take(ada, MAX), deposit(ben, 1n)],
                                                                            [], [0n, 0n, 0n, MAX, MAX]],
  ["nothing is never too much", [deposit(ada, MAX), deposit(ben, 0n)],   [], [MAX, 0n, 0n, MAX, 0n]],
];
test.each(LEDGER)("%s", async (_, steps, refusals, accounts) => {
  const played = await play(...steps);
  expect(played.refusals).toEqual(refusals);
  expect(accountsOf(played.engine)).toEqual(accounts);
});

test("tokens are counted apart, Ether among them", async () => {
  const { engine } = await play(
    ...[deposit(ada, 5n), deposit(ada, 7n, COIN)],
    ...[give(ada, ben, 1n), give(ada, cleo, 2n, COIN), take(cleo, 1n, COIN)],
  );
  expect(accountsOf(engine)).toEqual([4n, 1n, 0n, 5n, 0n]);
  expect(accountsOf(engine, COIN)).toEqual([5n, 0n, 1n, 7n, 1n]);
});

test("a token that nobody deposited cannot be moved and leaves no row", async () => {
  const { engine, refusals } = await play(give(ada, ben, 1n, COIN), take(ada, 1n, COIN));
  expect(refusals).toEqual(["balance_too_low", "balance_too_low"]);
  expect(engine.store.tokens.get(COIN)).toBeUndefined();
});

test("a spent balance keeps its row of zero: the root tells it from one never held", async () => {
  const there = await play(deposit(ada, 5n), give(ada, ben, 5n), give(ben, ada, 5n));
  const never = await play(deposit(ada, 5n));
  expect(accountsOf(there.engine)).toEqual(accountsOf(never.engine));
  expect(there.engine.store.getRoot()).not.toEqual(never.engine.store.getRoot());
});

test("the way there leaves no trace: equal rows are one root", async () => {
  const once = await play(deposit(ada, 5n), give(ada, ben, 5n));
  const often = await play(
    ...[deposit(ada, 2n), deposit(ada, 3n)],
    ...[give(ada, ben, 1n), give(ada, ben, 4n), give(ada, ben, 1n)],
  );
  expect(often.refusals).toEqual(["balance_too_low"]);
  expect(often.engine.store.getRoot()).toEqual(once.engine.store.getRoot());
});
