import { bytesToHex, concatBytes, utf8ToBytes } from "@noble/hashes/utils.js";
import { encodeDid } from "../../spec/device-key.ts";
import { encodeEvmAdvance } from "../../spec/evm-advance.ts";
import { INSPECT_BYTES_MAX } from "../../spec/limits.ts";
import type { SeededRng } from "./seeded-rng.ts";
import { PEOPLE, signerAt } from "./shared-keys.ts";

/** Queries as nobody means them: what the inspect API hands on is any bytes of anybody. */

/** Every query with the fields that it may read. */
const QUERIES = {
  root: [],
  balance: ["account", "token"],
  account: ["account"],
  token: ["token"],
  device: ["device_id"],
  devices: ["owner", "after", "limit"],
  stream: ["stream_id", "epoch"],
  streams: ["device_id", "after", "limit"],
  latest: ["stream_id", "limit"],
  readings: ["stream_id", "from_sequence", "limit"],
  statistics: ["stream_id", "metric", "from", "to", "bucket", "from_sequence"],
  batch: ["batch_id"],
  batches: ["stream_id", "from_sequence", "limit"],
  batch_key: ["batch_id"],
  proof: ["stream_id", "sequence"],
  archived_batch: ["input", "operation", "batch_id", "leaf_index", "path"],
  grants: ["buyer", "now", "after", "limit"],
} as const satisfies Record<string, readonly string[]>;
/** Names that an object has without being given them. */
const INHERITED = [
  "__proto__",
  "constructor",
  "toString",
  "hasOwnProperty",
  "valueOf",
  "prototype",
  "length",
] as const;
const FIELDS = [...new Set([...Object.values(QUERIES).flat(), "did", "name"])];

export function hostileQuery(rng: SeededRng): Uint8Array {
  switch (rng.below(12)) {
    case 0:
      return rng.bytes(rng.below(300));
    case 1:
      return utf8ToBytes(rng.pick(["", "null", "[]", "0", '"root"', "{}", "[{}]", "true", "{"]));
    case 2: // Deep, or long, or both.
      return utf8ToBytes(rng.pick(["[", '{"query":', '{"a":[']).repeat(rng.below(5_000)));
    case 3: {
      const size = INSPECT_BYTES_MAX + rng.pick([-30, 0, 1, 100, 100_000]);
      return utf8ToBytes(`{"query":"${"x".repeat(Math.max(0, size - 12))}"}`);
    }
    case 4: {
      const name = rng.pick(INHERITED);
      return utf8ToBytes(`{"${name}":{"query":"root"},"query":"${rng.pick(INHERITED)}"}`);
    }
    case 5: // A byte order mark, a byte that is no UTF-8, a lone surrogate.
      return concatBytes(
        rng.pick([
          Uint8Array.of(0xef, 0xbb, 0xbf),
          Uint8Array.of(0xff),
          Uint8Array.of(0xed, 0xa0, 0x80),
        ]),
        utf8ToBytes('{"query":"root"}'),
      );
    default:
      return utf8ToBytes(stringify(rng));
  }
}

/** A query that exists, or nearly, mostly with its fields. Written by hand: keys may repeat. */
function stringify(rng: SeededRng): string {
  const [query, own] = rng.pick(Object.entries(QUERIES));
  const name = rng.chance(20) ? rng.pick(INHERITED) : query;
  const fields = own.filter(() => !rng.chance(10)) as string[];
  for (let i = rng.pick([0, 0, 1, 3]); i > 0; i--) fields.push(rng.pick(FIELDS));
  if (rng.chance(30)) fields.push(rng.pick(INHERITED));
  const pairs = fields.map((field) => `"${field}":${fieldValue(rng, field)}`);
  return `{${[`"query":"${name}"`, ...pairs].join(",")}}`;
}

const SCALARS = [
  "-1",
  "-0",
  "1.5",
  "1e400",
  "9007199254740991",
  "9007199254740993",
  "null",
  "true",
  "[]",
  "{}",
  '"1"',
  '"\\ud800"',
  '{"__proto__":1}',
] as const;

/** Inputs of the chain: one without an operation, and bytes that are none. */
const ADVANCES = [
  encodeEvmAdvance(
    {
      ...{ chainId: 31_337n, app: new Uint8Array(20), sender: PEOPLE[0]!.address },
      ...{ blockNumber: 1, timestampSec: 1, prevRandao: new Uint8Array(32), inputIndex: 0 },
    },
    Uint8Array.of(1, 0x90),
  ),
  Uint8Array.of(0x41, 0x5b, 0xf3, 0x63),
];

/** Right more often than not, so that a query is answered; else anything. */
function fieldValue(rng: SeededRng, name: string): string {
  if (rng.chance(12)) return rng.pick(SCALARS);
  switch (name) {
    case "account":
    case "owner":
    case "buyer":
      return `"0x${bytesToHex(rng.pick(PEOPLE).address)}"`;
    case "token":
      return `"0x${rng.pick(["00", "70", "7g", "70"]).repeat(rng.pick([20, 20, 20, 19, 21]))}"`;
    case "did":
      return `"${rng.pick([encodeDid(signerAt(rng.below(60)).key), "did:key:z0", "did:web:a"])}"`;
    case "name":
      return `"${rng.pick(["weather 1", "Wetter 2", "honest 1", "\\u0000", "' OR 1=1 --", "x".repeat(5_000)])}"`;
    case "metric":
      return `"${rng.pick(["a", "only", "m3", "sky", "wide", "__proto__"])}"`;
    case "bucket":
      return `"${rng.pick(["hour", "day", "constructor", "year"])}"`;
    case "from":
    case "to":
      return String(rng.pick([0, 1_600_000_000, 1_700_000_000, 1_700_003_600, 2 ** 53 - 1]));
    case "input":
      return `"0x${bytesToHex(concatBytes(rng.pick(ADVANCES), rng.bytes(rng.pick([0, 0, 1]))))}"`;
    case "path":
      return `[${`"0x${"ab".repeat(rng.pick([32, 32, 31]))}",`.repeat(rng.below(60))}"0x"]`;
    case "limit":
      return String(rng.pick([0, 1, 2, 256, 257]));
    default:
      return String(rng.chance(8) ? rng.pick([2 ** 32, 2 ** 48, 2 ** 53 - 1]) : rng.below(80));
  }
}
