import type { ChannelClaim } from "../../../spec/channel-operations.ts";
import type { Refusal } from "../../../spec/refusals.ts";
import { claimLane, claimOf, openingTo } from "../../arbitraries/channel-payments.ts";
import { type Person, signedBy } from "../../arbitraries/world.ts";
import { Story } from "./story.ts";

const claimed = (claim: ChannelClaim) => ({ kind: "claim_channel", ...claim }) as const;
const LAST_LANE = 16;

/** Lanes: cumulative payments beside each other (spec §10.6). */
export async function tellChannelLanes(): Promise<Story> {
  const story = await Story.open(
    "channel_lanes",
    "Alice's channels to Bob, for which Carol signs: 0 holds 60 wei and takes EIP-712 payments, 1 " +
      "holds 20 wei and takes MPE's only. Carol has 50 wei.",
  );
  const { world, alice, bob, carol } = story;
  const of = "§10.6";
  const yes = (name: string, comment: string, ...claims: ChannelClaim[]) =>
    story.accepts(name, of, comment, world.bySender(bob, ...claims.map(claimed)));
  const no = (
    name: string,
    comment: string,
    refusal: Refusal,
    claim: ChannelClaim,
    by: Person = bob,
  ) => story.refuses(name, of, comment, world.bySender(by, claimed(claim)), refusal);
  const pay = (
    lane: number,
    cumulative: bigint,
    { channelId = 0, generation = 0, by = carol, isSendBack = false } = {},
  ) => claimLane(by, { channelId, generation, lane, cumulative }, isSendBack);

  story.happens("alice deposits 100 wei", world.depositEther(alice, 100n));
  story.happens("carol deposits 50 wei", world.depositEther(carol, 50n));
  story.happens(
    "alice opens two channels",
    world.bySender(
      alice,
      openingTo(bob, carol, 60n, { payments: "eip712" }),
      openingTo(bob, carol, 20n, { payments: "mpe" }),
    ),
  );
  yes("redeemed", "All of a cumulative sum; the nonce stays.", await pay(1, 25n));
  yes(
    "redeemed_signed_by_sender",
    "The sender's signature counts.",
    await pay(1, 25n, { by: alice }),
  );
  yes("redeemed_of_the_last_lane", "The channel has room for 16.", await pay(LAST_LANE, 25n));
  yes("redeemed_everything", "Up to the value.", await pay(1, 60n));
  yes("redeemed_what_there_is", "A payment over the value pays the value.", await pay(1, 61n));
  yes(
    "redeemed_by_and_by",
    "The second payment pays what it has over the first.",
    ...[await pay(1, 25n), await pay(1, 40n)],
  );
  yes(
    "redeemed_in_any_order_of_lanes",
    "Lanes know nothing of each other.",
    ...[await pay(9, 10n), await pay(2, 20n), await pay(9, 30n)],
  );
  const first = await claimOf(carol, { channelId: 0, nonce: 0, amount: 5n }, { form: "eip712" });
  yes(
    "redeemed_beside_lane_zero",
    "A claim of lane 0 ends a nonce and no lane.",
    ...[await pay(1, 10n), first, await pay(1, 20n)],
  );
  yes(
    "redeemed_with_send_back",
    "What is left goes to the sender; nonce and generation rise.",
    await pay(1, 25n, { isSendBack: true }),
  );
  story.accepts(
    "redeemed_relayed",
    of,
    "Bob signs the claim, Carol sends it.",
    world.send(carol, await signedBy(bob, 0, claimed(await pay(1, 25n)))),
  );
  no("refused_of_no_channel", "No such.", "channel_not_found", await pay(1, 5n, { channelId: 2 }));
  const notRecipient = "claim_recipient_not_actor";
  no("refused_for_its_sender", "Only the recipient claims.", notRecipient, await pay(1, 5n), alice);
  const mpeOnly = await pay(1, 5n, { channelId: 1 });
  no("refused_of_mpe_channel", "MPE has no lanes.", "claim_form_not_taken", mpeOnly);
  no("refused_of_mpe_channel_for_another", "Who before what.", notRecipient, mpeOnly, carol);
  no(
    "refused_nothing_of_mpe_channel",
    "The form before the sum.",
    "claim_form_not_taken",
    await pay(1, 0n, { channelId: 1 }),
  );
  const nothing = "claim_nothing_due";
  no("refused_of_nothing", "A payment of 0.", nothing, await pay(1, 0n));
  no("refused_nothing_unsigned", "The sum before the signature.", nothing, {
    ...(await pay(1, 0n)),
    signature: new Uint8Array(65),
  });
  const unsigned = "claim_signature_wrong";
  no(
    "refused_signed_by_recipient",
    "Nobody pays himself.",
    unsigned,
    await pay(1, 5n, { by: bob }),
  );
  no("refused_of_another_lane", "A payment is for one lane.", unsigned, {
    ...(await pay(1, 5n)),
    lane: 2,
  });
  no("refused_of_next_generation", "Too early.", unsigned, await pay(1, 5n, { generation: 1 }));
  no("refused_with_another_sum", "The sum is what was signed.", unsigned, {
    ...(await pay(1, 5n)),
    planned: 6n,
  });
  story.refuses(
    "refused_the_same_payment_again",
    of,
    "Cumulative: what was paid is not due.",
    world.bySender(bob, claimed(await pay(1, 25n)), claimed(await pay(1, 25n))),
    nothing,
  );

  story.happens("bob redeems 50 wei of lane 1", world.bySender(bob, claimed(await pay(1, 50n))));
  no("refused_an_older_payment", "It pays nothing, and harms nothing.", nothing, await pay(1, 49n));
  yes("redeemed_beyond_the_value", "80 signed, 50 paid, 10 are left.", await pay(1, 80n));
  story.happens("bob redeems 80 wei of lane 1", world.bySender(bob, claimed(await pay(1, 80n))));
  no("refused_of_an_empty_channel", "20 wei are owed, none are there.", nothing, await pay(1, 80n));
  const fill = (amount: bigint) =>
    world.bySender(carol, { kind: "add_channel_funds", channelId: 0, amount });
  story.happens("carol adds 30 wei", fill(30n));
  yes("redeemed_the_rest", "80 signed, 60 paid: the same payment pays 20.", await pay(1, 80n));

  story.happens(
    "bob redeems 5 wei of lane 2 and sends back",
    world.bySender(bob, claimed(await pay(2, 5n, { isSendBack: true }))),
  );
  no(
    "refused_of_a_closed_channel",
    "It holds nothing.",
    nothing,
    await pay(3, 5n, { generation: 1 }),
  );
  story.happens("carol adds 20 wei", fill(20n));
  no(
    "refused_of_an_ended_generation",
    "Sending back voids what was signed on any lane, redeemed before or not.",
    unsigned,
    await pay(1, 100n),
  );
  no(
    "refused_of_an_untouched_lane_of_an_ended_generation",
    "Every lane.",
    unsigned,
    await pay(7, 5n),
  );
  no("refused_of_the_ended_nonce", "Lane 0, too.", unsigned, first);
  yes(
    "redeemed_in_the_next_generation",
    "A lane begins at 0 again, whatever its row says.",
    await pay(1, 15n, { generation: 1 }),
  );
  const second = { channelId: 0, nonce: 1, amount: 20n };
  yes("claimed_under_the_next_nonce", "Lane 0 goes on.", {
    ...(await claimOf(carol, second, { form: "eip712" })),
  });
  return story;
}
