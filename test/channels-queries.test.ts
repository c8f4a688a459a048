/** Every query of channels (spec §9), on one state whose every figure is known. */

import { afterAll, describe, expect, test } from "vitest";
import { CHANNEL_QUERIES } from "../dapp/engine/query-channels.ts";
import type { ChannelBody } from "../spec/channel-operations.ts";
import { ETHER } from "../spec/portals.ts";
import { claimLane, claimOf, GROUP_ID, openingTo } from "./arbitraries/channel-payments.ts";
import { openEngine, type Person, refusalsOf, World } from "./arbitraries/world.ts";

const world = new World("channel queries");
const engine = await openEngine(world);
const [ada, ben, cleo] = [world.person("ada"), world.person("ben"), world.person("cleo")];
const toHex = (bytes: Uint8Array) => `0x${Buffer.from(bytes).toString("hex")}`;
const apply = (by: Person, ...bodies: ChannelBody[]) =>
  expect(refusalsOf(engine.apply(world.bySender(by, ...bodies)))).toEqual([]);

/** Channels 0 to 4 of Ada to Ben, 5 of Ben to Ada; 1 is closed, 3 is empty. */
engine.apply(world.depositEther(ada, 1_000n));
engine.apply(world.depositEther(ben, 1_000n));
const expirations = [900, 800, 700, 600, 800];
apply(
  ada,
  ...expirations.map((expirationBlock) => openingTo(ben, cleo, 100n, { expirationBlock })),
);
apply(ben, openingTo(ada, cleo, 100n, { payments: "eip712" }));
const claim = async (channelId: number, amount: bigint, nonce = 0, isSendBack = false) =>
  ({
    kind: "claim_channel",
    ...(await claimOf(cleo, { channelId, nonce, amount }, { isSendBack })),
  }) as const;
const redeem = async (lane: number, cumulative: bigint, generation = 0, isSendBack = false) =>
  ({
    kind: "claim_channel",
    ...(await claimLane(cleo, { channelId: 5, generation, lane, cumulative }, isSendBack)),
  }) as const;
apply(ben, await claim(0, 30n), await claim(1, 60n, 0, true), await claim(3, 100n));
apply(ada, await redeem(4, 10n), await redeem(9, 20n), await redeem(2, 5n, 0, true));
apply(ben, { kind: "add_channel_funds", channelId: 5, amount: 50n });
apply(ada, await redeem(9, 7n, 1), await redeem(3, 60n, 1));

const asked = new Set<string>();
/** Asks as a client does. */
function ask(query: string, fields: Record<string, unknown> = {}): Record<string, unknown> {
  asked.add(query);
  return engine.query({ query, ...fields });
}
const ids = ({ channels }: Record<string, unknown>) =>
  (channels as { channel_id: number }[]).map(({ channel_id }) => channel_id);
const [sender, recipient] = [toHex(ada.address), toHex(ben.address)];

afterAll(() => {
  expect(Object.keys(CHANNEL_QUERIES).sort()).toEqual([...asked].sort());
});

test("channel: every column, and what is spendable", () => {
  expect(ask("channel", { channel_id: 0 })).toEqual({
    ...{ channel_id: 0, nonce: 1, generation: 0, sender, signer: toHex(cleo.address), recipient },
    ...{ group_id: toHex(GROUP_ID), token: toHex(ETHER), value: "70", expiration_block: 900 },
    ...{
      payments: "both",
      lanes: 16,
      lane_count: 0,
      last_planned: "30",
      last_actual: "30",
      spendable: "70",
    },
  });
  const closed = { nonce: 1, generation: 1, value: "0", expiration_block: 0, last_actual: "60" };
  expect(ask("channel", { channel_id: 1 })).toMatchObject(closed);
  expect(ask("channel", { channel_id: 6 })).toMatchObject({ error: "no such channel", code: 15 });
});

describe("channels", () => {
  test("of a sender", () => {
    const answer = ask("channels", { sender });
    expect([ids(answer), answer.next]).toEqual([[0, 1, 2, 3, 4], null]);
  });
  test("of a recipient, page by page", () => {
    const first = ask("channels", { recipient, after: -1, limit: 2 });
    expect([ids(first), first.next]).toEqual([[0, 1], 1]);
    const second = ask("channels", { recipient, after: first.next, limit: 3 });
    expect([ids(second), second.next]).toEqual([[2, 3, 4], 4]);
    const last = ask("channels", { recipient, after: second.next, limit: 3 });
    expect([ids(last), last.next]).toEqual([[], null]);
  });
  test.each([{}, { sender, recipient }])("of one or the other: %j", (fields) => {
    expect(ask("channels", fields)).toMatchObject({
      ...{ error: 'name one of "sender" and "recipient"', reason: "field_invalid" },
      ...{ field: "sender", other: "recipient" },
    });
  });
});

test("unclaimed: what holds money, page by page", () => {
  const all = ask("unclaimed", { recipient });
  expect([ids(all), all.next]).toEqual([[0, 2, 4], null]);
  const first = ask("unclaimed", { recipient, limit: 2 });
  expect([ids(first), first.next]).toEqual([[0, 2], 2]);
  expect(ids(ask("unclaimed", { recipient, after: first.next, limit: 2 }))).toEqual([4]);
  expect(ids(ask("unclaimed", { recipient: toHex(cleo.address) }))).toEqual([]);
});

test("expiring: what holds money, the earliest first, ties by identifier", () => {
  const all = ask("expiring", { recipient, before_block: 901 });
  expect([ids(all), all.next]).toEqual([[2, 4, 0], null]);
  expect(ids(ask("expiring", { recipient, before_block: 900 }))).toEqual([2, 4]);
  const first = ask("expiring", { recipient, before_block: 901, limit: 2 });
  expect(first.next).toEqual({ expiration_block: 800, channel_id: 4 });
  const rest = ask("expiring", { recipient, before_block: 901, after: first.next });
  expect(ids(rest)).toEqual([0]);
  for (const after of [4, null, [800, 4]]) {
    const answer = ask("expiring", { recipient, before_block: 901, after });
    expect(answer).toMatchObject({ error: '"after" is missing or no object', field: "after" });
  }
});

test("lanes: those of the channel's generation", () => {
  const lanes = [
    { lane: 3, redeemed: "43", last_cumulative: "60" },
    { lane: 9, redeemed: "7", last_cumulative: "7" },
  ];
  const head = { channel_id: 5, generation: 1 };
  expect(ask("lanes", { channel_id: 5 })).toEqual({ ...head, lanes, next: null });
  const first = ask("lanes", { channel_id: 5, limit: 1 });
  expect(first).toEqual({ ...head, lanes: lanes.slice(0, 1), next: 3 });
  expect(ask("lanes", { channel_id: 5, after: 3 })).toEqual({
    ...{ ...head, lanes: lanes.slice(1) },
    next: null,
  });
});
