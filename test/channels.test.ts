import { expect, test } from "vitest";
import { balanceOf } from "../dapp/engine/balances.ts";
import type { ChannelClaim } from "../spec/channel-operations.ts";
import { PAYLOAD_BYTES_MAX } from "../spec/limits.ts";
import { ETHER } from "../spec/portals.ts";
import { claimLane, claimOf, openingTo } from "./arbitraries/channel-payments.ts";
import { SeededRng } from "./arbitraries/seeded-rng.ts";
import { type Engine, openEngine, refusalsOf, World } from "./arbitraries/world.ts";

/** Channels over more than one input (spec §10): what no single vector can show. */

const world = new World("channels");
const [ada, ben, cleo] = [world.person("ada"), world.person("ben"), world.person("cleo")];
const together = (...claims: ChannelClaim[]) => ({ kind: "multi_claim", claims }) as const;

/** Ada's channel 0 to Ben, for which Cleo signs. */
async function openChannel(value: bigint): Promise<Engine> {
  world.inputIndex = 0;
  const engine = await openEngine(world);
  engine.apply(world.depositEther(ada, value));
  expect(
    refusalsOf(engine.apply(world.bySender(ada, openingTo(ben, cleo, value, { lanes: 256 })))),
  ).toEqual([]);
  return engine;
}

function redeem(engine: Engine, ...claims: ChannelClaim[]): void {
  expect(refusalsOf(engine.apply(world.bySender(ben, together(...claims))))).toEqual([]);
}

const channelOf = (engine: Engine) => engine.query({ query: "channel", channel_id: 0 });

test("unspent balances over claims and an aborted claim are MPE's", async () => {
  const engine = await openChannel(100_000_000n);
  // What a daemon keeps: the nonce it serves, what was signed under it, claims it has begun.
  let serving = { nonce: 0, amount: 0n };
  let begun: { readonly nonce: number; readonly amount: bigint }[] = [];
  const pay = (): void => {
    serving = { ...serving, amount: serving.amount + 10_000n };
  };
  const beginClaim = (): void => {
    begun = [...begun, serving];
    serving = { nonce: serving.nonce + 1, amount: 0n };
  };
  const submitClaims = async (): Promise<void> => {
    const payments = begun.map((payment) => claimOf(cleo, { channelId: 0, ...payment }));
    redeem(engine, ...(await Promise.all(payments)));
    begun = [];
  };
  /** As a stateless client computes it, from the chain's channel and the daemon's word. */
  const unspent = (): bigint => {
    const { nonce, value } = channelOf(engine);
    if (nonce === serving.nonce) return BigInt(String(value)) - serving.amount;
    expect(serving.nonce).toBe(Number(nonce) + 1);
    return BigInt(String(value)) - begun[0]!.amount - serving.amount;
  };

  const trace = [unspent()];
  pay();
  trace.push(unspent());
  beginClaim();
  await submitClaims();
  trace.push(unspent());
  pay();
  pay();
  trace.push(unspent());
  beginClaim(); // Aborted: nothing is sent.
  trace.push(unspent());
  pay();
  trace.push(unspent());
  beginClaim();
  await submitClaims(); // The one that was left in progress first.
  trace.push(unspent());
  pay();
  trace.push(unspent());
  expect(trace).toEqual([
    ...[100_000_000n, 99_990_000n, 99_990_000n, 99_970_000n],
    ...[99_970_000n, 99_960_000n, 99_960_000n, 99_950_000n],
  ]);
  expect(channelOf(engine)).toMatchObject({
    nonce: 3,
    last_planned: "10000",
    last_actual: "10000",
  });
});

test("a hundred lanes, paid in any order, are redeemed to the exact sum", async () => {
  const engine = await openChannel(1_000_000n);
  const rng = new SeededRng(4);
  const paid = new Map<number, bigint>();
  const payments: ChannelClaim[] = [];
  for (let i = 0; i < 300; i++) {
    const lane = i < 100 ? i + 1 : 1 + rng.below(100);
    const cumulative = (paid.get(lane) ?? 0n) + BigInt(1 + rng.below(50));
    paid.set(lane, cumulative);
    payments.push(await claimLane(cleo, { channelId: 0, generation: 0, lane, cumulative }));
  }
  // The recipient takes them as they fall into his hands; what is overtaken by a later one is void.
  const shuffled = [...payments];
  for (let i = shuffled.length - 1; i > 0; i--) {
    const j = rng.below(i + 1);
    [shuffled[i], shuffled[j]] = [shuffled[j]!, shuffled[i]!];
  }
  let refusedCount = 0;
  for (let from = 0; from < shuffled.length; from += 40) {
    const bodies = shuffled
      .slice(from, from + 40)
      .map((claim) => ({ kind: "claim_channel", ...claim }) as const);
    const refusals = refusalsOf(engine.apply(world.bySender(ben, ...bodies)));
    refusedCount += refusals.filter((refusal) => refusal === "claim_nothing_due").length;
    expect(new Set(refusals).size).toBeLessThanOrEqual(1);
  }
  const sum = [...paid.values()].reduce((total, amount) => total + amount);
  expect(refusedCount).toBeGreaterThan(20);
  expect(balanceOf(engine.store, ben.address, ETHER)).toBe(sum);
  expect(channelOf(engine)).toMatchObject({ value: String(1_000_000n - sum), nonce: 0 });
  const lanes = engine.query({ query: "lanes", channel_id: 0 }).lanes as { redeemed: string }[];
  expect(lanes.map(({ redeemed }) => BigInt(redeemed))).toEqual(
    [...paid.entries()].sort(([a], [b]) => a - b).map(([, amount]) => amount),
  );

  // Sending back ends the generation, and with it every lane.
  const left = { channelId: 0, generation: 0, lane: 7, cumulative: 2_000n };
  const next = await claimLane(cleo, { ...left, lane: 8 });
  redeem(engine, await claimLane(cleo, left, true));
  engine.apply(world.bySender(ben, { kind: "add_channel_funds", channelId: 0, amount: 500n }));
  for (const claim of [next, ...payments.slice(0, 40)]) {
    const refused = engine.apply(world.bySender(ben, { kind: "claim_channel", ...claim }));
    expect(refusalsOf(refused)).toEqual(["claim_signature_wrong"]);
  }
  expect(engine.query({ query: "lanes", channel_id: 0 })).toMatchObject({
    generation: 1,
    lanes: [],
  });
  expect(engine.store.rescanRoot()).toEqual(engine.store.getRoot());
});

test("256 claims fit an input, and the 257th finds no verification left", async () => {
  const engine = await openChannel(1_000n);
  const claims = await Promise.all(
    Array.from({ length: 257 }, (_, i) => {
      const [lane, cumulative] = i < 256 ? [i + 1, 3n] : [1, 6n];
      return claimLane(cleo, { channelId: 0, generation: 0, lane, cumulative });
    }),
  );
  const last = { kind: "claim_channel", ...claims[256]! } as const;
  const input = world.bySender(ben, together(...claims.slice(0, 256)), last);
  expect(input.payload.length).toBeLessThan(PAYLOAD_BYTES_MAX);
  expect(refusalsOf(engine.apply(input))).toEqual(["operation_signatures_over_bounds"]);
  expect(balanceOf(engine.store, ben.address, ETHER)).toBe(768n);
  redeem(engine, claims[256]!);
  expect(channelOf(engine)).toMatchObject({ value: "229" });
});

test("a refusal in a list says which claim it was, with the values", async () => {
  const engine = await openChannel(100n);
  const first = await claimOf(cleo, { channelId: 0, nonce: 0, amount: 60n });
  const second = await claimOf(cleo, { channelId: 0, nonce: 1, amount: 41n });
  const { reports } = engine.apply(world.bySender(ben, together(first, second)));
  expect(JSON.parse(Buffer.from(reports[0]!.slice(2), "hex").toString())).toEqual({
    ...{ refusal: "claim_over_value", code: 150, operation: 0 },
    detail: "claim 1: claims 41, the channel holds 40",
    values: { claim: 1, actual: "41", value: "40" },
  });
});
