import assert from "node:assert/strict";
import fc from "fast-check";
import { test } from "vitest";
import type { ChannelRow } from "../../dapp/engine/store.ts";
import type { ChannelBody, ChannelClaim } from "../../spec/channel-operations.ts";
import { ETHER } from "../../spec/portals.ts";
import { claimLane, claimOf, openingTo } from "../arbitraries/channel-payments.ts";
import { type Engine, openEngine, World } from "../arbitraries/world.ts";
import { runs, seed } from "../seed.ts";
import { scanLedger } from "../simulation/ledger-scan.ts";
import { describeOutput } from "../vectors/transition-vectors.ts";

const world = new World("channel properties");
const PEOPLE = ["ada", "ben", "cleo"].map((name) => world.person(name));
const MONEY = 300n;

/** Numbers pick people, channels, sums and what is wrong with a payment. */
const step = fc.record({
  kind: fc.constantFrom("open", "add", "extend", "time out", "claim", "claim", "claim", "claim"),
  by: fc.nat(2),
  channelId: fc.nat(3),
  claims: fc.array(
    fc.record({
      channelId: fc.nat(3),
      lane: fc.nat(3),
      sum: fc.nat(60),
      less: fc.nat(3),
      /** Mostly the channel's own nonce or generation. */
      ahead: fc.constantFrom(0, 0, 0, 1, -1),
      signer: fc.constantFrom(1, 1, 1, 2),
      isSendBack: fc.constantFrom(false, false, false, true),
    }),
    { minLength: 1, maxLength: 4 },
  ),
  sum: fc.nat(120),
});
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/** A claim that gets through: chance alone may bring none. */
const CLAIM: Step = {
  ...{ kind: "claim", by: 0, channelId: 0, sum: 0 },
  claims: [
    { channelId: 0, lane: 1, sum: 50, less: 0, ahead: 0, signer: 1, isSendBack: false } as const,
  ],
};

/** What payers have signed away: the highest sum of every nonce, and of every generation's lane. */
type Signed = Map<string, bigint>;

async function sign(
  { store }: Engine,
  claim: Step["claims"][number],
  signed: Signed,
): Promise<ChannelClaim> {
  const { channelId, lane, isSendBack, ahead } = claim;
  const channel = store.channels.get(channelId);
  const signer = PEOPLE[claim.signer]!;
  const planned = BigInt(claim.sum);
  const counter = (lane === 0 ? channel?.nonce : channel?.generation) ?? 0;
  const under = Math.max(0, counter + ahead);
  const key = `${channelId}/${lane}/${under}`;
  if (planned > (signed.get(key) ?? 0n)) signed.set(key, planned);
  if (lane > 0) {
    return claimLane(
      signer,
      { channelId, lane, generation: under, cumulative: planned },
      isSendBack,
    );
  }
  const actual = planned > BigInt(claim.less) ? planned - BigInt(claim.less) : planned;
  return claimOf(signer, { channelId, nonce: under, amount: planned }, { actual, isSendBack });
}

async function bodyOf(engine: Engine, step: Step, signed: Signed): Promise<ChannelBody> {
  const { channelId } = step;
  const amount = BigInt(step.sum);
  switch (step.kind) {
    case "open":
      return openingTo(PEOPLE[(step.by + 1) % 3]!, PEOPLE[1]!, amount, { expirationBlock: 6 });
    case "add":
      return { kind: "add_channel_funds", channelId, amount };
    case "extend":
      return { kind: "extend_channel", channelId, expirationBlock: step.sum };
    case "time out":
      return { kind: "claim_channel_timeout", channelId };
    default: {
      const claims: ChannelClaim[] = [];
      for (const claim of step.claims) claims.push(await sign(engine, claim, signed));
      return { kind: "multi_claim", claims };
    }
  }
}

/** The recipient of a channel acts now and then for himself, else few claims would get through. */
const actorOf = (engine: Engine, { kind, by, claims }: Step) => {
  const recipient = engine.store.channels.get(claims[0]!.channelId)?.recipient;
  const own = PEOPLE.find((person) => recipient && Buffer.compare(person.address, recipient) === 0);
  return (kind === "claim" ? own : undefined) ?? PEOPLE[by]!;
};

const listAll = ({ store }: Engine): readonly ChannelRow[] =>
  Array.from({ length: store.channels.nextId() }, (_, id) => store.channels.get(id)!);

/** What may never happen between two states of one channel. */
function assertLegal(before: ChannelRow | undefined, after: ChannelRow): void {
  const { nonce = 0, generation = 0 } = before ?? {};
  assert.ok(after.nonce >= nonce && after.generation >= generation, "counters only rise");
  assert.ok(after.value >= 0n && after.lastActual <= after.lastPlanned);
  const { channelId, sender, signer, recipient, groupId, token, payments } = before ?? after;
  const terms = { channelId, sender, signer, recipient, groupId, token, payments };
  assert.deepEqual({ ...after, ...terms }, after, "terms are for good");
}

/** Adds up what the notices say was paid, nonce by nonce and lane by lane. */
function countPaid(outputs: ReturnType<Engine["apply"]>["outputs"], paid: Signed): void {
  for (const output of outputs) {
    const { notice, arguments: shown = {} } = describeOutput(output);
    if (notice !== "ChannelClaimed" && notice !== "LaneRedeemed") continue;
    const isClaim = notice === "ChannelClaimed";
    const place = isClaim ? `0/${shown.nonce}` : `${shown.lane}/${shown.generation}`;
    const key = `${shown.channelId}/${place}`;
    const amount = BigInt(String(isClaim ? shown.claimAmount : shown.amount));
    paid.set(key, (paid.get(key) ?? 0n) + amount);
  }
}

test("whatever is asked of channels, money is conserved and nobody gets more than was signed", async () => {
  let appliedClaims = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 25 }), async (steps) => {
      world.inputIndex = 0;
      const engine = await openEngine(world);
      for (const person of PEOPLE) engine.apply(world.depositEther(person, MONEY));
      const [signed, paid]: readonly Signed[] = [new Map(), new Map()];
      for (const one of [{ ...steps[0]!, kind: "open", sum: 90 } as const, ...steps]) {
        const actor = actorOf(engine, one);
        const body = await bodyOf(engine, one, signed!);
        const before = listAll(engine);
        const root = engine.store.getRoot();
        const result = engine.apply(world.bySender(actor, body));
        if (result.status === "rejected") assert.deepEqual(engine.store.getRoot(), root);
        else if (body.kind === "multi_claim") appliedClaims += 1;
        countPaid(result.outputs, paid!);
        for (const row of listAll(engine)) assertLegal(before[row.channelId], row);
        for (const [key, amount] of paid!) assert.ok(amount <= (signed!.get(key) ?? 0n), key);
        scanLedger(engine.store.snapshot());
      }
      assert.deepEqual(engine.store.rescanRoot(), engine.store.getRoot());
      assert.equal(engine.store.tokens.get(ETHER)?.deposited, 3n * MONEY);
      engine.store.close();
    }),
    { seed: seed("channels"), numRuns: runs(150), examples: [[[CLAIM]]] },
  );
  assert.ok(appliedClaims > 0, "some claims get through");
}, 600_000);
