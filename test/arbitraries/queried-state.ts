import { createNodeCrypto } from "../../dapp/crypto/node-crypto.ts";
import type { HistoryInput } from "../../node-client/history/history-lines.ts";
import { encodePossessionMessage } from "../../spec/device-key.ts";
import { computeEpochKeyHash } from "../../spec/grant-keys.ts";
import type { BodyOf, OperationBody } from "../../spec/operations.ts";
import { ETHER } from "../../spec/portals.ts";
import { integers, metric, openEngine, refusalsOf, texts, World } from "./world.ts";

export const COIN = new Uint8Array(20).fill(0x70);
export const WEATHER = [
  metric("temperature", { unit: "Cel", scale: 2, minimum: -5_000, maximum: 6_000 }),
  metric("sky", { kind: "text" }),
];
export const HIDDEN = [metric("a"), metric("b", { unit: "V", group: 1 })];
export const HOUR_SEC = 3_600;
export const DAY_SEC = 24 * HOUR_SEC;
/** Around midnight of the third day: one reading before it, one at it, one an hour later. */
export const TIMES = Float64Array.of(2 * DAY_SEC, 2 * DAY_SEC - 1, 2 * DAY_SEC + HOUR_SEC);

/**
 * A small state whose every figure is known. Ada deposits 100 wei and 500 of a coin, gives Ben 30
 * wei and takes 20 coins out. Her device 1 has had two keys; device 2 is revoked; Ben owns device
 * 3. Stream 1 is open and holds the sequences 0 to 2 and 10 to 11, the latter behind a break;
 * stream 2 is sealed in two key groups, in its second epoch, and holds one reading in the first;
 * stream 3 is empty. Ben has bought both groups of stream 2's first epoch and group 1 of its
 * second, which was revoked.
 */
export async function openQueriedState() {
  const crypto = await createNodeCrypto();
  const world = new World("queries", crypto);
  const engine = await openEngine(world);
  const [ada, ben, cleo] = [world.person("ada"), world.person("ben"), world.person("cleo")];
  const [first, second] = [world.device(), world.device("p256")];
  const [third, benDevice] = [world.device("secp256k1"), world.device()];
  const epochKeys = [0, 1].map(() => [world.random(32), world.random(32)]);
  const keyHashes = epochKeys.map((keys) => keys.map((key) => computeEpochKeyHash(crypto, key)));
  const expiresAtSec = world.timestampSec + 1_000;

  const happens = (input: HistoryInput): void => {
    const result = engine.apply(input);
    if (result.status !== "accepted" || result.reports.length > 0) {
      throw new Error(`the state cannot be built: ${refusalsOf(result)}`);
    }
  };
  const declare = (name: string, metrics = WEATHER, epochKeyHashes: Uint8Array[] = []) => {
    const isSealed = epochKeyHashes.length > 0;
    const stream = { deviceId: 1, name, isSealed, retentionSec: 0, metrics, epochKeyHashes };
    return { kind: "declare_stream", ...stream } as const;
  };
  const possession = second.sign(encodePossessionMessage(world.at, ada.address, second.key));
  const grant = (epoch: number, groups: number) => {
    const fields = { streamId: 2, epoch, groups, epochKeys: epochKeys[epoch]!, expiresAtSec };
    return world.grant(ben, fields) as BodyOf<"grant">;
  };
  const grants = [grant(0, 0b11), grant(1, 0b10)];

  happens(world.depositEther(ada, 100n));
  happens(world.depositErc20(ada, COIN, 500n));
  const moves: readonly OperationBody[] = [
    { kind: "transfer", token: ETHER, to: ben.address, amount: 30n },
    { kind: "withdraw", token: COIN, recipient: ada.address, amount: 20n },
    world.registerDevice(ada, first),
    world.registerDevice(ada, third),
    { kind: "revoke_device", deviceId: 2 },
    declare("weather"),
    declare("hidden", HIDDEN, keyHashes[0]),
    declare("empty"),
  ];
  happens(world.bySender(ada, ...moves));
  happens(
    world.bySender(ben, world.registerDevice(ben, benDevice), {
      kind: "register_encryption_key",
      key: ben.encryptionKey,
    }),
  );
  const writer = world.writer(first, { deviceId: 1, streamId: 1, metrics: WEATHER });
  const open = [writer.write(TIMES, [integers(711, -5, null), texts("clear", null, "rain")])];
  const later = { deviceId: 1, streamId: 1, metrics: WEATHER, nextSequence: 10 };
  const behind = world.writer(second, later);
  open.push(
    behind.write(
      Float64Array.of(2 * DAY_SEC + 1, 9 * DAY_SEC),
      [integers(-1_000, 0), texts("rain", "")],
      2,
    ),
  );
  const hidden = { deviceId: 1, streamId: 2, metrics: HIDDEN, epochKeys: epochKeys[0]! };
  const sealed = world.writer(first, hidden).write(Float64Array.of(60), [integers(1), integers(2)]);
  happens(world.send(cleo, open[0]!.operation, sealed.operation));
  happens(
    world.bySender(
      ada,
      { kind: "rotate_device_key", deviceId: 1, key: second.key, possession },
      { kind: "rotate_epoch", streamId: 2, epoch: 1, epochKeyHashes: keyHashes[1]! },
      ...grants,
      { kind: "revoke_grant", streamId: 2, epoch: 1, buyer: ben.address },
    ),
  );
  happens(world.send(cleo, open[1]!.operation));
  return {
    ...{ crypto, world, engine, ada, ben, cleo, expiresAtSec, grants, keyHashes },
    ...{ first, second, third, open, sealed },
  };
}
