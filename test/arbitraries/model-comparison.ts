import assert from "node:assert/strict";
import { createApplication } from "../../dapp/engine/create-application.ts";
import type { HistoryInput } from "../../node-client/history/history-lines.ts";
import type { Application } from "../../spec/application.ts";
import { encodePlainEnvelope } from "../../spec/envelope.ts";
import { Model } from "../../spec/model.ts";
import type { Tables } from "../../spec/model-state.ts";
import type { Output } from "../../spec/outputs.ts";
import { rememberingCrypto as crypto } from "./model-crypto.ts";
import { type Clock, makeInput, nextInput } from "./model-play.ts";
import * as services from "./model-service-operations.ts";
import { hexOf, TOKENS, View } from "./model-view.ts";
import { openRewindableStore, type RewindableStore } from "./rewindable-store.ts";
import { SeededRng } from "./seeded-rng.ts";
import { MACHINE_SECRET, openWorld, PEOPLE } from "./shared-keys.ts";
import { bySender, START_SEC } from "./world.ts";

/** The prelude is always the same, and needs a few hundred; without streams it would try for ever. */
const TRIES_MAX = 10_000;
const STREAMS = ["none", "open", "sealed"];

/** A scan of all rows costs several times the rewind that it checks. */
const RESTARTS_PER_SCAN = 16;

/** Engine and model side by side, both put back to one prelude before every sequence. */
export class ModelComparison {
  readonly model: Model;
  readonly #store: RewindableStore;
  readonly #engine: Application;
  /** What led to the beginning, for who follows the outputs alone. */
  readonly prelude: { readonly input: HistoryInput; readonly outputs: readonly Output[] }[] = [];
  #copy: Tables;
  #root: Uint8Array;
  #restartCount = 0;
  #clock: Clock = { timestampSec: START_SEC, blockNumber: 1, inputIndex: 0 };

  private constructor(store: RewindableStore, stateBytesMax?: number) {
    this.model = new Model(crypto, MACHINE_SECRET, stateBytesMax);
    this.#copy = this.model.state.copy();
    this.#root = this.model.state.root();
    this.#store = store;
    this.#engine = createApplication(store, crypto, MACHINE_SECRET, undefined, stateBytesMax);
    // A state that has begun is what a sequence without a prelude goes back to.
    store.mark();
  }

  /** Begins with an empty state. */
  static async openEmpty(cacheEntriesMax?: number): Promise<ModelComparison> {
    return new ModelComparison(await openRewindableStore(crypto, cacheEntriesMax));
  }

  /** Begins where the prelude ends. */
  static async open(): Promise<ModelComparison> {
    const comparison = await ModelComparison.openEmpty();
    comparison.#playPrelude(400n);
    return comparison;
  }

  /** The same in a state that may weigh half as much again, where everybody has Ether for bonds. */
  static async openSmall(): Promise<ModelComparison> {
    const large = await ModelComparison.open();
    const stateBytesMax = Math.floor((large.model.state.weight() * 3) / 2);
    const comparison = new ModelComparison(await openRewindableStore(crypto), stateBytesMax);
    comparison.#playPrelude(10n ** 18n);
    return comparison;
  }

  /** Back to the beginning. */
  restart(): Clock {
    this.model.state.restore(this.#copy);
    this.#store.rewind();
    assert.deepEqual(this.model.state.root(), this.#root, "the model is back");
    if (this.#restartCount++ % RESTARTS_PER_SCAN === 0) {
      assert.deepEqual(this.#store.rescanRoot(), this.#root, "all rows are back");
    }
    return { ...this.#clock };
  }

  /** Applies an input to both and holds one to the other: outcome, outputs, rows by the root. */
  play(input: HistoryInput) {
    const actual = this.#engine.advance(input.at, input.payload);
    const expected = this.model.advance(input.at, input.payload);
    const refusals = actual.reports.map((report) => {
      const { operation, refusal } = JSON.parse(Buffer.from(report.slice(2), "hex").toString());
      return { operation, refusal };
    });
    assert.deepEqual(refusals, expected.refusals);
    assert.equal(actual.status, expected.status);
    // The last output names the root, so that equal outputs are equal rows.
    assert.deepEqual(actual.outputs, expected.outputs);
    if (expected.status === "rejected") {
      assert.deepEqual(this.#store.getRoot(), this.model.state.root());
    }
    assert.equal(this.#store.getWeight(), this.model.state.weight(), "both weigh the same");
    return expected;
  }

  /** Money, devices, streams and services of every kind, so that any operation finds what it needs. */
  #playPrelude(etherAmount: bigint): void {
    const clock = this.#clock;
    const world = openWorld();
    const play = (input: HistoryInput) => {
      const result = this.play(input);
      this.prelude.push({ input, outputs: result.outputs });
      return result;
    };
    for (const who of PEOPLE.slice(0, 5)) {
      for (const token of TOKENS.slice(0, 3)) {
        const { payload, at } =
          token[0] === 0
            ? world.depositEther(who, etherAmount)
            : world.depositErc20(who, token, 400n);
        play(nextInput(clock, at.sender, payload));
      }
    }
    const rng = new SeededRng(7);
    const repeat = (kind: string, count: number) => {
      for (let i = 0; i < count; i++) play(makeInput(this.model, kind, rng.next(), clock));
    };
    repeat("register_device", 4);
    repeat("declare_stream", 8);
    repeat("register_encryption_key", 6);
    repeat("organization", 2);
    repeat("payment_group", 2);
    // A service of each mode, without a stream, of an open and of a sealed one.
    const wanted = new Set(["pull", "pubsub"].flatMap((mode) => STREAMS.map((of) => mode + of)));
    for (let tries = 0; wanted.size > 0; tries++) {
      assert.ok(tries < TRIES_MAX, `nobody can publish ${[...wanted].join(", ")}`);
      const view = new View(this.model, rng, clock);
      const { actor, body } = services.publish(view);
      if (body.kind !== "publish_service" || hexOf(body.offer.token) === hexOf(TOKENS[3]!))
        continue;
      const stream = this.model.state.get("streams", body.offer.streamId);
      const name = body.offer.mode + (stream?.visibility ?? "none");
      if (!wanted.has(name)) continue;
      const payload = encodePlainEnvelope([bySender(body)]);
      const { status } = play(nextInput(clock, actor.address, payload));
      if (status === "accepted") wanted.delete(name);
    }
    this.#copy = this.model.state.copy();
    this.#root = this.model.state.root();
    this.#store.mark();
  }
}
