import assert from "node:assert/strict";
import { bytesToHex } from "@noble/hashes/utils.js";
import { beginState } from "../../dapp/engine/begin-state.ts";
import { createApplication } from "../../dapp/engine/create-application.ts";
import { openStore, type StoreOptions } from "../../dapp/store/sql-store.ts";
import type { Crypto } from "../../spec/crypto.ts";
import type { Hex, Output } from "../../spec/outputs.ts";
import { type BuiltInput, HistoryBuilder, type Step } from "../arbitraries/histories.ts";
import { SeededRng } from "../arbitraries/seeded-rng.ts";
import { MACHINE_KEY, MACHINE_SECRET } from "../arbitraries/shared-keys.ts";
import type { Engine } from "../arbitraries/world.ts";

/** A small state in which any step has something to act on; few rows, since they are restored. */
const PRELUDE_KINDS = [
  "deposit",
  "register_device",
  "declare_sealed",
  "register_device",
  "declare_open",
  "register_encryption_key",
  "submit_open",
  "submit_sealed",
  "submit_fraud",
  "grant",
  "transfer",
];
export const PRELUDE_COUNT = 8;
const preludes: HistoryBuilder[] = [];

/** The builder behind a prelude's last input; prelude 0 is the empty state. */
export function preludeAt(index: number): HistoryBuilder {
  while (preludes.length <= index) {
    const builder = new HistoryBuilder();
    const rng = new SeededRng(preludes.length);
    if (preludes.length > 0) {
      for (const kind of PRELUDE_KINDS) builder.build({ kind, seed: rng.next() });
    }
    preludes.push(builder);
  }
  return preludes[index]!;
}

/** All that a host can see of one applied input. */
export interface SeenResult {
  readonly status: string;
  readonly outputs: readonly Output[];
  readonly reports: readonly Hex[];
  readonly root: string;
}

/** An engine that many sequences are played on, one after the other, each from its prelude. */
export class SequenceHost {
  readonly #crypto: Crypto;
  readonly #options: StoreOptions;
  readonly #snapshots: Uint8Array[] = [];
  #engine: Engine | undefined;
  #isBusy = false;

  constructor(crypto: Crypto, options: StoreOptions = {}) {
    this.#crypto = crypto;
    this.#options = options;
  }

  get engine(): Engine {
    assert.ok(this.#engine !== undefined, "a host is entered by `goTo`");
    return this.#engine;
  }

  /** Back to the end of a prelude: run the first time, restored from its snapshot after that. */
  async goTo(prelude: number): Promise<void> {
    await this.enter();
    const { store } = this.engine;
    const snapshot = this.#snapshots[prelude];
    if (prelude === 0) this.#reset();
    else if (snapshot !== undefined) store.restore(snapshot);
    else {
      this.#reset();
      for (const input of preludeAt(prelude).sent) this.play(input);
      this.#snapshots[prelude] = store.snapshot();
    }
  }

  #reset(): void {
    this.engine.store.reset();
    beginState(this.engine.store, this.#crypto, MACHINE_KEY);
  }

  /** Makes sure that there is an engine between two inputs, in whatever state. */
  async enter(): Promise<void> {
    // One that threw is in the middle of an input, and no judge of smaller sequences.
    if (this.#engine === undefined || this.#isBusy) this.#engine = await this.#open();
    this.#isBusy = false;
  }

  play(input: BuiltInput): SeenResult {
    this.#isBusy = true;
    const { status, outputs, reports } = this.engine.apply(input);
    this.#isBusy = false;
    return { status, outputs, reports, root: bytesToHex(this.engine.store.getRoot()) };
  }

  async #open(): Promise<Engine> {
    const store = await openStore(this.#crypto, this.#options);
    const application = createApplication(store, this.#crypto, MACHINE_SECRET);
    const query = (): never => assert.fail("a host asks nothing");
    const { advance } = application;
    return { ...application, store, apply: ({ at, payload }) => advance(at, payload), query };
  }
}

/** The inputs of a sequence: fresh bytes, built once and played everywhere. */
export function buildSequence(prelude: number, steps: readonly Step[]): BuiltInput[] {
  const builder = preludeAt(prelude).fork();
  return steps.map((step) => builder.build(step));
}
