import {
  AMOUNT_MAX,
  COUNTER_MAX,
  EPOCH_MAX,
  METRIC_VALUE_MAX,
  RETENTION_SEC_MAX,
} from "../../spec/limits.ts";
import type { SignableBody } from "../../spec/operations.ts";
import { ETHER } from "../../spec/portals.ts";
import type { Metric } from "../../spec/readings.ts";
import { TOKENS } from "./expected-state.ts";
import type { SeededRng } from "./seeded-rng.ts";
import { PEOPLE, possessionOf, signerAt } from "./shared-keys.ts";
import { metric } from "./world.ts";

const AMOUNTS = [0n, 1n, 2n ** 64n, AMOUNT_MAX - 1n, AMOUNT_MAX] as const;
const COUNTERS = [0, 1, 2, 7, 2 ** 32, COUNTER_MAX - 1, COUNTER_MAX] as const;
/** At, below and above the bounds of names; right-to-left, combined and zero-width ones. */
const NAMES = [
  "",
  "n",
  "x".repeat(64),
  "x".repeat(65),
  "霧".repeat(21),
  "霧".repeat(22),
  "\u202egnp.exe",
  "e\u0301\u200d",
  "inner\ufeffmark",
  "__proto__",
  "' OR 1=1 --",
  "\u007f",
] as const;

/** Small-order and non-canonical points of X25519, which no key exchange may take. */
const POINTS = [
  new Uint8Array(32),
  new Uint8Array(32).fill(0xff),
  Uint8Array.of(1, ...new Uint8Array(31)),
  Uint8Array.of(0xec, ...new Uint8Array(30).fill(0xff), 0x7f),
] as const;

/**
 * An operation of the right shape with values from the ends of their ranges.
 *
 * @param ownDevice A device of the actor, so that it is the values that are judged.
 */
export function extremeBody(rng: SeededRng, ownDevice?: number): SignableBody {
  const amount = rng.pick(AMOUNTS);
  const token = rng.chance(2) ? rng.pick(TOKENS) : rng.bytes(20);
  const to = rng.pick([ETHER, rng.pick(PEOPLE).address, rng.bytes(20)]);
  const streamId = rng.pick(COUNTERS);
  const deviceId = ownDevice ?? rng.pick(COUNTERS);
  const epoch = rng.pick([0, 1, 2, EPOCH_MAX - 1, EPOCH_MAX]);
  const hashes = Array.from({ length: rng.below(17) }, () => rng.bytes(32));
  switch (rng.below(13)) {
    case 0:
      return { kind: "transfer", token, to, amount };
    case 1:
      return { kind: "withdraw", token, recipient: to, amount };
    case 2:
      return { kind: "register_device", ...extremeKey(rng) };
    case 3:
      return { kind: "rotate_device_key", deviceId, ...extremeKey(rng) };
    case 4:
      return { kind: "revoke_device", deviceId: rng.pick([0, 2 ** 32, COUNTER_MAX]) };
    case 5:
    case 6:
      return declaration(rng, deviceId, hashes);
    case 7:
      return { kind: "register_encryption_key", key: rng.pick(POINTS) };
    case 8:
      return { kind: "rotate_epoch", streamId, epoch, epochKeyHashes: hashes };
    case 9: {
      const groups = rng.pick([0, 1, 2, 2 ** 15, 2 ** 16 - 1]);
      const expiresAtSec = rng.pick([0, 2 ** 31, 2 ** 32, 2 ** 40 - 1]);
      const wrappedKeys = rng.bytes(rng.pick([32, 80, 128, 800]));
      return { kind: "grant", streamId, epoch, groups, buyer: to, expiresAtSec, wrappedKeys };
    }
    case 10:
      return { kind: "revoke_grant", streamId, epoch, buyer: to };
    case 11:
      return { kind: "poke_retention" };
    default: {
      const batchKey = rng.bytes(32);
      return {
        ...{ kind: "challenge", batchId: rng.below(300), group: rng.below(16), batchKey },
        ...{ salt: rng.bytes(rng.pick([0, 16])), body: rng.bytes(rng.below(40)) },
      };
    }
  }
}

/** Keys that are no points, of known and unknown types. */
function extremeKey(rng: SeededRng): { key: Uint8Array; possession: Uint8Array } {
  const prefix = rng.pick([
    [0xed, 0x01],
    [0x80, 0x24],
    [0xe7, 0x01],
    [0x12, 0x05],
  ]);
  const fill = rng.pick([0, 1, 2, 3, 0x7f, 0xff]);
  const length = rng.between(32, 33);
  const raw = rng.chance(2) ? rng.bytes(length) : new Uint8Array(length).fill(fill);
  if (rng.chance(2)) raw[0] = rng.pick([2, 3, 4]);
  // Now and then a true key, with a signature of nothing or of somebody else's claim.
  if (rng.chance(5)) {
    const index = rng.below(12);
    const possession = possessionOf(rng.pick(PEOPLE), index);
    return { key: signerAt(index).key, possession };
  }
  const possession = new Uint8Array(64).fill(rng.pick([0, 1, 0xff]));
  return { key: Uint8Array.of(...prefix, ...raw), possession };
}

function declaration(rng: SeededRng, deviceId: number, epochKeyHashes: Uint8Array[]): SignableBody {
  const bounds = [-METRIC_VALUE_MAX, -1, 0, 1, METRIC_VALUE_MAX] as const;
  const metrics: Metric[] = Array.from({ length: rng.pick([0, 1, 2, 16, 32]) }, (_, i) => {
    const name = rng.chance(6) ? rng.pick(NAMES) : `m${i}`;
    const unit = rng.chance(6) ? rng.pick(NAMES) : "";
    const fields = { unit, scale: rng.pick([0, 12]), group: rng.pick([0, 0, 0, i % 16]) };
    const kind = rng.chance(4) ? "text" : "integer";
    return metric(name, {
      ...fields,
      kind,
      minimum: rng.pick(bounds),
      maximum: rng.pick(bounds),
    });
  });
  return {
    kind: "declare_stream",
    deviceId,
    name: rng.pick(NAMES),
    isSealed: rng.chance(2),
    retentionSec: rng.pick([0, 0, 1, RETENTION_SEC_MAX]),
    metrics,
    epochKeyHashes: rng.chance(2) ? [] : epochKeyHashes,
  };
}
