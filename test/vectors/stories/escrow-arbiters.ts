import type { BodyOf } from "../../../spec/operations.ts";
import { EscrowScene, PUBSUB, PULL } from "./escrow-scene.ts";
import { start } from "./escrow-sessions.ts";
import type { Story } from "./story.ts";

/** Units that a buyer rejects and an arbiter decides (spec §12.5). */
export async function tellArbiters(): Promise<Story> {
  const scene = await EscrowScene.open(
    "escrow-arbiters",
    "Alice sells pulls and sessions for 10 wei. Bob's escrows of 30 wei name Carol as arbiter, who " +
      "has 40 seconds.",
  );
  const { story, alice, bob, carol } = scene;
  scene.publish("pulls");
  scene.publish("sessions", { mode: "pubsub" });
  const arbiter = { arbiter: carol.address, arbitrationTimeSec: 40 };
  const pull = scene.begin("bob opens an escrow of pulls", 1, 30n, { ...PULL, ...arbiter });
  const session = scene.begin("bob opens an escrow of sessions", 2, 30n, { ...PUBSUB, ...arbiter });
  const arbitrate = (amount: bigint, escrowId = pull, unit = 1) =>
    ({ kind: "arbitrate", escrowId, unit, amount }) as const;
  const reject = (escrowId: Uint8Array) =>
    ({ kind: "reject_unit", escrowId, unit: 1, batchId: 0 }) as const;
  story.refuses(
    "refused_nothing_disputed",
    "§12.5",
    "Nothing is delivered.",
    scene.by(carol, arbitrate(1n)),
    "escrow_status_wrong",
  );
  story.happens(
    "alice delivers and starts",
    scene.by(
      alice,
      {
        ...{ kind: "deliver_unit", escrowId: pull, unit: 1, batchId: 0 },
        commitment: new Uint8Array(32),
      },
      start(session),
    ),
  );
  story.accepts(
    "disputed",
    "§12.5",
    "The unit's 10 wei stay, the other 20 return at once.",
    scene.by(bob, reject(pull)),
  );
  story.happens("bob rejects the pull", scene.by(bob, reject(pull)));
  story.accepts(
    "split",
    "§12.5",
    "Seven for Alice, three for Bob.",
    scene.by(carol, arbitrate(7n)),
  );
  story.accepts(
    "split_relayed",
    "§12.5",
    "Carol signs and sends.",
    await scene.relayed(carol, arbitrate(7n)),
  );
  story.accepts("for_the_provider", "§12.5", "All of it.", scene.by(carol, arbitrate(10n)));
  story.accepts(
    "for_the_buyer",
    "§12.5",
    "Nothing of it: refunded.",
    scene.by(carol, arbitrate(0n)),
  );
  story.refuses(
    "refused_over_price",
    "§12.5",
    "More than the unit, and of another unit.",
    scene.by(carol, arbitrate(11n), arbitrate(1n, pull, 2)),
    "arbitration_over_price",
    "escrow_unit_wrong",
  );
  story.refuses(
    "refused_by_parties",
    "§12.1",
    "Bob is no arbiter, and who asked the arbiter waits for him.",
    scene.by(bob, arbitrate(0n), reject(pull), { kind: "end_escrow", escrowId: pull }),
    ...(["escrow_sender_not_arbiter", "escrow_status_wrong", "escrow_status_wrong"] as const),
  );
  story.refuses(
    "refused_end_by_provider",
    "§12.9",
    "Alice, too.",
    scene.by(alice, { kind: "end_escrow", escrowId: pull }),
    "escrow_status_wrong",
  );
  story.accepts(
    "funded_while_disputed",
    "§12.9",
    "What comes on top returns when it closes.",
    scene.by(carol, { kind: "fund_escrow", escrowId: pull, amount: 5n }, arbitrate(7n)),
  );
  story.accepts(
    "arbiter_silent",
    "§12.3",
    "His time has passed: refunded.",
    scene.at(84 + 40).by(bob, { kind: "poke_escrow", escrowId: pull }),
  );
  const anchor: BodyOf<"anchor_session"> = {
    ...{ kind: "anchor_session", escrowId: session, unit: 1, batchId: 0 },
    ...{ root: new Uint8Array(32), messageCount: 15, validCount: 15 },
  };
  story.happens("alice anchors the session", scene.at(72 + 60).by(alice, anchor));
  story.happens("bob rejects the session", scene.at(72 + 70).by(bob, reject(session)));
  story.accepts(
    "session_split",
    "§12.5",
    "Renewal ends with the dispute.",
    scene.at(72 + 75).by(carol, arbitrate(4n, session)),
  );
  return story;
}
