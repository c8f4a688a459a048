import type { SignableBody } from "../../spec/operations.ts";
import { referTo, referToEscrow } from "../../spec/references.ts";
import { type ActorOperation, hexOf, type View } from "./model-view.ts";

/** Operations on what the one before them in their input makes (spec §1.7). */

type Follower = (view: View, place: number, balance: bigint) => SignableBody;

const FOLLOWERS: Partial<Record<SignableBody["kind"], Follower>> = {
  register_device: (_, place) => ({ kind: "revoke_device", deviceId: referTo(place) }),
  open_channel: (v, place, balance) => ({
    kind: "add_channel_funds",
    channelId: referTo(place),
    amount: v.amount(balance / 4n),
  }),
  publish_service: (_, place) => ({ kind: "withdraw_service", serviceId: referTo(place) }),
  open_escrow: (v, place, balance) => ({
    kind: "fund_escrow",
    escrowId: referToEscrow(place),
    amount: v.amount(balance / 4n),
  }),
  open_intent: (_, place) => ({ kind: "end_escrow", escrowId: referToEscrow(place) }),
};

/** The same actor's next step, now and then of another one or another place. */
export function follow(
  view: View,
  { actor, body }: ActorOperation,
  place: number,
): ActorOperation | undefined {
  const follower = FOLLOWERS[body.kind];
  if (follower === undefined) return undefined;
  const token = "token" in body && body.token instanceof Uint8Array ? body.token : view.token;
  const balance = view.balance(actor, token);
  const who = view.mostly(hexOf(actor.address));
  return { actor: who, body: follower(view, view.near(place), balance) };
}
