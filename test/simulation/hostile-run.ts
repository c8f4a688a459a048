import assert from "node:assert/strict";
import { createApplication } from "../../dapp/engine/create-application.ts";
import { openStore } from "../../dapp/store/sql-store.ts";
import type { HistoryInput } from "../../node-client/history/history-lines.ts";
import { HistoryBuilder } from "../arbitraries/histories.ts";
import { buildHonestStreams, type HonestStream } from "../arbitraries/honest-streams.ts";
import type { HostileRun } from "../arbitraries/hostile-payloads.ts";
import { SeededRng } from "../arbitraries/seeded-rng.ts";
import { crypto, MACHINE_SECRET } from "../arbitraries/shared-keys.ts";
import type { Engine } from "../arbitraries/world.ts";

/** Inputs of a state that is worth attacking, before the honest streams are declared. */
const HONEST_INPUTS = 90;
const FIRST_KINDS = ["register_device", "declare_open", "declare_sealed"] as const;
const FIRST_HONEST_SIGNER = 48;

export async function openHistoryEngine(): Promise<Engine> {
  const store = await openStore(crypto);
  const application = createApplication(store, crypto, MACHINE_SECRET);
  return {
    ...application,
    store,
    apply: ({ at, payload }) => application.advance(at, payload),
    query(query) {
      const [report] = application.inspect(Buffer.from(JSON.stringify(query)));
      return JSON.parse(Buffer.from((report ?? "0x").slice(2), "hex").toString("utf8"));
    },
  };
}

/** A state with honest streams, made on an engine of its own and attacked on any other. */
export class PreparedState {
  /** The honest inputs that brought it there. */
  readonly inputs: readonly HistoryInput[];
  readonly #builder = new HistoryBuilder();
  readonly #streams: readonly HonestStream[];
  readonly #snapshot: Uint8Array;

  private constructor(engine: Engine, seed: number) {
    const { store } = engine;
    const rng = new SeededRng(seed);
    const builder = this.#builder;
    for (let i = 0; i < HONEST_INPUTS; i++) {
      // Every third step brings money, which no other step can.
      const kind = FIRST_KINDS[i] ?? (i % 3 === 0 ? "deposit" : "several");
      builder.build({ kind, seed: rng.next() });
    }
    for (const input of builder.sent) engine.apply(input);
    const next = { deviceId: store.devices.nextId(), streamId: store.streams.nextId() };
    const honest = buildHonestStreams(builder.world, next, FIRST_HONEST_SIGNER);
    for (const input of honest.inputs) {
      assert.equal(engine.apply(input).status, "accepted", "honest streams are declared");
    }
    this.inputs = [...builder.sent, ...honest.inputs];
    this.#streams = honest.streams;
    this.#snapshot = store.snapshot();
    store.close();
  }

  static async build(seed: number): Promise<PreparedState> {
    return new PreparedState(await openHistoryEngine(), seed);
  }

  /** Puts the state on an engine, in place of whatever was there. */
  putOn({ store }: Engine): HostileRun {
    store.restore(this.#snapshot);
    return { builder: this.#builder.fork(), streams: this.#streams, store, secrets: [] };
  }
}
