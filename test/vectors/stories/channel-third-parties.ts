import type { BodyOf } from "../../../spec/operations.ts";
import { openingTo, signOpening } from "../../arbitraries/channel-payments.ts";
import { type Person, signedBy } from "../../arbitraries/world.ts";
import { Story } from "./story.ts";

const NOBODY = new Uint8Array(20);

/** Channels opened by a third party, for whoever signed (spec §10.2). */
export async function tellChannelThirdParties(): Promise<Story> {
  const story = await Story.open(
    "channel_third_parties",
    "Bob has 100 wei and pays for channels of Alice, who signs for each. Carol sends or signs.",
  );
  const { world, alice, bob, carol } = story;
  const terms = openingTo(carol, carol, 60n);
  const ask = async (
    form: "mpe" | "eip712",
    fields: Partial<BodyOf<"open_channel_by_third_party">> = {},
    { by = alice, payer = bob }: { by?: Person; payer?: Person } = {},
  ): Promise<BodyOf<"open_channel_by_third_party">> => {
    const asked = { ...terms, messageNonce: 1n, form, ...fields };
    const signature = await signOpening(by, payer, asked, asked.messageNonce, form);
    const kind = "open_channel_by_third_party" as const;
    return { ...asked, kind, sender: alice.address, signature };
  };

  story.happens("bob deposits 100 wei", world.depositEther(bob, 100n));
  const mpe = await ask("mpe");
  const typed = await ask("eip712");
  const [of, yes] = ["§10.2", story.accepts.bind(story)] as const;
  const no = story.refuses.bind(story);
  const send = (...bodies: BodyOf<"open_channel_by_third_party">[]) =>
    world.bySender(bob, ...bodies);
  yes("opened_by_mpe_message", of, "Alice is the sender, Bob pays.", send(mpe));
  yes("opened_by_typed_message", of, "EIP-712 binds every field.", send(typed));
  const low = Uint8Array.from(mpe.signature);
  low[64]! -= 27;
  yes(
    "opened_by_v_of_zero",
    of,
    "The last byte may be 0 or 1, too.",
    send({ ...mpe, signature: low }),
  );
  yes(
    "opened_with_another_token_and_payments",
    of,
    "MPE's message binds neither: the one who signs pays nothing.",
    send({ ...mpe, value: 60n, payments: "mpe" }),
  );
  yes(
    "opened_relayed",
    of,
    "Bob's operation, sent by Carol: Bob is the payer that Alice has signed.",
    world.send(carol, await signedBy(bob, 0, mpe)),
  );
  const small = await ask("mpe", { value: 10n });
  yes(
    "opened_twice_by_two_messages",
    of,
    "Another message nonce, another message.",
    send(small, await ask("mpe", { value: 10n, messageNonce: 2n })),
  );
  no(
    "refused_second_use",
    of,
    "One message opens one channel, also within an input.",
    send(small, small),
    "channel_message_used",
  );
  no(
    "refused_over_balance",
    of,
    "The actor pays, and Bob has 100 wei.",
    send(await ask("mpe", { value: 101n, signer: NOBODY })),
    "balance_too_low",
  );
  no(
    "refused_without_signer",
    of,
    "MPE lets a zero signer pass here; this is not repeated.",
    send(await ask("mpe", { signer: NOBODY }, { by: carol })),
    "channel_signer_zero",
  );
  no(
    "refused_signed_by_another",
    of,
    "Carol cannot open channels of Alice.",
    send(await ask("mpe", {}, { by: carol })),
    "channel_message_signature_wrong",
  );
  no(
    "refused_signature_without_key",
    of,
    "Bytes that recover to nobody.",
    send({ ...mpe, signature: new Uint8Array(65) }),
    "channel_message_signature_wrong",
  );
  no(
    "refused_for_another_payer",
    of,
    "Alice's message names the payer.",
    send(await ask("mpe", {}, { payer: carol })),
    "channel_message_signature_wrong",
  );
  no(
    "refused_with_another_value",
    of,
    "The message binds the value.",
    send({ ...mpe, value: 61n }),
    "channel_message_signature_wrong",
  );
  no(
    "refused_typed_with_other_payments",
    of,
    "EIP-712 binds what MPE does not.",
    send({ ...typed, payments: "mpe" }),
    "channel_message_signature_wrong",
  );
  no(
    "refused_in_the_other_form",
    of,
    "A signature is for one form.",
    send({ ...mpe, form: "eip712" }),
    "channel_message_signature_wrong",
  );
  story.happens("bob opens alice's channel", send(small));
  no(
    "refused_second_use_later",
    of,
    "Digests are kept for good.",
    send(small),
    "channel_message_used",
  );
  const forged = { ...small, signature: new Uint8Array(65) };
  no(
    "refused_use_before_signature",
    of,
    "What was used is refused before a signature is verified.",
    send(forged),
    "channel_message_used",
  );
  yes(
    "opened_by_the_other_form_later",
    of,
    "The other form is another message.",
    send(await ask("eip712", { value: 40n })),
  );
  return story;
}
