import { computeEpochKeyHash } from "../../spec/grant-keys.ts";
import type { Operation, SignableBody } from "../../spec/operations.ts";
import { type ExpectedState, TOKENS } from "./expected-state.ts";
import { makeMetrics, textHeavyMetrics } from "./readings.ts";
import type { SeededRng } from "./seeded-rng.ts";
import { crypto, PEOPLE, type PersonWithKey, possessionOf, signerAt } from "./shared-keys.ts";

/**
 * One operation of a history: what a person does, or what a device has signed already. Making
 * an act that is expected to apply also notes its effect in the expected state.
 */
export type Act = {
  /** Whether the engine is expected to refuse it. */
  readonly isRefused: boolean;
} & (
  | { readonly actor: PersonWithKey; readonly body: SignableBody }
  | { readonly actor: undefined; readonly operation: Operation }
);

/** Most acts that a history packs into one input. */
export const ACTS_MAX = 6;

/** Makes an act, or `undefined` where the state has nothing that it could act on. */
export type ActMaker = (state: ExpectedState, rng: SeededRng) => Act | undefined;

export const doing = (actor: PersonWithKey, body: SignableBody): Act => ({
  actor,
  body,
  isRefused: false,
});

export const transfer: ActMaker = (state, rng) => {
  const payer = state.findPayer(rng);
  if (payer === undefined) return undefined;
  const { who, token, balance } = payer;
  const to = rng.pick(PEOPLE);
  const amount = takeSome(rng, balance);
  state.addBalance(who, token, -amount);
  state.addBalance(to, token, amount);
  return doing(who, { kind: "transfer", token, to: to.address, amount });
};

export const withdraw: ActMaker = (state, rng) => {
  const payer = state.findPayer(rng);
  if (payer === undefined) return undefined;
  const { who, token, balance } = payer;
  const amount = takeSome(rng, balance);
  state.addBalance(who, token, -amount);
  return doing(who, { kind: "withdraw", token, recipient: rng.pick(PEOPLE).address, amount });
};

/** Now and then all of it. */
const takeSome = (rng: SeededRng, balance: bigint): bigint =>
  rng.chance(6) ? balance : 1n + (BigInt(rng.below(2 ** 50)) * (balance - 1n)) / 2n ** 50n;

export const registerDevice: ActMaker = (state, rng) => {
  const owner = rng.pick(PEOPLE);
  const signer = state.usedSigners++;
  state.devices.push({ deviceId: state.devices.length + 1, owner, signer, isRevoked: false });
  const { key } = signerAt(signer);
  return doing(owner, { kind: "register_device", key, possession: possessionOf(owner, signer) });
};

export const rotateDeviceKey: ActMaker = (state, rng) => {
  const device = state.findDevice(rng);
  if (device === undefined) return undefined;
  device.signer = state.usedSigners++;
  const { deviceId, owner, signer } = device;
  const possession = possessionOf(owner, signer);
  const { key } = signerAt(signer);
  return doing(owner, { kind: "rotate_device_key", deviceId, key, possession });
};

export const revokeDevice: ActMaker = (state, rng) => {
  const device = state.findDevice(rng);
  if (device === undefined) return undefined;
  device.isRevoked = true;
  return doing(device.owner, { kind: "revoke_device", deviceId: device.deviceId });
};

export const declareStream =
  (isSealed: boolean): ActMaker =>
  (state, rng) => {
    const device = state.findDevice(rng);
    if (device === undefined) return undefined;
    const isHeavy = rng.chance(8);
    const groupCount = isSealed && !isHeavy ? rng.between(1, 3) : 1;
    const metrics = isHeavy ? textHeavyMetrics() : makeMetrics(rng, groupCount);
    const epochKeys = isSealed ? makeKeys(rng, groupCount) : [];
    const streamId = state.streams.length + 1;
    const name = `${rng.pick(["weather", "Wetter", "空気"])} ${streamId}`;
    state.streams.push({
      streamId,
      device,
      name,
      isSealed,
      groupCount,
      metrics,
      epoch: 0,
      epochKeys: [epochKeys],
      nextSequence: 0,
      previousHash: undefined,
    });
    const { deviceId, owner } = device;
    const epochKeyHashes = epochKeys.map((key) => computeEpochKeyHash(crypto, key));
    return doing(owner, {
      kind: "declare_stream",
      deviceId,
      name,
      isSealed,
      retentionSec: 0,
      metrics,
      epochKeyHashes,
    });
  };

export const rotateEpoch: ActMaker = (state, rng) => {
  const stream = state.findStream(rng, true);
  if (stream === undefined) return undefined;
  stream.epoch += 1;
  const keys = makeKeys(rng, stream.groupCount);
  stream.epochKeys.push(keys);
  const { streamId, epoch } = stream;
  const epochKeyHashes = keys.map((key) => computeEpochKeyHash(crypto, key));
  return doing(stream.device.owner, { kind: "rotate_epoch", streamId, epoch, epochKeyHashes });
};

const makeKeys = (rng: SeededRng, groupCount: number): Uint8Array[] =>
  Array.from({ length: groupCount }, () => rng.bytes(32));

/** A deposit's account, token and amount; small and huge ones, never more than a token can hold. */
export function chooseDeposit(state: ExpectedState, rng: SeededRng, isEther: boolean) {
  const who = rng.pick(PEOPLE);
  const token = isEther ? TOKENS[0]! : rng.pick(TOKENS.slice(1));
  const amount = rng.chance(4) ? BigInt(rng.below(3)) : BigInt(rng.next()) << 96n;
  state.addBalance(who, token, amount);
  return { who, token, amount };
}
