import { expect, test } from "vitest";
import { createNodeCrypto } from "../dapp/crypto/node-crypto.ts";
import type { OperationBody } from "../spec/operations.ts";
import { ETHER } from "../spec/portals.ts";
import {
  bySender,
  type Engine,
  integers,
  metric,
  openEngine,
  refusalsOf,
  signedBy,
  World,
} from "./arbitraries/world.ts";

/** A state of little room (spec §14), where vectors would need many inputs. */

const crypto = await createNodeCrypto();
const STATE_BYTES_MAX = 9_000;
const RETENTION_SEC = 100;
const METRICS = [metric("a")];
const organization = (n: number): OperationBody => ({
  ...{ kind: "put_organization", organization: `o${n}`, name: "x" },
});

/** One batch of a stream that keeps bodies for a while, in a state that is full otherwise. */
async function openFull() {
  const world = new World("full", crypto);
  const engine = await openEngine(world, crypto, STATE_BYTES_MAX);
  const alice = world.person("alice");
  const device = world.device();
  const stream: OperationBody = {
    ...{ kind: "declare_stream", deviceId: 1, name: "s", isSealed: false },
    ...{ retentionSec: RETENTION_SEC, metrics: METRICS, epochKeyHashes: [] },
  };
  const writer = world.writer(device, { deviceId: 1, streamId: 1, metrics: METRICS });
  const apply = (input: Parameters<Engine["apply"]>[0]) => refusalsOf(engine.apply(input));
  expect(apply(world.depositEther(alice, 10n ** 18n))).toEqual([]);
  const setUp = [world.registerDevice(alice, device), stream, ...[1, 2, 3, 4].map(organization)];
  expect(apply(world.bySender(alice, ...setUp))).toEqual([]);
  let n = 5;
  // Above half of the bound, so that the batch is bonded.
  while (engine.store.getWeight() < STATE_BYTES_MAX / 2) {
    expect(apply(world.bySender(alice, organization(n++)))).toEqual([]);
  }
  const batch = writer.write(Float64Array.of(1_700_000_000), [integers(7)]);
  expect(apply(world.send(alice, batch.operation))).toEqual([]);
  while (apply(world.bySender(alice, organization(n++))).length === 0);
  return { world, engine, alice, apply, next: () => organization(n++) };
}

test("what a stream retains gives its bond back as it leaves", async () => {
  const { world, engine, alice, apply, next } = await openFull();
  const bondOf = () => engine.store.bonds.get(alice.address)!;
  const { bytes, locked } = bondOf();
  expect(engine.store.batchBonds.get(1)?.account).toEqual(alice.address);
  world.timestampSec += RETENTION_SEC;
  expect(apply(world.bySender(alice, { kind: "poke_retention" }))).toEqual([]);
  const archived = bondOf();
  expect(archived.bytes).toBeLessThan(bytes);
  expect(archived.released).toBeGreaterThan(0n);
  expect(archived.locked + archived.released).toBe(locked);
  world.timestampSec += RETENTION_SEC;
  expect(apply(world.bySender(alice, { kind: "poke_retention" }))).toEqual([]);
  expect(bondOf().bytes).toBeLessThan(archived.bytes);
  expect(engine.store.batchBonds.get(1)).toBeUndefined();
  const released = bondOf().released;
  expect(apply(world.bySender(alice, { kind: "withdraw_bond" }))).toEqual([]);
  expect(bondOf()).toMatchObject({ released: 0n });
  const { inBonds } = engine.store.tokens.get(ETHER)!;
  expect(inBonds).toBe(locked - released);
  // What has gone is room for others.
  expect(apply(world.bySender(alice, next()))).toEqual([]);
});

test("relayed pokes add no rows beyond the bound", async () => {
  const { world, engine, alice, apply } = await openFull();
  world.timestampSec += RETENTION_SEC;
  const pokes = await Promise.all(
    Array.from({ length: 30 }, (_, i) =>
      signedBy(world.person(`poker ${i}`), 0, { kind: "poke_retention" }),
    ),
  );
  const refused = apply(world.send(alice, bySender({ kind: "poke_retention" }), ...pokes));
  expect(new Set(refused)).toEqual(new Set(["state_full"]));
  expect(engine.store.getWeight()).toBeLessThanOrEqual(STATE_BYTES_MAX);
});
