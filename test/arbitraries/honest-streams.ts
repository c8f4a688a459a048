import { utf8ToBytes } from "@noble/hashes/utils.js";
import type { HistoryInput } from "../../node-client/history/history-lines.ts";
import { computeEpochKeyHash } from "../../spec/grant-keys.ts";
import type { OperationBody } from "../../spec/operations.ts";
import type { Metric } from "../../spec/readings.ts";
import { textHeavyMetrics } from "./readings.ts";
import { crypto, openWorld, type PersonWithKey, possessionOf, signerAt } from "./shared-keys.ts";
import { metric, type World } from "./world.ts";

/**
 * Streams of an owner who never sends anything else: whatever is done to the payloads of the
 * others, these stay open to batches that their devices truly signed.
 */
export interface HonestStream {
  readonly deviceId: number;
  readonly streamId: number;
  /** Index into the shared signers. */
  readonly signer: number;
  readonly metrics: readonly Metric[];
  /** One a key group; empty for an open stream. */
  readonly epochKeys: readonly Uint8Array[];
}

const DEVICES = 3;
const streamOwner: PersonWithKey = {
  ...openWorld().person("owner"),
  secret: new Uint8Array(32),
};
const epochKey = (group: number): Uint8Array => crypto.sha256(utf8ToBytes(`honest ${group}`));

const MIXED: readonly Metric[] = [
  metric("a", { scale: 2, minimum: -4_000, maximum: 12_000 }),
  metric("sky", { kind: "text" }),
  metric("wide", { minimum: -(2 ** 49), maximum: 2 ** 49 }),
];
const MANY: readonly Metric[] = Array.from({ length: 28 }, (_, i) =>
  metric(`m${i}`, { minimum: -(2 ** 49), maximum: 2 ** 49 }),
);
const GROUPED: readonly Metric[] = MIXED.map((each, group) => ({ ...each, group }));

/** Metrics and the number of key groups; 0 for an open stream. */
const SHAPES: readonly (readonly [metrics: readonly Metric[], groups: number])[] = [
  [[metric("only")], 0],
  [MIXED, 0],
  [MANY, 0],
  [textHeavyMetrics(), 0],
  [GROUPED, 3],
  [textHeavyMetrics(), 1],
];

/**
 * The inputs that declare them on a state whose next identifiers are given, and the streams.
 *
 * @param firstSigner The first of the shared signers that no device has.
 */
export function buildHonestStreams(
  world: World,
  next: { readonly deviceId: number; readonly streamId: number },
  firstSigner: number,
): { readonly inputs: readonly HistoryInput[]; readonly streams: readonly HonestStream[] } {
  const registrations = Array.from({ length: DEVICES }, (_, i): OperationBody => {
    const { key } = signerAt(firstSigner + i);
    return { kind: "register_device", key, possession: possessionOf(streamOwner, firstSigner + i) };
  });
  const streams = SHAPES.map(([metrics, groups], i) => ({
    deviceId: next.deviceId + (i % DEVICES),
    streamId: next.streamId + i,
    signer: firstSigner + (i % DEVICES),
    metrics,
    epochKeys: Array.from({ length: groups }, (_, group) => epochKey(group)),
  }));
  const declarations = streams.map(({ deviceId, metrics, epochKeys }, i): OperationBody => {
    const epochKeyHashes = epochKeys.map((key) => computeEpochKeyHash(crypto, key));
    const isSealed = epochKeys.length > 0;
    return {
      kind: "declare_stream",
      deviceId,
      name: `honest ${i}`,
      isSealed,
      retentionSec: 0,
      metrics,
      epochKeyHashes,
    };
  });
  const inputs = [
    world.bySender(streamOwner, ...registrations),
    world.bySender(streamOwner, ...declarations),
  ];
  return { inputs, streams };
}
