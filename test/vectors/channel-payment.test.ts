/** What payers sign (spec §10.2, §10.4): the reference's MPE signatures, and viem's EIP-712. */

import { bytesToHex, type Hex, hexToBytes } from "viem";
import { describe, expect, test } from "vitest";
import { createNodeCrypto } from "../../dapp/crypto/node-crypto.ts";
import type { ChannelPayments } from "../../spec/channel-operations.ts";
import {
  computeLaneDigest,
  computeMpeDigest,
  computeOpeningDigest,
  computePaymentDigest,
  encodeMpeOpening,
  encodeMpePayment,
} from "../../spec/channel-payment.ts";
import type { Crypto } from "../../spec/crypto.ts";
import { nobleCrypto } from "../../spec/crypto-noble.ts";
import { computeDomainSeparator } from "../../spec/typed-hash.ts";
import { readVectors, type Vector } from "./read-vectors.ts";

interface PaymentVector extends Vector {
  readonly form: string;
  readonly app: Hex;
  readonly chain_id?: number;
  readonly payment?: {
    readonly channel_id: number;
    readonly nonce: number;
    readonly amount: string;
  };
  readonly lane?: {
    readonly channel_id: number;
    readonly generation: number;
    readonly lane: number;
    readonly cumulative: string;
  };
  readonly opening?: {
    readonly [name in "payer" | "sender" | "signer" | "recipient" | "group_id" | "token"]: Hex;
  } & {
    readonly value: string;
    readonly expiration_block: number;
    readonly payments: ChannelPayments;
    readonly lanes?: number;
    readonly message_nonce: string;
  };
  readonly message?: Hex;
  readonly digest: Hex;
  readonly signature: Hex;
  readonly signer: Hex;
}

const IMPLEMENTATIONS: readonly [string, Crypto][] = [
  ["node", await createNodeCrypto()],
  ["noble", nobleCrypto],
];
const vectors = readVectors<PaymentVector>("channel-payment");

function computeDigest(
  crypto: Crypto,
  vector: PaymentVector,
): { readonly message?: Uint8Array; readonly digest: Uint8Array } {
  const app = hexToBytes(vector.app);
  const domain = computeDomainSeparator(crypto, { chainId: BigInt(vector.chain_id ?? 0), app });
  if (vector.payment !== undefined) {
    const { channel_id, nonce, amount } = vector.payment;
    const payment = { channelId: channel_id, nonce, amount: BigInt(amount) };
    if (vector.form === "eip712_payment") {
      return { digest: computePaymentDigest(crypto, domain, payment) };
    }
    const message = encodeMpePayment(app, payment);
    return { message, digest: computeMpeDigest(crypto, message) };
  }
  if (vector.lane !== undefined) {
    const { channel_id, generation, lane, cumulative } = vector.lane;
    const payment = { channelId: channel_id, generation, lane, cumulative: BigInt(cumulative) };
    return { digest: computeLaneDigest(crypto, domain, payment) };
  }
  const { payer, sender, signer, recipient, group_id, token, ...rest } = vector.opening!;
  const terms = {
    ...{ signer: hexToBytes(signer), recipient: hexToBytes(recipient) },
    ...{ groupId: hexToBytes(group_id), token: hexToBytes(token), value: BigInt(rest.value) },
    ...{ expirationBlock: rest.expiration_block, payments: rest.payments },
    lanes: rest.lanes ?? 0,
  };
  const nonce = BigInt(rest.message_nonce);
  if (vector.form === "mpe_opening") {
    const message = encodeMpeOpening(app, hexToBytes(payer), terms, nonce);
    return { message, digest: computeMpeDigest(crypto, message) };
  }
  const people = [hexToBytes(payer), hexToBytes(sender)] as const;
  return { digest: computeOpeningDigest(crypto, domain, ...people, terms, nonce) };
}

describe.each(IMPLEMENTATIONS)("%s", (_, crypto) => {
  test.each(vectors)("$id: $comment", (vector) => {
    const { message, digest } = computeDigest(crypto, vector);
    if (message !== undefined) expect(bytesToHex(message)).toBe(vector.message);
    expect(bytesToHex(digest)).toBe(vector.digest);
    const signer = crypto.recoverAddress(digest, hexToBytes(vector.signature));
    expect(bytesToHex(signer!)).toBe(vector.signer);
  });
});

test("both of the reference's signatures are here", () => {
  const references = vectors.filter(({ id }) => id.includes("mpe_reference"));
  expect(references.map(({ message }) => hexToBytes(message!).length)).toEqual([135, 135]);
});
