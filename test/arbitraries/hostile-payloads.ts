import { concatBytes } from "@noble/hashes/utils.js";
import { findBatchUpTo } from "../../dapp/engine/query-readings.ts";
import type { Store } from "../../dapp/engine/store.ts";
import type { HistoryInput } from "../../node-client/history/history-lines.ts";
import { NOT_BROUGHT } from "../../spec/core-operations.ts";
import { encodePlainEnvelope, encodeSealedEnvelope } from "../../spec/envelope.ts";
import { OPERATIONS_MAX } from "../../spec/limits.ts";
import type { Operation, SignableBody } from "../../spec/operations.ts";
import { referTo, referToEscrow } from "../../spec/references.ts";
import { dearInput, listDearInputs } from "./dear-inputs.ts";
import type { RawInput } from "./deposit-inputs.ts";
import { type BuiltInput, type HistoryBuilder, STEP_KINDS } from "./histories.ts";
import type { HonestStream } from "./honest-streams.ts";
import {
  bentBatch,
  brokenSealedBatch,
  extremeBatch,
  falseOpenBatch,
  falseSealedBatch,
  type Secret,
  type StreamEnd,
} from "./hostile-batches.ts";
import {
  deepWire,
  falseWire,
  mutateBytes,
  oversize,
  randomBytes,
  randomWire,
  splice,
} from "./hostile-bytes.ts";
import { absurdBatch, extremeDeposit, falseDeposit, lookAlike } from "./hostile-deposits.ts";
import { mutateFields } from "./hostile-fields.ts";
import { falseAccountSignature, falseDeviceSignature } from "./hostile-signatures.ts";
import { extremeBody } from "./hostile-values.ts";
import { refusedAct } from "./refused-acts.ts";
import { SeededRng } from "./seeded-rng.ts";
import { crypto, MACHINE_KEY, PEOPLE } from "./shared-keys.ts";
import { signQuickly } from "./signers.ts";
import { bySender, START_SEC } from "./world.ts";

/** All that a hostile sender knows: what was sent, what stands where, who has which keys. */
export interface HostileRun {
  readonly builder: HistoryBuilder;
  readonly streams: readonly HonestStream[];
  readonly store: Pick<Store, "streams" | "batches" | "accounts">;
  /** Keys to batches that were accepted with false columns, to be challenged. */
  readonly secrets: Secret[];
}

type Make = (run: HostileRun, rng: SeededRng) => RawInput;

const sender = (rng: SeededRng): Uint8Array => rng.pick(PEOPLE).address;
const sentBy = (rng: SeededRng, payload: Uint8Array): RawInput => ({
  sender: sender(rng),
  payload,
});
const pickSent = ({ builder }: HostileRun, rng: SeededRng): BuiltInput => rng.pick(builder.sent);
const plain = (rng: SeededRng, ...operations: Operation[]): RawInput =>
  sentBy(rng, encodePlainEnvelope(operations));

/** Changed payloads go out under the name of who sent the original, most of the time. */
function changed(
  run: HostileRun,
  rng: SeededRng,
  change: (input: BuiltInput) => Uint8Array,
): RawInput {
  const input = pickSent(run, rng);
  return { sender: rng.chance(4) ? sender(rng) : input.at.sender, payload: change(input) };
}

function onHonestStream(
  run: HostileRun,
  rng: SeededRng,
  isSealed: boolean,
  make: (stream: HonestStream, end: StreamEnd) => Operation,
): RawInput {
  const fits = run.streams.filter(({ epochKeys }) => epochKeys.length > 0 === isSealed);
  const stream = rng.pick(fits);
  return plain(rng, make(stream, run.store.streams.get(stream.streamId)!));
}

/** Every kind of hostile payload: how often it comes, and how it is made. */
const KINDS: Readonly<Record<string, readonly [weight: number, Make]>> = {
  random_bytes: [140, (_, rng) => sentBy(rng, randomBytes(rng))],
  false_wire: [120, (_, rng) => sentBy(rng, falseWire(rng))],
  deep_wire: [8, (_, rng) => sentBy(rng, deepWire(rng))],
  random_wire: [120, (_, rng) => sentBy(rng, randomWire(rng))],
  mutated_bytes: [220, (s, rng) => changed(s, rng, (i) => mutateBytes(i.payload, rng))],
  spliced: [
    60,
    (s, rng) => changed(s, rng, (i) => splice(i.payload, pickSent(s, rng).payload, rng)),
  ],
  oversize: [4, (s, rng) => changed(s, rng, (i) => oversize(i.payload, rng))],
  mutated_fields: [
    150,
    (s, rng) => changed(s, rng, (i) => mutateFields(i.payload, pickSent(s, rng).payload, rng)),
  ],
  // What would be accepted next, but for one change: it gets as deep as the changed place.
  mutated_fresh: [
    25,
    ({ builder }, rng) => {
      const { at, payload } = builder
        .fork()
        .build({ kind: rng.pick(STEP_KINDS), seed: rng.next() });
      const changed = rng.chance(3)
        ? mutateBytes(payload, rng)
        : mutateFields(payload, payload, rng);
      return { sender: at.sender, payload: changed };
    },
  ],
  // Portals don't replay: their inputs would be deposits again.
  replayed: [30, (s, rng) => sentBy(rng, pickSent(s, rng).payload)],
  sealed_noise: [8, (_, rng) => sealedNoise(rng)],
  refused_act: [45, (s, rng) => refusedInput(s, rng)],
  extreme_values: [50, (s, rng) => extremeInput(s, rng)],
  false_deposit: [40, (_, rng) => falseDeposit(rng)],
  absurd_batch: [40, (_, rng) => absurdBatch(rng)],
  extreme_deposit: [4, (_, rng) => extremeDeposit(rng)],
  look_alike: [30, (_, rng) => lookAlike(rng)],
  false_open_batch: [
    30,
    (s, rng) => onHonestStream(s, rng, false, (each, end) => falseOpenBatch(each, end, rng)),
  ],
  false_sealed_batch: [8, (s, rng) => keepSecrets(s, rng)],
  broken_sealed_batch: [
    5,
    (s, rng) => onHonestStream(s, rng, true, (each, end) => brokenSealedBatch(each, end, rng)),
  ],
  extreme_batch: [
    10,
    (s, rng) => onHonestStream(s, rng, rng.chance(2), (each, end) => extremeBatch(each, end, rng)),
  ],
  false_account: [
    10,
    ({ store }, rng) =>
      plain(
        rng,
        falseAccountSignature(rng, (account) => store.accounts.get(account)?.nonce ?? 0),
      ),
  ],
  false_device: [
    5,
    (s, rng) =>
      onHonestStream(s, rng, rng.chance(2), (each, end) => falseDeviceSignature(each, end, rng)),
  ],
  reference: [10, (s, rng) => referringInput(s, rng)],
  revealed_key: [8, (s, rng) => reveal(s, rng)],
  bent_batch: [
    3,
    (s, rng) => onHonestStream(s, rng, false, (each, end) => bentBatch(each, end, rng)),
  ],
};

export const HOSTILE_KINDS: readonly string[] = [...Object.keys(KINDS), "dear"];
/** Once in so many payloads comes one that takes hundreds of milliseconds. */
const DEAR_ONE_IN = 1_000;
const WEIGHTED: readonly string[] = Object.entries(KINDS).flatMap(([kind, [weight]]) =>
  Array.from({ length: weight }, () => kind),
);

/** A hostile input in its place in the history. */
export interface HostileInput extends HistoryInput {
  readonly kind: string;
}

/** The payload of one seed, against a state. */
export function makeHostile(run: HostileRun, seed: number): HostileInput {
  const rng = new SeededRng(seed);
  const kind = rng.chance(DEAR_ONE_IN) ? "dear" : rng.pick(WEIGHTED);
  const make = KINDS[kind]?.[1] ?? dearInput;
  const { sender: from, payload } = make(run, rng);
  return { ...run.builder.world.raw(from, payload), kind };
}

/** The dear ones, each for each open stream: in some histories chance brings too few of them. */
export function* listDearHostile(run: HostileRun, seed: number): Generator<HostileInput> {
  for (const { sender: from, payload } of listDearInputs(run, new SeededRng(seed))) {
    yield { ...run.builder.world.raw(from, payload), kind: "dear" };
  }
}

/** What opens for the machine and then is no list of operations. */
function sealedNoise(rng: SeededRng): RawInput {
  const { sender: from, payload } = sentBy(rng, randomWire(rng));
  const at = { chainId: 31337n, app: new Uint8Array(20).fill(0xaa), sender: from };
  const sealed = encodeSealedEnvelope(
    crypto,
    [bySender(extremeBody(rng))],
    MACHINE_KEY,
    rng.bytes(32),
    at,
  );
  return { sender: from, payload: rng.chance(2) ? sealed : concatBytes(sealed, payload) };
}

function refusedInput({ builder }: HostileRun, rng: SeededRng): RawInput {
  const act = refusedAct(builder.state, rng);
  return act.actor === undefined
    ? plain(rng, act.operation)
    : { sender: act.actor.address, payload: encodePlainEnvelope([bySender(act.body)]) };
}

/** Extreme values, mostly by sender; some truly signed and relayed, at the account's own nonce. */
function extremeInput({ store, builder }: HostileRun, rng: SeededRng): RawInput {
  const device = builder.state.findDevice(rng);
  const own = rng.chance(3) ? undefined : device;
  const operations = Array.from({ length: rng.pick([1, 1, 1, 4]) }, () => {
    const body = extremeBody(rng, own?.deviceId);
    if (own !== undefined || !rng.chance(6)) return bySender(body);
    return signTruly(store, rng, body);
  });
  const payload = encodePlainEnvelope(operations);
  return { sender: own?.owner.address ?? sender(rng), payload };
}

/** Anybody's true signature, at their own nonce. */
function signTruly(store: HostileRun["store"], rng: SeededRng, body: SignableBody): Operation {
  const who = rng.pick(PEOPLE);
  const nonce = store.accounts.get(who.address)?.nonce ?? 0;
  const deadlineSec = rng.pick([START_SEC + 100_000_000, 2 ** 40 - 1]);
  return signQuickly(who.secret, { account: who.address, nonce, deadlineSec }, body);
}

/** References to anything and nothing, by the sender or under a true signature. */
function referringInput({ store }: HostileRun, rng: SeededRng): RawInput {
  const operations = Array.from({ length: rng.between(1, 4) }, () => {
    const place = rng.pick([0, 1, 2, 3, OPERATIONS_MAX - 1]);
    const body = rng.pick<SignableBody>([
      { kind: "revoke_device", deviceId: referTo(place) },
      { kind: "rotate_epoch", streamId: referTo(place), epoch: 1, epochKeyHashes: [] },
      { kind: "withdraw_service", serviceId: referTo(place) },
      { kind: "fund_escrow", escrowId: referToEscrow(place), amount: 1n },
      extremeBody(rng),
    ]);
    return rng.chance(2) ? bySender(body) : signTruly(store, rng, body);
  });
  return plain(rng, ...operations);
}

function keepSecrets(run: HostileRun, rng: SeededRng): RawInput {
  return onHonestStream(run, rng, true, (stream, end) => {
    const { operation, secrets } = falseSealedBatch(stream, end, rng);
    run.secrets.push(...secrets);
    return operation;
  });
}

/** A challenge under the true key of a batch that was accepted, or of one that never was. */
function reveal({ secrets, store }: HostileRun, rng: SeededRng): RawInput {
  if (secrets.length === 0) return sentBy(rng, Uint8Array.of(1, 0x90));
  const [secret] = secrets.splice(rng.below(secrets.length), 1);
  const { streamId, firstSequence, group, batchKey } = secret!;
  const batchId = findBatchUpTo(store, streamId, firstSequence)?.batchId ?? 1;
  return plain(rng, bySender({ kind: "challenge", batchId, group, batchKey, ...NOT_BROUGHT }));
}
