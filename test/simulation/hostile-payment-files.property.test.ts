import { strictEqual } from "node:assert/strict";
import { rmSync, writeFileSync } from "node:fs";
import { Readable } from "node:stream";
import { afterAll, expect, test } from "vitest";
import { balanceOf } from "../../dapp/engine/balances.ts";
import {
  type DuePayments,
  findDuePayments,
  toDueClaim,
} from "../../node-client/client/channel/collect-payments.ts";
import { formatPayment } from "../../node-client/client/payment/signed-payment.ts";
import { readPaymentFiles } from "../../node-client/command/channel/channel-payments-file.ts";
import type { Io } from "../../node-client/command/terminal/io.ts";
import { ETHER } from "../../spec/portals.ts";
import { mutateBytes } from "../arbitraries/hostile-bytes.ts";
import { mutateJson, mutateText } from "../arbitraries/hostile-texts.ts";
import { PaymentMarket } from "../arbitraries/payment-market.ts";
import { SeededRng } from "../arbitraries/seeded-rng.ts";
import { refusalsOf } from "../arbitraries/world.ts";
import { Folder } from "../integration/fixtures/run-cli.ts";
import { runs, seed } from "../seed.ts";

/**
 * Files of payments that others wrote: whatever stands in them, the valid lines bring what they
 * bring alone, and every other line is named.
 */

const LINES_OF_FILE = 40;
/** What must not reach a terminal as it is. */
const UNSAFE = /[\p{C}\p{Zl}\p{Zp}]/u;

const folder = new Folder();
afterAll(() => folder.remove());

test("no line of a file takes what another brings", { timeout: 3_600_000 }, async () => {
  const rng = new SeededRng(seed("hostile payment files"));
  const market = await PaymentMarket.open();
  const [mutated, rejected, due] = [{ count: 0 }, new Map<string, number>(), { sum: 0n }];
  let last: DuePayments | undefined;
  for (let left = runs(100_000); left > 0; left -= LINES_OF_FILE) {
    const fileSeed = rng.next();
    const chance = new SeededRng(fileSeed);
    const bytes = composeFile(market, chance, mutated);
    try {
      const found = await read(market, chance, bytes);
      // A file may bring nothing at all.
      if (found.due.length > 0) last = found;
      const told = market.judge(bytes);
      expect(sumsOf(found)).toEqual(told.dueByChannel);
      expect(found.rejected.map(({ place }) => place?.line)).toEqual(told.rejectedLines);
      expect(found.rejectedCount).toBe(told.rejectedLines.length);
      for (const { fault, reason, whatToDo, place } of found.rejected) {
        rejected.set(fault, (rejected.get(fault) ?? 0) + 1);
        for (const text of [reason, whatToDo, place?.file ?? ""])
          strictEqual(UNSAFE.test(text), false);
      }
      for (const { reason } of found.idle) strictEqual(UNSAFE.test(reason), false);
      for (const sum of told.dueByChannel.values()) due.sum += sum;
    } catch (cause) {
      const text = Buffer.from(bytes).toString("latin1");
      throw new Error(`the file of seed ${fileSeed}:\n${text.slice(0, 20_000)}`, { cause });
    }
  }
  expect(mutated.count).toBeGreaterThan(runs(100_000) / 3);
  expect(due.sum).toBeGreaterThan(0n);
  const faults = ["malformed", "other_application", "channel_not_found", "signature_wrong"];
  expect([...rejected.keys()]).toEqual(expect.arrayContaining(faults));
  redeemLast(market, last);
});

/** Valid lines, forged ones and others with something done to them, in any order. */
function composeFile(
  market: PaymentMarket,
  rng: SeededRng,
  mutated: { count: number },
): Uint8Array {
  const lines = Array.from({ length: LINES_OF_FILE }, (): string => {
    const line = formatPayment(market.at, rng.pick(market.payments));
    if (rng.chance(4)) return line;
    if (rng.chance(6)) return formatPayment(market.at, market.forge(rng));
    if (rng.chance(12)) return rng.pick(["", " ", "opened 3", "tallyroll payments 1", "\ufeff"]);
    mutated.count += 1;
    if (rng.chance(2)) return mutateText(line, rng);
    return JSON.stringify(mutateJson(JSON.parse(line), rng));
  });
  const bytes = new TextEncoder().encode(lines.join(rng.chance(3) ? "\r\n" : "\n"));
  return rng.chance(3) ? mutateBytes(bytes, rng) : bytes;
}

/** By a file with a hostile name, or by standard input in chunks of any size. */
async function read(
  market: PaymentMarket,
  rng: SeededRng,
  bytes: Uint8Array,
): Promise<DuePayments> {
  const { client, recipientAddress: recipient } = market;
  const isFile = rng.chance(4);
  const path = folder.file("pay\u001b[2J\u202e\u009bments.txt");
  if (isFile) writeFileSync(path, bytes);
  const cuts: Uint8Array[] = [];
  for (let from = 0; from < bytes.length; ) {
    const to = from + rng.between(1, rng.pick([60, 400, 9_000]));
    cuts.push(bytes.slice(from, to));
    from = to;
  }
  const io = { stdin: Readable.from(cuts), cwd: folder.path } as unknown as Io;
  const payments = readPaymentFiles([isFile ? path : "-"], market.at, io);
  const found = await findDuePayments(client, { payments, recipient });
  if (isFile) rmSync(path);
  return found;
}

function sumsOf({ due }: DuePayments): Map<number, bigint> {
  const sums = new Map<number, bigint>();
  for (const { payment, due: brings } of due) {
    sums.set(payment.channelId, (sums.get(payment.channelId) ?? 0n) + brings);
  }
  return sums;
}

/** The real engine pays what was found to the unit. */
function redeemLast(
  { engine, world, recipient }: PaymentMarket,
  last: DuePayments | undefined,
): void {
  const { due } = last!;
  const balance = (): bigint => balanceOf(engine.store, recipient.address, ETHER);
  const before = balance();
  const claims = due.map(toDueClaim);
  const result = engine.apply(world.bySender(recipient, { kind: "multi_claim", claims }));
  expect(refusalsOf(result)).toEqual([]);
  expect(balance() - before).toBe(due.reduce((sum, { due: brings }) => sum + brings, 0n));
}

test("however many channels a file makes up, few are asked for", async () => {
  const market = await PaymentMarket.open();
  const [valid] = market.payments;
  const before = market.askedCount;
  const payments = Array.from({ length: 3_000 }, (_, i) => ({
    payment: { ...valid!, channelId: 1_000 + i },
  }));
  const offers = [...payments, { payment: valid! }];
  const found = await findDuePayments(market.client, {
    ...{ payments: offers, recipient: market.recipientAddress },
  });
  expect(found.rejectedCount).toBe(3_000);
  expect(found.rejected.length).toBe(1_000);
  expect(found.due.length).toBe(1);
  expect(market.askedCount - before).toBeLessThan(300);
});
