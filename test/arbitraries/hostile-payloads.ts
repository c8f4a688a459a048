import { concatBytes } from "@noble/hashes/utils.js";
import { findBatchUpTo } from "../../dapp/engine/query-readings.ts";
import type { Store } from "../../dapp/engine/store.ts";
import type { HistoryInput } from "../../node-client/history/history-lines.ts";
import { encodePlainEnvelope, encodeSealedEnvelope } from "../../spec/envelope.ts";
import type { Operation } from "../../spec/operations.ts";
import { dearInput, listDearInputs } from "./dear-inputs.ts";
import type { RawInput } from "./deposit-inputs.ts";
import { Dice } from "./dice.ts";
import type { FortStream } from "./fort.ts";
import { type BuiltInput, type HistoryBuilder, STEP_KINDS } from "./histories.ts";
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
import { signQuickly } from "./signers.ts";
import { crypto, MACHINE_KEY, PEOPLE } from "./town.ts";
import { bySender, START_SEC } from "./world.ts";

/** All that a hostile sender knows: what was sent, what stands where, who has which keys. */
export interface Siege {
  readonly builder: HistoryBuilder;
  readonly streams: readonly FortStream[];
  readonly store: Pick<Store, "streams" | "batches" | "accounts">;
  /** Keys to batches that were accepted with false columns, to be challenged. */
  readonly secrets: Secret[];
}

type Make = (siege: Siege, dice: Dice) => RawInput;

const sender = (dice: Dice): Uint8Array => dice.pick(PEOPLE).address;
const sentBy = (dice: Dice, payload: Uint8Array): RawInput => ({ sender: sender(dice), payload });
const pickSent = ({ builder }: Siege, dice: Dice): BuiltInput => dice.pick(builder.sent);
const plain = (dice: Dice, ...operations: Operation[]): RawInput =>
  sentBy(dice, encodePlainEnvelope(operations));

/** Changed payloads go out under the name of who sent the original, most of the time. */
function changed(siege: Siege, dice: Dice, change: (input: BuiltInput) => Uint8Array): RawInput {
  const input = pickSent(siege, dice);
  return { sender: dice.chance(4) ? sender(dice) : input.at.sender, payload: change(input) };
}

function onFort(
  siege: Siege,
  dice: Dice,
  isSealed: boolean,
  make: (stream: FortStream, end: StreamEnd) => Operation,
): RawInput {
  const fits = siege.streams.filter(({ epochKeys }) => epochKeys.length > 0 === isSealed);
  const stream = dice.pick(fits);
  return plain(dice, make(stream, siege.store.streams.get(stream.streamId)!));
}

/** Every kind of hostile payload: how often it comes, and how it is made. */
const KINDS: Readonly<Record<string, readonly [weight: number, Make]>> = {
  random_bytes: [140, (_, dice) => sentBy(dice, randomBytes(dice))],
  false_wire: [120, (_, dice) => sentBy(dice, falseWire(dice))],
  deep_wire: [8, (_, dice) => sentBy(dice, deepWire(dice))],
  random_wire: [120, (_, dice) => sentBy(dice, randomWire(dice))],
  mutated_bytes: [220, (s, dice) => changed(s, dice, (i) => mutateBytes(i.payload, dice))],
  spliced: [
    60,
    (s, dice) => changed(s, dice, (i) => splice(i.payload, pickSent(s, dice).payload, dice)),
  ],
  oversize: [4, (s, dice) => changed(s, dice, (i) => oversize(i.payload, dice))],
  mutated_fields: [
    150,
    (s, dice) => changed(s, dice, (i) => mutateFields(i.payload, pickSent(s, dice).payload, dice)),
  ],
  // What would be accepted next, but for one change: it gets as deep as the changed place.
  mutated_fresh: [
    25,
    ({ builder }, dice) => {
      const { at, payload } = builder
        .fork()
        .build({ kind: dice.pick(STEP_KINDS), seed: dice.next() });
      const changed = dice.chance(3)
        ? mutateBytes(payload, dice)
        : mutateFields(payload, payload, dice);
      return { sender: at.sender, payload: changed };
    },
  ],
  // Portals don't replay: their inputs would be deposits again.
  replayed: [30, (s, dice) => sentBy(dice, pickSent(s, dice).payload)],
  sealed_noise: [8, (_, dice) => sealedNoise(dice)],
  refused_act: [45, (s, dice) => refusedInput(s, dice)],
  extreme_values: [50, (s, dice) => extremeInput(s, dice)],
  false_deposit: [40, (_, dice) => falseDeposit(dice)],
  absurd_batch: [40, (_, dice) => absurdBatch(dice)],
  extreme_deposit: [4, (_, dice) => extremeDeposit(dice)],
  look_alike: [30, (_, dice) => lookAlike(dice)],
  false_open_batch: [
    30,
    (s, dice) => onFort(s, dice, false, (each, end) => falseOpenBatch(each, end, dice)),
  ],
  false_sealed_batch: [8, (s, dice) => keepSecrets(s, dice)],
  broken_sealed_batch: [
    5,
    (s, dice) => onFort(s, dice, true, (each, end) => brokenSealedBatch(each, end, dice)),
  ],
  extreme_batch: [
    10,
    (s, dice) => onFort(s, dice, dice.chance(2), (each, end) => extremeBatch(each, end, dice)),
  ],
  false_account: [
    10,
    ({ store }, dice) =>
      plain(
        dice,
        falseAccountSignature(dice, (account) => store.accounts.get(account)?.nonce ?? 0),
      ),
  ],
  false_device: [
    5,
    (s, dice) =>
      onFort(s, dice, dice.chance(2), (each, end) => falseDeviceSignature(each, end, dice)),
  ],
  revealed_key: [8, (s, dice) => reveal(s, dice)],
  bent_batch: [3, (s, dice) => onFort(s, dice, false, (each, end) => bentBatch(each, end, dice))],
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
export function makeHostile(siege: Siege, seed: number): HostileInput {
  const dice = new Dice(seed);
  const kind = dice.chance(DEAR_ONE_IN) ? "dear" : dice.pick(WEIGHTED);
  const make = KINDS[kind]?.[1] ?? dearInput;
  const { sender: from, payload } = make(siege, dice);
  return { ...siege.builder.world.raw(from, payload), kind };
}

/** The dear ones, each for each open stream: in some histories chance brings too few of them. */
export function* listDearHostile(siege: Siege, seed: number): Generator<HostileInput> {
  for (const { sender: from, payload } of listDearInputs(siege, new Dice(seed))) {
    yield { ...siege.builder.world.raw(from, payload), kind: "dear" };
  }
}

/** What opens for the machine and then is no list of operations. */
function sealedNoise(dice: Dice): RawInput {
  const { sender: from, payload } = sentBy(dice, randomWire(dice));
  const at = { chainId: 31337n, app: new Uint8Array(20).fill(0xaa), sender: from };
  const sealed = encodeSealedEnvelope(
    crypto,
    [bySender(extremeBody(dice))],
    MACHINE_KEY,
    dice.bytes(32),
    at,
  );
  return { sender: from, payload: dice.chance(2) ? sealed : concatBytes(sealed, payload) };
}

function refusedInput({ builder }: Siege, dice: Dice): RawInput {
  const act = refusedAct(builder.state, dice);
  return act.actor === undefined
    ? plain(dice, act.operation)
    : { sender: act.actor.address, payload: encodePlainEnvelope([bySender(act.body)]) };
}

/** Extreme values, mostly by sender; some truly signed and relayed, at the account's own nonce. */
function extremeInput({ store, builder }: Siege, dice: Dice): RawInput {
  const device = builder.state.findDevice(dice);
  const own = dice.chance(3) ? undefined : device;
  const operations = Array.from({ length: dice.pick([1, 1, 1, 4]) }, () => {
    const body = extremeBody(dice, own?.deviceId);
    if (own !== undefined || !dice.chance(6)) return bySender(body);
    const who = dice.pick(PEOPLE);
    const nonce = store.accounts.get(who.address)?.nonce ?? 0;
    const deadlineSec = dice.pick([START_SEC + 100_000_000, 2 ** 40 - 1]);
    return signQuickly(who.secret, { account: who.address, nonce, deadlineSec }, body);
  });
  const payload = encodePlainEnvelope(operations);
  return { sender: own?.owner.address ?? sender(dice), payload };
}

function keepSecrets(siege: Siege, dice: Dice): RawInput {
  return onFort(siege, dice, true, (stream, end) => {
    const { operation, secrets } = falseSealedBatch(stream, end, dice);
    siege.secrets.push(...secrets);
    return operation;
  });
}

/** A challenge under the true key of a batch that was accepted, or of one that never was. */
function reveal({ secrets, store }: Siege, dice: Dice): RawInput {
  if (secrets.length === 0) return sentBy(dice, Uint8Array.of(1, 0x90));
  const [secret] = secrets.splice(dice.below(secrets.length), 1);
  const { streamId, firstSequence, group, batchKey } = secret!;
  const batchId = findBatchUpTo(store, streamId, firstSequence)?.batchId ?? 1;
  return plain(dice, bySender({ kind: "challenge", batchId, group, batchKey }));
}
