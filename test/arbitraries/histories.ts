import fc from "fast-check";
import type { HistoryInput } from "../../node-client/history/history-lines.ts";
import { encodePlainEnvelope, encodeSealedEnvelope } from "../../spec/envelope.ts";
import type { Operation } from "../../spec/operations.ts";
import {
  ACTS_MAX,
  type Act,
  type ActMaker,
  declareStream,
  registerDevice,
  revokeDevice,
  rotateDeviceKey,
  rotateEpoch,
  transfer,
  withdraw,
} from "./acts.ts";
import { DEPOSIT_KINDS, depositInput } from "./deposit-inputs.ts";
import { ExpectedState } from "./expected-state.ts";
import { hostileInput } from "./hostile-inputs.ts";
import { refusedAct } from "./refused-acts.ts";
import { SeededRng } from "./seeded-rng.ts";
import { crypto, MACHINE_KEY, openWorld, PEOPLE, type PersonWithKey } from "./shared-keys.ts";
import { signQuickly } from "./signers.ts";
import {
  challenge,
  grant,
  registerEncryptionKey,
  revokeGrant,
  submit,
  submitFraud,
} from "./stream-acts.ts";
import { bySender, START_SEC, type World } from "./world.ts";

/** What each kind of step does, and how often it comes in a recorded history. */
const ACTS: Readonly<Record<string, readonly [weight: number, ActMaker]>> = {
  transfer: [8, transfer],
  withdraw: [4, withdraw],
  register_device: [4, registerDevice],
  rotate_device_key: [2, rotateDeviceKey],
  revoke_device: [1, revokeDevice],
  declare_open: [3, declareStream(false)],
  declare_sealed: [3, declareStream(true)],
  submit_open: [16, submit(false, false)],
  submit_sealed: [12, submit(true, false)],
  submit_break: [3, submit(false, true)],
  submit_fraud: [4, submitFraud],
  register_encryption_key: [2, registerEncryptionKey],
  rotate_epoch: [2, rotateEpoch],
  grant: [4, grant],
  revoke_grant: [1, revokeGrant],
  challenge_honest: [1, challenge(false)],
  challenge_fraud: [3, challenge(true)],
  refused: [3, refusedAct],
};
const OTHER_WEIGHTS: Readonly<Record<string, number>> = { deposit: 8, several: 8, hostile: 4 };

/** What a step is about; `several` packs acts of all kinds into one input. */
export const STEP_KINDS: readonly string[] = [...Object.keys(ACTS), ...Object.keys(OTHER_WEIGHTS)];
const WEIGHTED_KINDS: readonly string[] = STEP_KINDS.flatMap((kind) =>
  Array.from({ length: ACTS[kind]?.[0] ?? OTHER_WEIGHTS[kind]! }, () => kind),
);

/** One step of a history before it meets a state: its choices follow from its seed. */
export interface Step {
  readonly kind: string;
  readonly seed: number;
}

/** An input with what its maker expects of it. */
export interface BuiltInput extends HistoryInput {
  readonly kind: string;
  readonly expected: "accepted" | "rejected";
  /** Which operations are expected to be refused, by index; none where the input is no list. */
  readonly refusedOperations: readonly number[];
}

/**
 * Turns steps into inputs, keeping in mind the state that they lead to. The expectation is the
 * maker's, by construction; that the engine agrees is part of the tests.
 */
export class HistoryBuilder {
  readonly world: World = openWorld();
  readonly state: ExpectedState;
  /** What was sent, for those who send it again. */
  readonly sent: BuiltInput[] = [];

  constructor(state = new ExpectedState()) {
    this.state = state;
  }

  /** A builder that goes on from here; this one stays where it is. */
  fork(): HistoryBuilder {
    const copy = new HistoryBuilder(this.state.fork());
    copy.world.timestampSec = this.world.timestampSec;
    copy.world.inputIndex = this.world.inputIndex;
    copy.sent.push(...this.sent);
    return copy;
  }

  build(step: Step): BuiltInput {
    const rng = new SeededRng(step.seed);
    const built = this.#build(step.kind, rng);
    this.sent.push(built);
    return built;
  }

  #build(kind: string, rng: SeededRng): BuiltInput {
    if (kind === "deposit") {
      const { sender, payload } = depositInput(this.state, rng, rng.pick(DEPOSIT_KINDS));
      const input = this.world.raw(sender, payload);
      return { ...input, kind, expected: "accepted", refusedOperations: [] };
    }
    if (kind === "hostile") {
      const { sender, payload } = hostileInput(rng, this.sent);
      const input = this.world.raw(sender, payload);
      return { ...input, kind, expected: "rejected", refusedOperations: [] };
    }
    if (kind === "several") {
      const count = rng.between(2, ACTS_MAX);
      const acts = Array.from({ length: count }, () => this.#act(rng.pick(WEIGHTED_KINDS), rng));
      return this.#pack(kind, acts, rng);
    }
    return this.#pack(kind, [this.#act(kind, rng)], rng);
  }

  /** An act of this kind, or the first one on the way to it that the state allows. */
  #act(kind: string, rng: SeededRng): Act {
    const [, make] = ACTS[kind] ?? ACTS.submit_open!;
    const fallbacks = kind.includes("sealed") ? [declareStream(true)] : [declareStream(false)];
    for (const maker of [make, ...fallbacks]) {
      const act = maker(this.state, rng);
      if (act !== undefined) return act;
    }
    return registerDevice(this.state, rng)!;
  }

  /** One sender sends them all: what others do travels under their signature. */
  #pack(kind: string, acts: readonly Act[], rng: SeededRng): BuiltInput {
    const actors = acts.flatMap((act) => (act.actor === undefined ? [] : [act.actor]));
    const sender = rng.chance(3) || actors.length === 0 ? rng.pick(PEOPLE) : rng.pick(actors);
    const operations = acts.map((act) => this.#authorize(act, sender, rng));
    const refusedOperations = acts.flatMap((act, i) => (act.isRefused ? [i] : []));
    const expected = refusedOperations.length === acts.length ? "rejected" : "accepted";
    const at = this.world.context(sender.address);
    const payload = rng.chance(5)
      ? encodeSealedEnvelope(crypto, operations, MACHINE_KEY, rng.bytes(32), at)
      : encodePlainEnvelope(operations);
    return { at, payload, kind, expected, refusedOperations };
  }

  #authorize(act: Act, sender: PersonWithKey, rng: SeededRng): Operation {
    if (act.actor === undefined) return act.operation;
    const { actor, body } = act;
    if (actor === sender && !rng.chance(3)) return bySender(body);
    const nonce = this.state.getNonce(actor);
    if (!act.isRefused) this.state.nonces.set(actor, nonce + 1);
    const claim = { account: actor.address, nonce, deadlineSec: START_SEC + 10_000_000 };
    return signQuickly(actor.secret, claim, body);
  }
}

/** Steps of a history, for `HistoryBuilder`; shrinks to fewer steps. */
export const arbitrarySteps = (lengthMax: number): fc.Arbitrary<Step[]> =>
  fc.array(
    fc.record({
      kind: fc.constantFrom(...WEIGHTED_KINDS),
      seed: fc.noShrink(fc.integer({ min: 0, max: 2 ** 32 - 1 })),
    }),
    { minLength: 1, maxLength: lengthMax, size: "max" },
  );

/**
 * A whole history that a seed determines to the byte: inputs of every kind, nearly all of them
 * accepted, to be applied in order by an empty application under `MACHINE_SECRET` of the histories.
 *
 * @example
 * for (const { at, payload } of recordHistory(7, 3_000)) application.advance(at, payload);
 */
export function recordHistory(seed: number, inputCount: number): BuiltInput[] {
  const rng = new SeededRng(seed);
  const builder = new HistoryBuilder();
  return Array.from({ length: inputCount }, () =>
    builder.build({ kind: rng.pick(WEIGHTED_KINDS), seed: rng.next() }),
  );
}
