import type { BodyOf } from "../../../spec/operations.ts";
import { ETHER } from "../../../spec/portals.ts";
import { signedBy } from "../../arbitraries/world.ts";
import { EscrowScene, PUBSUB, PULL } from "./escrow-scene.ts";
import { start } from "./escrow-sessions.ts";
import type { Story } from "./story.ts";

/** What the buyer signs off chain and the provider redeems (spec §12.6). */
export async function tellReceipts(): Promise<Story> {
  const scene = await EscrowScene.open(
    "escrow-receipts",
    "Alice sells pulls (service 1) and sessions (service 2) for 10 wei. Bob's escrow of pulls holds " +
      "25 wei, may draw 20 more and is for five units.",
  );
  const { story, world, alice, bob, carol } = scene;
  scene.publish("pulls");
  scene.publish("sessions", { mode: "pubsub" });
  const opened = "bob opens an escrow of pulls";
  const id = scene.begin(opened, 1, 25n, { ...PULL, unitCount: 5, autoFillLimit: 20n });
  const deliver: BodyOf<"deliver_unit"> = {
    ...{ kind: "deliver_unit", escrowId: id, unit: 1, batchId: 0, commitment: new Uint8Array(32) },
  };

  story.accepts(
    "pulls_redeemed",
    "§12.6",
    "Two units at once: the receipt is itself the accepted delivery. 5 wei are drawn for the next.",
    scene.by(alice, await scene.receipt(id, 2)),
  );
  story.accepts(
    "pulls_redeemed_relayed",
    "§12.6",
    "Alice signs, Carol sends.",
    await scene.relayed(alice, await scene.receipt(id, 1)),
  );
  story.accepts(
    "pulls_auto_filled",
    "§12.6",
    "15 wei are drawn for four units, and 5 may still be: too few for the fifth.",
    scene.by(alice, await scene.receipt(id, 4)),
  );
  story.accepts(
    "pulls_over_the_money",
    "§12.6",
    "Of five units four are paid, the fifth can be redeemed once there is money.",
    scene.by(alice, await scene.receipt(id, 5)),
  );
  story.accepts(
    "pulls_in_two_steps",
    "§12.6",
    "Receipts are cumulative: the second pays what the first did not, an older one nothing.",
    scene.by(alice, await scene.receipt(id, 1), await scene.receipt(id, 3)),
  );
  story.refuses(
    "refused_older_receipt",
    "§12.6",
    "The receipt for one unit behind that for two.",
    scene.by(alice, await scene.receipt(id, 2), await scene.receipt(id, 1)),
    "receipt_not_needed",
  );
  story.refuses(
    "refused_receipts",
    "§12.6",
    "Messages of a pull, valid ones, a batch; six units of five; signed by Carol, by Alice.",
    scene.by(
      alice,
      await scene.receipt(id, 1, { messageCount: 1 }),
      await scene.receipt(id, 1, { validCount: 1 }),
      await scene.receipt(id, 1, { batchId: 1 }),
      await scene.receipt(id, 6),
      await scene.receipt(id, 1, {}, carol),
      await scene.receipt(id, 1, {}, alice),
    ),
    ...(["session_counts_wrong", "session_counts_wrong", "session_counts_wrong"] as const),
    ...(["escrow_unit_wrong", "receipt_signature_wrong", "receipt_signature_wrong"] as const),
  );
  story.refuses(
    "refused_sender_not_provider",
    "§12.6",
    "Bob does not redeem his own.",
    scene.by(bob, await scene.receipt(id, 1)),
    "escrow_sender_not_provider",
  );
  story.happens("alice delivers unit 1", scene.by(alice, deliver));
  story.accepts(
    "delivered_unit_first",
    "§12.6",
    "The delivered unit is the first of two; nothing is delivered any more.",
    scene.by(alice, await scene.receipt(id, 2)),
  );

  story.backTo(opened);
  story.happens(
    "alice redeems two units, bob gives his money away",
    world.send(
      carol,
      await signedBy(alice, 0, await scene.receipt(id, 2)),
      await signedBy(bob, 0, { kind: "transfer", token: ETHER, to: carol.address, amount: 970n }),
    ),
  );
  story.happens("alice redeems the third", scene.by(alice, await scene.receipt(id, 3)));
  story.refuses(
    "refused_held_too_low",
    "§12.6",
    "Nothing is held and nothing can be drawn.",
    scene.by(alice, await scene.receipt(id, 5)),
    "escrow_held_too_low",
  );

  story.backTo(opened);
  story.happens("bob ends it", scene.by(bob, { kind: "end_escrow", escrowId: id }));
  story.accepts(
    "redeemed_while_ending",
    "§12.6",
    "What was signed is paid while it ends; nothing is filled, so two units of three.",
    scene.by(alice, await scene.receipt(id, 3)),
  );
  story.happens("alice redeems two units", scene.by(alice, await scene.receipt(id, 3)));
  story.refuses(
    "refused_while_ending_without_money",
    "§12.6",
    "5 wei are held, and auto-fill is over.",
    scene.by(alice, await scene.receipt(id, 3)),
    "escrow_held_too_low",
  );
  story.accepts(
    "funded_while_ending",
    "§12.6",
    "Carol funds three units, which closes it: all five are accepted.",
    world.send(
      carol,
      await signedBy(carol, 0, { kind: "fund_escrow", escrowId: id, amount: 26n }),
      await signedBy(alice, 0, await scene.receipt(id, 5)),
    ),
  );
  story.accepts(
    "ending_over",
    "§12.3",
    "Released: two units were paid. 5 wei return.",
    scene.at(1_000).by(carol, { kind: "poke_escrow", escrowId: id }),
  );
  story.refuses(
    "refused_too_late",
    "§12.3",
    "The time to redeem is over.",
    scene.at(1_000).by(alice, await scene.receipt(id, 3)),
    "escrow_closed",
  );

  story.backTo(opened);
  const session = scene.begin("bob opens an escrow of sessions", 2, 40n, PUBSUB);
  const counts = (messageCount: number, validCount = messageCount) => ({
    messageCount,
    validCount,
  });
  story.refuses(
    "refused_session_not_started",
    "§12.6",
    "No session runs.",
    scene.by(alice, await scene.receipt(session, 1, counts(12))),
    "escrow_status_wrong",
  );
  story.happens("alice starts", scene.by(alice, start(session)));
  story.accepts(
    "session_paid",
    "§12.6",
    "Bob's counts meet the thresholds: paid before the session is over; the next one starts.",
    scene.by(alice, await scene.receipt(session, 1, counts(10))),
  );
  story.accepts(
    "session_refunded",
    "§12.6",
    "Bob's counts do not: refunded, and the next one starts.",
    scene.by(alice, await scene.receipt(session, 1, counts(10, 7))),
  );
  story.refuses(
    "refused_session_receipts",
    "§12.6",
    "Of another session; more valid than there are; a batch of no stream; signed for other counts.",
    scene.by(
      alice,
      await scene.receipt(session, 2, counts(12)),
      await scene.receipt(session, 1, counts(12, 13)),
      await scene.receipt(session, 1, { ...counts(12), batchId: 1 }),
      { ...(await scene.receipt(session, 1, counts(9))), messageCount: 12, validCount: 12 },
    ),
    ...(["escrow_unit_wrong", "session_counts_wrong"] as const),
    ...(["delivery_batch_unneeded", "receipt_signature_wrong"] as const),
  );
  const anchor: BodyOf<"anchor_session"> = {
    ...{ kind: "anchor_session", escrowId: session, unit: 1, batchId: 0 },
    ...{ root: new Uint8Array(32), messageCount: 9, validCount: 9 },
  };
  story.accepts(
    "session_receipt_over_anchor",
    "§12.6",
    "Also where the provider has anchored less: among the words he has he picks.",
    scene.at(72 + 60).by(alice, anchor, await scene.receipt(session, 1, counts(10))),
  );
  return story;
}
