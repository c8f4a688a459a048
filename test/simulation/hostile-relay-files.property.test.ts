import { bytesToHex } from "@noble/hashes/utils.js";
import fc from "fast-check";
import { beforeAll, expect, test } from "vitest";
import { createNodeCrypto } from "../../dapp/crypto/node-crypto.ts";
import {
  parseRelayFile,
  type RelayFileError,
} from "../../node-client/command/operation/relay-file.ts";
import { describeRelayed } from "../../node-client/command/relay/relay-command.ts";
import { ClientError } from "../../node-client/errors.ts";
import type { Crypto } from "../../spec/crypto.ts";
import { encodePlainEnvelope, encodeSealedEnvelope } from "../../spec/envelope.ts";
import type {
  Authorization,
  Operation,
  OperationBody,
  SignableBody,
} from "../../spec/operations.ts";
import { mutateBytes } from "../arbitraries/hostile-bytes.ts";
import { mutateJson, mutateText } from "../arbitraries/hostile-texts.ts";
import { BODIES } from "../arbitraries/operations.ts";
import {
  accountOf,
  forgeFile,
  forgePayload,
  honestFile,
  READER,
  signAs,
} from "../arbitraries/relay-files.ts";
import { SeededRng } from "../arbitraries/seeded-rng.ts";
import { runs, seed } from "../seed.ts";

/**
 * A relay file of any content gives the operation that its account has signed for this application,
 * or is refused by a typed error whose words no terminal obeys.
 */

const UNSAFE = /[\p{C}\p{Zl}\p{Zp}]/u;
const PER_KIND = 6;
const SIGNER = 0;
const STRANGER = 1;
const SECONDS = [1, 1_700_000_000, 2_000_000_000, 2 ** 40 - 1];

interface Sample {
  readonly operation: Operation;
  readonly text: string;
  readonly file: Readonly<Record<string, unknown>>;
  readonly payload: Uint8Array;
}
let crypto: Crypto;
let samples: readonly Sample[];
/** All that was ever signed for this application, whoever did, without the signatures. */
const signed = new Set<string>();
const reasons = new Map<string, number>();
let takenCount = 0;

beforeAll(async () => {
  crypto = await createNodeCrypto();
  samples = listBodies().map((body, i) => {
    const claim = { nonce: i % 5 === 0 ? 2 ** 53 - 1 : i, deadlineSec: SECONDS[i % 4]! };
    const operation = signHere(SIGNER, body, claim);
    const text = honestFile(operation);
    const file = JSON.parse(text);
    return { operation, text, file, payload: encodePlainEnvelope([operation]) };
  });
});

/** A few bodies of every kind that an account signs, their fields as wide as the wire takes them. */
function listBodies(): SignableBody[] {
  const { submit: _, ...signable } = BODIES;
  return Object.values(signable).flatMap((bodies) => {
    const some = fc.sample(bodies, { numRuns: PER_KIND, seed: seed("relay files") });
    return some.filter((body) => encodePlainEnvelope([bySender(body)]).length < 3_000);
  }) as SignableBody[];
}

const bySender = (body: OperationBody): Operation => ({ authorization: { by: "sender" }, body });

function signHere(who: number, body: SignableBody, claim: Parameters<typeof signAs>[2]): Operation {
  const operation = signAs(who, body, claim);
  signed.add(describe(operation));
  return operation;
}

/** The operation without its signature: of one message there are two, which differ in v. */
function describe({ authorization, body }: Operation): string {
  if (authorization.by !== "account") return authorization.by;
  const unsigned = { ...authorization, signature: new Uint8Array(65) };
  return bytesToHex(encodePlainEnvelope([{ authorization: unsigned, body }]));
}

type Shape = (sample: Sample, rng: SeededRng) => string;
const accountSigned = ({ operation }: Sample) =>
  operation.authorization as Extract<Authorization, { by: "account" }>;
const another = (rng: SeededRng): Sample => rng.pick(samples);
const place = (rng: SeededRng) =>
  rng.chance(2)
    ? { chainId: BigInt(rng.next()), app: READER.at.app }
    : { chainId: READER.at.chainId, app: rng.bytes(20) };

const SHAPES: Readonly<Record<string, Shape>> = {
  untouched: ({ text }) => text,
  text: ({ text }, rng) => mutateText(text, rng),
  json: ({ file }, rng) => JSON.stringify(mutateJson(file, rng)),
  payload: ({ file, payload }, rng) =>
    forgePayload(`0x${bytesToHex(mutateBytes(payload, rng))}`, file),
  bySender: ({ operation, file }) => forgeFile([bySender(operation.body)], file),
  byDevice: ({ operation: { body }, file }, rng) =>
    forgeFile([{ authorization: { by: "device", signature: rng.bytes(64) }, body }], file),
  byStranger: (sample, rng) => {
    const { signature } = accountSigned({
      ...sample,
      operation: signAs(STRANGER, sample.operation.body as SignableBody, accountSigned(sample)),
    });
    const account = rng.chance(2) ? accountOf(SIGNER) : accountOf(STRANGER);
    const authorization = { ...accountSigned(sample), account, signature };
    return forgeFile([{ authorization, body: sample.operation.body }], sample.file);
  },
  ofStranger: ({ operation: { body }, file }, rng) => {
    const claim = { nonce: rng.below(9), deadlineSec: rng.pick(SECONDS) };
    const operation = signHere(STRANGER, body as SignableBody, claim);
    return rng.chance(2) ? honestFile(operation) : forgeFile([operation], file);
  },
  otherBody: (sample, rng) => {
    const { body } = another(rng).operation;
    return forgeFile([{ authorization: accountSigned(sample), body }], sample.file);
  },
  otherClaim: (sample, rng) => {
    const claim = rng.chance(2) ? { nonce: rng.below(2 ** 32) } : { deadlineSec: rng.next() };
    const authorization = { ...accountSigned(sample), ...claim };
    return forgeFile([{ authorization, body: sample.operation.body }], sample.file);
  },
  otherWords: (sample, rng) => forgeFile([sample.operation], another(rng).file),
  elsewhere: ({ operation, file }, rng) => {
    const body = operation.body as SignableBody;
    return forgeFile([signAs(SIGNER, body, {}, place(rng))], file);
  },
  several: ({ operation, file }, rng) => {
    const second = rng.chance(2) ? bySender(operation.body) : another(rng).operation;
    return forgeFile(rng.chance(2) ? [operation, second] : [second, operation], file);
  },
  sealed: ({ operation, file }, rng) => {
    const at = { ...READER.at, sender: accountOf(STRANGER) };
    const key = crypto.x25519PublicKey(rng.bytes(32));
    const payload = encodeSealedEnvelope(crypto, [operation], key, rng.bytes(32), at);
    return forgePayload(`0x${bytesToHex(payload)}`, file);
  },
};

test("a file is the operation that its account has signed, or refused in plain words", {
  timeout: 3_600_000,
}, () => {
  const names = Object.keys(SHAPES);
  const rng = new SeededRng(seed("hostile relay files"));
  const count = runs(100_000);
  for (let i = 0; i < count; i++) {
    const shape = names[i % names.length]!;
    const text = SHAPES[shape]!(rng.pick(samples), rng);
    judge(text, `${shape} ${i}`);
  }
  expect(takenCount).toBeGreaterThan(count / 20);
  const seen = ["not_a_file", "other_application", "authorization", "signer", "words_differ"];
  for (const reason of seen) expect(reasons.get(reason), reason).toBeGreaterThan(count / 500);
});

function judge(text: string, called: string): void {
  try {
    const operation = parseRelayFile(text, "gift.json", { ...READER, crypto });
    expect(operation.authorization.by, called).toBe("account");
    expect(signed.has(describe(operation)), called).toBe(true);
    expect(describeRelayed(READER, { file: "gift.json", operation })).not.toMatch(UNSAFE);
    takenCount += 1;
  } catch (error) {
    if (!(error instanceof ClientError)) throw new Error(`${called}: ${text}`, { cause: error });
    expect(error.shortMessage, called).not.toMatch(UNSAFE);
    expect(error.whatToDo, called).not.toMatch(UNSAFE);
    const { reason } = error as RelayFileError;
    reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
  }
}
