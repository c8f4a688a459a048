import type { Crypto } from "./crypto.ts";
import type { InputContext } from "./input.ts";
import {
  GROWTH_PER_PAYLOAD_BYTE,
  READINGS_PER_INPUT_MAX,
  RETENTION_BODY_BYTES_MAX,
  RETENTION_STEPS_MAX,
  SIGNATURES_MAX,
} from "./limits.ts";
import { hex, type ModelState } from "./model-state.ts";
import { encodeNotice, type NoticeArgs, type NoticeName } from "./notices.ts";
import type { Authorization, BodyOf, OperationKind } from "./operations.ts";
import type { Hex, Output } from "./outputs.ts";
import type { Refusal } from "./refusals.ts";
import type { MachineKeys } from "./submission.ts";

export const ZERO_ADDRESS: Hex = `0x${"0".repeat(40)}`;
export const ZERO_HASH: Hex = `0x${"0".repeat(64)}`;

/**
 * A refusal on its way out. The engine returns refusals as values and never writes before the last
 * check; the model may write at any time and throws, because it goes back to a copy. So every rule
 * is one line, in the order of the text, and no half-written state can be wrong in both. Not an
 * `Error`: it is not a fault, and a trace of the stack would cost more than the operation.
 */
export class ModelRefusal {
  readonly refusal: Refusal;

  constructor(refusal: Refusal) {
    this.refusal = refusal;
  }
}

/** Refuses unless `isRight`. */
export function demand(isRight: boolean, refusal: Refusal): asserts isRight {
  if (!isRight) throw new ModelRefusal(refusal);
}

/** The value, or a refusal where there is none. */
export function demandFound<T>(value: T | undefined, refusal: Refusal): T {
  if (value === undefined) throw new ModelRefusal(refusal);
  return value;
}

/** How much is still archived and folded (spec §3.8). */
export class ModelTidying {
  #steps: number;
  #bodyBytes: number;

  constructor(steps: number, bodyBytes: number) {
    this.#steps = steps;
    this.#bodyBytes = bodyBytes;
  }

  get mayGoOn(): boolean {
    return this.#steps > 0 && this.#bodyBytes >= 0;
  }

  spend(bodyBytes: number): void {
    this.#steps -= 1;
    this.#bodyBytes -= bodyBytes;
  }
}

/** What one input may still spend (spec §2.4); what was spent stays so, whatever happens. */
export class ModelBudget {
  /** Of the input's pokes together (spec §3.8). */
  readonly pokes = new ModelTidying(RETENTION_STEPS_MAX, RETENTION_BODY_BYTES_MAX);
  /** Whether the head of the input archived or folded anything. */
  hasHeadTidied = false;
  #readings = READINGS_PER_INPUT_MAX;
  #signatures = SIGNATURES_MAX;
  /** Bytes of weight that the payload still pays for (spec §14.2). */
  #growth: number;

  constructor(payloadBytes: number) {
    this.#growth = GROWTH_PER_PAYLOAD_BYTE * payloadBytes;
  }

  checkGrowth(byteCount: number): void {
    demand(byteCount <= this.#growth, "growth_over_payload");
  }

  spendGrowth(byteCount: number): void {
    this.#growth -= byteCount;
  }

  get readings(): number {
    return this.#readings;
  }

  spendReadings(count: number): void {
    demand(count <= this.#readings, "operation_readings_over_bounds");
    this.#readings -= count;
  }

  spendSignature(): void {
    demand(this.#signatures > 0, "operation_signatures_over_bounds");
    this.#signatures -= 1;
  }
}

/** What an operation has made (spec §1.7): the identifier's name in bodies, the identifier, and by whom. */
export interface ModelMade {
  readonly name: string;
  readonly id: number | Hex;
  readonly actor: Hex;
}

/** The notices that say that something new is there: their first argument is its identifier. */
export const ID_NAMES: ReadonlyMap<NoticeName, string> = new Map<NoticeName, string>([
  ["DeviceRegistered", "deviceId"],
  ["StreamDeclared", "streamId"],
  ["SubmissionAccepted", "batchId"],
  ["ChannelOpened", "channelId"],
  ["ServicePublished", "serviceId"],
  ["EscrowOpened", "escrowId"],
  ["IntentOpened", "escrowId"],
]);
const toId = (id: number | bigint | Hex | Uint8Array): number | Hex =>
  id instanceof Uint8Array ? hex(id) : typeof id === "string" ? id : Number(id);

/** One operation at work: who does it, where and when, and what it leaves. */
export class ModelAct {
  readonly crypto: Crypto;
  readonly state: ModelState;
  readonly machine: MachineKeys;
  readonly at: InputContext;
  readonly operationIndex: number;
  readonly actor: Hex;
  readonly budget: ModelBudget;
  readonly stateBytesMax: number;
  /** What the operation makes: later ones of the input may refer to it (spec §1.7). */
  made: ModelMade | undefined;
  readonly outputs: Output[] = [];
  /** Notices of low balances come after all others (spec §13.1). */
  readonly lowBalances: Output[] = [];
  /** Notices of bonds come last (spec §14.3). */
  readonly paid: Output[] = [];

  constructor(
    world: Pick<ModelAct, "crypto" | "state" | "machine" | "at" | "budget" | "stateBytesMax">,
    actor: Hex,
    operationIndex: number,
  ) {
    this.crypto = world.crypto;
    this.state = world.state;
    this.machine = world.machine;
    this.at = world.at;
    this.budget = world.budget;
    this.stateBytesMax = world.stateBytesMax;
    this.actor = actor;
    this.operationIndex = operationIndex;
  }

  get now(): number {
    return this.at.timestampSec;
  }

  get app(): Hex {
    return hex(this.at.app);
  }

  notify<Name extends NoticeName>(name: Name, args: NoticeArgs<Name>): void {
    this.outputs.push(encodeNotice(name, args));
    const [id, version] = args as readonly (number | bigint | Hex | Uint8Array)[];
    const idName = ID_NAMES.get(name);
    if (idName === undefined || (name === "ServicePublished" && Number(version) !== 1)) return;
    this.made = { name: idName, id: toId(id!), actor: this.actor };
  }

  /** Spends a verification, then says whether one of the accounts signed the digest. */
  isSignedBy(digest: Uint8Array, signature: Uint8Array, ...accounts: Hex[]): boolean {
    this.budget.spendSignature();
    const signer = this.crypto.recoverAddress(digest, signature);
    return signer !== undefined && accounts.includes(hex(signer));
  }
}

/** What applies an authorized operation of each kind; throws `ModelRefusal` where it is refused. */
export type ModelRules = {
  readonly [Kind in OperationKind]: (
    act: ModelAct,
    body: BodyOf<Kind>,
    authorization: Authorization,
  ) => void;
};
