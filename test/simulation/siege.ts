import assert from "node:assert/strict";
import { createApplication } from "../../dapp/engine/create-application.ts";
import { openStore } from "../../dapp/store/sql-store.ts";
import type { HistoryInput } from "../../node-client/history/history-lines.ts";
import { Dice } from "../arbitraries/dice.ts";
import { buildFort, type FortStream } from "../arbitraries/fort.ts";
import { HistoryBuilder } from "../arbitraries/histories.ts";
import type { Siege } from "../arbitraries/hostile-payloads.ts";
import { crypto, MACHINE_SECRET } from "../arbitraries/town.ts";
import type { Engine } from "../arbitraries/world.ts";

/** Inputs of a town that is worth attacking, before the fort is raised. */
const TOWN_INPUTS = 90;
const TOWN_KINDS = ["register_device", "declare_open", "declare_sealed"] as const;
const FIRST_FORT_SIGNER = 48;

export async function openTownEngine(): Promise<Engine> {
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

/** A town with a fort on an engine of its own, to be attacked on any other, as often as one likes. */
export class Town {
  /** The honest inputs that brought it there. */
  readonly inputs: readonly HistoryInput[];
  readonly #builder = new HistoryBuilder();
  readonly #streams: readonly FortStream[];
  readonly #snapshot: Uint8Array;

  private constructor(engine: Engine, seed: number) {
    const { store } = engine;
    const dice = new Dice(seed);
    const builder = this.#builder;
    for (let i = 0; i < TOWN_INPUTS; i++) {
      // Every third step brings money, which no other step can.
      const kind = TOWN_KINDS[i] ?? (i % 3 === 0 ? "deposit" : "several");
      builder.build({ kind, seed: dice.next() });
    }
    for (const input of builder.sent) engine.apply(input);
    const next = { deviceId: store.devices.nextId(), streamId: store.streams.nextId() };
    const fort = buildFort(builder.world, next, FIRST_FORT_SIGNER);
    for (const input of fort.inputs) {
      assert.equal(engine.apply(input).status, "accepted", "a fort is raised");
    }
    this.inputs = [...builder.sent, ...fort.inputs];
    this.#streams = fort.streams;
    this.#snapshot = store.snapshot();
    store.close();
  }

  static async build(seed: number): Promise<Town> {
    return new Town(await openTownEngine(), seed);
  }

  /** Puts the town on an engine, in place of whatever was there. */
  besiege({ store }: Engine): Siege {
    store.restore(this.#snapshot);
    return { builder: this.#builder.fork(), streams: this.#streams, store, secrets: [] };
  }
}
