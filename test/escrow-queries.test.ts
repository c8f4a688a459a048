import { describe, expect, test } from "vitest";
import { formatEscrowId } from "../spec/escrow-id.ts";
import type { OperationBody } from "../spec/operations.ts";
import { ETHER } from "../spec/portals.ts";
import type { ServiceOffer } from "../spec/service-operations.ts";
import { openEngine, type Person, START_SEC, World } from "./arbitraries/world.ts";
import { PULL } from "./vectors/stories/escrow-scene.ts";
import { toHex } from "./vectors/transition-vectors.ts";

/** What queries tell of services and escrows (spec §9, §11.4, §12.10). */

const world = new World("escrow queries");
const [alice, bob] = [world.person("alice"), world.person("bob")];
const engine = await openEngine(world);
const offer = (fields: Partial<ServiceOffer>): ServiceOffer => ({
  ...{
    organization: "",
    groupId: new Uint8Array(0),
    tags: ["weather"],
    mode: "pull",
    token: ETHER,
  },
  ...{ price: 10n, paymentAddress: alice.address, endpoints: ["https://a.example/"] },
  ...{ streamId: 0, groups: 0, ...fields },
});
const publish = (name: string, fields: Partial<ServiceOffer> = {}): OperationBody => ({
  ...{ kind: "publish_service", name, offer: offer(fields) },
});
/** Applies all of it, and gives the identifiers of the escrows that it opened, as text. */
function act(person: Person, ...bodies: OperationBody[]): string[] {
  const result = engine.apply(world.bySender(person, ...bodies));
  expect(result).toMatchObject({ status: "accepted", reports: [] });
  const { escrows } = engine.query({ query: "escrows", buyer: toHex(bob.address) });
  return (escrows as { escrow_id: string }[]).map(({ escrow_id }) => escrow_id);
}
const idOf = (text: string): Uint8Array =>
  Uint8Array.from(Buffer.from(text.split("0x")[1]!, "hex"));

engine.apply(world.depositEther(bob, 1_000n));
act(
  alice,
  publish("b", { price: 20n }),
  publish("a", { price: 10n }),
  publish("c", { price: 10n }),
);
act(
  alice,
  publish("dear", { price: 30n }),
  publish("sessions", { mode: "pubsub" }),
  publish("gone", { price: 1n }),
  { kind: "withdraw_service", serviceId: 6 },
  { kind: "update_service", serviceId: 4, offer: offer({ price: 5n, tags: ["weather", "new"] }) },
);
const ids = act(
  bob,
  { kind: "open_escrow", serviceId: 2, version: 1, amount: 30n, terms: PULL },
  { kind: "open_escrow", serviceId: 2, version: 1, amount: 15n, terms: PULL },
  {
    ...{ kind: "open_intent", tag: "weather", mode: "pull", token: ETHER, ceiling: 12n },
    ...{ acceptTimeSec: 30, providers: [], amount: 40n, terms: PULL },
  },
);
const deliver: OperationBody = {
  ...{ kind: "deliver_unit", escrowId: idOf(ids[0]!), unit: 1, batchId: 0 },
  commitment: new Uint8Array(32).fill(1),
};

describe("discover", () => {
  const discover = (fields: object = {}) =>
    engine.query({
      query: "discover",
      tag: "weather",
      mode: "pull",
      token: toHex(ETHER),
      ...fields,
    });
  const found = (answer: Record<string, unknown>) =>
    (answer.services as { service_id: number }[]).map(({ service_id }) => service_id);

  test("gives the cheapest first, then the oldest, without the withdrawn and the outdated", () => {
    expect(found(discover())).toEqual([4, 2, 3, 1]);
    expect(found(discover({ mode: "pubsub" }))).toEqual([5]);
    expect(found(discover({ tag: "new" }))).toEqual([4]);
    expect(found(discover({ tag: "nothing" }))).toEqual([]);
    expect(found(discover({ token: toHex(alice.address) }))).toEqual([]);
  });

  test("keeps to a ceiling, and goes on behind a page", () => {
    expect(found(discover({ price_max: "10" }))).toEqual([4, 2, 3]);
    expect(found(discover({ price_max: "4" }))).toEqual([]);
    const first = discover({ limit: 2 });
    expect(first.next).toEqual({ price: "10", service_id: 2 });
    const second = discover({ limit: 2, after: first.next });
    expect(found(second)).toEqual([3, 1]);
    expect(discover({ limit: 2, after: second.next })).toEqual({ services: [], next: null });
  });

  test("shows endpoints and the provider's counted facts", () => {
    const [service] = discover({ limit: 1 }).services as Record<string, unknown>[];
    expect(service).toMatchObject({
      ...{ name: "dear", version: 2, current_version: 2, price: "5", tags: ["weather", "new"] },
      endpoints: ["https://a.example/"],
      facts: { released: 0, refunded: 0, lapsed: 0, challenged: 0 },
    });
  });

  test.each([
    [{ price_max: "-1" }, /no amount/],
    [{ price_max: 10 }, /no string/],
    [{ price_max: (2n ** 256n).toString() }, /no amount/],
    [{ mode: "push" }, /pull, pubsub/],
    [{ after: 3 }, /no object/],
    [{ after: { price: "1" } }, /service_id/],
  ])("refuses %j", (fields, message) => {
    expect(discover(fields).error).toMatch(message);
  });
});

test("a service is found by name, in any version", () => {
  const query = { query: "service", provider: toHex(alice.address), name: "dear" };
  expect(engine.query(query)).toMatchObject({ service_id: 4, version: 2, price: "5" });
  const first = engine.query({ query: "service", service_id: 4, version: 1 });
  expect(first).toMatchObject({ version: 1, current_version: 2, price: "30" });
  expect(engine.query({ ...query, version: 3 }).error).toMatch(/no such version/);
  const { services, next } = engine.query({
    ...{ query: "services", provider: toHex(alice.address), after: 4, limit: 2 },
  });
  expect([services, next]).toMatchObject([
    [{ service_id: 5 }, { service_id: 6, is_withdrawn: true }],
    6,
  ]);
});

describe("escrows", () => {
  const list = (fields: object) =>
    (engine.query({ query: "escrows", ...fields }).escrows as { escrow_id: string }[]).map(
      ({ escrow_id }) => escrow_id,
    );
  const get = (escrow_id: string, now?: number) =>
    engine.query({ query: "escrow", escrow_id, now });

  test("are listed by party and state", () => {
    const buyer = toHex(bob.address);
    expect(list({ buyer })).toEqual(ids);
    expect(list({ buyer, status: "offered" })).toEqual([ids[2]]);
    expect(list({ buyer, after: 1, limit: 1 })).toEqual([ids[1]]);
    expect(list({ provider: toHex(alice.address), status: "active" })).toEqual(ids.slice(0, 2));
    expect(list({ provider: buyer })).toEqual([]);
    expect(engine.query({ query: "intents", tag: "weather" })).toMatchObject({
      ...{ escrows: [{ escrow_id: ids[2], provider: null, price: null }], next: null },
    });
    expect(engine.query({ query: "intents", tag: "wind" }).escrows).toEqual([]);
    expect(engine.query({ query: "escrows" }).error).toMatch(/name one of/);
  });

  test("go by the text of their kind only", () => {
    expect(get(ids[0]!)).toMatchObject({
      status: "active",
      held: "30",
      price: "10",
      kind: "standard",
    });
    expect(get(formatEscrowId("intent", idOf(ids[0]!))).error).toMatch(/no such escrow/);
    expect(get("0x00").error).toMatch(/expected standard/);
  });

  test("say what is due, and a poke does that", () => {
    act(alice, deliver);
    const far = START_SEC + 1_000;
    expect(get(ids[0]!, START_SEC + 10).due).toBe(null);
    expect(get(ids[0]!, far).due).toBe("accepted");
    expect(get(ids[1]!, far).due).toBe("expired");
    expect(get(ids[2]!, far).due).toBe("expired");
    world.timestampSec = far;
    act(bob, ...ids.map((id) => ({ kind: "poke_escrow", escrowId: idOf(id) }) as const));
    expect(engine.query({ query: "intents", tag: "weather" }).escrows).toEqual([]);
    expect(get(ids[0]!)).toMatchObject({
      status: "active",
      paid_units: 1,
      held: "20",
      proof: null,
    });
    expect(get(ids[2]!)).toMatchObject({ status: "expired", held: "0", deadline: null });
    const token = engine.query({ query: "token", token: toHex(ETHER) });
    expect(token).toMatchObject({ deposited: "1000", in_balances: "980", in_escrows: "20" });
    act(alice, { kind: "end_escrow", escrowId: idOf(ids[0]!) });
    expect(engine.query({ query: "provider", provider: toHex(alice.address) })).toMatchObject({
      ...{ released: 1, refunded: 0, lapsed: 0, challenged: 0 },
    });
  });
});
