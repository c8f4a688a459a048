import { hexToBytes } from "@noble/hashes/utils.js";
import { formatScaled } from "../../spec/decimal.ts";
import { decodeLeaf } from "../../spec/leaves.ts";
import { type ReadingProof, verifyReadingProof } from "../../spec/reading-proof.ts";
import {
  type BatchAnswer,
  fromBatchAnswer,
  fromGrantAnswer,
  fromStreamAnswer,
  type GrantAnswer,
  type StreamAnswer,
} from "../buyer/from-answers.ts";
import {
  listReadings,
  readSealed,
  SealedReadError,
  type UnsealedReading,
} from "../buyer/read-sealed.ts";
import { check, type DemoWorld, type Person } from "./demo-world.ts";
import { OPEN_STREAM, type Scene, SEALED_STREAM } from "./submit-readings.ts";

const SHOWN_SEQUENCE = 200;

interface ProofAnswer {
  readonly batch_id: number;
  readonly commitment: string;
  readonly group_index: number;
  readonly group_count: number;
  readonly key_hash: string;
  readonly group_path: readonly string[];
  readonly leaf: string;
  readonly reading_index: number;
  readonly reading_count: number;
  readonly reading_path: readonly string[];
}

const bytes = (text: string): Uint8Array => hexToBytes(text.slice(2));

/** Asks for the proof of one reading, verifies it, and shows that it proves no other reading. */
export function proveOpenReading(world: DemoWorld, scene: Scene): string[] {
  const { crypto } = world;
  const fields = { stream_id: OPEN_STREAM, sequence: SHOWN_SEQUENCE };
  const answer = world.ask<ProofAnswer>("proof", fields);
  const proof: ReadingProof = {
    groupIndex: answer.group_index,
    groupCount: answer.group_count,
    keyHash: bytes(answer.key_hash),
    groupPath: answer.group_path.map(bytes),
    leaf: bytes(answer.leaf),
    readingIndex: answer.reading_index,
    readingCount: answer.reading_count,
    readingPath: answer.reading_path.map(bytes),
  };
  const commitment = bytes(answer.commitment);
  check(verifyReadingProof(crypto, commitment, proof), "the reading's proof holds");
  const forged = proof.leaf.slice();
  forged[forged.length - 1]! ^= 1;
  const isForgedTaken = verifyReadingProof(crypto, commitment, { ...proof, leaf: forged });
  check(!isForgedTaken, "a changed reading is refused");

  const reading = decodeLeaf(
    proof.leaf,
    scene.metrics.map(({ kind }) => kind),
  );
  const [temperature] = reading?.values ?? [];
  const expected = scene.source.columns[0]?.values[SHOWN_SEQUENCE];
  check(temperature === expected, "the proved reading is the file's");
  const pathLength = proof.readingPath.length + proof.groupPath.length;
  return [
    `batch ${answer.batch_id} commits to ${answer.commitment}`,
    `reading ${SHOWN_SEQUENCE}: ${formatScaled(expected ?? 0, 2)} °C, proved by ${pathLength} ` +
      `hashes without showing the ${proof.readingCount - 1} others`,
    "the same proof with another temperature: refused",
  ];
}

/** Opens all batches of the sealed stream with what the grant gives, and compares with the file. */
export function readAsBuyer(
  world: DemoWorld,
  scene: Scene,
): { readonly story: string[]; readonly readingCount: number } {
  const readings = readStream(world, scene.buyer, scene.buyer.encryptionSecret);
  for (const { sequence, values } of readings) {
    const stored = scene.source.columns[0]?.values[sequence] ?? 0;
    check(values[0] === formatScaled(stored, 2), "the buyer reads what the device sealed");
  }
  check(readings.length > SHOWN_SEQUENCE, "the buyer reads all readings");
  const shown = readings[SHOWN_SEQUENCE];
  const words = scene.metrics.map((metric, m) => {
    const value = shown?.values[m];
    return value === undefined ? `${metric.name} (not bought)` : `${metric.name} ${value}`;
  });
  check(shown?.values[2] === undefined, "what was not granted stays hidden");
  return {
    readingCount: readings.length,
    story: [
      `${readings.length} readings decrypted, every batch checked against its commitment`,
      `reading ${SHOWN_SEQUENCE}: ${words.join(", ")}`,
    ],
  };
}

/** Somebody else with the same public answers and a key of his own. */
export function refuseStranger(world: DemoWorld, scene: Scene): string {
  const { encryptionSecret } = world.createPerson();
  try {
    readStream(world, scene.buyer, encryptionSecret);
  } catch (error) {
    if (!(error instanceof SealedReadError)) throw error;
    return `a stranger with the same answers: ${error.shortMessage}`;
  }
  check(false, "a stranger reads nothing");
  return "";
}

/** Everything but the secret is public: the queries are those that anybody may ask. */
function readStream(world: DemoWorld, buyer: Person, secret: Uint8Array): UnsealedReading[] {
  const account = buyer.address;
  const asked = { buyer: buyer.account.address.toLowerCase() };
  const { grants } = world.ask<{ grants: GrantAnswer[] }>("grants", asked);
  const declared = world.ask<StreamAnswer>("stream", { stream_id: SEALED_STREAM });
  const { batches } = world.ask<{ batches: BatchAnswer[] }>("batches", {
    stream_id: SEALED_STREAM,
  });
  const stream = fromStreamAnswer(declared, world.at);
  const unsealed = readSealed(
    world.crypto,
    stream,
    { account, secret },
    grants.map(fromGrantAnswer),
    batches.map(fromBatchAnswer),
  );
  return [...unsealed].flatMap((batch) => listReadings(batch, stream.metrics));
}
