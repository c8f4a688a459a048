import { NOT_BROUGHT } from "../../spec/core-operations.ts";
import type { OperationBody, SignableBody } from "../../spec/operations.ts";
import { ETHER } from "../../spec/portals.ts";
import { sealBatch } from "../../spec/seal-batch.ts";
import { ACTS_MAX, type Act, type ActMaker } from "./acts.ts";
import type { ExpectedState } from "./expected-state.ts";
import type { SeededRng } from "./seeded-rng.ts";
import {
  crypto,
  MACHINE_KEY,
  PEOPLE,
  type PersonWithKey,
  possessionOf,
  signerAt,
} from "./shared-keys.ts";
import { HERE, type SigningPlace, signQuickly } from "./signers.ts";
import { draftBatch, toSubmission } from "./stream-acts.ts";
import { APP, CHAIN_ID, metric, START_SEC } from "./world.ts";

/** Acts that break one rule each, on a state where everything else about them is right. */

const refused = (actor: PersonWithKey, body: SignableBody): Act => ({
  actor,
  body,
  isRefused: true,
});
const LATER_SEC = START_SEC + 1_000_000;

/** A key that no device has had, offered without its proof. */
const unproven: ActMaker = (state, rng) => {
  const owner = rng.pick(PEOPLE);
  const { key } = signerAt(state.usedSigners);
  const possession = possessionOf(owner, state.usedSigners + 3);
  return refused(owner, { kind: "register_device", key, possession });
};

const usedKey: ActMaker = (state, rng) => {
  if (state.devices.length === 0) return undefined;
  const { signer } = rng.pick(state.devices);
  const owner = rng.pick(PEOPLE);
  const possession = possessionOf(owner, signer);
  return refused(owner, { kind: "register_device", key: signerAt(signer).key, possession });
};

/** Somebody else's device, stream or grant. */
const trespass: ActMaker = (state, rng) => {
  const device = state.findDevice(rng);
  if (device === undefined) return undefined;
  const stranger = rng.pick(PEOPLE.filter((person) => person !== device.owner));
  const { deviceId } = device;
  const ofDevice: SignableBody[] = [
    { kind: "revoke_device", deviceId },
    {
      kind: "declare_stream",
      deviceId,
      name: "mine",
      isSealed: false,
      retentionSec: 0,
      metrics: [metric("m")],
      epochKeyHashes: [],
    },
  ];
  const stream = state.streams.find((each) => each.device === device);
  if (stream === undefined) return refused(stranger, rng.pick(ofDevice));
  const { streamId } = stream;
  return refused(
    stranger,
    rng.pick<SignableBody>([
      ...ofDevice,
      { kind: "rotate_epoch", streamId, epoch: 1, epochKeyHashes: [rng.bytes(32)] },
      { kind: "revoke_grant", streamId, epoch: 0, buyer: stranger.address },
    ]),
  );
};

const overdraw: ActMaker = (state, rng) => {
  const who = rng.pick(PEOPLE);
  const amount = state.getBalance(who, ETHER) + 1n + BigInt(rng.below(9));
  const to = rng.pick(PEOPLE).address;
  return refused(
    who,
    rng.pick<SignableBody>([
      { kind: "transfer", token: ETHER, to, amount },
      { kind: "withdraw", token: ETHER, recipient: to, amount },
      { kind: "transfer", token: ETHER, to, amount: 0n },
      { kind: "withdraw", token: ETHER, recipient: APP, amount: 1n },
      { kind: "transfer", token: rng.bytes(20), to, amount: 1n },
    ]),
  );
};

const badDeclaration: ActMaker = (state, rng) => {
  const device = state.findDevice(rng);
  if (device === undefined) return undefined;
  const { deviceId, owner } = device;
  const good = {
    kind: "declare_stream",
    deviceId,
    name: "new",
    isSealed: false,
    retentionSec: 0,
  } as const;
  const metrics = [metric("m")];
  const taken = state.streams.find((stream) => stream.device === device)?.name ?? "";
  return refused(
    owner,
    rng.pick<SignableBody>([
      { ...good, name: taken, metrics, epochKeyHashes: [] },
      { ...good, name: "tab\t", metrics, epochKeyHashes: [] },
      { ...good, metrics: [...metrics, metric("m")], epochKeyHashes: [] },
      { ...good, metrics: [metric("m", { minimum: 2, maximum: 1 })], epochKeyHashes: [] },
      { ...good, metrics: [metric("m", { group: 1 })], epochKeyHashes: [] },
      { ...good, metrics, epochKeyHashes: [rng.bytes(32)] },
      { ...good, isSealed: true, metrics, epochKeyHashes: [] },
    ]),
  );
};

const badGrant: ActMaker = (state, rng) => {
  const stream = state.findStream(rng, true);
  if (stream === undefined) return undefined;
  const { streamId, epoch, groupCount } = stream;
  const buyer = rng.pick(PEOPLE).address;
  const expiresAtSec = LATER_SEC;
  const good = { kind: "grant", streamId, epoch, groups: 1, buyer, expiresAtSec } as const;
  const wrappedKeys = rng.bytes(80);
  return refused(
    stream.device.owner,
    rng.pick<SignableBody>([
      { ...good, epoch: epoch + 1, wrappedKeys },
      { ...good, groups: 2 ** groupCount, wrappedKeys },
      { ...good, groups: 0, wrappedKeys },
      { ...good, expiresAtSec: START_SEC - 1, wrappedKeys },
      { ...good, wrappedKeys: rng.bytes(79) },
      { ...good, buyer: rng.bytes(20), wrappedKeys },
      { kind: "revoke_grant", streamId, epoch, buyer: rng.bytes(20) },
      { kind: "rotate_epoch", streamId, epoch: epoch + 2, epochKeyHashes: [] },
      { kind: "rotate_epoch", streamId, epoch: epoch + 1, epochKeyHashes: [] },
      { kind: "register_encryption_key", key: new Uint8Array(32) },
    ]),
  );
};

const badChallenge: ActMaker = (state, rng) => {
  const batchKey = rng.bytes(32);
  const count = state.batches.length;
  const batchId = rng.chance(3) ? count + 1 : rng.between(1, count + 1);
  return refused(rng.pick(PEOPLE), {
    kind: "challenge",
    batchId,
    group: rng.below(4),
    batchKey,
    ...NOT_BROUGHT,
  });
};

/** A submission that is right but for one thing; `undefined` draws again. */
const badSubmission: ActMaker = (state, rng) => {
  const stream = state.findStream(rng, rng.chance(2));
  if (stream === undefined) return undefined;
  const draft = draftBatch(stream, rng, rng.between(1, 8));
  const other: { -readonly [K in keyof typeof draft]: (typeof draft)[K] } = { ...draft };
  let { signer } = stream.device;
  switch (rng.below(6)) {
    case 0:
      other.chainId = 1n;
      break;
    case 1:
      other.app = rng.bytes(20);
      break;
    case 2:
      other.previousHash = rng.bytes(32);
      break;
    case 3:
      other.deviceId += 1;
      break;
    case 4:
      signer = state.usedSigners + 1;
      break;
    default:
      return mangleSubmission(stream, draft, signer, rng);
  }
  const batch = sealBatch(crypto, other, MACHINE_KEY, rng.bytes(32));
  return { actor: undefined, operation: toSubmission(draft, batch, signer), isRefused: true };
};

/**
 * A true batch whose envelope fields were changed behind the device's back. As many readings as an
 * input may have are claimed only at a sequence that is used: else they would be spent, and what
 * comes behind in the same input would find none left.
 */
function mangleSubmission(
  stream: { readonly nextSequence: number },
  draft: ReturnType<typeof draftBatch>,
  signer: number,
  rng: SeededRng,
): Act {
  const batch = sealBatch(crypto, draft, MACHINE_KEY, rng.bytes(32));
  const { authorization, body } = toSubmission(draft, batch, signer);
  if (body.kind !== "submit") throw new TypeError("a submission is one");
  const mangled = rng.pick<OperationBody>([
    { ...body, epoch: body.epoch + 1 },
    { ...body, firstSequence: body.firstSequence + 1 },
    { ...body, count: body.count + 1 },
    { ...body, count: 0 },
    ...(stream.nextSequence === 0
      ? []
      : [{ ...body, firstSequence: stream.nextSequence - 1, count: 4_096 }]),
    { ...body, streamId: body.streamId + 1_000 },
    { ...body, sealed: flipBit(body.sealed, rng) },
  ]);
  return { actor: undefined, operation: { authorization, body: mangled }, isRefused: true };
}

export function flipBit(bytes: Uint8Array, rng: SeededRng): Uint8Array {
  const flipped = bytes.slice();
  flipped[rng.below(bytes.length)]! ^= 1 << rng.below(8);
  return flipped;
}

/** A submission of a revoked device. */
const revokedSubmission: ActMaker = (state, rng) => {
  const gone = state.streams.filter((stream) => stream.device.isRevoked);
  if (gone.length === 0) return undefined;
  const stream = rng.pick(gone);
  const draft = draftBatch(stream, rng, 2);
  const batch = sealBatch(crypto, draft, MACHINE_KEY, rng.bytes(32));
  const operation = toSubmission(draft, batch, stream.device.signer);
  return { actor: undefined, operation, isRefused: true };
};

/**
 * A relayed operation whose signature does not count here, now, or for this account. Its maker
 * does not know which acts before it in the same input will be relayed for this account, so a
 * nonce is too high only beyond all of them.
 */
const badSignature: ActMaker = (state, rng) => {
  const who = rng.pick(PEOPLE);
  const other = PEOPLE[(PEOPLE.indexOf(who) + 1) % PEOPLE.length]!;
  const nonce = state.getNonce(who);
  const claim = { account: who.address, nonce, deadlineSec: LATER_SEC };
  const body: SignableBody = { kind: "register_encryption_key", key: who.encryptionKey };
  const sign = (
    changes: Partial<typeof claim>,
    secret = who.secret,
    place?: SigningPlace,
  ): Act => ({
    actor: undefined,
    operation: signQuickly(secret, { ...claim, ...changes }, body, place),
    isRefused: true,
  });
  switch (rng.below(6)) {
    case 0:
      return sign({ nonce: nonce + ACTS_MAX });
    case 1:
      return sign({ deadlineSec: START_SEC });
    case 2:
      return sign({}, other.secret);
    case 3:
      return sign({}, who.secret, { ...HERE, chainId: CHAIN_ID + 1n });
    case 4:
      return sign({}, who.secret, { ...HERE, app: rng.bytes(20) });
    default:
      return nonce === 0 ? sign({}, other.secret) : sign({ nonce: nonce - 1 });
  }
};

/** Nobody has one where there is room. */
const noBond: ActMaker = (_, rng) => refused(rng.pick(PEOPLE), { kind: "withdraw_bond" });

const MAKERS: readonly ActMaker[] = [
  noBond,
  unproven,
  usedKey,
  trespass,
  overdraw,
  badDeclaration,
  badGrant,
  badChallenge,
  badSubmission,
  revokedSubmission,
  badSignature,
];

/** One act that the engine refuses, whatever the state is like. */
export function refusedAct(state: ExpectedState, rng: SeededRng): Act {
  for (let attempt = 0; attempt < 8; attempt++) {
    const act = rng.pick(MAKERS)(state, rng);
    if (act !== undefined) return act;
  }
  return badSignature(state, rng)!;
}
