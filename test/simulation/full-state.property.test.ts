import assert from "node:assert/strict";
import { expect, test } from "vitest";
import type { HistoryInput } from "../../node-client/history/history-lines.ts";
import { decodePaddedWire, type Wire } from "../../spec/codec.ts";
import { encodePlainEnvelope } from "../../spec/envelope.ts";
import { decodeOperation } from "../../spec/operation-codec.ts";
import type { OperationBody } from "../../spec/operations.ts";
import { isRefused } from "../../spec/refusals.ts";
import { ModelComparison } from "../arbitraries/model-comparison.ts";
import { checkConservation, listOpenEscrows } from "../arbitraries/model-invariants.ts";
import {
  type Clock,
  MAKER_KINDS,
  makeInput,
  makePokes,
  nextInput,
} from "../arbitraries/model-play.ts";
import { bytesOf, hexOf, TOKENS } from "../arbitraries/model-view.ts";
import { SeededRng } from "../arbitraries/seeded-rng.ts";
import { openWorld, PEOPLE, type PersonWithKey } from "../arbitraries/shared-keys.ts";
import { bySender, metric } from "../arbitraries/world.ts";
import { runs, seed } from "../seed.ts";

/**
 * From a state that each kind of growth has filled everybody gets out all their money but what is
 * locked in bonds, and no provider lapses because of it (spec §14.2). Engine and model do it side by
 * side.
 */

const SEQUENCES = 300;
const LENGTH = 20;
const UNITS_MAX = 4;
const LATE_BLOCK = 2 ** 53 - 1;
const ETHER = TOKENS[0]!;

const both = await ModelComparison.openSmall();
const { model } = both;

type Filler = (rng: SeededRng, who: PersonWithKey) => OperationBody | undefined;

const slug = (rng: SeededRng): string => `x${rng.below(2 ** 31).toString(36)}`;

const organization: Filler = (rng) => ({
  ...{ kind: "put_organization", organization: slug(rng), name: "x" },
});

/** Everything that is new in each of them is nobody's yet. */
const FILLERS: Readonly<Record<string, Filler>> = {
  organization,
  transfer: (rng) => ({ kind: "transfer", token: ETHER, to: rng.bytes(20), amount: 1n }),
  low_balance: (rng) => ({ kind: "set_low_balance", token: rng.bytes(20), threshold: 1n }),
  payment_group(rng, who) {
    const own = model.state.list("organizations").find(({ owner }) => owner === hexOf(who.address));
    return (
      own && {
        ...{ kind: "put_payment_group", organization: own.organization, groupId: rng.bytes(32) },
        ...{ name: "x", paymentAddress: who.address, endpoints: ["x".repeat(100)] },
      }
    );
  },
  publish: (rng, who) => ({
    ...{ kind: "publish_service", name: slug(rng) },
    offer: {
      ...{ organization: "", groupId: new Uint8Array(0), tags: [slug(rng), "y"], mode: "pull" },
      ...{ token: ETHER, price: 1n, paymentAddress: who.address, endpoints: [] },
      ...{ streamId: 0, groups: 0 },
    },
  }),
  declare_stream(rng, who) {
    const own = model.state
      .list("devices")
      .find(({ owner, is_revoked }) => owner === hexOf(who.address) && is_revoked === 0);
    return (
      own && {
        ...{ kind: "declare_stream", deviceId: own.device_id, name: slug(rng), isSealed: false },
        ...{ retentionSec: rng.below(2), metrics: [metric("a")], epochKeyHashes: [] },
      }
    );
  },
  open_channel: (rng, who) => ({
    ...{ kind: "open_channel", recipient: rng.bytes(20), signer: who.address, token: ETHER },
    ...{ groupId: rng.bytes(32), value: 1n, expirationBlock: 9, payments: "both", lanes: 3 },
  }),
  open_intent: (rng) => ({
    ...{ kind: "open_intent", tag: slug(rng), mode: "pull", token: ETHER, ceiling: 1n },
    ...{ acceptTimeSec: 9, providers: [], amount: 1n },
    terms: {
      ...{
        unitCount: 1,
        deliveryTimeSec: 9,
        answerTimeSec: 9,
        arbiter: ETHER,
        predicate: new Uint8Array(0),
      },
      ...{ arbitrationTimeSec: 0, autoFillLimit: 0n, durationSec: 0, expectedMsgs: 0 },
      ...{ minMsgCount: 0, minValidBasisPoints: 0, autoRenew: false },
    },
  }),
};

/** One after another, until one is refused for want of room. */
function fillBy(filler: Filler, rng: SeededRng, clock: Clock): void {
  const who = PEOPLE.find((person) => filler(rng, person) !== undefined) ?? PEOPLE[0]!;
  for (let tries = 0; ; tries++) {
    assert.ok(tries < 1_000, "a state fills");
    const body = filler(rng, who) ?? organization(rng, who)!;
    const payload = encodePlainEnvelope([bySender(body)]);
    const { refusals } = both.play(nextInput(clock, who.address, payload));
    if (refusals[0]?.refusal === "state_full") return;
    assert.deepEqual(refusals, [], "nothing but room is missing");
  }
}

function mustApply(who: PersonWithKey, clock: Clock, ...bodies: OperationBody[]): void {
  if (bodies.length === 0) return;
  const input = nextInput(
    clock,
    who.address,
    encodePlainEnvelope(bodies.map((body) => bySender(body))),
  );
  assert.deepEqual(both.play(input).refusals, [], `${bodies[0]!.kind} needs no room`);
}

function takeEverything(clock: Clock): void {
  for (let round = 0; round <= UNITS_MAX; round++) {
    const pokes = makePokes(model, clock);
    if (pokes === undefined) break;
    assert.deepEqual(both.play(pokes).refusals, [], "every open escrow ends");
  }
  assert.deepEqual(listOpenEscrows(model), []);
  clock.blockNumber = LATE_BLOCK;
  for (const who of PEOPLE) {
    const account = hexOf(who.address);
    const channels = model.state
      .list("channels")
      .filter(({ sender, value }) => sender === account && value > 0n);
    mustApply(
      who,
      clock,
      ...channels.map(
        ({ channel_id }) => ({ kind: "claim_channel_timeout", channelId: channel_id }) as const,
      ),
    );
    const bond = model.state.get("bonds", account);
    if ((bond?.released ?? 0n) > 0n) mustApply(who, clock, { kind: "withdraw_bond" });
    const held = model.state
      .list("balances")
      .filter((row) => row.account === account && row.amount > 0n);
    mustApply(
      who,
      clock,
      ...held.map(
        ({ token, amount }) =>
          ({ kind: "withdraw", token: bytesOf(token), recipient: who.address, amount }) as const,
      ),
    );
  }
}

/** What adds rows; everything else takes out or ends something, and has to find room for it. */
const GROWING: ReadonlySet<string> = new Set([
  ...(["transfer", "set_low_balance", "register_device", "rotate_device_key"] as const),
  ...(["declare_stream", "submit", "rotate_epoch", "register_encryption_key", "grant"] as const),
  ...(["open_channel", "open_channel_by_third_party", "put_organization"] as const),
  ...(["put_payment_group", "publish_service", "update_service"] as const),
  ...(["open_escrow", "open_intent"] as const),
]);
const ENDING_MAKERS = [
  ...["withdraw", "revoke_device", "revoke_grant", "challenge", "timeout", "withdraw_service"],
  ...["claim", "claim", "claim", "multi_claim", "escrow", "escrow", "escrow", "escrow", "escrow"],
];

/** No operation that ends something is refused for want of room. */
function checkNeverFull(input: HistoryInput): string[] {
  const known = new Set(model.state.list("accounts").map(({ account }) => account));
  const { refusals } = both.play(input);
  const list = decodePaddedWire(input.payload.subarray(1)) as readonly Wire[];
  const refused = new Map(refusals.map(({ operation, refusal }) => [operation, refusal]));
  return list.flatMap((item, i) => {
    const operation = decodeOperation(item);
    if (isRefused(operation)) return [];
    const { body, authorization } = operation;
    if (!refused.has(i)) return [body.kind];
    if (refused.get(i) !== "state_full" || GROWING.has(body.kind)) return [];
    const claims =
      body.kind === "multi_claim" ? body.claims : body.kind === "claim_channel" ? [body] : [];
    const isBeyond = claims.some(
      ({ lane, channelId }) => lane > (model.state.get("channels", channelId)?.lanes ?? 0),
    );
    const isUnknown = authorization.by === "account" && !known.has(hexOf(authorization.account));
    assert.ok(isBeyond || isUnknown, `${body.kind} is refused for want of room`);
    return [];
  });
}

const countLapsed = (): number =>
  model.state.list("providers").reduce((sum, { lapsed_count }) => sum + lapsed_count, 0);

test("everybody gets out of a full state", { timeout: 3_600_000 }, () => {
  const rng = new SeededRng(seed("full state"));
  const names = Object.keys(FILLERS);
  const ended = new Set<string>();
  let openedCount = 0;
  for (let count = Math.max(runs(SEQUENCES), names.length); count > 0; count--) {
    const clock = both.restart();
    for (let i = 0; i < LENGTH; i++) {
      both.play(makeInput(model, rng.pick(MAKER_KINDS), rng.next(), clock));
    }
    fillBy(FILLERS[names[count % names.length]!]!, rng, clock);
    fillBy(organization, rng, clock);
    const stranger = openWorld().person(`stranger ${count}`);
    const deposit = openWorld().depositErc20(stranger, rng.bytes(20), 5n);
    const { outputs } = both.play(nextInput(clock, deposit.at.sender, deposit.payload));
    expect(outputs[0]?.kind).toBe("delegate_call_voucher");
    for (let i = 0; i < LENGTH; i++) {
      const input = makeInput(model, rng.pick(ENDING_MAKERS), rng.next(), clock);
      for (const kind of checkNeverFull(input)) ended.add(kind);
    }
    // What ended has made room.
    fillBy(organization, rng, clock);
    openedCount += listOpenEscrows(model).length;
    const lapsedBefore = countLapsed();
    takeEverything(clock);
    checkConservation(model);
    expect(countLapsed()).toBe(lapsedBefore);
    const people = new Set(PEOPLE.map(({ address }) => hexOf(address)));
    const left = model.state
      .list("balances")
      .filter((row) => people.has(row.account) && row.amount > 0n);
    expect(left).toEqual([]);
    expect(model.state.list("escrows").every(({ held }) => held === 0n)).toBe(true);
  }
  expect(ended.size).toBeGreaterThan(12);
  expect(openedCount).toBeGreaterThan(runs(SEQUENCES));
});
