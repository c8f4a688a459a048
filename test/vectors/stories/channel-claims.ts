import type { ChannelClaim } from "../../../spec/channel-operations.ts";
import type { Refusal } from "../../../spec/refusals.ts";
import { claimOf, openingTo } from "../../arbitraries/channel-payments.ts";
import { type Person, signedBy } from "../../arbitraries/world.ts";
import { Story, TOKEN } from "./story.ts";

const claimed = (claim: ChannelClaim) => ({ kind: "claim_channel", ...claim }) as const;

/** Claims of lane 0: MPE's, rule by rule (spec §10.5). */
export async function tellChannelClaims(): Promise<Story> {
  const story = await Story.open(
    "channel_claims",
    "Alice's channels to Bob, for which Carol signs: 0 holds 60 wei and takes both forms, 1 holds " +
      "20 wei and takes MPE's, 2 holds 20 wei and takes EIP-712's, 3 holds 500 of a token.",
  );
  const { world, alice, bob, carol } = story;
  const of = "§10.5";
  const yes = (name: string, comment: string, ...claims: ChannelClaim[]) =>
    story.accepts(name, of, comment, world.bySender(bob, ...claims.map(claimed)));
  const no = (
    name: string,
    comment: string,
    refusal: Refusal,
    claim: ChannelClaim,
    by: Person = bob,
  ) => story.refuses(name, of, comment, world.bySender(by, claimed(claim)), refusal);
  const pay = (amount: bigint, { channelId = 0, nonce = 0, by = carol } = {}, how = {}) =>
    claimOf(by, { channelId, nonce, amount }, how);

  story.happens("alice deposits 100 wei", world.depositEther(alice, 100n));
  story.happens("alice deposits 500 of the token", world.depositErc20(alice, TOKEN, 500n));
  const [both, mpe] = [openingTo(bob, carol, 60n), openingTo(bob, carol, 20n, { payments: "mpe" })];
  const typed = openingTo(bob, carol, 20n, { payments: "eip712" });
  const token = openingTo(bob, carol, 500n, { token: TOKEN });
  story.happens("alice opens four channels", world.bySender(alice, both, mpe, typed, token));

  const plain = await pay(25n);
  yes("claimed", "Signed by the channel's signer, MPE's bytes; the nonce ends.", plain);
  yes("claimed_typed", "The same by EIP-712.", await pay(25n, {}, { form: "eip712" }));
  yes("claimed_of_mpe_channel", "It takes MPE's payments.", await pay(20n, { channelId: 1 }));
  yes(
    "claimed_of_typed_channel",
    "It takes EIP-712's.",
    await pay(20n, { channelId: 2 }, { form: "eip712" }),
  );
  yes(
    "claimed_of_token_channel",
    "Paid in the channel's token.",
    await pay(500n, { channelId: 3 }),
  );
  yes(
    "claimed_signed_by_sender",
    "The sender's signature counts as well.",
    await pay(25n, { by: alice }),
  );
  yes(
    "claimed_typed_signed_by_sender",
    "In either form.",
    await pay(25n, { by: alice }, { form: "eip712" }),
  );
  yes(
    "claimed_less_than_planned",
    "A smaller sum than was signed.",
    await pay(25n, {}, { actual: 10n }),
  );
  yes("claimed_nothing", "As in MPE; the nonce ends.", await pay(25n, {}, { actual: 0n }));
  yes("claimed_of_nothing_planned", "As in MPE.", await pay(0n));
  yes("claimed_everything", "Up to the value.", await pay(60n));
  yes(
    "claimed_of_more_planned_than_held",
    "What is claimed must be there, not what was planned.",
    await pay(10n ** 18n, {}, { actual: 60n }),
  );
  const zeroV = Uint8Array.from(plain.signature);
  zeroV[64]! -= 27;
  yes("claimed_by_v_of_zero", "The last byte may be 0 or 1, too.", { ...plain, signature: zeroV });
  yes(
    "claimed_twice",
    "The second payment is of the next nonce.",
    plain,
    await pay(35n, { nonce: 1 }),
  );
  yes(
    "claimed_with_send_back",
    "What is left goes to the sender; the channel ends, and its generation.",
    await pay(25n, {}, { isSendBack: true }),
  );
  yes(
    "claimed_nothing_with_send_back",
    "The recipient may give back everything.",
    await pay(25n, {}, { actual: 0n, isSendBack: true }),
  );
  yes(
    "claimed_everything_with_send_back",
    "Nothing is left to go back.",
    await pay(60n, {}, { isSendBack: true }),
  );
  story.accepts(
    "claimed_relayed",
    of,
    "Bob signs the claim, Carol sends it.",
    world.send(carol, await signedBy(bob, 0, claimed(plain))),
  );

  no(
    "refused_of_no_channel",
    "Ids count from 0.",
    "channel_not_found",
    await pay(1n, { channelId: 4 }),
  );
  no("refused_over_value", "One wei more than there is.", "claim_over_value", await pay(61n));
  no(
    "refused_over_value_for_its_sender",
    "The value comes before the recipient.",
    "claim_over_value",
    await pay(61n),
    alice,
  );
  no(
    "refused_for_its_sender",
    "Only the recipient claims.",
    "claim_recipient_not_actor",
    plain,
    alice,
  );
  no(
    "refused_for_its_signer",
    "Only the recipient claims.",
    "claim_recipient_not_actor",
    plain,
    carol,
  );
  const more = { ...plain, actual: 26n };
  no("refused_over_planned", "One wei more than was signed.", "claim_over_planned", more);
  no(
    "refused_over_planned_for_another",
    "The recipient comes before the sum.",
    "claim_recipient_not_actor",
    more,
    carol,
  );
  const unfit = "claim_form_not_taken";
  const typedOfMpe = await pay(20n, { channelId: 1 }, { form: "eip712" });
  no("refused_typed_of_mpe_channel", "It was opened for MPE's.", unfit, typedOfMpe);
  const mpeOfTyped = await pay(20n, { channelId: 2 });
  no("refused_mpe_of_typed_channel", "It was opened for EIP-712's.", unfit, mpeOfTyped);
  no("refused_over_planned_in_unfit_form", "The sum comes before the form.", "claim_over_planned", {
    ...(await pay(10n, { channelId: 2 })),
    actual: 11n,
  });
  no("refused_unsigned_in_unfit_form", "The form comes before the signature.", unfit, {
    ...mpeOfTyped,
    signature: new Uint8Array(65),
  });
  const unsigned = "claim_signature_wrong";
  no("refused_signed_by_recipient", "Nobody pays himself.", unsigned, await pay(25n, { by: bob }));
  no("refused_unsigned", "Bytes that recover to nobody.", unsigned, {
    ...plain,
    signature: new Uint8Array(65),
  });
  no("refused_of_next_nonce", "Too early.", unsigned, await pay(25n, { nonce: 1 }));
  no("refused_of_another_channel", "A payment is for one channel.", unsigned, {
    ...plain,
    channelId: 1,
    actual: 20n,
  });
  no("refused_with_another_plan", "The planned sum is what was signed.", unsigned, {
    ...plain,
    planned: 26n,
  });
  no("refused_mpe_bytes_as_typed", "A signature is for one form.", unsigned, {
    ...plain,
    form: "eip712",
  });
  story.refuses(
    "refused_second_claim_of_a_payment",
    of,
    "A nonce pays once.",
    world.bySender(bob, claimed(plain), claimed(plain)),
    unsigned,
  );
  story.happens(
    "bob claims 25 wei and sends back",
    world.bySender(bob, claimed(await pay(25n, {}, { isSendBack: true }))),
  );
  no(
    "refused_of_a_closed_channel",
    "It holds nothing.",
    "claim_over_value",
    await pay(1n, { nonce: 1 }),
  );
  story.accepts(
    "refilled_and_claimed_after_send_back",
    of,
    "Anybody may fill it; payments are of the next nonce.",
    world.bySender(
      bob,
      { kind: "add_channel_funds", channelId: 0, amount: 25n },
      claimed(await pay(25n, { nonce: 1 })),
    ),
  );
  return story;
}
