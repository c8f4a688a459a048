import { bytesToHex } from "viem";
import { describe, expect, test } from "vitest";
import type { ChannelInfo } from "../node-client/client/actions/channel-queries.ts";
import { ChannelPayer } from "../node-client/client/channel/channel-payer.ts";
import { checkPayment } from "../node-client/client/channel/check-payment.ts";
import { PaymentBook } from "../node-client/client/channel/payment-book.ts";
import type { Notice } from "../node-client/client/decoding/decode-notice.ts";
import { fromEscrowNotices } from "../node-client/client/escrow/escrow-change.ts";
import { formatPredicate } from "../node-client/client/escrow/format-predicate.ts";
import { PredicateError, parsePredicate } from "../node-client/client/escrow/predicate-text.ts";
import {
  checkReceipt,
  formatReceipt,
  parseReceipt,
  signReceipt,
} from "../node-client/client/escrow/receipt.ts";
import { computeSessionAnchor, proveMessage } from "../node-client/client/escrow/session-anchor.ts";
import {
  type ChannelPayment,
  formatPayment,
  PaymentError,
  parsePayment,
  toClaim,
  totalOf,
} from "../node-client/client/payment/signed-payment.ts";
import { formatChange } from "../node-client/command/escrow/escrow-change-text.ts";
import { ESCROW_ENDINGS } from "../spec/escrow-operations.ts";
import { hashLeaf, verifyInclusion } from "../spec/merkle.ts";
import { metric, World } from "./arbitraries/world.ts";

const world = new World("settlement client");
const [payer, recipient, stranger] = ["payer", "recipient", "stranger"].map((name) =>
  world.person(name),
) as [ReturnType<World["person"]>, ReturnType<World["person"]>, ReturnType<World["person"]>];
const { crypto, at } = world;
const channel: ChannelInfo = {
  ...{ channelId: 0, nonce: 4, generation: 2, value: 100n, expirationBlock: 1_000 },
  sender: bytesToHex(payer.address),
  signer: bytesToHex(payer.address),
  recipient: bytesToHex(recipient.address),
  groupId: `0x${"00".repeat(32)}`,
  token: `0x${"00".repeat(20)}`,
  ...{ lanes: 64, laneCount: 0 },
  ...{ payments: "both", lastPlanned: 0n, lastActual: 0n },
};
const newPayer = (book = new PaymentBook(at)): ChannelPayer =>
  new ChannelPayer({ crypto, signer: payer.account, at, book });
const brings = (payment: ChannelPayment, changes: Partial<ChannelInfo> = {}): bigint =>
  checkPayment(payment, {
    ...{ crypto, at, channel: { ...channel, ...changes } },
    recipient: bytesToHex(recipient.address),
    ...{ lanes: [], book: new PaymentBook(at), headBlock: 1 },
  });

describe("payments", () => {
  test("rise on each lane, and never over what the channel holds", async () => {
    const mine = newPayer();
    const first = await mine.pay({ channel, amount: 30n });
    expect(await mine.pay({ channel, amount: 20n })).toMatchObject({ nonce: 4, amount: 50n });
    expect(await mine.pay({ channel, amount: 40n, lane: 1 })).toMatchObject({ cumulative: 40n });
    await expect(mine.pay({ channel, amount: 11n, lane: 2 })).rejects.toThrow(PaymentError);
    expect(await mine.pay({ channel, amount: 10n, lane: 2 })).toMatchObject({ generation: 2 });
    expect(brings(first)).toBe(30n);
    expect(() => brings(first, { value: 7n })).toThrow("of which 7 are not promised yet");
  });

  test("are of lanes that the channel has room for", async () => {
    const few = { ...channel, lanes: 1 };
    const mine = newPayer();
    await expect(mine.pay({ channel: few, amount: 1n, lane: 2 })).rejects.toThrow(
      "has lanes 1 to 1",
    );
    const payment = await mine.pay({ channel, amount: 1n, lane: 2 });
    expect(() => brings(payment, { lanes: 1 })).toThrow("lane 2 can never be redeemed");
    expect(() => brings(payment, { lanes: 0 })).toThrow("has no lanes");
  });

  test("begin anew with the nonce; lanes go on from what was redeemed under lost notes", async () => {
    const mine = newPayer();
    await mine.pay({ channel, amount: 30n });
    const next = { ...channel, nonce: 5 };
    expect(await mine.pay({ channel: next, amount: 5n })).toMatchObject({ nonce: 5, amount: 5n });
    const lanes = [{ lane: 1, redeemed: 60n, lastCumulative: 70n }];
    const lost = await newPayer().pay({ channel, amount: 5n, lane: 1, lanes });
    expect(totalOf(lost)).toBe(75n);
  });

  test("what was redeemed is no longer promised, nor what a former generation was", async () => {
    const mine = newPayer();
    await mine.pay({ channel, amount: 60n, lane: 1 });
    const lanes = [{ lane: 1, redeemed: 60n, lastCumulative: 60n }];
    const left = { ...channel, value: 40n };
    await expect(mine.pay({ channel: left, amount: 41n, lane: 2, lanes })).rejects.toThrow(
      "40 base",
    );
    await mine.pay({ channel: left, amount: 40n, lane: 2, lanes });
    const anew = { ...channel, generation: 3 };
    expect(await mine.pay({ channel: anew, amount: 100n, lane: 3 })).toMatchObject({
      cumulative: 100n,
    });
  });

  test("the signer's and the sender's count, and nobody else's", async () => {
    const payment = await newPayer().pay({ channel, amount: 1n });
    const other = bytesToHex(stranger.address);
    expect(brings(payment, { signer: other })).toBe(1n);
    expect(brings(payment, { sender: other })).toBe(1n);
    expect(() => brings(payment, { signer: other, sender: other })).toThrow("is signed by");
  });

  test("of a later round are better, of an earlier one never, whatever they promise", async () => {
    const before = await newPayer().pay({ channel, amount: 50n });
    const after = await newPayer().pay({ channel: { ...channel, nonce: 5 }, amount: 1n });
    for (const payments of [
      [before, after],
      [after, before],
    ]) {
      const book = new PaymentBook(at);
      for (const payment of payments) book.put(payment);
      expect(book.list()).toEqual([after]);
    }
  });

  test("a lane's claim takes no part: the machine refuses none, and pays what there is", async () => {
    const payment = await newPayer().pay({ channel, amount: 9n, lane: 1 });
    expect(toClaim(payment, { actual: 4n })).toMatchObject({ actual: 0n, planned: 9n, lane: 1 });
    const nonce = await newPayer().pay({ channel, amount: 9n });
    expect(toClaim(nonce, { actual: 4n })).toMatchObject({ actual: 4n, planned: 9n, lane: 0 });
    expect(toClaim(nonce)).toMatchObject({ actual: 9n, isSendBack: false });
  });

  test.each(["mpe", "eip712", "lane"] as const)("%s: checked like a claim", async (form) => {
    const lane = form === "lane" ? { lane: 3 } : { form };
    const payment = await newPayer().pay({ channel, amount: 1n, ...lane });
    expect(parsePayment(at, formatPayment(at, payment))).toEqual(payment);
    expect(brings(payment)).toBe(1n);
    expect(() => brings(payment, { nonce: 5, generation: 3 })).toThrow("which is at");
    expect(() => brings(payment, { recipient: channel.sender })).toThrow("pays");
    const only = form === "mpe" ? "eip712" : "mpe";
    expect(() => brings(payment, { payments: only })).toThrow("takes");
    const forged = form === "lane" ? { cumulative: 2n } : { amount: 2n };
    expect(() => brings({ ...payment, ...forged } as ChannelPayment)).toThrow("is signed by");
    expect(() => parsePayment({ ...at, chainId: 1n }, formatPayment(at, payment))).toThrow("for");
  });

  test("a book keeps the best in any order, and survives its file", async () => {
    const mine = newPayer();
    const payments: ChannelPayment[] = [];
    for (const lane of [1, 2, 1, 2, 1])
      payments.push(await mine.pay({ channel, amount: 1n, lane }));
    const book = new PaymentBook(at);
    for (const payment of [...payments].reverse()) book.put(payment);
    expect(book.list().map(totalOf)).toEqual([3n, 2n]);
    expect(PaymentBook.parse(at, book.format()).list()).toEqual(book.list());
    expect(() => PaymentBook.parse(at, "{}")).toThrow(PaymentError);
  });

  test("a channel that is opened now has promised nothing, whatever was noted of its number", async () => {
    const book = new PaymentBook(at);
    const gone = await newPayer(book).pay({ channel, amount: 30n });
    book.noteOpening(gone.channelId);
    const kept = PaymentBook.parse(at, book.format());
    expect(kept.list()).toEqual([]);
    expect(kept.hasOpening(gone.channelId)).toBe(true);
    expect(kept.hasOpening(gone.channelId + 1)).toBe(false);
  });

  test("a lost payer adopts his own payments only", async () => {
    const theirs = await newPayer().pay({ channel, amount: 30n });
    const lost = newPayer();
    lost.adopt(theirs);
    expect(await lost.pay({ channel, amount: 1n })).toMatchObject({ amount: 31n });
    const forged = { ...theirs, amount: 60n } as ChannelPayment;
    expect(() => lost.adopt(forged)).toThrow("not by this account");
  });
});

describe("receipts and anchors", () => {
  const escrowId = `standard:0x${"5f".repeat(16)}` as const;

  test("a receipt is its buyer's, for its counts and application", async () => {
    const terms = { escrowId, unit: 2, messageCount: 15, validCount: 14 };
    const receipt = await signReceipt(payer.account, at, terms);
    const buyer = bytesToHex(payer.address);
    checkReceipt(crypto, at, parseReceipt(at, formatReceipt(at, receipt)), buyer);
    expect(() => checkReceipt(crypto, at, { ...receipt, unit: 3 }, buyer)).toThrow(
      "not by its buyer",
    );
    const other = bytesToHex(stranger.address);
    expect(() => checkReceipt(crypto, at, receipt, other)).toThrow("not by its buyer");
    expect(() => parseReceipt({ ...at, chainId: 1n }, formatReceipt(at, receipt))).toThrow("chain");
    const elsewhere = { ...at, app: world.random(20) };
    expect(() => parseReceipt(elsewhere, formatReceipt(at, receipt))).toThrow("chain");
    const overcounted = await signReceipt(payer.account, at, { ...terms, validCount: 16 });
    expect(() => checkReceipt(crypto, at, overcounted, buyer)).toThrow("16 valid of 15 messages");
  });

  test("an anchor commits to each message", () => {
    const messages = ["a", "b", "c"].map((text) => new TextEncoder().encode(text));
    const anchor = computeSessionAnchor(crypto, messages, (message) => message[0] !== 0x62);
    expect(anchor).toMatchObject({ messageCount: 3, validCount: 2 });
    const leafHash = hashLeaf(crypto, messages[1]!);
    const path = proveMessage(crypto, messages, 1);
    expect(verifyInclusion(crypto, { leafHash, index: 1, size: 3, path }, anchor.root)).toBe(true);
    expect(computeSessionAnchor(crypto, []).root).toEqual(new Uint8Array(32));
  });
});

test("a lapse and the operation behind it come to one change, each unit in it", () => {
  const escrowId: `0x${string}` = `0x${"5f".repeat(16)}`;
  const refunded = (unit: bigint): Notice => ({
    name: "UnitRefunded",
    args: { escrowId, unit, amount: 7n },
  });
  // A judged session is refunded by its lapse, and the one that it started by the provider's end.
  const closed: Notice = {
    name: "EscrowClosed",
    args: { escrowId, ending: BigInt(ESCROW_ENDINGS.refunded), returned: 3n },
  };
  const change = fromEscrowNotices([refunded(4n), refunded(5n), closed]);
  expect(change).toEqual({
    refunded: { unit: 4, count: 2, amount: 14n },
    closed: { ending: "refunded", returned: 3n },
  });
  const judged = {
    escrowId: `standard:${escrowId}` as const,
    terms: { answerTimeSec: 9, predicate: undefined },
  };
  expect(formatChange(judged, change, { symbol: "TT", decimals: 0 })).toBe(
    `standard:${escrowId}: 2 units from 4 on refunded: 14 TT to the buyer. ` +
      "Closed as refunded; 3 TT went back to the buyer.",
  );
});

describe("predicates as text", () => {
  const metrics = [metric("temperature", { unit: "Cel", scale: 2 }), metric("wind speed")];

  test.each([
    ["temperature in [25, 43)", 2_500, 4_299],
    ["temperature in [25, 43]", 2_500, 4_300],
    ["temperature in [-0.015, 0.015]", -1, 1],
    ["temperature in [-0.015, 0.015)", -1, 1],
    ["temperature{Cel,1} in [25, 43)", 250, 429],
    ['"wind speed" in [1, 3]', 1, 3],
  ])("%s", (text, minimum, maximum) => {
    expect(parsePredicate(text, metrics)).toMatchObject({ kind: "range", minimum, maximum });
  });

  test.each([
    ["temperature < 25.005", "maximum", 2_500],
    ["temperature <= 25.005", "maximum", 2_500],
    ["temperature > 25.005", "minimum", 2_501],
    ["temperature >= 25.005", "minimum", 2_501],
    ["temperature < -25.005", "maximum", -2_501],
    ["temperature > -25.005", "minimum", -2_500],
    ["temperature < 25", "maximum", 2_499],
    ["temperature > 25", "minimum", 2_501],
  ])("%s: no value beyond the bound", (text, side, bound) => {
    expect(parsePredicate(text, metrics)).toMatchObject({ [side]: bound });
  });

  test("and binds before or; what is written reads back", () => {
    const text = 'temperature < 1 or temperature > 9 and ("wind speed" <= 3 or "wind speed" >= 7)';
    const predicate = parsePredicate(text, metrics);
    expect(predicate).toMatchObject({
      kind: "or",
      parts: [{}, { kind: "and", parts: [{}, { kind: "or" }] }],
    });
    expect(parsePredicate(formatPredicate(predicate))).toEqual(predicate);
  });

  test.each([
    "",
    "rain < 1",
    "temperature",
    "temperature < x",
    "temperature in [9, 1]",
    "(temperature < 1",
    "temperature < 1 and",
    "temperature < 1 1",
    "temperature in [1, 2",
  ])("%j is none", (text) => {
    expect(() => parsePredicate(text, metrics)).toThrow(PredicateError);
  });

  test("what is wrong with it has its own way out", () => {
    expect(() => parsePredicate("temperature garbage", metrics)).toThrow("Write ranges such as");
    expect(() => parsePredicate("nowhere < 1", metrics)).toThrow(
      /no numeric .*\nName one of those/,
    );
    expect(() => parsePredicate("temperature < 1", [])).toThrow(
      /no numeric metric\.\nLeave the pr/,
    );
    expect(() => parsePredicate("temperature < 1")).toThrow(
      /nothing says the unit and scale of temperature\.\nLeave .* where no stream is sold/,
    );
  });
});
