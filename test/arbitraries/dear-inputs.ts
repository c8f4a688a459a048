import { concatBytes } from "@noble/hashes/utils.js";
import { encodeAbiParameters, parseAbiParameters } from "viem";
import type { Store } from "../../dapp/engine/store.ts";
import { encodeWire, type Wire } from "../../spec/codec.ts";
import { encodePlainEnvelope } from "../../spec/envelope.ts";
import {
  CODEC_ITEMS_MAX,
  OPERATIONS_MAX,
  PAYLOAD_BYTES_MAX,
  READINGS_PER_INPUT_MAX,
} from "../../spec/limits.ts";
import { encodeOperation } from "../../spec/operation-codec.ts";
import type { Operation, SignableBody } from "../../spec/operations.ts";
import type { Column, Metric } from "../../spec/readings.ts";
import { type BatchDraft, sealBatch } from "../../spec/seal-batch.ts";
import { portalAddress, type RawInput } from "./deposit-inputs.ts";
import type { HonestStream } from "./honest-streams.ts";
import type { StreamEnd } from "./hostile-batches.ts";
import { HEAVY_TEXT } from "./readings.ts";
import type { SeededRng } from "./seeded-rng.ts";
import { crypto, MACHINE_KEY, PEOPLE, signerAt } from "./shared-keys.ts";
import { HERE, signQuickly, toBytes } from "./signers.ts";
import { toSubmission } from "./stream-acts.ts";
import { bySender, integers, metric, START_SEC, texts } from "./world.ts";

/** Inputs that make the machine work hardest for their bytes: every bound, met from below. */

const eve = PEOPLE[4]!;
const sent = (payload: Uint8Array): RawInput => ({ sender: eve.address, payload });

/** As many as one input takes: in operations, bytes and wire values. */
export function fill(make: (index: number) => Operation): RawInput {
  const list: Wire[] = [];
  let byteCount = 1 + 3;
  let itemCount = 1;
  for (let i = 0; i < OPERATIONS_MAX; i++) {
    const packed = encodeOperation(make(i));
    byteCount += encodeWire(packed).length;
    itemCount += countItems(packed);
    if (byteCount > PAYLOAD_BYTES_MAX || itemCount > CODEC_ITEMS_MAX) break;
    list.push(packed);
  }
  return sent(concatBytes(Uint8Array.of(1), encodeWire(list)));
}

const countItems = (value: Wire): number =>
  Array.isArray(value) ? value.reduce((sum: number, item) => sum + countItems(item), 1) : 1;

/** 256 new devices of one key type without a proof: a point to check and a signature, each. */
export function unprovenDevices(type: number): RawInput {
  const possession = signerAt(type).sign(new Uint8Array(1));
  return fill((i) => {
    const { key } = signerAt(3 * (i % 80) + type);
    return bySender({ kind: "register_device", key, possession });
  });
}

/** 256 relayed operations, each signed by another than it says. */
export function falseSignatures(body: SignableBody, nonce: number): RawInput {
  const claim = { account: eve.address, nonce, deadlineSec: START_SEC + 100_000_000 };
  const operation = signQuickly(PEOPLE[0]!.secret, claim, body);
  return fill(() => operation);
}

/** A declaration of as many metrics as there may be: many hashes for one EIP-712 digest. */
export function wideDeclaration(deviceId: number, name: string): SignableBody {
  const metrics: Metric[] = Array.from({ length: 32 }, (_, i) =>
    metric(`${i}`, { minimum: 0, maximum: 1 }),
  );
  return {
    kind: "declare_stream",
    deviceId,
    name,
    isSealed: false,
    retentionSec: 0,
    metrics,
    epochKeyHashes: [],
  };
}

/** As many wire values as an input may have, in operations that are none. */
export const manyValues = (): RawInput =>
  fill(() => {
    const epochKeyHashes = Array.from({ length: 58 }, () => new Uint8Array(0));
    return bySender({ kind: "rotate_epoch", streamId: 1, epoch: 1, epochKeyHashes });
  });

/** ERC-1155 tokens of as many ids as fit, to be sent straight back. */
export function wideBatchDeposit(): RawInput {
  const ids = Array.from({ length: 1_010 }, (_, i) => 2n ** 255n + BigInt(i));
  const parameters = parseAbiParameters("uint256[], uint256[], bytes, bytes");
  const data = toBytes(encodeAbiParameters(parameters, [ids, ids, "0x", "0x"]));
  const head = concatBytes(new Uint8Array(20).fill(0x98), eve.address);
  return { sender: portalAddress("erc1155_batch"), payload: concatBytes(head, data) };
}

/** A column that is dear to decode, to bound and to hash, for the bits it takes. */
function dearColumn(
  { kind }: Metric,
  count: number,
  rng: SeededRng,
  distinctTexts: number,
): Column {
  if (kind !== "text") return integers(...Array.from({ length: count }, () => rng.below(2 ** 12)));
  if (distinctTexts === 1) return texts(...Array.from({ length: count }, () => HEAVY_TEXT));
  return {
    values: Float64Array.from({ length: count }, (_, i) => i % distinctTexts),
    present: undefined,
    dictionary: Array.from({ length: distinctTexts }, (_, i) => i.toString(36)),
  };
}

/** One honest batch as large as the bounds and the payload let it be. */
export function largeBatch(
  stream: HonestStream,
  end: StreamEnd,
  rng: SeededRng,
  count: number,
  distinctTexts = 1,
): Operation {
  const { deviceId, streamId, metrics, epochKeys, signer } = stream;
  const draft: BatchDraft = {
    ...HERE,
    deviceId,
    streamId,
    epoch: end.epoch,
    firstSequence: end.nextSequence,
    count,
    salt: rng.bytes(16),
    metrics,
    times: Float64Array.from({ length: count }, (_, i) => START_SEC + i),
    columns: metrics.map((each) => dearColumn(each, count, rng, distinctTexts)),
    previousHash: end.lastBatchHash ?? new Uint8Array(32),
    epochKeys: epochKeys.length > 0 ? epochKeys : undefined,
  };
  return toSubmission(draft, sealBatch(crypto, draft, MACHINE_KEY, rng.bytes(32)), signer);
}

/** As many signed batches as one input may have readings for; all but the first are out of turn. */
export function manyBatches(stream: HonestStream, end: StreamEnd, rng: SeededRng): RawInput {
  const count = READINGS_PER_INPUT_MAX / OPERATIONS_MAX;
  return fill((i) => {
    const at = { ...end, nextSequence: end.nextSequence + i * count };
    return largeBatch(stream, at, rng, count);
  });
}

export const single = (operation: Operation): RawInput => sent(encodePlainEnvelope([operation]));

/** 256 relayed registrations, each true for its account and false for its device: two verdicts each. */
export function falsePossessions(nonce: number): RawInput {
  const claim = { account: eve.address, nonce, deadlineSec: START_SEC + 100_000_000 };
  const { key, sign } = signerAt(120);
  const possession = sign(new Uint8Array(1));
  const operation = signQuickly(eve.secret, claim, { kind: "register_device", key, possession });
  return fill(() => operation);
}

/** What they aim at. */
export interface DearTarget {
  readonly stream: HonestStream;
  readonly end: StreamEnd;
  /** Of the account that signs. */
  readonly nonce: number;
}

const MAKERS: readonly ((target: DearTarget, rng: SeededRng) => RawInput)[] = [
  (_, rng) => unprovenDevices(rng.below(3)),
  ({ nonce }) => falseSignatures(wideDeclaration(1, "wide"), nonce),
  ({ nonce }) => falseSignatures({ kind: "revoke_device", deviceId: 1 }, nonce),
  ({ nonce }) => falsePossessions(nonce),
  () => manyValues(),
  () => wideBatchDeposit(),
  ({ stream, end }, rng) => manyBatches(stream, end, rng),
  // Signed for another, so that none of them counts: all are opened, until the bound on readings.
  ({ stream, end }, rng) => {
    const operation = largeBatch({ ...stream, signer: 120 }, end, rng, 160);
    return fill(() => operation);
  },
  ({ stream, end }, rng) => single(largeBatch(stream, end, rng, 1_000, 300)),
];

/** Where they can be sent to. */
export interface DearPlace {
  readonly streams: readonly HonestStream[];
  readonly store: Pick<Store, "accounts" | "streams">;
}

const listOpen = ({ streams }: DearPlace): HonestStream[] =>
  streams.filter(({ epochKeys }) => epochKeys.length === 0);

function aimAt(stream: HonestStream, { store }: DearPlace): DearTarget {
  const nonce = store.accounts.get(eve.address)?.nonce ?? 0;
  return { stream, end: store.streams.get(stream.streamId)!, nonce };
}

/** Any of them. */
export function dearInput(place: DearPlace, rng: SeededRng): RawInput {
  const stream = rng.pick(listOpen(place));
  return rng.pick(MAKERS)(aimAt(stream, place), rng);
}

/** Each of them for each open stream, made when it is its turn. */
export function* listDearInputs(place: DearPlace, rng: SeededRng): Generator<RawInput> {
  for (const stream of listOpen(place)) {
    for (const make of MAKERS) yield make(aimAt(stream, place), rng);
  }
}
