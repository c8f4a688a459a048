import { ETHER } from "../../../spec/portals.ts";
import { signedBy } from "../../arbitraries/world.ts";
import { Story, TOKEN } from "./story.ts";

/** Notices of low balances (spec §13.1). */
export async function tellWallet(): Promise<Story> {
  const story = await Story.open("wallet", "Alice has 100 wei and wants to know of less than 40.");
  const { world, alice, bob } = story;
  const watch = (token: Uint8Array, threshold: bigint) =>
    ({ kind: "set_low_balance", token, threshold }) as const;
  const give = (amount: bigint, to = bob.address) =>
    ({ kind: "transfer", token: ETHER, to, amount }) as const;
  const take = (amount: bigint) =>
    ({ kind: "withdraw", token: ETHER, recipient: alice.address, amount }) as const;

  story.happens("alice deposits 100 wei", world.depositEther(alice, 100n));
  story.accepts(
    "threshold_before_any_money",
    "§13.1",
    "A threshold needs no balance, not even a known token.",
    world.bySender(bob, watch(TOKEN, 5n)),
  );
  const relayed = await signedBy(alice, 0, watch(ETHER, 40n));
  story.accepts("threshold_relayed", "§13.1", "Alice signs, Bob sends.", world.send(bob, relayed));

  story.happens("alice sets 40 wei", world.bySender(alice, watch(ETHER, 40n)));
  story.accepts(
    "balance_at_the_threshold",
    "§13.1",
    "Forty are not less than forty.",
    world.bySender(alice, give(60n)),
  );
  story.accepts(
    "balance_falls_below",
    "§13.1",
    "The notice stands behind the transfer's own.",
    world.bySender(alice, give(61n)),
  );
  story.accepts(
    "balance_falls_once",
    "§13.1",
    "What is low already gives no second notice.",
    world.bySender(alice, give(61n), give(1n)),
  );
  story.accepts(
    "balance_falls_by_withdrawal",
    "§13.1",
    "Withdrawals are debits, too.",
    world.bySender(alice, take(100n)),
  );
  story.accepts(
    "balance_falls_for_a_moment",
    "§13.1",
    "Debits are judged one by one, also where the money comes back at once.",
    world.bySender(alice, give(100n, alice.address)),
  );
  story.accepts(
    "threshold_zero_ends_it",
    "§13.1",
    "No balance is below 0.",
    world.bySender(alice, watch(ETHER, 0n), give(100n)),
  );
  return story;
}
