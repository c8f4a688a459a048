import type { ChannelClaim } from "../../../spec/channel-operations.ts";
import type { Refusal } from "../../../spec/refusals.ts";
import { claimLane, claimOf, openingTo } from "../../arbitraries/channel-payments.ts";
import { type Person, signedBy } from "../../arbitraries/world.ts";
import { Story, TOKEN } from "./story.ts";

const together = (...claims: ChannelClaim[]) => ({ kind: "multi_claim", claims }) as const;

/** Several claims in one operation, all or none (spec §10.7). */
export async function tellChannelMultiClaims(): Promise<Story> {
  const story = await Story.open(
    "channel_multi_claims",
    "Alice's channels to Bob, for which Carol signs: 0 and 1 hold 40 wei each, 2 holds 500 of a " +
      "token. Channel 3 is Bob's to Alice and holds 10 wei.",
  );
  const { world, alice, bob, carol } = story;
  const of = "§10.7";
  const yes = (name: string, comment: string, ...claims: ChannelClaim[]) =>
    story.accepts(name, of, comment, world.bySender(bob, together(...claims)));
  const no = (name: string, comment: string, refusal: Refusal, ...claims: ChannelClaim[]) =>
    story.refuses(name, of, comment, world.bySender(bob, together(...claims)), refusal);
  const pay = (channelId: number, amount: bigint, nonce = 0, isSendBack = false) =>
    claimOf(carol, { channelId, nonce, amount }, { isSendBack });
  const payLane = (channelId: number, lane: number, cumulative: bigint, generation = 0) =>
    claimLane(carol, { channelId, generation, lane, cumulative });
  const deposit = (by: Person, amount: bigint) =>
    story.happens(`${by.name} deposits ${amount} wei`, world.depositEther(by, amount));

  deposit(alice, 100n);
  deposit(bob, 10n);
  story.happens("alice deposits 500 of the token", world.depositErc20(alice, TOKEN, 500n));
  const small = openingTo(bob, carol, 40n);
  const token = openingTo(bob, carol, 500n, { token: TOKEN });
  story.happens("alice opens three channels", world.bySender(alice, small, small, token));
  story.happens("bob opens channel 3", world.bySender(bob, openingTo(alice, carol, 10n)));

  yes("claimed_one", "A list of one.", await pay(0, 25n));
  yes(
    "claimed_of_two_channels",
    "A notice for each, in order.",
    ...[await pay(1, 20n), await pay(0, 10n)],
  );
  yes(
    "claimed_of_two_tokens",
    "Each in its channel's own token.",
    ...[await pay(0, 25n), await pay(2, 300n)],
  );
  yes(
    "claimed_one_nonce_after_another",
    "Each claim sees what those before it left.",
    ...[await pay(0, 25n), await pay(0, 15n, 1)],
  );
  yes(
    "claimed_lanes_and_lane_zero",
    "Of one channel, mixed.",
    ...[await payLane(0, 1, 10n), await pay(0, 5n), await payLane(0, 2, 7n), await pay(0, 3n, 1)],
  );
  yes(
    "claimed_one_lane_by_and_by",
    "The second payment pays what it has over the first.",
    ...[await payLane(0, 1, 10n), await payLane(0, 1, 30n)],
  );
  yes(
    "claimed_until_nothing_is_left",
    "The last lane gets what there is.",
    ...[await payLane(0, 1, 30n), await payLane(0, 2, 30n)],
  );
  yes(
    "claimed_and_sent_back",
    "Channel 0 closes, channel 1 goes on.",
    ...[await pay(0, 25n, 0, true), await pay(1, 25n)],
  );
  yes(
    "sent_back_twice",
    "A closed channel can be closed again, under its next nonce.",
    ...[await pay(0, 25n, 0, true), await pay(0, 0n, 1, true)],
  );
  const relayed = await signedBy(bob, 0, together(await pay(0, 25n), await pay(1, 25n)));
  story.accepts(
    "claimed_relayed",
    of,
    "Bob signs the list, Carol sends it.",
    world.send(carol, relayed),
  );

  no("refused_empty_list", "Nothing to do.", "claim_list_empty");
  no(
    "refused_wholly",
    "The second is over what the first left: neither is paid.",
    "claim_over_value",
    ...[await pay(0, 25n), await pay(0, 16n, 1)],
  );
  no(
    "refused_second_use_of_a_nonce",
    "The first has ended it.",
    "claim_signature_wrong",
    ...[await pay(0, 25n), await pay(0, 15n)],
  );
  no(
    "refused_second_use_of_a_lane_payment",
    "The first has redeemed it.",
    "claim_nothing_due",
    ...[await payLane(0, 1, 10n), await payLane(0, 1, 10n)],
  );
  no(
    "refused_of_a_lane_that_ended_before",
    "Sending back ends the generation within the list, too; the channel holds nothing.",
    "claim_nothing_due",
    ...[await pay(0, 25n, 0, true), await payLane(0, 1, 5n)],
  );
  no(
    "refused_with_a_channel_of_another_recipient",
    "Channel 3 pays Alice.",
    "claim_recipient_not_actor",
    ...[await pay(0, 25n), await pay(3, 5n)],
  );
  no(
    "refused_by_the_first_that_fails",
    "The second is no channel's, the third is over the value.",
    "channel_not_found",
    ...[await pay(0, 25n), await pay(4, 5n), await pay(1, 41n)],
  );
  story.refuses(
    "refused_beside_one_that_applies",
    of,
    "Operations of an input stand alone: the list that failed has written nothing.",
    world.bySender(
      bob,
      together(await pay(0, 25n), await pay(0, 15n)),
      together(await pay(0, 25n)),
    ),
    "claim_signature_wrong",
  );
  return story;
}
