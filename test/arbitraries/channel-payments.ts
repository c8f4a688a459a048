import { concat, type Hex, hexToBytes, keccak256, numberToHex, stringToHex, toHex } from "viem";
import type { ChannelClaim, ChannelTerms, PaymentForm } from "../../spec/channel-operations.ts";
import type { BodyOf } from "../../spec/operations.ts";
import { ETHER } from "../../spec/portals.ts";
import { APP, CHAIN_ID, type Person } from "./world.ts";

/**
 * Payments as a payer's wallet signs them, written with viem and not with `spec/`: so the stories
 * of channels also hold our digests against another implementation.
 */

/** A payment group of the tests. */
export const GROUP_ID = new Uint8Array(32).fill(0x67);

const DOMAIN = {
  name: "tallyroll",
  version: "2",
  chainId: Number(CHAIN_ID),
  verifyingContract: toHex(APP),
} as const;
const uint = (name: string) => ({ name, type: "uint256" }) as const;
const address = (name: string) => ({ name, type: "address" }) as const;
const TYPES = {
  ChannelPayment: [uint("channelId"), uint("nonce"), uint("amount")],
  LanePayment: [uint("channelId"), uint("generation"), uint("lane"), uint("cumulative")],
  ChannelOpening: [
    ...[address("payer"), address("sender"), address("signer"), address("recipient")],
    ...[{ name: "groupId", type: "bytes32" } as const, address("token"), uint("value")],
    ...[uint("expirationBlock"), uint("payments"), uint("lanes"), uint("messageNonce")],
  ],
} as const;

const word = (value: bigint | number): Hex => numberToHex(value, { size: 32 });

/** MPE's way: a personal message over the hash of the packed fields. */
async function signMpe(by: Person, prefix: string, fields: readonly Hex[]): Promise<Uint8Array> {
  const raw = keccak256(concat([stringToHex(prefix), ...fields]));
  return hexToBytes(await by.account.signMessage({ message: { raw } }));
}

async function signTyped(
  by: Person,
  primaryType: keyof typeof TYPES,
  message: Record<string, unknown>,
): Promise<Uint8Array> {
  const typedData = { domain: DOMAIN, types: TYPES, primaryType, message };
  return hexToBytes(await by.account.signTypedData(typedData as never));
}

/** A payment of lane 0. */
export interface Payment {
  readonly channelId: number;
  readonly nonce: number;
  readonly amount: bigint;
}

export function signPayment(by: Person, payment: Payment, form: PaymentForm): Promise<Uint8Array> {
  const { channelId, nonce, amount } = payment;
  if (form === "eip712") return signTyped(by, "ChannelPayment", { ...payment });
  const fields = [toHex(APP), word(channelId), word(nonce), word(amount)];
  return signMpe(by, "__MPE_claim_message", fields);
}

export interface LanePayment {
  readonly channelId: number;
  readonly generation: number;
  readonly lane: number;
  readonly cumulative: bigint;
}

export function signLane(by: Person, payment: LanePayment): Promise<Uint8Array> {
  return signTyped(by, "LanePayment", { ...payment });
}

/** The sender's word to the payer of a third party's opening. */
export function signOpening(
  by: Person,
  payer: Person,
  terms: ChannelTerms,
  messageNonce: bigint,
  form: PaymentForm,
): Promise<Uint8Array> {
  const { signer, recipient, groupId, token, value, expirationBlock, payments, lanes } = terms;
  const parties = [payer.address, signer, recipient, groupId].map((bytes) => toHex(bytes));
  if (form === "mpe") {
    const numbers = [value, expirationBlock, messageNonce].map(word);
    return signMpe(by, "__openChannelByThirdParty", [toHex(APP), ...parties, ...numbers]);
  }
  return signTyped(by, "ChannelOpening", {
    ...{ payer: parties[0], sender: toHex(by.address), signer: parties[1], recipient: parties[2] },
    ...{ groupId: parties[3], token: toHex(token), value, expirationBlock, messageNonce },
    payments: ["mpe", "eip712", "both"].indexOf(payments),
    lanes,
  });
}

/** An opening's body: Ether, both forms, a late block, unless told otherwise. */
export function openingTo(
  recipient: Person,
  signer: Person,
  value: bigint,
  fields: Partial<ChannelTerms> = {},
): BodyOf<"open_channel"> {
  return {
    kind: "open_channel",
    recipient: recipient.address,
    signer: signer.address,
    groupId: GROUP_ID,
    token: ETHER,
    value,
    expirationBlock: 1_000,
    payments: "both",
    lanes: 16,
    ...fields,
  };
}

/** A claim of lane 0 as `by` signed it: all of what was planned, unless told otherwise. */
export async function claimOf(
  by: Person,
  payment: Payment,
  { actual = payment.amount, form = "mpe" as PaymentForm, isSendBack = false } = {},
): Promise<ChannelClaim> {
  const { channelId, amount: planned } = payment;
  const signature = await signPayment(by, payment, form);
  return { channelId, lane: 0, actual, planned, form, isSendBack, signature };
}

/** A claim of a lane's cumulative payment. */
export async function claimLane(
  by: Person,
  payment: LanePayment,
  isSendBack = false,
): Promise<ChannelClaim> {
  const { channelId, lane, cumulative: planned } = payment;
  const signature = await signLane(by, payment);
  return { channelId, lane, actual: 0n, planned, form: "eip712", isSendBack, signature };
}
