import type { BodyOf } from "../../../spec/operations.ts";
import { ETHER } from "../../../spec/portals.ts";
import { signedBy } from "../../arbitraries/world.ts";
import { EscrowScene, PULL } from "./escrow-scene.ts";
import type { Story } from "./story.ts";

/** Pulls without a stream: delivered by a commitment, answered or not (spec §12.4, §12.5, §12.9). */
export async function tellPulls(): Promise<Story> {
  const scene = await EscrowScene.open(
    "escrow-pulls",
    "Alice sells pulls of 10 wei that no stream carries. Bob's escrow of 25 wei is for three units " +
      "and may draw 20 wei more from his balance.",
  );
  const { story, world, alice, bob, carol } = scene;
  const deliver = (
    escrowId: Uint8Array,
    unit = 1,
    fields: Partial<BodyOf<"deliver_unit">> = {},
  ): BodyOf<"deliver_unit"> => ({
    ...{ kind: "deliver_unit", escrowId, unit, batchId: 0 },
    ...{ commitment: new Uint8Array(32).fill(unit), ...fields },
  });
  const accept = (escrowId: Uint8Array, unit = 1) =>
    ({ kind: "accept_unit", escrowId, unit }) as const;
  const reject = (escrowId: Uint8Array, unit = 1, batchId = 0) =>
    ({ kind: "reject_unit", escrowId, unit, batchId }) as const;
  const end = (escrowId: Uint8Array) => ({ kind: "end_escrow", escrowId }) as const;
  const fund = (escrowId: Uint8Array, amount: bigint) =>
    ({ kind: "fund_escrow", escrowId, amount }) as const;
  const limit = (escrowId: Uint8Array, amount: bigint) =>
    ({ kind: "set_auto_fill", escrowId, limit: amount }) as const;
  const poke = (escrowId: Uint8Array) => ({ kind: "poke_escrow", escrowId }) as const;

  scene.publish("pulls");
  const opened = "bob opens an escrow of 25 wei";
  const id = scene.begin(opened, 1, 25n, { ...PULL, autoFillLimit: 20n });
  story.accepts(
    "delivered",
    "§12.5",
    "Bob has 50 seconds to answer.",
    scene.by(alice, deliver(id)),
  );
  story.accepts(
    "delivered_relayed",
    "§12.5",
    "Alice signs, Carol sends.",
    await scene.relayed(alice, deliver(id)),
  );
  story.refuses(
    "refused_deliveries",
    "§12.5",
    "Unit 0 and 2 where 1 is next; a batch where no stream is sold; no commitment.",
    scene.by(
      alice,
      ...[deliver(id, 0), deliver(id, 2), deliver(id, 1, { batchId: 1 })],
      deliver(id, 1, { commitment: new Uint8Array(0) }),
    ),
    ...(["escrow_unit_wrong", "escrow_unit_wrong"] as const),
    ...(["delivery_batch_unneeded", "delivery_commitment_wrong"] as const),
  );
  story.refuses(
    "refused_sender_not_provider",
    "§12.1",
    "Only Alice delivers.",
    scene.by(bob, deliver(id)),
    "escrow_sender_not_provider",
  );
  story.refuses(
    "refused_sender_not_buyer",
    "§12.1",
    "Only Bob answers and sets what may be filled.",
    scene.by(alice, accept(id), reject(id), limit(id, 1n)),
    ...(["escrow_sender_not_buyer", "escrow_sender_not_buyer", "escrow_sender_not_buyer"] as const),
  );
  story.refuses(
    "refused_sender_not_party",
    "§12.9",
    "Carol ends nobody's escrow.",
    scene.by(carol, end(id)),
    "escrow_sender_not_party",
  );
  story.refuses(
    "refused_sender_not_arbiter",
    "§12.1",
    "This escrow has no arbiter.",
    scene.by(carol, { kind: "arbitrate", escrowId: id, unit: 1, amount: 1n }),
    "escrow_sender_not_arbiter",
  );
  story.refuses(
    "refused_mode_wrong",
    "§12.3",
    "A pull has no session.",
    scene.by(alice, { kind: "start_session", escrowId: id, unit: 1 }),
    "escrow_mode_wrong",
  );
  story.refuses(
    "refused_nothing_due",
    "§12.3",
    "The delivery time is not over.",
    scene.by(carol, poke(id)),
    "escrow_nothing_due",
  );
  scene.at(36 + 99);
  story.accepts(
    "delivered_in_the_last_second",
    "§12.3",
    "A right needs now < deadline.",
    scene.by(alice, deliver(id)),
  );
  scene.at(36 + 100);
  story.refuses(
    "refused_delivered_too_late",
    "§12.3",
    "At the deadline the escrow lapses, and the delivery meets a closed one.",
    scene.by(alice, deliver(id)),
    "escrow_closed",
  );
  scene.at(36 + 100);
  story.accepts(
    "lapsed_before_the_first_unit",
    "§12.10",
    "Expired; no fact is counted, because no unit was settled.",
    scene.by(carol, poke(id)),
  );
  story.accepts(
    "ending",
    "§12.9",
    "The buyer ends: what he signed can be redeemed for 50 seconds, nothing is delivered any more.",
    scene.by(bob, end(id)),
  );
  story.accepts(
    "ended_relayed",
    "§12.9",
    "Alice, too, ends it; signed by her, sent by Carol.",
    await scene.relayed(alice, end(id)),
  );
  story.accepts(
    "funded",
    "§12.9",
    "Anybody adds money.",
    scene.by(carol, fund(id, 5n), fund(id, 95n)),
  );
  story.accepts(
    "funded_relayed",
    "§12.9",
    "Bob signs, Carol sends.",
    await scene.relayed(bob, fund(id, 5n)),
  );
  story.refuses(
    "refused_funding",
    "§12.9",
    "Nothing, and more than the balance.",
    scene.by(carol, fund(id, 0n), fund(id, 101n)),
    "amount_zero",
    "balance_too_low",
  );
  story.accepts(
    "auto_fill_set",
    "§12.9",
    "More, then none.",
    scene.by(bob, limit(id, 99n), limit(id, 0n)),
  );
  story.accepts(
    "auto_fill_set_relayed",
    "§12.9",
    "Bob signs, Carol sends.",
    await scene.relayed(bob, limit(id, 99n)),
  );

  story.happens("bob ends it", scene.by(bob, end(id)));
  story.refuses(
    "refused_while_ending",
    "§12.9",
    "Neither delivered nor ended a second time by the buyer.",
    world.send(carol, await signedBy(alice, 0, deliver(id)), await signedBy(bob, 0, end(id))),
    "escrow_status_wrong",
    "escrow_status_wrong",
  );
  story.accepts("ended_by_provider_while_ending", "§12.9", "At once.", scene.by(alice, end(id)));
  scene.at(48 + 50);
  story.accepts(
    "ending_lapsed",
    "§12.3",
    "Nothing was redeemed: refunded, no fact.",
    scene.by(carol, poke(id)),
  );

  story.backTo(opened);
  const delivered = "alice delivers unit 1";
  story.happens(delivered, scene.by(alice, deliver(id)));
  story.accepts("accepted", "§12.4", "Alice has 10 wei, 15 are held.", scene.by(bob, accept(id)));
  story.accepts(
    "accepted_relayed",
    "§12.5",
    "Bob signs, Carol sends.",
    await scene.relayed(bob, accept(id)),
  );
  story.accepts(
    "accepted_and_delivered_and_accepted",
    "§12.4",
    "Two units in one input, sent by Carol; for the third 5 wei are drawn.",
    world.send(
      carol,
      await signedBy(bob, 0, accept(id)),
      await signedBy(alice, 0, deliver(id, 2)),
      await signedBy(bob, 1, accept(id, 2)),
    ),
  );
  story.refuses(
    "refused_answers",
    "§12.3",
    "Another unit; a second delivery of the same; a batch that disproves nothing.",
    world.send(
      carol,
      await signedBy(bob, 0, accept(id, 2)),
      await signedBy(alice, 0, deliver(id)),
      await signedBy(bob, 0, reject(id, 1, 7)),
    ),
    ...(["escrow_unit_wrong", "escrow_status_wrong", "escrow_batch_not_disproved"] as const),
  );
  story.accepts(
    "rejected",
    "§12.5",
    "Without an arbiter the unit is refunded and the escrow over: each risked one unit.",
    scene.by(bob, reject(id)),
  );
  story.accepts(
    "rejected_relayed",
    "§12.5",
    "Bob signs, Carol sends.",
    await scene.relayed(bob, reject(id)),
  );
  story.accepts(
    "ended_by_provider",
    "§12.9",
    "The outstanding unit goes back with the rest.",
    scene.by(alice, end(id)),
  );
  story.refuses(
    "refused_end_of_delivered",
    "§12.9",
    "Bob answers first.",
    scene.by(bob, end(id)),
    "escrow_status_wrong",
  );
  scene.at(48 + 50);
  story.accepts("silence", "§12.3", "It counts as accepted.", scene.by(carol, poke(id)));
  scene.at(48 + 50);
  story.accepts(
    "poke_relayed",
    "§12.3",
    "Alice signs, Carol sends.",
    await scene.relayed(alice, poke(id)),
  );
  scene.at(48 + 50);
  story.accepts(
    "lapse_and_delivery",
    "§12.3",
    "Silence pays the first unit, and the second is delivered in the same operation.",
    scene.by(alice, deliver(id, 2)),
  );
  scene.at(48 + 50);
  story.refuses(
    "refused_answer_too_late",
    "§12.3",
    "The rejection comes when silence has accepted: there is no unit to reject, and no lapse.",
    scene.by(bob, reject(id)),
    "escrow_status_wrong",
  );

  story.happens("bob accepts unit 1", scene.by(bob, accept(id)));
  story.happens("alice delivers unit 2", scene.by(alice, deliver(id, 2)));
  const paid = "bob gives his money away but 4 wei";
  story.happens(
    paid,
    scene.by(bob, { kind: "transfer", token: ETHER, to: carol.address, amount: 971n }),
  );
  story.accepts(
    "low",
    "§12.4",
    "5 wei are missing for the third unit, and Bob has 4: nothing is drawn.",
    scene.by(bob, accept(id, 2)),
  );
  story.happens("bob accepts unit 2", scene.by(bob, accept(id, 2)));
  story.refuses(
    "refused_held_too_low",
    "§12.5",
    "There is no money for the unit.",
    scene.by(alice, deliver(id, 3)),
    "escrow_held_too_low",
  );
  scene.at(96 + 100);
  story.accepts(
    "lapsed_for_want_of_money",
    "§12.4",
    "Not the provider's lapse: released, because two units were paid.",
    scene.by(carol, poke(id)),
  );
  story.accepts(
    "money_that_came_late",
    "§12.5",
    "Carol gives Bob a wei, and the delivery draws what is missing.",
    world.send(
      carol,
      await signedBy(carol, 0, { kind: "transfer", token: ETHER, to: bob.address, amount: 1n }),
      await signedBy(alice, 0, deliver(id, 3)),
    ),
  );
  story.happens("carol funds it", scene.by(carol, fund(id, 8n)));
  story.happens("alice delivers unit 3", scene.by(alice, deliver(id, 3)));
  story.accepts(
    "last_unit",
    "§12.4",
    "The third of three: released, 3 wei return.",
    scene.by(bob, accept(id, 3)),
  );
  story.happens("bob accepts unit 3", scene.by(bob, accept(id, 3)));
  const all = [accept(id, 3), reject(id, 4), end(id), fund(id, 1n), limit(id, 1n), poke(id)];
  story.refuses(
    "refused_closed",
    "§12.3",
    "Nothing happens to a closed escrow.",
    scene.by(bob, ...all),
    ...all.slice(1).map(() => "escrow_closed" as const),
    "escrow_nothing_due",
  );
  return story;
}
