import { bytesToHex } from "viem";
import { expect, test } from "vitest";
import { createNodeCrypto } from "../../dapp/crypto/node-crypto.ts";
import { balanceOf } from "../../dapp/engine/balances.ts";
import {
  type ChannelLane,
  listChannelLanes,
} from "../../node-client/client/actions/channel-queries.ts";
import { checkPayment } from "../../node-client/client/channel/check-payment.ts";
import { PaymentBook } from "../../node-client/client/channel/payment-book.ts";
import {
  type ChannelPayment,
  laneOf,
  PaymentError,
  type PaymentTerms,
  signPayment,
  toClaim,
} from "../../node-client/client/payment/signed-payment.ts";
import type { OperationBody } from "../../spec/operations.ts";
import { ETHER } from "../../spec/portals.ts";
import { readAnswer } from "../../spec/query-answers.ts";
import { CHANNEL } from "../../spec/settlement-queries.ts";
import { openingTo } from "../arbitraries/channel-payments.ts";
import { SeededRng } from "../arbitraries/seeded-rng.ts";
import { type Engine, openEngine, type Person, refusalsOf, World } from "../arbitraries/world.ts";
import { runs, seed } from "../seed.ts";

/** What `checkPayment` accepts, one after the other, the real engine pays in full. */

const STEPS = 24;
const LANES = 4;
const MONEY = 10_000n;
const crypto = await createNodeCrypto();

/** One channel from a payer to a recipient, and the recipient's book of it. */
class Deal {
  readonly world = new World("payments", crypto);
  readonly payer: Person = this.world.person("payer");
  readonly recipient: Person = this.world.person("recipient");
  readonly engine: Engine;
  readonly book = new PaymentBook(this.world.at);
  /** Base units that were accepted and not redeemed yet. */
  owed = 0n;

  private constructor(engine: Engine) {
    this.engine = engine;
  }

  static async open(value: bigint, expirationBlock = 1_000): Promise<Deal> {
    const deal = new Deal(await openEngine(new World("payments", crypto)));
    deal.engine.apply(deal.world.depositEther(deal.payer, MONEY));
    const opening = openingTo(deal.recipient, deal.payer, value, { expirationBlock });
    expect(deal.act(deal.payer, opening)).toEqual([]);
    return deal;
  }

  act(by: Person, ...bodies: OperationBody[]): string[] {
    return refusalsOf(this.engine.apply(this.world.bySender(by, ...bodies)));
  }

  get channel() {
    const query = { query: "channel", channel_id: 0 };
    return readAnswer(CHANNEL, this.engine.query(query));
  }

  get balance(): bigint {
    return balanceOf(this.engine.store, this.recipient.address, ETHER);
  }

  async readLanes(): Promise<readonly ChannelLane[]> {
    const inspect = async <Answer>(query: { readonly query: string }): Promise<Answer> =>
      this.engine.query(query) as Answer;
    const lanes: ChannelLane[] = [];
    for await (const lane of listChannelLanes({ inspect }, { channelId: 0 })) lanes.push(lane);
    return lanes;
  }

  sign(terms: PaymentTerms): Promise<ChannelPayment> {
    return signPayment(this.world.crypto, this.payer.account, this.world.at, terms);
  }

  /** Checks a payment, and takes it where it is good: what it brings, or what is wrong with it. */
  async take(payment: ChannelPayment, price?: bigint): Promise<bigint | string> {
    try {
      const income = checkPayment(payment, {
        ...{ crypto: this.world.crypto, at: this.world.at, channel: this.channel },
        ...{ lanes: await this.readLanes(), book: this.book },
        recipient: bytesToHex(this.recipient.address),
        headBlock: this.world.inputIndex,
        ...(price === undefined ? {} : { price }),
      });
      this.book.put(payment);
      this.owed += income;
      return income;
    } catch (error) {
      if (error instanceof PaymentError) return error.fault;
      throw error;
    }
  }

  /** Redeems what is accepted of some lanes, and notes what came. */
  redeem(lanes: readonly number[], isSendBack = false): void {
    const { channel } = this;
    const payments = lanes.flatMap((lane) => this.book.getCurrent(channel, lane) ?? []);
    const claims = payments.map((payment, i) =>
      toClaim(payment, { isSendBack: isSendBack && i === payments.length - 1 }),
    );
    const before = this.balance;
    // What was redeemed already is refused: one by one, so that it keeps nothing from the others.
    for (const claim of claims) this.act(this.recipient, { kind: "claim_channel", ...claim });
    this.owed -= this.balance - before;
  }
}

test("eight lanes of 10 on a channel of 10: one passes", async () => {
  const deal = await Deal.open(10n);
  const taken: (bigint | string)[] = [];
  for (let lane = 1; lane <= 8; lane++) {
    const terms = { form: "lane", channelId: 0, generation: 0, lane, cumulative: 10n } as const;
    taken.push(await deal.take(await deal.sign(terms)));
  }
  expect(taken).toEqual([10n, ...Array.from({ length: 7 }, () => "over_value")]);
  const nonce = { form: "eip712", channelId: 0, nonce: 0, amount: 1n } as const;
  expect(await deal.take(await deal.sign(nonce))).toBe("over_value");
  deal.redeem([1]);
  expect([deal.owed, deal.balance]).toEqual([0n, 10n]);
});

test("a channel that expires within the margin pays nobody", async () => {
  const terms = { form: "lane", channelId: 0, generation: 0, lane: 1, cumulative: 1n } as const;
  const soon = await Deal.open(10n, 102);
  expect(soon.world.inputIndex).toBe(2);
  expect(await soon.take(await soon.sign(terms))).toBe("expires_soon");
  const late = await Deal.open(10n, 103);
  expect(await late.take(await late.sign(terms))).toBe(1n);
});

test("the price is met exactly, on what was promised before", async () => {
  const deal = await Deal.open(100n);
  const pay = async (amount: bigint, price: bigint): Promise<bigint | string> =>
    deal.take(await deal.sign({ form: "mpe", channelId: 0, nonce: 0, amount }), price);
  expect(await pay(5n, 5n)).toBe(5n);
  expect(await pay(5n, 5n)).toBe("nothing_new");
  expect(await pay(9n, 5n)).toBe("price_differs");
  expect(await pay(11n, 5n)).toBe("price_differs");
  expect(await pay(10n, 5n)).toBe(5n);
});

test("a state from before the book's newest payment is not taken", async () => {
  const deal = await Deal.open(100n);
  deal.book.put(await deal.sign({ form: "eip712", channelId: 0, nonce: 1, amount: 60n }));
  const lane = { form: "lane", channelId: 0, generation: 0, lane: 1, cumulative: 60n } as const;
  expect(await deal.take(await deal.sign(lane))).toBe("state_outdated");
});

test("what is accepted in any order is paid in full", { timeout: 600_000 }, async () => {
  const rng = new SeededRng(seed("payments"));
  let [acceptedCount, refusedCount] = [0, 0];
  for (let deals = runs(250); deals > 0; deals--) {
    const caseSeed = rng.next();
    const chance = new SeededRng(caseSeed);
    const deal = await Deal.open(BigInt(chance.between(0, 200)));
    try {
      for (let i = 0; i < STEPS; i++) {
        const accepted = await step(deal, chance);
        if (accepted === undefined) continue;
        acceptedCount += accepted ? 1 : 0;
        refusedCount += accepted ? 0 : 1;
      }
      deal.redeem(Array.from({ length: LANES }, (_, lane) => lane));
      expect(deal.owed).toBe(0n);
    } catch (cause) {
      throw new Error(`deal of seed ${caseSeed}`, { cause });
    }
  }
  expect(Math.min(acceptedCount, refusedCount)).toBeGreaterThan(runs(250));
});

/** @returns Whether a payment was accepted; `undefined` where none was offered. */
async function step(deal: Deal, rng: SeededRng): Promise<boolean | undefined> {
  const { channel } = deal;
  switch (rng.below(12)) {
    case 0:
      deal.act(deal.payer, {
        ...{ kind: "add_channel_funds", channelId: 0, amount: BigInt(rng.between(1, 60)) },
      });
      return undefined;
    case 1:
      deal.redeem([rng.below(LANES)]);
      return undefined;
    case 2:
      // A send-back ends all that was promised: it comes after the others were redeemed.
      if (rng.chance(3)) {
        deal.redeem(
          Array.from({ length: LANES }, (_, lane) => lane),
          true,
        );
        expect(deal.owed).toBe(0n);
        deal.act(deal.payer, {
          ...{ kind: "extend_and_add_channel_funds", channelId: 0, expirationBlock: 1_000 },
          amount: BigInt(rng.between(1, 200)),
        });
      }
      return undefined;
    default: {
      const lane = rng.below(LANES);
      const off = rng.pick([0, 0, 0, 0, 1, -1]);
      const promised = BigInt(rng.between(1, 120));
      const payment = await deal.sign(
        lane === 0
          ? {
              form: rng.pick(["mpe", "eip712"] as const),
              ...{ channelId: 0, nonce: Math.max(0, channel.nonce + off), amount: promised },
            }
          : {
              form: "lane",
              ...{ channelId: 0, lane, generation: Math.max(0, channel.generation + off) },
              cumulative: promised,
            },
      );
      const before = deal.book.getCurrent(channel, laneOf(payment));
      const taken = await deal.take(payment);
      if (typeof taken !== "bigint") expect(deal.book.getCurrent(channel, lane)).toBe(before);
      return typeof taken === "bigint";
    }
  }
}
