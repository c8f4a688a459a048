import { createNodeCrypto } from "../../../dapp/crypto/node-crypto.ts";
import type { DeviceSigner } from "../../../node-client/client/device/device-signer.ts";
import type { HistoryInput } from "../../../node-client/history/history-lines.ts";
import { type DeviceKeyType, encodePossessionMessage } from "../../../spec/device-key.ts";
import { computeEpochKeyHash } from "../../../spec/grant-keys.ts";
import type { BodyOf } from "../../../spec/operations.ts";
import { REFUSALS, type Refusal } from "../../../spec/refusals.ts";
import { quickSigner } from "../../arbitraries/signers.ts";
import {
  APP,
  CHAIN_ID,
  type Engine,
  openEngine,
  type Person,
  START_SEC,
  World,
} from "../../arbitraries/world.ts";
import {
  describeOutput,
  type TransitionFile,
  type TransitionVector,
  toHex,
  type VectorInput,
} from "../transition-vectors.ts";

const SECONDS_A_BLOCK = 12;

/** ERC-20 contracts of the stories. */
export const TOKEN = new Uint8Array(20).fill(0x70);
export const OTHER_TOKEN = new Uint8Array(20).fill(0x71);

/**
 * One file of transition vectors in the making: inputs happen one after another, and between them
 * vectors ask what would become of an input that never happens. What an author expects to be
 * refused is said in the story and held against the engine, so a vector cannot record an accident.
 */
export class Story {
  readonly world: World;
  readonly alice: Person;
  readonly bob: Person;
  readonly carol: Person;
  readonly #subject: string;
  readonly #comment: string;
  readonly #engine: Engine;
  readonly #stateBytesMax: number | undefined;
  readonly #inputs: Record<string, VectorInput> = {};
  readonly #vectors: TransitionVector[] = [];
  #history: { readonly name: string; readonly snapshot: Uint8Array }[] = [];
  #empty: Uint8Array;

  private constructor(
    subject: string,
    comment: string,
    world: World,
    engine: Engine,
    stateBytesMax: number | undefined,
  ) {
    this.#stateBytesMax = stateBytesMax;
    this.#subject = subject;
    this.#comment = comment;
    this.#engine = engine;
    this.#empty = engine.store.snapshot();
    this.world = world;
    this.alice = world.person("alice");
    this.bob = world.person("bob");
    this.carol = world.person("carol");
    this.#setTime();
  }

  /** @param stateBytesMax In place of the protocol's. */
  static async open(subject: string, comment: string, stateBytesMax?: number): Promise<Story> {
    const world = new World(`vectors ${subject}`, await createNodeCrypto());
    const engine = await openEngine(world, world.crypto, stateBytesMax);
    return new Story(subject, comment, world, engine, stateBytesMax);
  }

  /** An input that every vector from here on has behind it. All its operations must apply. */
  happens(name: string, input: HistoryInput): void {
    const result = this.#apply(input);
    if (result.status !== "accepted" || result.reports.length > 0) {
      throw new Error(
        `${this.#subject}: "${name}" is refused: ${toText(readReports(result.reports))}`,
      );
    }
    const shown = describeInput(input);
    const known = this.#inputs[name];
    if (known !== undefined && JSON.stringify(known) !== JSON.stringify(shown)) {
      throw new Error(`${this.#subject}: two inputs are named "${name}"`);
    }
    this.#inputs[name] = shown;
    this.#history.push({ name, snapshot: this.#engine.store.snapshot() });
    this.#setTime();
  }

  /** Forgets what happened after the input of that name; without one, everything. */
  backTo(name?: string): void {
    const place = this.#history.findIndex((past) => past.name === name);
    if (name !== undefined && place === -1) throw new Error(`nothing happened as "${name}"`);
    this.#history = this.#history.slice(0, place + 1);
    this.#rewind();
  }

  /** A vector of an input whose operations all apply. */
  accepts(name: string, spec: string, comment: string, input: HistoryInput): void {
    this.#record(name, spec, comment, input, []);
  }

  /** A vector of an input with refused operations; accepted where others of it apply. */
  refuses(
    name: string,
    spec: string,
    comment: string,
    input: HistoryInput,
    ...refusals: Refusal[]
  ): void {
    this.#record(name, spec, comment, input, refusals);
  }

  /** A device whose key follows from the story's seed. */
  device(type: DeviceKeyType = "ed25519"): DeviceSigner {
    return quickSigner(type, this.world.random(32));
  }

  toFile(): TransitionFile {
    return {
      subject: this.#subject,
      comment: this.#comment,
      chain_id: Number(CHAIN_ID),
      app_contract: toHex(APP),
      machine_secret: toHex(this.world.machineSecret),
      ...(this.#stateBytesMax === undefined ? {} : { state_bytes_max: this.#stateBytesMax }),
      people: Object.fromEntries(
        [this.alice, this.bob, this.carol].map(({ name, address }) => [name, toHex(address)]),
      ),
      inputs: this.#inputs,
      vectors: this.#vectors,
    };
  }

  #record(
    name: string,
    spec: string,
    comment: string,
    input: HistoryInput,
    expected: readonly Refusal[],
  ): void {
    const id = `${this.#subject}/${name}`;
    const result = this.#apply(input);
    const refusals = readReports(result.reports);
    if (refusals.map(({ refusal }) => refusal).join() !== expected.join()) {
      throw new Error(`${id}: expected [${expected}], got ${result.status} ${toText(refusals)}`);
    }
    if (this.#vectors.some((vector) => vector.id === id)) throw new Error(`two vectors are ${id}`);
    const head = { id, comment, spec, history: this.#history.map((past) => past.name) };
    const tried = { input: describeInput(input), status: result.status, refusals };
    const left =
      result.status === "accepted"
        ? { outputs: result.outputs.map(describeOutput), root: toHex(this.#engine.store.getRoot()) }
        : {};
    this.#vectors.push({ ...head, ...tried, ...left });
    this.#rewind();
  }

  #apply(input: HistoryInput) {
    if (input.at.inputIndex !== this.#history.length) {
      throw new Error(`${this.#subject}: an input was built before the one in front of it`);
    }
    return this.#engine.apply(input);
  }

  #rewind(): void {
    this.#engine.store.restore(this.#history.at(-1)?.snapshot ?? this.#empty);
    this.#setTime();
  }

  #setTime(): void {
    this.world.inputIndex = this.#history.length;
    this.world.timestampSec = START_SEC + SECONDS_A_BLOCK * this.#history.length;
  }
}

/** A declaration's body; sealed where epoch keys are given. */
export function declare(
  story: Story,
  stream: Pick<BodyOf<"declare_stream">, "deviceId" | "name" | "metrics"> &
    Partial<Pick<BodyOf<"declare_stream">, "retentionSec">>,
  epochKeys?: readonly Uint8Array[],
): BodyOf<"declare_stream"> {
  const hashes = epochKeys?.map((key) => computeEpochKeyHash(story.world.crypto, key)) ?? [];
  const isSealed = epochKeys !== undefined;
  return { kind: "declare_stream", retentionSec: 0, ...stream, isSealed, epochKeyHashes: hashes };
}

/** A rotation to the signer's key, with its agreement to the owner. */
export function rotateKey(
  story: Story,
  deviceId: number,
  signer: DeviceSigner,
  owner = story.alice,
): BodyOf<"rotate_device_key"> {
  const message = encodePossessionMessage(story.world.at, owner.address, signer.key);
  return { kind: "rotate_device_key", deviceId, key: signer.key, possession: signer.sign(message) };
}

function describeInput({ at, payload }: HistoryInput): VectorInput {
  return {
    msg_sender: toHex(at.sender),
    block_number: at.blockNumber,
    block_timestamp: at.timestampSec,
    payload: toHex(payload),
  };
}

function readReports(reports: readonly string[]): TransitionVector["refusals"] {
  return reports.map((report) => {
    const { operation, refusal } = JSON.parse(Buffer.from(report.slice(2), "hex").toString());
    if (!Object.hasOwn(REFUSALS, refusal)) throw new Error(`no such refusal: ${refusal}`);
    return { operation, refusal };
  });
}

const toText = (refusals: TransitionVector["refusals"]): string => JSON.stringify(refusals);
