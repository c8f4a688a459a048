import type { ChannelTerms } from "../../../spec/channel-operations.ts";
import { ETHER } from "../../../spec/portals.ts";
import { openingTo } from "../../arbitraries/channel-payments.ts";
import { signedBy } from "../../arbitraries/world.ts";
import { OTHER_TOKEN, Story, TOKEN } from "./story.ts";

const NOBODY = new Uint8Array(20);

/** Channels opened by their sender (spec §10.2). */
export async function tellChannelOpenings(): Promise<Story> {
  const story = await Story.open(
    "channel_openings",
    "Alice has 100 wei and 500 of a token; she opens channels to Bob. Carol signs for them.",
  );
  const { world, alice, bob, carol } = story;
  const open = (value: bigint, fields: Partial<ChannelTerms> = {}) =>
    openingTo(bob, carol, value, fields);
  const accept = (name: string, comment: string, ...bodies: ReturnType<typeof open>[]) =>
    story.accepts(name, "§10.2", comment, world.bySender(alice, ...bodies));

  story.happens("alice deposits 100 wei", world.depositEther(alice, 100n));
  story.happens("alice deposits 500 of the token", world.depositErc20(alice, TOKEN, 500n));
  accept("opened", "The value moves from the balance into channel 0.", open(60n));
  accept("opened_with_all_there_is", "The whole balance.", open(100n));
  accept("opened_of_a_token", "A channel has one token.", open(500n, { token: TOKEN }));
  accept(
    "opened_for_either_form",
    "Channels count from 0; each takes MPE's payments, EIP-712's or both.",
    ...[open(1n, { payments: "mpe" }), open(2n, { payments: "eip712" }), open(3n)],
  );
  accept("opened_empty", "As in MPE, a channel can be filled later.", open(0n));
  accept(
    "opened_empty_of_an_unknown_token",
    "Nothing of a token that nobody deposited leaves no row but the channel's.",
    open(0n, { token: OTHER_TOKEN }),
  );
  accept("opened_expired", "It can be extended later.", open(1n, { expirationBlock: 0 }));
  accept(
    "opened_to_the_end_of_blocks",
    "The highest block number there is.",
    open(1n, { expirationBlock: 2 ** 53 - 1 }),
  );
  accept(
    "opened_to_the_zero_address",
    "Only its sender loses by it, and time brings it back.",
    open(1n, { recipient: NOBODY }),
  );
  accept(
    "opened_to_oneself",
    "Sender, signer and recipient may be one.",
    open(1n, { recipient: alice.address, signer: alice.address }),
  );
  story.accepts(
    "opened_relayed",
    "§10.2",
    "Alice signs, Carol sends: the channel is Alice's.",
    world.send(carol, await signedBy(alice, 0, open(60n))),
  );
  story.accepts(
    "opened_below_a_threshold",
    "§13.1",
    "An opening is a debit.",
    world.bySender(alice, { kind: "set_low_balance", token: ETHER, threshold: 41n }, open(60n)),
  );
  const refuse = (
    name: string,
    comment: string,
    refusal: "balance_too_low" | "channel_signer_zero",
    fields: Partial<ChannelTerms>,
  ) => story.refuses(name, "§10.2", comment, world.bySender(alice, open(60n, fields)), refusal);
  refuse("refused_over_balance", "One wei more than there is.", "balance_too_low", {
    value: 101n,
  });
  refuse("refused_of_another_token", "Tokens do not pay for each other.", "balance_too_low", {
    token: OTHER_TOKEN,
  });
  refuse("refused_without_signer", "MPE refuses it, too.", "channel_signer_zero", {
    signer: NOBODY,
  });
  refuse("refused_over_balance_before_signer", "The balance comes first.", "balance_too_low", {
    ...{ value: 101n, signer: NOBODY },
  });
  return story;
}
