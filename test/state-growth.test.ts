import { beforeAll, expect, test } from "vitest";
import { createNodeCrypto } from "../dapp/crypto/node-crypto.ts";
import { openStore } from "../dapp/store/sql-store.ts";
import { encodePlainEnvelope } from "../spec/envelope.ts";
import type { EscrowTerms } from "../spec/escrow-operations.ts";
import {
  GROWTH_PER_PAYLOAD_BYTE,
  KEY_GROUPS_MAX,
  METRICS_MAX,
  OPERATIONS_MAX,
  TAGS_MAX,
} from "../spec/limits.ts";
import type { OperationBody } from "../spec/operations.ts";
import { ETHER } from "../spec/portals.ts";
import {
  bySender,
  type Engine,
  metric,
  openEngine,
  type Person,
  World,
} from "./arbitraries/world.ts";

/** What an operation adds to the state, in SQLite's pages, against the calldata that it takes. */

const crypto = await createNodeCrypto();
const world = new World("growth", crypto);
const alice = world.person("alice");
const RICH = 10n ** 30n;
const OPERATIONS = 2_048;
/** From here on slugs of three characters are all distinct. */
const FIRST_SLUG = 1_300;

/** The most that pages take of what the rows weigh (spec §14.1). */
const PAGES_PER_WEIGHT = 2.5;

/** Bytes that no two operations share, as short as they get. */
const fresh = (size: number): Uint8Array => world.random(size);
/** Distinct slugs, the shortest first. */
const slug = (n: number): string => n.toString(36);

const TERMS: EscrowTerms = {
  ...{ unitCount: 1, deliveryTimeSec: 100, answerTimeSec: 100, arbiter: ETHER },
  ...{ arbitrationTimeSec: 0, autoFillLimit: 0n, durationSec: 0, expectedMsgs: 0 },
  ...{ minMsgCount: 0, minValidBasisPoints: 0, autoRenew: false, predicate: new Uint8Array(0) },
};

/** Whoever grows the state most by each kind: everything that it names is new. */
const GROWTHS: Readonly<Record<string, (n: number) => OperationBody>> = {
  transfer: () => ({ kind: "transfer", token: ETHER, to: fresh(20), amount: 1n }),
  set_low_balance: () => ({ kind: "set_low_balance", token: fresh(20), threshold: 1n }),
  "declare_stream, a metric": (n) => ({
    ...{ kind: "declare_stream", deviceId: 1, name: slug(n), isSealed: false, retentionSec: 0 },
    ...{ metrics: [metric("a", { minimum: 0, maximum: 1 })], epochKeyHashes: [] },
  }),
  "declare_stream, most metrics": (n) => ({
    ...{
      kind: "declare_stream",
      deviceId: 1,
      name: `m${slug(n)}`,
      isSealed: false,
      retentionSec: 0,
    },
    metrics: Array.from({ length: METRICS_MAX }, (_, i) =>
      metric(`m${slug(i)}`, { minimum: 0, maximum: 0 }),
    ),
    epochKeyHashes: [],
  }),
  "declare_stream, sealed": (n) => ({
    ...{
      kind: "declare_stream",
      deviceId: 1,
      name: `s${slug(n)}`,
      isSealed: true,
      retentionSec: 0,
    },
    metrics: Array.from({ length: KEY_GROUPS_MAX }, (_, group) =>
      metric(slug(group), { minimum: 0, maximum: 0, group }),
    ),
    epochKeyHashes: Array.from({ length: KEY_GROUPS_MAX }, () => fresh(32)),
  }),
  open_channel: () => ({
    ...{ kind: "open_channel", recipient: fresh(20), signer: fresh(20), groupId: fresh(32) },
    ...{ token: ETHER, value: 1n, expirationBlock: 1, payments: "mpe", lanes: 0 },
  }),
  put_organization: (n) => ({ kind: "put_organization", organization: slug(n), name: "a" }),
  put_payment_group: () => ({
    ...{ kind: "put_payment_group", organization: "0", groupId: fresh(32), name: "a" },
    ...{ paymentAddress: fresh(20), endpoints: [] },
  }),
  "put_payment_group, endpoints": (n) => ({
    ...{ kind: "put_payment_group", organization: "0", groupId: fresh(32), name: "a" },
    paymentAddress: fresh(20),
    endpoints: Array.from({ length: 3 + (n % 3) }, (_, i) => `${i}`.padEnd(240, "x")),
  }),
  "publish_service, a tag": (n) => publish(n, 1),
  "publish_service, most tags": (n) => publish(n, TAGS_MAX),
  "update_service, most tags": () => {
    const { offer } = publish(0, TAGS_MAX);
    return { kind: "update_service", serviceId: 1, offer };
  },
  open_escrow: () => ({ kind: "open_escrow", serviceId: 2, version: 1, amount: 1n, terms: TERMS }),
  "open_escrow, an arbiter": () => ({
    ...{ kind: "open_escrow", serviceId: 2, version: 1, amount: 1n },
    terms: { ...TERMS, arbiter: fresh(20), arbitrationTimeSec: 1 },
  }),
  open_intent: (n) => ({
    ...{ kind: "open_intent", tag: slug(n), mode: "pull", token: ETHER, ceiling: 1n },
    ...{ acceptTimeSec: 1, providers: [], amount: 1n, terms: TERMS },
  }),
};

function publish(n: number, tagCount: number): OperationBody & { kind: "publish_service" } {
  const tags = Array.from({ length: tagCount }, (_, i) => slug(n * tagCount + i));
  return {
    kind: "publish_service",
    name: `${tagCount}${slug(n)}`,
    offer: {
      ...{ organization: "", groupId: new Uint8Array(0), tags, mode: "pull", token: fresh(20) },
      ...{ price: 1n, paymentAddress: fresh(20), endpoints: [], streamId: 0, groups: 0 },
    },
  };
}

const PAYLOAD_TARGET = 60_000;

/** Bytes that inputs of one operation add, with as many of it in each as fit. */
function measure(sender: Person, make: (n: number) => OperationBody) {
  const { store } = engine;
  const [pagesBefore, weightBefore] = [store.countBytes(), store.getWeight()];
  let payload = 0;
  let n = FIRST_SLUG;
  for (let done = 0; done < OPERATIONS; ) {
    const bodies: OperationBody[] = [];
    let size = 0;
    for (let body = make(n); bodies.length < OPERATIONS_MAX; body = make(++n)) {
      size += encodePlainEnvelope([bySender(body)]).length;
      if (size > PAYLOAD_TARGET) break;
      bodies.push(body);
    }
    const input = world.bySender(sender, ...bodies);
    expect(engine.apply(input).reports).toEqual([]);
    payload += input.payload.length;
    done += bodies.length;
  }
  const pages = store.countBytes() - pagesBefore;
  return { pages, weight: store.getWeight() - weightBefore, payload };
}

let engine: Engine;
beforeAll(async () => {
  engine = await openEngine(world, crypto);
  const device = world.device();
  const bob = world.person("bob");
  const offered = publish(0, 1);
  for (const input of [
    world.depositEther(alice, RICH),
    world.depositEther(bob, RICH),
    world.bySender(alice, world.registerDevice(alice, device)),
    world.bySender(alice, { kind: "put_organization", organization: "0", name: "a" }),
    world.bySender(alice, { ...offered, name: "one" }),
    world.bySender(bob, { ...offered, name: "two", offer: { ...offered.offer, token: ETHER } }),
  ]) {
    expect(engine.apply(input).reports).toEqual([]);
  }
});

test.for(Object.entries(GROWTHS))("%s adds four bytes a byte of calldata at most", ([, make]) => {
  const { pages, weight, payload } = measure(alice, make);
  expect(weight).toBeGreaterThan(0);
  expect(weight / payload).toBeLessThanOrEqual(GROWTH_PER_PAYLOAD_BYTE);
  expect(pages).toBeLessThanOrEqual(weight);
});

test("a row whose text gets shorter leaves no page half empty", () => {
  const { store } = engine;
  const groups = Array.from({ length: 3_000 }, () => fresh(32));
  const put = (endpoints: readonly string[]): void => {
    for (let at = 0; at < groups.length; at += 30) {
      const bodies = groups.slice(at, at + 30).map(
        (groupId): OperationBody => ({
          ...{ kind: "put_payment_group", organization: "0", groupId, name: "a" },
          ...{ paymentAddress: fresh(20), endpoints },
        }),
      );
      expect(engine.apply(world.bySender(alice, ...bodies)).reports).toEqual([]);
    }
  };
  const [pagesBefore, weightBefore] = [store.countBytes(), store.getWeight()];
  put(Array.from({ length: 4 }, (_, i) => `${i}`.padEnd(220, "x")));
  put([]);
  const weight = store.getWeight() - weightBefore;
  expect(store.countBytes() - pagesBefore).toBeLessThanOrEqual(PAGES_PER_WEIGHT * weight);
});

test("batches large and small in turn stay within their weight", async () => {
  const state = await openStore(crypto);
  const row = (batchId: number, size: number) => ({
    ...{ batchId, streamId: 1, epoch: 0, firstSequence: batchId, readingCount: 1 },
    ...{ firstTimeSec: 0, lastTimeSec: 0, isBreak: false, batchHash: fresh(32) },
    ...{ previousHash: fresh(32), commitment: fresh(32), salt: fresh(16), openingKey: fresh(32) },
    acceptedAtSec: 1,
    ...{ body: new Uint8Array(size), disprovedGroup: null },
  });
  const pagesBefore = state.countBytes();
  state.begin();
  for (let i = 1; i <= 2_000; i++) state.batches.insert(row(i, i % 2 === 0 ? 10 : 3_742));
  state.commit();
  expect(state.countBytes() - pagesBefore).toBeLessThanOrEqual(
    PAGES_PER_WEIGHT * state.getWeight(),
  );
  state.close();
});
