/** Receipts and identifiers of escrows (spec §12.2, §12.6), against viem's encoders. */

import { bytesToHex, type Hex, hexToBytes } from "viem";
import { describe, expect, test } from "vitest";
import { createNodeCrypto } from "../../dapp/crypto/node-crypto.ts";
import type { Crypto } from "../../spec/crypto.ts";
import { nobleCrypto } from "../../spec/crypto-noble.ts";
import {
  computeEct,
  computeEscrowId,
  computePosition,
  formatEct,
  formatEscrowId,
} from "../../spec/escrow-id.ts";
import { computeReceiptDigest } from "../../spec/escrow-receipt.ts";
import { areEndpoints, isSlug } from "../../spec/slug.ts";
import { computeDomainSeparator } from "../../spec/typed-hash.ts";
import { readVectors, type Vector } from "./read-vectors.ts";

interface ReceiptVector extends Vector {
  readonly app: Hex;
  readonly chain_id: number;
  readonly receipt: {
    readonly escrow_id: Hex;
    readonly unit: number;
    readonly message_count: number;
    readonly valid_count: number;
  };
  readonly digest: Hex;
  readonly signature: Hex;
  readonly signer: Hex;
}

interface IdVector extends Vector {
  readonly app: Hex;
  readonly chain_id: number;
  readonly input_index: number;
  readonly operation_index: number;
  readonly standard: string;
  readonly intent: string;
  readonly ect: string;
  readonly position: number;
}

const IMPLEMENTATIONS: readonly [string, Crypto][] = [
  ["node", await createNodeCrypto()],
  ["noble", nobleCrypto],
];

describe.each(IMPLEMENTATIONS)("%s", (_, crypto) => {
  test.each(readVectors<ReceiptVector>("escrow-receipt"))("$id: $comment", (vector) => {
    const { escrow_id, unit, message_count, valid_count } = vector.receipt;
    const at = { chainId: BigInt(vector.chain_id), app: hexToBytes(vector.app) };
    const digest = computeReceiptDigest(crypto, computeDomainSeparator(crypto, at), {
      ...{ escrowId: hexToBytes(escrow_id), unit },
      ...{ messageCount: message_count, validCount: valid_count },
    });
    expect(bytesToHex(digest)).toBe(vector.digest);
    const signer = crypto.recoverAddress(digest, hexToBytes(vector.signature));
    expect(bytesToHex(signer!)).toBe(vector.signer);
  });

  test.each(readVectors<IdVector>("escrow-id"))("$id: $comment", (vector) => {
    const place = {
      ...{ chainId: BigInt(vector.chain_id), app: hexToBytes(vector.app) },
      ...{ inputIndex: vector.input_index, operationIndex: vector.operation_index },
    };
    const escrowId = computeEscrowId(crypto, place);
    expect(formatEscrowId("standard", escrowId)).toBe(vector.standard);
    expect(formatEscrowId("intent", escrowId)).toBe(vector.intent);
    expect(formatEct(computeEct(crypto, place))).toBe(vector.ect);
    expect(computePosition(place.inputIndex, place.operationIndex)).toBe(vector.position);
  });
});

test.each([
  ["weather", true],
  ["a", true],
  ["0.rain_fall-2", true],
  ["x".repeat(64), true],
  ["x".repeat(65), false],
  ["", false],
  [".hidden", false],
  ["Weather", false],
  ["two words", false],
  ["topic/level", false],
  ["line\n", false],
  ["größe", false],
])("slug %j: %s", (text, expected) => {
  expect(isSlug(text)).toBe(expected);
});

test.each([
  [[], true],
  [["https://acme.example:8000/a?b=c"], true],
  [["x".repeat(256)], true],
  [["x".repeat(257)], false],
  [[""], false],
  [["a b"], false],
  [["a\nb"], false],
  [["ä"], false],
  [["a", "a"], false],
  [["a", "b", "c", "d", "e", "f", "g", "h"], true],
  [["a", "b", "c", "d", "e", "f", "g", "h", "i"], false],
])("endpoints %j: %s", (endpoints, expected) => {
  expect(areEndpoints(endpoints)).toBe(expected);
});
