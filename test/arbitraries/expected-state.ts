import { bytesToHex } from "@noble/hashes/utils.js";
import { ETHER } from "../../spec/portals.ts";
import type { Metric } from "../../spec/readings.ts";
import type { SeededRng } from "./seeded-rng.ts";
import { PEOPLE, type PersonWithKey } from "./shared-keys.ts";

/** What a generated history expects of the application, as far as its next input depends on it. */
export interface ExpectedDevice {
  readonly deviceId: number;
  readonly owner: PersonWithKey;
  /** Index into the shared signers. */
  signer: number;
  isRevoked: boolean;
}

export interface ExpectedStream {
  readonly streamId: number;
  readonly device: ExpectedDevice;
  readonly name: string;
  readonly isSealed: boolean;
  readonly groupCount: number;
  readonly metrics: readonly Metric[];
  epoch: number;
  /** By epoch, then by key group; empty for an open stream. */
  readonly epochKeys: (readonly Uint8Array[])[];
  nextSequence: number;
  previousHash: Uint8Array | undefined;
}

export interface ExpectedBatch {
  readonly batchId: number;
  readonly stream: ExpectedStream;
  readonly batchKeys: readonly Uint8Array[];
  /** The group that a challenge disproves; `undefined` for an honest batch. */
  readonly faultyGroup: number | undefined;
  isDisproved: boolean;
}

export interface ExpectedGrant {
  readonly stream: ExpectedStream;
  readonly epoch: number;
  readonly buyer: PersonWithKey;
  isRevoked: boolean;
}

/** Tokens of the histories; the zero address is Ether. */
export const TOKENS: readonly Uint8Array[] = [
  ETHER,
  new Uint8Array(20).fill(0x70),
  new Uint8Array(20).fill(0x71),
];

/** The state that a history's accepted inputs have led to. */
export class ExpectedState {
  readonly devices: ExpectedDevice[] = [];
  readonly streams: ExpectedStream[] = [];
  readonly batches: ExpectedBatch[] = [];
  readonly grants: ExpectedGrant[] = [];
  readonly nonces = new Map<PersonWithKey, number>();
  readonly buyers = new Set<PersonWithKey>();
  /** How many of the shared signers have been some device's key. */
  usedSigners = 0;
  readonly #balances = new Map<string, bigint>();

  /** A state of its own that goes on from here. */
  fork(): ExpectedState {
    const copy = new ExpectedState();
    const devices = copyAll(this.devices, copy.devices, (device) => ({ ...device }));
    const streams = copyAll(this.streams, copy.streams, (stream) => ({
      ...stream,
      device: devices.get(stream.device)!,
      epochKeys: [...stream.epochKeys],
    }));
    const onCopy = <T extends { readonly stream: ExpectedStream }>(row: T): T => ({
      ...row,
      stream: streams.get(row.stream)!,
    });
    copyAll(this.batches, copy.batches, onCopy);
    copyAll(this.grants, copy.grants, onCopy);
    for (const [who, nonce] of this.nonces) copy.nonces.set(who, nonce);
    for (const buyer of this.buyers) copy.buyers.add(buyer);
    for (const [name, balance] of this.#balances) copy.#balances.set(name, balance);
    copy.usedSigners = this.usedSigners;
    return copy;
  }

  getBalance(who: PersonWithKey, token: Uint8Array): bigint {
    return this.#balances.get(nameOf(who, token)) ?? 0n;
  }

  addBalance(who: PersonWithKey, token: Uint8Array, amount: bigint): void {
    this.#balances.set(nameOf(who, token), this.getBalance(who, token) + amount);
  }

  getNonce(who: PersonWithKey): number {
    return this.nonces.get(who) ?? 0;
  }

  /** Somebody with money, and in what. */
  findPayer(
    rng: SeededRng,
  ): { who: PersonWithKey; token: Uint8Array; balance: bigint } | undefined {
    const found = PEOPLE.flatMap((who) =>
      TOKENS.map((token) => ({ who, token, balance: this.getBalance(who, token) })),
    ).filter(({ balance }) => balance > 0n);
    return found.length === 0 ? undefined : rng.pick(found);
  }

  findDevice(rng: SeededRng): ExpectedDevice | undefined {
    const live = this.devices.filter((device) => !device.isRevoked);
    return live.length === 0 ? undefined : rng.pick(live);
  }

  findStream(rng: SeededRng, isSealed: boolean): ExpectedStream | undefined {
    const live = this.streams.filter(
      (stream) => stream.isSealed === isSealed && !stream.device.isRevoked,
    );
    return live.length === 0 ? undefined : rng.pick(live);
  }

  hasGrant(stream: ExpectedStream, epoch: number, buyer: PersonWithKey): boolean {
    return this.grants.some(
      (grant) => grant.stream === stream && grant.epoch === epoch && grant.buyer === buyer,
    );
  }
}

function copyAll<T>(from: readonly T[], to: T[], copy: (row: T) => T): Map<T, T> {
  const copies = new Map(from.map((row) => [row, copy(row)]));
  to.push(...copies.values());
  return copies;
}

const nameOf = (who: PersonWithKey, token: Uint8Array): string =>
  `${who.name} ${bytesToHex(token)}`;
