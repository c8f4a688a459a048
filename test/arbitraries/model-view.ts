import type { InputContext } from "../../spec/input.ts";
import type { Model } from "../../spec/model.ts";
import type { Row, TableName } from "../../spec/model-rows.ts";
import { bytes } from "../../spec/model-state.ts";
import type { SignableBody } from "../../spec/operations.ts";
import type { Hex } from "../../spec/outputs.ts";
import { computeDomainSeparator } from "../../spec/typed-hash.ts";
import { rememberingCrypto } from "./model-crypto.ts";
import type { SeededRng } from "./seeded-rng.ts";
import { PEOPLE, type PersonWithKey } from "./shared-keys.ts";
import { APP, CHAIN_ID } from "./world.ts";

/** Ether and two ERC-20 tokens; the last one nobody ever deposits. */
export const TOKENS: readonly Uint8Array[] = [0x00, 0xc1, 0xc2, 0xc3].map((byte) =>
  new Uint8Array(20).fill(byte),
);
export const PLACE = { chainId: CHAIN_ID, app: APP };
export const DOMAIN = computeDomainSeparator(rememberingCrypto, PLACE);

/** What somebody does; `undefined` from a maker where the state has nothing to do it with. */
export interface ActorOperation {
  readonly actor: PersonWithKey;
  readonly body: SignableBody;
}

const SEEN_BODIES = new WeakMap<Model, Map<number, Row<"batch_bodies">>>();

/** What an operation is made from: the rows of the model, the time, and choices. */
export class View {
  readonly model: Model;
  readonly rng: SeededRng;
  readonly at: Pick<InputContext, "timestampSec" | "blockNumber" | "inputIndex">;

  constructor(model: Model, rng: SeededRng, at: View["at"]) {
    this.model = model;
    this.rng = rng;
    this.at = at;
  }

  /** The bodies of all batches so far, the archived ones', too: anybody may have kept them. */
  get seenBodies(): ReadonlyMap<number, Row<"batch_bodies">> {
    const seen = SEEN_BODIES.get(this.model) ?? new Map<number, Row<"batch_bodies">>();
    for (const row of this.list("batch_bodies")) seen.set(row.batch_id, row);
    SEEN_BODIES.set(this.model, seen);
    return seen;
  }

  list<Name extends TableName>(name: Name): Row<Name>[] {
    return this.model.state.list(name);
  }

  /** Any row, the newer the likelier; `undefined` where the table is empty. */
  row<Name extends TableName>(
    name: Name,
    isWanted: (row: Row<Name>) => boolean = () => true,
  ): Row<Name> | undefined {
    const rows = this.list(name).filter(isWanted);
    if (rows.length === 0) return undefined;
    const index = Math.max(this.rng.below(rows.length), this.rng.below(rows.length));
    return rows[index];
  }

  get anybody(): PersonWithKey {
    return this.rng.pick(PEOPLE);
  }

  /** The person with an address, or now and then anybody else. */
  mostly(address: Hex | null | undefined): PersonWithKey {
    const person = PEOPLE.find((who) => hexOf(who.address) === address);
    return person === undefined || this.rng.chance(12) ? this.anybody : person;
  }

  /** Anybody but these, as a rule. */
  other(...not: readonly (Hex | null | undefined)[]): PersonWithKey {
    const others = PEOPLE.filter((who) => !not.includes(hexOf(who.address)));
    return this.rng.chance(20) ? this.anybody : this.rng.pick(others);
  }

  get token(): Uint8Array {
    return this.rng.pick(TOKENS);
  }

  balance(who: PersonWithKey, token: Uint8Array): bigint {
    return this.model.state.get("balances", hexOf(who.address), hexOf(token))?.amount ?? 0n;
  }

  /** At most `most`, often all of it, now and then one more or nothing. */
  amount(most: bigint): bigint {
    const choice = this.rng.below(12);
    if (choice === 0) return most + 1n;
    if (choice === 1) return 0n;
    if (choice < 5) return most;
    return (most * BigInt(this.rng.below(1_001))) / 1_000n;
  }

  /** The right number, or now and then one beside it. */
  near(value: number): number {
    if (!this.rng.chance(20)) return value;
    return Math.max(0, value + this.rng.pick([-1, 1, 2]));
  }
}

export const hexOf = (value: Uint8Array): Hex => `0x${Buffer.from(value).toString("hex")}`;
export const bytesOf = bytes;
export const ZERO = new Uint8Array(20);
export const fill = (byte: number, length = 32): Uint8Array => new Uint8Array(length).fill(byte);
