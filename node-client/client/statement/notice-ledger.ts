import type { Hex } from "../../../spec/outputs.ts";
import { ETHER } from "../actions/ether.ts";
import type { Notice, NoticeOf } from "../decoding/decode-notice.ts";

/** Why an account's balance moved. */
export const MOVEMENT_KINDS = [
  ...(["deposit", "withdrawal", "transfer", "bond_locked", "bond_returned"] as const),
  ...(["channel_opened", "channel_funded", "channel_claimed", "channel_returned"] as const),
  ...(["escrow_opened", "escrow_funded", "escrow_paid", "escrow_returned"] as const),
];
export type MovementKind = (typeof MOVEMENT_KINDS)[number];

/** Money into (positive) or out of one account's balance inside the application. */
export interface Movement {
  readonly kind: MovementKind;
  /** Lower case. */
  readonly account: Hex;
  /** The zero address is Ether. */
  readonly token: Hex;
  /** Base units. */
  readonly amount: bigint;
  /** Who is on the other side, where that is an account; lower case. */
  readonly counterparty: Hex | undefined;
  /** Such as `channel 7` or `escrow 0x5f…, units 2-3`. */
  readonly reference: string;
}

/** A notice of one of these names: its own name tells which. */
type AnyOf<Name extends Notice["name"]> = Extract<Notice, { readonly name: Name }>;
type Opening = NoticeOf<"ChannelOpened">["args"];

interface Channel {
  readonly sender: Hex;
  readonly token: Hex;
}

interface Escrow {
  readonly buyer: Hex;
  readonly token: Hex;
  /** Of a unit; 0 for an intent that nobody has accepted. */
  price: bigint;
  held: bigint;
}

/** A notice speaks of a channel, service or escrow that no notice before it has opened. */
export class NoticesIncomplete extends RangeError {
  override readonly name = "NoticesIncomplete";
}

/**
 * Follows the money of all accounts by an application's notices alone, from the first one on: the
 * account statement's source, and a second way to every balance (spec §5, §11, §12).
 *
 * @example
 * const ledger = new NoticeLedger();
 * for (const notice of notices) movements.push(...ledger.apply(notice, takePayer));
 */
export class NoticeLedger {
  readonly #channels = new Map<bigint, Channel>();
  readonly #escrows = new Map<Hex, Escrow>();
  /** Tokens by service and version. */
  readonly #services = new Map<string, Hex>();

  /**
   * The movements that one notice reports, in the order of the notices.
   *
   * @param takePayer Who paid for a channel: its sender, or a third party, which no notice names.
   * Called once for each `ChannelOpened`.
   * @throws NoticesIncomplete
   */
  apply(notice: Notice, takePayer: (opening: Opening) => Hex): readonly Movement[] {
    const { name, args } = notice;
    switch (name) {
      case "Deposited":
        return [move("deposit", args.account, args.token, args.amount)];
      case "Withdrawn": {
        const to = args.recipient === args.account ? undefined : args.recipient;
        return [move("withdrawal", args.account, args.token, -args.amount, "", to)];
      }
      case "Transferred":
        return [
          move("transfer", args.from, args.token, -args.amount, "", args.to),
          move("transfer", args.to, args.token, args.amount, "", args.from),
        ];
      case "BondLocked":
        return [move("bond_locked", args.account, ETHER, -args.amount)];
      case "BondWithdrawn":
        return [move("bond_returned", args.account, ETHER, args.amount)];
      case "ServicePublished":
        this.#services.set(`${args.serviceId}/${args.version}`, args.token);
        return [];
      case "ChannelOpened":
      case "ChannelFunded":
      case "ChannelClaimed":
      case "LaneRedeemed":
      case "ChannelTimedOut":
        return this.#applyToChannel(notice, takePayer);
      case "EscrowOpened":
      case "IntentOpened":
      case "IntentAccepted":
      case "EscrowFunded":
      case "UnitsReleased":
      case "UnitRefunded":
      case "UnitDisputed":
      case "EscrowClosed":
        return this.#applyToEscrow(notice);
      default:
        return [];
    }
  }

  #applyToChannel(
    notice: AnyOf<
      "ChannelOpened" | "ChannelFunded" | "ChannelClaimed" | "LaneRedeemed" | "ChannelTimedOut"
    >,
    takePayer: (opening: Opening) => Hex,
  ): readonly Movement[] {
    const { name, args } = notice;
    const reference = `channel ${args.channelId}`;
    if (name === "ChannelOpened") {
      const { channelId, sender, token, value, recipient } = args;
      this.#channels.set(channelId, { sender, token });
      return [move("channel_opened", takePayer(args), token, -value, reference, recipient)];
    }
    const channel = this.#channels.get(args.channelId);
    if (channel === undefined) throw new NoticesIncomplete(`${name} of an unknown ${reference}`);
    const { sender, token } = channel;
    switch (name) {
      case "ChannelFunded":
        return [move("channel_funded", args.funder, token, -args.amount, reference)];
      case "ChannelTimedOut":
        return [move("channel_returned", sender, token, args.amount, reference)];
      default: {
        const lane = name === "LaneRedeemed" ? `, lane ${args.lane}` : "";
        const amount = name === "LaneRedeemed" ? args.amount : args.claimAmount;
        const { recipient, sendBackAmount } = args;
        const paid = [recipient, token, amount, `${reference}${lane}`, sender] as const;
        const back = [sender, token, sendBackAmount, reference, recipient] as const;
        return [move("channel_claimed", ...paid), move("channel_returned", ...back)];
      }
    }
  }

  #applyToEscrow(
    notice: AnyOf<
      | ("EscrowOpened" | "IntentOpened" | "IntentAccepted" | "EscrowFunded")
      | ("UnitsReleased" | "UnitRefunded" | "UnitDisputed" | "EscrowClosed")
    >,
  ): readonly Movement[] {
    const { name, args } = notice;
    const { escrowId } = args;
    const reference = `escrow ${escrowId}`;
    if (name === "EscrowOpened" || name === "IntentOpened") {
      const { buyer, amount } = args;
      const token = name === "IntentOpened" ? args.token : this.#tokenOf(args);
      const price = name === "IntentOpened" ? 0n : args.price;
      this.#escrows.set(escrowId, { buyer, token, price, held: amount });
      return [move("escrow_opened", buyer, token, -amount, reference)];
    }
    const escrow = this.#escrows.get(escrowId);
    if (escrow === undefined) throw new NoticesIncomplete(`${name} of an unknown ${reference}`);
    const { buyer, token } = escrow;
    const giveBack = (amount: bigint, why: string): Movement => {
      escrow.held -= amount;
      return move("escrow_returned", buyer, token, amount, `${reference}${why}`);
    };
    switch (name) {
      case "IntentAccepted":
        escrow.price = args.price;
        return [giveBack(args.returned, "")];
      case "EscrowFunded":
        escrow.held += args.amount;
        return [move("escrow_funded", args.from, token, -args.amount, reference)];
      case "UnitsReleased": {
        escrow.held -= args.amount;
        const last = args.firstUnit + args.count - 1n;
        const units = args.count === 1n ? `unit ${last}` : `units ${args.firstUnit}-${last}`;
        const where = `${reference}, ${units}`;
        return [move("escrow_paid", args.payee, token, args.amount, where, buyer)];
      }
      case "UnitRefunded":
        return [giveBack(args.amount, `, unit ${args.unit}`)];
      case "UnitDisputed":
        // §12.5 All but the disputed unit's price goes back; the notice need not say how much.
        return [giveBack(escrow.held - escrow.price, `, before unit ${args.unit}`)];
      case "EscrowClosed":
        return [giveBack(args.returned, "")];
    }
  }

  #tokenOf({ serviceId, version }: NoticeOf<"EscrowOpened">["args"]): Hex {
    const token = this.#services.get(`${serviceId}/${version}`);
    if (token !== undefined) return token;
    throw new NoticesIncomplete(`an escrow of an unknown service ${serviceId}/${version}`);
  }
}

function move(
  kind: MovementKind,
  account: Hex,
  token: Hex,
  amount: bigint,
  reference = "",
  counterparty: Hex | undefined = undefined,
): Movement {
  return { kind, account, token, amount, counterparty, reference };
}
