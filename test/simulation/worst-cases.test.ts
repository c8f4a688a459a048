import { afterAll, expect, test } from "vitest";
import { computeBatchKeyHash, deriveColumnKeys } from "../../spec/batch.ts";
import { encodeSealedBody } from "../../spec/batch-body.ts";
import { NOT_BROUGHT } from "../../spec/core-operations.ts";
import { OPERATIONS_MAX } from "../../spec/limits.ts";
import {
  falsePossessions,
  falseSignatures,
  fill,
  largeBatch,
  manyBatches,
  manyValues,
  single,
  unprovenDevices,
  wideBatchDeposit,
  wideDeclaration,
} from "../arbitraries/dear-inputs.ts";
import type { RawInput } from "../arbitraries/deposit-inputs.ts";
import { sealRaw } from "../arbitraries/faults.ts";
import type { HonestStream } from "../arbitraries/honest-streams.ts";
import { draftOf } from "../arbitraries/hostile-batches.ts";
import { SeededRng } from "../arbitraries/seeded-rng.ts";
import { crypto, MACHINE_KEY, PEOPLE, possessionOf, signerAt } from "../arbitraries/shared-keys.ts";
import { toSubmission } from "../arbitraries/stream-acts.ts";
import { bySender } from "../arbitraries/world.ts";
import { openHistoryEngine, PreparedState } from "./hostile-run.ts";
import { ResultInvariants } from "./result-invariants.ts";

/**
 * The dearest input of each kind that the bounds let through, and what it costs here. The emulated
 * core of the machine is many times slower, which is why the bound is far below a node's patience.
 */

const CPU_MS_MAX = 2_000;
const costs: string[] = [];
const rng = new SeededRng(9);
const eve = PEOPLE[4]!;
const engine = await openHistoryEngine();
const prepared = await PreparedState.build(9);
const { builder, streams } = prepared.putOn(engine);
const [only, mixed, many, heavy, , sealed] = streams as readonly [
  HonestStream,
  HonestStream,
  HonestStream,
  HonestStream,
  HonestStream,
  HonestStream,
];
const endOf = ({ streamId }: HonestStream) => engine.store.streams.get(streamId)!;
const nonceOf = () => engine.store.accounts.get(eve.address)?.nonce ?? 0;
const invariants = new ResultInvariants(engine);

/** Applies one input; the second of its kind counts, when the code is compiled. */
function apply({ sender, payload }: RawInput): { readonly status: string; readonly cpuMs: number } {
  const input = builder.world.raw(sender, payload);
  const before = process.cpuUsage();
  const result = engine.apply(input);
  const { user, system } = process.cpuUsage(before);
  invariants.observe(input, result);
  return { status: result.status, cpuMs: (user + system) / 1_000 };
}

const CASES: readonly (readonly [
  name: string,
  status: string,
  make: (turn: number) => RawInput,
])[] = [
  ["256 Ed25519 devices without proof", "rejected", () => unprovenDevices(0)],
  ["256 P-256 devices without proof", "rejected", () => unprovenDevices(1)],
  ["256 secp256k1 devices without proof", "rejected", () => unprovenDevices(2)],
  [
    "256 false account signatures",
    "rejected",
    () => falseSignatures({ kind: "revoke_device", deviceId: 1 }, nonceOf()),
  ],
  [
    "60 false signatures of 32 metrics",
    "rejected",
    () => falseSignatures(wideDeclaration(1, "wide"), nonceOf()),
  ],
  ["256 true accounts, false devices", "rejected", () => falsePossessions(nonceOf())],
  ["252 lists of 58 values", "rejected", () => manyValues()],
  ["1,010 ERC-1155 identifiers", "accepted", () => wideBatchDeposit()],
  [
    "60 declarations of 32 metrics",
    "accepted",
    (turn) => fill((i) => bySender(wideDeclaration(ownDevice, `${turn} ${i}`))),
  ],
  ["256 batches of 16", "accepted", () => manyBatches(only, endOf(only), rng)],
  ["256 batches of 16 × 28", "accepted", () => manyBatches(many, endOf(many), rng)],
  ["1,300 readings × 28", "accepted", () => single(largeBatch(many, endOf(many), rng, 1_300))],
  ["4,096 readings", "accepted", () => single(largeBatch(only, endOf(only), rng, 4_096))],
  [
    "4,096 readings, one long text",
    "accepted",
    () => single(largeBatch(mixed, endOf(mixed), rng, 4_096)),
  ],
  [
    "4,096 readings, 4,096 texts",
    "accepted",
    () => single(largeBatch(mixed, endOf(mixed), rng, 4_096, 4_096)),
  ],
  [
    "1,000 readings × 32 × 400 texts",
    "accepted",
    () => single(largeBatch(heavy, endOf(heavy), rng, 1_000, 400)),
  ],
  [
    "162 readings × 32 long texts",
    "accepted",
    () => single(largeBatch(heavy, endOf(heavy), rng, 162)),
  ],
];

const ownDevice = engine.store.devices.nextId();
const registration = { kind: "register_device", key: signerAt(90).key } as const;
apply(single(bySender({ ...registration, possession: possessionOf(eve, 90) })));

test.each(CASES)("%s: %s within the bound", (name, status, make) => {
  apply(make(0));
  const second = apply(make(1));
  expect(second.status).toBe(status);
  expect(second.cpuMs).toBeLessThan(CPU_MS_MAX);
  costs.push(`  ${name}: ${second.cpuMs.toFixed(1)} ms\n`);
});

test("256 challenges of batches as large as an input: accepted within the bound", () => {
  const batchKey = rng.bytes(32);
  const { aeadKey } = deriveColumnKeys(crypto, batchKey);
  const keyHash = computeBatchKeyHash(crypto, batchKey);
  const first = engine.store.batches.nextId();
  for (let i = 0; i < OPERATIONS_MAX; i++) {
    const draft = draftOf(sealed, endOf(sealed), rng, 1);
    const batch = sealRaw(crypto, draft, MACHINE_KEY, rng.bytes(32), (_, context) => {
      const ciphertext = crypto.sealAes256Gcm(aeadKey, new Uint8Array(64_700).fill(i), context);
      const groups = [{ keyHash, root: rng.bytes(32), ciphertext }];
      return { body: encodeSealedBody({ times: draft.times, groups }), groups };
    });
    expect(apply(single(toSubmission(draft, batch, sealed.signer))).status).toBe("accepted");
  }
  const { status, cpuMs } = apply(
    fill((i) =>
      bySender({ kind: "challenge", batchId: first + i, group: 0, batchKey, ...NOT_BROUGHT }),
    ),
  );
  expect(status).toBe("accepted");
  expect(cpuMs).toBeLessThan(CPU_MS_MAX);
  costs.push(`  256 batches of 64,700 bytes disproved at once: ${cpuMs.toFixed(1)} ms\n`);
  invariants.rescan();
});

afterAll(() => process.stdout.write(`CPU time of the dearest inputs:\n${costs.join("")}`));
