import { bytesToHex, type Hex } from "viem";
import { createNodeCrypto } from "../../dapp/crypto/node-crypto.ts";
import { QueryRefused } from "../../node-client/client/actions/query-refused.ts";
import type { TallyrollClient } from "../../node-client/client/actions/tallyroll-client.ts";
import {
  type ChannelPayment,
  type PaymentTerms,
  type SettlementPlace,
  signPayment,
  toClaim,
} from "../../node-client/client/payment/signed-payment.ts";
import type { ChannelPayments } from "../../spec/channel-operations.ts";
import { openingTo } from "./channel-payments.ts";
import type { SeededRng } from "./seeded-rng.ts";
import { type Engine, openEngine, type Person, refusalsOf, World } from "./world.ts";

/**
 * A recipient with a few channels in a real engine, and every payment that was signed for them; and
 * what a file of such payments is worth, found the slow and obvious way.
 */

const LINE_BYTES_MAX = 4_096;
const ROUNDS_AHEAD_MAX = 15;

interface Place {
  readonly value: bigint;
  readonly payments: ChannelPayments;
  /** Nonces that are over. */
  readonly claims: number;
  readonly isOurs: boolean;
}
const PLACES: readonly Place[] = [
  { value: 100n, payments: "both", claims: 0, isOurs: true },
  { value: 1_000n, payments: "both", claims: 7, isOurs: true },
  { value: 60n, payments: "mpe", claims: 1, isOurs: true },
  { value: 60n, payments: "eip712", claims: 0, isOurs: true },
  { value: 0n, payments: "both", claims: 0, isOurs: true },
  { value: 100n, payments: "both", claims: 0, isOurs: false },
];

/** What a file brings by channel, and the numbers of its lines that bring nobody anything. */
interface Verdict {
  readonly dueByChannel: ReadonlyMap<number, bigint>;
  readonly rejectedLines: readonly number[];
}

export class PaymentMarket {
  readonly world: World;
  readonly engine: Engine;
  readonly payer: Person;
  readonly recipient: Person;
  readonly stranger: Person;
  readonly recipientAddress: Hex;
  readonly client: Pick<TallyrollClient, "inspect" | "crypto" | "at">;
  /** Signed by who may, for channels of the recipient and of another. */
  readonly payments: ChannelPayment[] = [];
  /** Those that the recipient's client keeps, by their meaning. */
  readonly #valid = new Map<string, ChannelPayment>();
  askedCount = 0;

  private constructor(world: World, engine: Engine) {
    this.world = world;
    this.engine = engine;
    this.payer = world.person("payer");
    this.recipient = world.person("recipient");
    this.stranger = world.person("stranger");
    this.recipientAddress = bytesToHex(this.recipient.address);
    this.client = {
      ...{ crypto: world.crypto, at: world.at },
      inspect: async <Answer>(query: { readonly query: string }): Promise<Answer> => {
        this.askedCount += 1;
        const answer = engine.query(query);
        // As `inspectApplication` does it.
        if ("error" in answer) throw new QueryRefused(query, answer);
        return answer as Answer;
      },
    };
  }

  get at(): SettlementPlace {
    return this.world.at;
  }

  static async open(): Promise<PaymentMarket> {
    const crypto = await createNodeCrypto();
    const world = new World("payment market", crypto);
    const market = new PaymentMarket(world, await openEngine(world));
    market.engine.apply(world.depositEther(market.payer, 10_000n));
    for (const place of PLACES) await market.#openChannel(place);
    return market;
  }

  /** A payment for more than was signed, or by a stranger, or of a later round. */
  forge(rng: SeededRng): ChannelPayment {
    const payment = rng.pick(this.payments);
    const more = BigInt(rng.between(1, 500));
    const raised =
      payment.form === "lane"
        ? { ...payment, cumulative: payment.cumulative + more }
        : { ...payment, amount: payment.amount + more };
    if (rng.chance(2)) return raised;
    return raised.form === "lane"
      ? { ...raised, generation: raised.generation + rng.between(0, 2) }
      : { ...raised, nonce: raised.nonce + rng.between(0, 2) };
  }

  async #openChannel({ value, payments, claims, isOurs }: Place): Promise<void> {
    const { world, engine, payer } = this;
    const to = isOurs ? this.recipient : this.stranger;
    const spent = BigInt(claims);
    const opening = openingTo(to, payer, value + spent, { payments });
    const channelId = engine.store.channels.nextId();
    const act = (by: Person, ...bodies: Parameters<World["bySender"]>[1][]): void => {
      const refused = refusalsOf(engine.apply(world.bySender(by, ...bodies)));
      if (refused.length > 0) throw new Error(refused.join());
    };
    act(payer, opening);
    const form = payments === "mpe" ? "mpe" : "eip712";
    for (let nonce = 0; nonce < claims; nonce++) {
      const over = await this.#sign({ form, channelId, nonce, amount: 1n });
      act(to, { kind: "claim_channel", ...toClaim(over) });
    }
    for (const amount of [1n, 20n, 45n, 70n, 150n]) {
      for (const nonce of [claims, claims + 1, claims + 2, claims + ROUNDS_AHEAD_MAX + 1]) {
        for (const other of ["mpe", "eip712"] as const) {
          await this.#add({ form: other, channelId, nonce, amount }, { payments, isOurs, claims });
        }
      }
      for (const lane of [1, 2, 16]) {
        for (const generation of [0, 1]) {
          const terms = { form: "lane", channelId, generation, lane, cumulative: amount } as const;
          await this.#add(terms, { payments, isOurs, claims });
        }
      }
    }
  }

  #sign(terms: PaymentTerms): Promise<ChannelPayment> {
    return signPayment(this.world.crypto, this.payer.account, this.at, terms);
  }

  async #add(
    terms: PaymentTerms,
    { payments, isOurs, claims }: Omit<Place, "value">,
  ): Promise<void> {
    const payment = await this.#sign(terms);
    this.payments.push(payment);
    const isTaken = payments === "both" || payments === (terms.form === "mpe" ? "mpe" : "eip712");
    const isFar = terms.form !== "lane" && terms.nonce > claims + ROUNDS_AHEAD_MAX;
    if (isOurs && isTaken && !isFar) this.#valid.set(meaningOf(payment) ?? "", payment);
  }

  /** Line by line, then for every channel and lane the largest promise of its round. */
  judge(bytes: Uint8Array): Verdict {
    const kept: ChannelPayment[] = [];
    const rejectedLines: number[] = [];
    for (const [i, line] of splitLines(bytes).entries()) {
      const text = line.length > LINE_BYTES_MAX ? undefined : decode(line);
      if (text === "" || text === "tallyroll payments 1" || /^opened \d{1,16}$/.test(text ?? "")) {
        continue;
      }
      const payment = text === undefined ? undefined : this.#findMeant(text);
      if (payment === undefined) rejectedLines.push(i + 1);
      else kept.push(payment);
    }
    const dueByChannel = new Map<number, bigint>();
    for (const [channelId, { value, claims }] of PLACES.entries()) {
      const best = (round: string): bigint =>
        kept
          .filter((payment) => payment.channelId === channelId && roundName(payment) === round)
          .map((payment) => (payment.form === "lane" ? payment.cumulative : payment.amount))
          .reduce((most, one) => (one > most ? one : most), 0n);
      let [left, nonce] = [value, claims];
      for (let brings = best(`nonce ${nonce}`); brings > 0n && left > 0n; nonce++) {
        left -= brings < left ? brings : left;
        brings = best(`nonce ${nonce + 1}`);
      }
      for (const lane of [1, 2, 16]) {
        const brings = best(`lane ${lane} of 0`);
        left -= brings < left ? brings : left;
      }
      if (left < value) dueByChannel.set(channelId, value - left);
    }
    return { dueByChannel, rejectedLines };
  }

  /** A line with other spaces, cases or fields is the payment that it means. */
  #findMeant(text: string): ChannelPayment | undefined {
    let fields: Record<string, unknown> | null;
    try {
      fields = JSON.parse(text);
    } catch {
      return undefined;
    }
    if (fields?.chainId !== String(this.at.chainId)) return undefined;
    const { app, signature } = fields;
    if (typeof app !== "string" || app.toLowerCase() !== bytesToHex(this.at.app)) return undefined;
    // Digits may have any case, and what says that they are hexadecimal may not.
    if (typeof signature !== "string" || !/^0x/.test(signature) || !/^0x/.test(app))
      return undefined;
    return this.#valid.get(meaningOf(fields) ?? "");
  }
}

const roundName = (payment: ChannelPayment): string =>
  payment.form === "lane"
    ? `lane ${payment.lane} of ${payment.generation}`
    : `nonce ${payment.nonce}`;

/** What two payments have in common that are the same one; `undefined` for what is none. */
function meaningOf(fields: object): string | undefined {
  const { form, channelId, nonce, generation, lane, amount, cumulative, signature } =
    fields as Record<string, unknown>;
  if (typeof signature !== "string" || !/^0x[0-9a-f]{130}$/i.test(signature)) return undefined;
  const parity = { "00": 0, "01": 1, "1b": 0, "1c": 1 }[signature.slice(130).toLowerCase()];
  const rs = signature.slice(2, 130).toLowerCase();
  const total = form === "lane" ? cumulative : amount;
  if (typeof total !== "bigint" && !/^\d{1,78}$/.test(typeof total === "string" ? total : "")) {
    return undefined;
  }
  const counters = form === "lane" ? [channelId, generation, lane] : [channelId, nonce];
  if (!counters.every((count) => typeof count === "number")) return undefined;
  return JSON.stringify([form, ...counters, String(BigInt(total as string)), rs, parity]);
}

/** A last line without an end is one where there is something in it. */
function splitLines(bytes: Uint8Array): Uint8Array[] {
  const lines: Uint8Array[] = [];
  let from = 0;
  for (let to = bytes.indexOf(10); to !== -1; to = bytes.indexOf(10, from)) {
    lines.push(bytes.slice(from, to));
    from = to + 1;
  }
  if (from < bytes.length) lines.push(bytes.slice(from));
  return lines;
}

function decode(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes).trim();
  } catch {
    return undefined;
  }
}
