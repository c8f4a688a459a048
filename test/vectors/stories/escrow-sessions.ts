import type { EscrowTerms } from "../../../spec/escrow-operations.ts";
import type { BodyOf } from "../../../spec/operations.ts";
import { ETHER } from "../../../spec/portals.ts";
import { integers, metric, START_SEC, signedBy } from "../../arbitraries/world.ts";
import { EscrowScene, PUBSUB } from "./escrow-scene.ts";
import { declare, type Story } from "./story.ts";

export const start = (escrowId: Uint8Array, unit = 1) =>
  ({ kind: "start_session", escrowId, unit }) as const;
const poke = (escrowId: Uint8Array) => ({ kind: "poke_escrow", escrowId }) as const;
const accept = (escrowId: Uint8Array, unit = 1) =>
  ({ kind: "accept_unit", escrowId, unit }) as const;
const reject = (escrowId: Uint8Array, unit = 1) =>
  ({ kind: "reject_unit", escrowId, unit, batchId: 0 }) as const;
const anchor = (
  escrowId: Uint8Array,
  messageCount: number,
  validCount: number,
  fields: Partial<BodyOf<"anchor_session">> = {},
): BodyOf<"anchor_session"> => ({
  ...{ kind: "anchor_session", escrowId, unit: 1, batchId: 0, root: new Uint8Array(32).fill(5) },
  ...{ messageCount, validCount, ...fields },
});

/** Sessions of a service without a stream (spec §12.7). */
export async function tellSessions(): Promise<Story> {
  const scene = await EscrowScene.open(
    "escrow-sessions",
    "Alice sells sessions of a minute for 10 wei. Bob wants 10 of 15 messages, three quarters of " +
      "them valid, and renews, up to three sessions; 25 wei are held, 20 may be drawn.",
  );
  const { story, world, alice, bob, carol } = scene;
  scene.publish("sessions", { mode: "pubsub" });
  const terms: EscrowTerms = { ...PUBSUB, autoFillLimit: 20n };
  const opened = "bob opens an escrow of 25 wei";
  const id = scene.begin(opened, 1, 25n, terms);
  const once = scene.begin("bob opens an escrow that does not renew", 1, 25n, {
    ...{ ...terms, autoRenew: false },
  });
  story.accepts("started", "§12.7", "Now for a minute.", scene.by(alice, start(id)));
  story.accepts(
    "started_relayed",
    "§12.7",
    "Alice signs, Carol sends.",
    await scene.relayed(alice, start(id)),
  );
  story.refuses(
    "refused_starts",
    "§12.3",
    "By the buyer; the second session first; a session delivered as a pull.",
    world.send(
      carol,
      await signedBy(bob, 0, start(id)),
      await signedBy(alice, 0, start(id, 2)),
      await signedBy(alice, 0, {
        ...{
          kind: "deliver_unit",
          escrowId: id,
          unit: 1,
          batchId: 0,
          commitment: new Uint8Array(32),
        },
      }),
    ),
    ...(["escrow_sender_not_provider", "escrow_unit_wrong", "escrow_mode_wrong"] as const),
  );
  scene.at(48 + 100);
  story.accepts(
    "never_started",
    "§12.3",
    "The delivery time passed: expired, uncounted.",
    scene.by(carol, poke(id)),
  );

  const started = "alice starts both";
  story.happens(started, scene.by(alice, start(id), start(once)));
  story.refuses(
    "refused_anchors",
    "§12.7",
    "A second too early.",
    scene.at(60 + 59).by(alice, anchor(id, 12, 12)),
    "session_not_over",
  );
  story.refuses(
    "refused_anchor_fields",
    "§12.7",
    "By the buyer; of another session; more valid than there are; with a batch.",
    world.send(
      scene.at(60 + 60).carol,
      await signedBy(bob, 0, anchor(id, 12, 12)),
      await signedBy(alice, 0, anchor(id, 12, 12, { unit: 2 })),
      await signedBy(alice, 0, anchor(id, 12, 13)),
      await signedBy(alice, 0, anchor(id, 12, 12, { batchId: 1 })),
    ),
    ...(["escrow_sender_not_provider", "escrow_unit_wrong"] as const),
    ...(["session_counts_wrong", "delivery_batch_unneeded"] as const),
  );
  story.accepts(
    "anchored",
    "§12.7",
    "The session is over; Bob has 50 seconds to answer.",
    scene.at(60 + 60).by(alice, anchor(id, 12, 9)),
  );
  story.accepts(
    "anchored_relayed",
    "§12.7",
    "Alice signs, Carol sends.",
    await scene.at(60 + 60).relayed(alice, anchor(id, 12, 9)),
  );
  story.refuses(
    "refused_while_running",
    "§12.9",
    "Bob neither answers nor ends a session that runs.",
    scene.by(bob, accept(id), reject(id), { kind: "end_escrow", escrowId: id }),
    ...(["escrow_status_wrong", "escrow_status_wrong", "escrow_status_wrong"] as const),
  );
  story.accepts(
    "ended_by_provider",
    "§12.9",
    "The running session is refunded.",
    scene.by(alice, { kind: "end_escrow", escrowId: id }),
  );
  story.accepts(
    "no_word",
    "§12.7",
    "Neither receipt nor anchor: the session is refunded, the escrow expired, and it counts.",
    scene.at(60 + 110).by(carol, poke(id)),
  );

  story.happens(
    "alice anchors 12 and 9 messages, and 9 and 9",
    scene.at(60 + 60).by(alice, anchor(id, 12, 9), anchor(once, 9, 9)),
  );
  story.accepts(
    "accepted_and_renewed",
    "§12.7",
    "Nine of twelve are three quarters: paid, and the next session starts now.",
    scene.at(60 + 65).by(bob, accept(id)),
  );
  story.accepts(
    "accepted_and_refunded",
    "§12.7",
    "Nine messages are too few, whoever accepts them; without renewal that was all.",
    scene.at(60 + 65).by(bob, accept(once)),
  );
  story.accepts(
    "silence",
    "§12.3",
    "Two pokes: the counts judge; the next session starts at that time, however late it is.",
    scene.at(5_000).by(carol, poke(id), poke(once)),
  );
  story.accepts(
    "rejected",
    "§12.7",
    "The contrary answer, and no arbiter: refunded and over.",
    scene.at(60 + 65).by(bob, reject(id)),
  );
  story.happens("bob accepts session 1", scene.at(60 + 65).by(bob, accept(id)));
  story.happens(
    "alice anchors session 2",
    scene.at(60 + 125).by(alice, anchor(id, 15, 15, { unit: 2 })),
  );
  story.accepts(
    "renewed_by_auto_fill",
    "§12.4",
    "5 wei are held, 5 are drawn, session 3 starts.",
    scene.at(60 + 130).by(bob, accept(id, 2)),
  );
  story.happens(
    "bob forbids to draw more",
    scene.at(60 + 130).by(bob, { kind: "set_auto_fill", escrowId: id, limit: 4n }),
  );
  story.happens("bob accepts session 2", scene.at(60 + 130).by(bob, accept(id, 2)));
  story.refuses(
    "refused_start_without_money",
    "§12.7",
    "The escrow is low, and 4 wei may be drawn where 5 are missing.",
    scene.at(60 + 140).by(alice, start(id, 3)),
    "escrow_held_too_low",
  );
  story.happens(
    "bob allows 5 wei",
    scene.at(60 + 140).by(bob, { kind: "set_auto_fill", escrowId: id, limit: 5n }),
  );
  story.accepts(
    "started_with_late_money",
    "§12.7",
    "The provider starts again, which draws what is missing.",
    scene.at(60 + 150).by(alice, start(id, 3)),
  );
  story.happens("alice starts session 3", scene.at(60 + 150).by(alice, start(id, 3)));
  story.accepts(
    "sessions_capped",
    "§12.7",
    "The third of three is the last, renewed or not.",
    scene.at(60 + 215).by(alice, await scene.receipt(id, 3, { messageCount: 10, validCount: 10 })),
  );
  const give = { kind: "transfer", token: ETHER, to: carol.address, amount: 1n } as const;
  story.accepts(
    "time_goes_on",
    "§12.3",
    "Others' operations lapse nothing.",
    scene.at(9_000).by(bob, give),
  );
  return story;
}

/** Sessions that sell a stream (spec §12.7). */
export async function tellStreamSessions(): Promise<Story> {
  const scene = await EscrowScene.open(
    "escrow-stream-sessions",
    "Alice sells sessions of her open stream 1; stream 2 is another. Batch 1 is from before.",
  );
  const { story, world, alice, bob, carol } = scene;
  const signer = story.device();
  const metrics = [metric("t")];
  story.happens(
    "alice has two streams",
    scene.by(
      alice,
      world.registerDevice(alice, signer),
      declare(story, { deviceId: 1, name: "sold", metrics }),
      declare(story, { deviceId: 1, name: "other", metrics }),
    ),
  );
  const sold = world.writer(signer, { deviceId: 1, streamId: 1, metrics });
  const other = world.writer(signer, { deviceId: 1, streamId: 2, metrics });
  const times = Float64Array.of(START_SEC);
  const columns = [integers(1)];
  scene.publish("sessions", { mode: "pubsub", streamId: 1 });
  story.happens("batch 1", world.send(carol, sold.write(times, columns).operation));
  const id = scene.begin("bob opens an escrow", 1, 30n, PUBSUB);
  story.happens("alice starts", scene.by(alice, start(id)));
  story.happens(
    "batches 2 and 3, 3 of the other stream",
    world.send(carol, sold.write(times, columns).operation, other.write(times, columns).operation),
  );
  story.accepts(
    "anchored_with_batch",
    "§12.7",
    "A batch that was sent in the session.",
    scene.at(72 + 60).by(alice, anchor(id, 12, 9, { batchId: 2 })),
  );
  story.refuses(
    "refused_batches",
    "§12.7",
    "None; from before the session; of the other stream.",
    scene
      .at(72 + 60)
      .by(
        alice,
        ...[
          anchor(id, 12, 9),
          anchor(id, 12, 9, { batchId: 1 }),
          anchor(id, 12, 9, { batchId: 3 }),
        ],
      ),
    ...(["batch_not_found", "delivery_batch_wrong", "delivery_batch_wrong"] as const),
  );
  story.refuses(
    "refused_receipt_with_old_batch",
    "§12.6",
    "A receipt names a batch, too.",
    scene.by(alice, await scene.receipt(id, 1, { messageCount: 12, validCount: 12, batchId: 1 })),
    "delivery_batch_wrong",
  );
  story.accepts(
    "receipt_with_batch",
    "§12.6",
    "Bob's word settles the session before it is over, and the next one starts.",
    scene.by(alice, await scene.receipt(id, 1, { messageCount: 12, validCount: 12, batchId: 2 })),
  );
  story.refuses(
    "refused_rejection_by_open_batch",
    "§12.5",
    "Batches of open streams are what they say.",
    scene.at(72 + 200).by(bob, { kind: "reject_unit", escrowId: id, unit: 1, batchId: 2 }),
    "escrow_closed",
  );
  return story;
}
