import type { ChannelBody } from "../../../spec/channel-operations.ts";
import { ETHER } from "../../../spec/portals.ts";
import type { Refusal } from "../../../spec/refusals.ts";
import { claimOf, openingTo } from "../../arbitraries/channel-payments.ts";
import { type Person, signedBy } from "../../arbitraries/world.ts";
import { Story } from "./story.ts";

const EXPIRATION = 6;
const add = (amount: bigint, channelId = 0) =>
  ({ kind: "add_channel_funds", channelId, amount }) as const;
const extend = (expirationBlock: number, channelId = 0) =>
  ({ kind: "extend_channel", channelId, expirationBlock }) as const;
const extendAndAdd = (expirationBlock: number, amount: bigint, channelId = 0) =>
  ({ kind: "extend_and_add_channel_funds", channelId, expirationBlock, amount }) as const;
const timeOut = (channelId = 0) => ({ kind: "claim_channel_timeout", channelId }) as const;

/** What a channel holds and until when (spec §10.3). */
export async function tellChannelFunds(): Promise<Story> {
  const story = await Story.open(
    "channel_funds",
    "Alice's channel 0 to Bob holds 60 wei and expires at block 6; she has 40 wei, Carol has 10.",
  );
  const { world, alice, bob, carol } = story;
  const yes = (name: string, comment: string, by: Person, ...bodies: ChannelBody[]) =>
    story.accepts(name, "§10.3", comment, world.bySender(by, ...bodies));
  const no = (name: string, comment: string, refusal: Refusal, by: Person, body: ChannelBody) =>
    story.refuses(name, "§10.3", comment, world.bySender(by, body), refusal);
  const relayed = async (body: ChannelBody) =>
    story.accepts(
      `relayed_${body.kind}`,
      "§10.3",
      "Alice signs, Carol sends.",
      world.send(carol, await signedBy(alice, 0, body)),
    );

  story.happens("alice deposits 100 wei", world.depositEther(alice, 100n));
  story.happens("carol deposits 10 wei", world.depositEther(carol, 10n));
  const opening = openingTo(bob, carol, 60n, { expirationBlock: EXPIRATION });
  story.happens("alice opens channel 0", world.bySender(alice, opening));

  yes("funded_by_its_sender", "The amount moves into the channel.", alice, add(40n));
  yes("funded_by_anybody", "Who funds, gives.", carol, add(10n));
  yes("funded_with_nothing", "Allowed, as in MPE.", carol, add(0n));
  await relayed(add(40n));
  no("refused_funds_of_no_channel", "MPE keeps them.", "channel_not_found", alice, add(1n, 1));
  no("refused_funds_over_balance", "One too many.", "balance_too_low", alice, add(41n));
  no(
    "refused_funds_of_no_channel_over_balance",
    "The channel comes first.",
    "channel_not_found",
    alice,
    add(41n, 1),
  );
  story.accepts(
    "funded_below_a_threshold",
    "§13.1",
    "Funding is a debit.",
    world.bySender(alice, { kind: "set_low_balance", token: ETHER, threshold: 40n }, add(1n)),
  );

  yes("extended", "Later than before.", alice, extend(7));
  yes("extended_to_the_same_block", "Not lower is enough.", alice, extend(EXPIRATION));
  yes("extended_to_the_end_of_blocks", "The highest block number.", alice, extend(2 ** 53 - 1));
  await relayed(extend(7));
  no("refused_extension_of_no_channel", "No such.", "channel_not_found", alice, extend(7, 1));
  const notSender = "channel_sender_not_actor";
  no("refused_extension_by_recipient", "The sender's right.", notSender, bob, extend(7));
  no("refused_extension_by_signer", "Signers sign payments only.", notSender, carol, extend(7));
  const lower = "channel_expiration_lower";
  no("refused_earlier_expiration", "The recipient counts on it.", lower, alice, extend(5));
  no("refused_extension_by_whom_first", "Who comes before when.", notSender, bob, extend(5));

  yes("extended_and_funded", "Two notices, one update.", alice, extendAndAdd(7, 40n));
  yes("extended_and_funded_with_nothing", "As both may.", alice, extendAndAdd(EXPIRATION, 0n));
  await relayed(extendAndAdd(7, 40n));
  no(
    "refused_both_over_balance",
    "Neither happens.",
    "balance_too_low",
    alice,
    extendAndAdd(7, 41n),
  );
  no("refused_both_earlier", "Neither happens.", lower, alice, extendAndAdd(5, 40n));
  no("refused_both_earlier_over_balance", "The block first.", lower, alice, extendAndAdd(5, 41n));
  no("refused_both_by_another", "The sender's right.", notSender, carol, extendAndAdd(7, 1n));
  no("refused_both_of_no_channel", "No such.", "channel_not_found", alice, extendAndAdd(7, 1n, 1));
  story.accepts(
    "extended_and_funded_below_a_threshold",
    "§13.1",
    "The notice stands behind both others.",
    world.bySender(
      alice,
      { kind: "set_low_balance", token: ETHER, threshold: 40n },
      extendAndAdd(7, 1n),
    ),
  );

  const early = "channel_not_expired";
  no("refused_timeout_at_block_4", "Two blocks early.", early, alice, timeOut());
  story.happens("carol funds channel 0", world.bySender(carol, add(10n)));
  no("refused_timeout_at_block_5", "One block early.", early, alice, timeOut());
  story.happens("alice funds channel 0", world.bySender(alice, add(10n)));
  yes(
    "timed_out",
    "At its block a channel has expired; Carol's 10 wei go along.",
    alice,
    timeOut(),
  );
  await relayed(timeOut());
  no("refused_timeout_of_no_channel", "No such.", "channel_not_found", alice, timeOut(1));
  no("refused_timeout_by_recipient", "What is left is the sender's.", notSender, bob, timeOut());
  const late = await claimOf(carol, { channelId: 0, nonce: 0, amount: 25n });
  yes("claimed_after_expiration", "Claims do not look at it.", bob, {
    ...{ kind: "claim_channel", ...late },
  });
  story.happens("alice ends channel 0", world.bySender(alice, timeOut()));
  yes(
    "timed_out_again",
    "An empty channel has expired; nonce and generation rise.",
    alice,
    timeOut(),
  );
  yes("funded_after_timeout", "It goes on, under the next nonce.", alice, add(30n));
  story.happens("alice funds it again", world.bySender(alice, add(30n)));
  story.refuses(
    "refused_payment_of_before_the_timeout",
    "§10.3",
    "The nonce that ended pays nothing any more.",
    world.bySender(bob, { kind: "claim_channel", ...late }),
    "claim_signature_wrong",
  );
  const next = await claimOf(carol, { channelId: 0, nonce: 1, amount: 25n });
  yes("claimed_after_timeout", "A payment of the next nonce.", bob, {
    ...{ kind: "claim_channel", ...next },
  });
  return story;
}
