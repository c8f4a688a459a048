import type { BodyOf } from "../../../spec/operations.ts";
import { ETHER } from "../../../spec/portals.ts";
import { encodePredicate } from "../../../spec/predicate.ts";
import { integers, metric, START_SEC } from "../../arbitraries/world.ts";
import { EscrowScene, PUBSUB, PULL } from "./escrow-scene.ts";
import { start } from "./escrow-sessions.ts";
import { declare, type Story } from "./story.ts";

const RETENTION_SEC = 200;
const METRICS = [metric("t")];

/** Units of a stream that keeps bodies for a time (spec §12.2, §12.5 to §12.9). */
export async function tellRetainedStreams(): Promise<Story> {
  const scene = await EscrowScene.open(
    "escrow-retention",
    "Alice's open stream 1 keeps the bodies of its batches for 200 seconds. Service 1 sells it by " +
      "pulls, service 2 by sessions.",
  );
  const { story, world, alice, bob, carol } = scene;
  const signer = story.device();
  story.happens(
    "alice has a stream",
    scene.by(
      alice,
      world.registerDevice(alice, signer),
      declare(story, {
        ...{ deviceId: 1, name: "sold", metrics: METRICS, retentionSec: RETENTION_SEC },
      }),
    ),
  );
  scene.publish("pulls", { streamId: 1 });
  scene.publish("sessions", { mode: "pubsub", streamId: 1 });
  const writer = world.writer(signer, { deviceId: 1, streamId: 1, metrics: METRICS });
  const batch = () => writer.write(Float64Array.of(START_SEC), [integers(1)]).operation;
  const predicate = encodePredicate({
    ...{ kind: "range", name: "t", unit: "", scale: 0, minimum: 0, maximum: 9 },
  });
  const judged = { minMsgCount: 1, predicate };
  const arbiter = { arbiter: carol.address, arbitrationTimeSec: 100 };
  const short = [
    scene.opening(1, 30n, { ...PULL, answerTimeSec: 200 }),
    scene.opening(1, 30n, { ...PULL, answerTimeSec: 100, ...arbiter }),
    scene.opening(1, 30n, { ...PULL, ...judged, answerTimeSec: 100 }),
    scene.opening(2, 30n, { ...PUBSUB, durationSec: 150, answerTimeSec: 50 }),
  ];
  story.refuses(
    "refused_opening",
    "§12.2",
    "Answer; answer and arbitration; the answer twice; session and answer: 200 seconds each.",
    scene.by(bob, ...short),
    ...short.map(() => "escrow_retention_too_short" as const),
  );
  story.accepts(
    "opened",
    "§12.2",
    "A second less each, and 198 where the answer counts twice.",
    scene.by(
      bob,
      scene.opening(1, 30n, { ...PULL, answerTimeSec: 199 }),
      scene.opening(1, 30n, { ...PULL, answerTimeSec: 99, ...arbiter }),
      scene.opening(1, 30n, { ...PULL, ...judged, answerTimeSec: 99 }),
      scene.opening(2, 30n, { ...PUBSUB, durationSec: 149, answerTimeSec: 50 }),
    ),
  );
  const intent = (answerTimeSec: number): BodyOf<"open_intent"> => ({
    ...{ kind: "open_intent", tag: "weather", mode: "pull", token: ETHER, ceiling: 10n },
    ...{ acceptTimeSec: 500, providers: [], amount: 30n, terms: { ...PULL, answerTimeSec } },
  });
  const beginning = "alice publishes sessions";
  for (const [answerTimeSec, name] of [
    [200, "refused_acceptance"],
    [199, "accepted"],
  ] as const) {
    const input = scene.by(bob, intent(answerTimeSec));
    story.happens(`bob offers an intent with ${answerTimeSec} seconds`, input);
    const body = { kind: "accept_intent", serviceId: 1, version: 1 } as const;
    const accept = scene.by(alice, { ...body, escrowId: scene.idOf(input) });
    if (name === "accepted") story.accepts(name, "§12.9", "A second less.", accept);
    else {
      const comment = "The stream that would be sold keeps its bodies too short a time.";
      story.refuses(name, "§12.9", comment, accept, "escrow_retention_too_short");
    }
    story.backTo(beginning);
  }

  const pull = scene.begin("bob opens a pull", 1, 30n, { ...PULL, deliveryTimeSec: 1_000 });
  story.happens("batch 1", scene.at(300).world.send(carol, batch()));
  const deliver: BodyOf<"deliver_unit"> = {
    ...{ kind: "deliver_unit", escrowId: pull, unit: 1, batchId: 1 },
    commitment: new Uint8Array(0),
  };
  story.accepts(
    "delivered_in_time",
    "§12.5",
    "A second before its body goes.",
    scene.at(499).by(alice, deliver),
  );
  story.refuses(
    "refused_delivery",
    "§12.5",
    "What the state has given up is not sold.",
    scene.at(500).by(alice, deliver),
    "batch_archived",
  );
  story.refuses(
    "refused_delivery_folded",
    "§12.5",
    "Nor what has folded.",
    scene.at(700).by(alice, deliver),
    "batch_not_found",
  );
  story.happens("batch 2", scene.at(305).world.send(carol, batch()));
  story.happens("batch 1 is archived", scene.at(500).by(carol, { kind: "poke_retention" }));
  story.accepts(
    "delivered_before_due",
    "§12.5",
    "A second before its retention is over.",
    scene.at(504).by(alice, { ...deliver, batchId: 2 }),
  );
  story.refuses(
    "refused_delivery_due",
    "§12.5",
    "Its body is there until the next visit, but its row folds too early for the answer.",
    scene.at(505).by(alice, { ...deliver, batchId: 2 }),
    "batch_archived",
  );

  story.backTo(beginning);
  const terms = { ...PUBSUB, answerTimeSec: 100, deliveryTimeSec: 10_000 };
  const session = scene.begin("bob opens sessions", 2, 30n, terms);
  story.happens("alice starts", scene.at(1_000).by(alice, start(session)));
  story.happens("batch 1 in the session", scene.at(1_000).world.send(carol, writeFirst()));
  story.happens(
    "alice anchors",
    scene.at(1_159).by(alice, {
      ...{ kind: "anchor_session", escrowId: session, unit: 1, batchId: 1 },
      ...{ root: new Uint8Array(32), messageCount: 12, validCount: 12 },
    }),
  );
  const receipt = await scene.receipt(session, 1, {
    ...{ messageCount: 12, validCount: 12, batchId: 1 },
  });
  story.accepts(
    "receipt_in_time",
    "§12.6",
    "The batch that it names has its body for one more second.",
    scene.at(1_199).by(alice, receipt),
  );
  story.refuses(
    "refused_receipt",
    "§12.6",
    "The session's batch has been archived while the buyer's answer was awaited.",
    scene.at(1_200).by(alice, receipt),
    "batch_archived",
  );

  story.backTo(beginning);
  const machine = scene.begin("bob opens judged sessions", 2, 30n, {
    ...{ ...PUBSUB, ...judged, durationSec: 60, answerTimeSec: 50 },
    deliveryTimeSec: 10_000,
  });
  story.happens("alice starts a judged session", scene.at(2_000).by(alice, start(machine)));
  const inTime = world.writer(signer, { deviceId: 1, streamId: 1, metrics: METRICS });
  const measured = inTime.write(Float64Array.of(START_SEC + 2_001), [integers(1)]).operation;
  story.happens("batch 1 in the judged session", scene.at(2_010).world.send(carol, measured));
  const poke = { kind: "poke_escrow", escrowId: machine } as const;
  story.accepts(
    "judged_in_time",
    "§12.8",
    "The session is over and judged by its one reading: paid.",
    scene.at(2_209).by(carol, poke),
  );
  story.accepts(
    "judged_too_late",
    "§12.8",
    "Its body is archived when somebody asks for the verdict: no reading counts, refunded.",
    scene.at(2_210).by(carol, poke),
  );
  return story;

  /** The stream's first batch, under another history. */
  function writeFirst() {
    const other = world.writer(signer, { deviceId: 1, streamId: 1, metrics: METRICS });
    return other.write(Float64Array.of(START_SEC), [integers(1)]).operation;
  }
}
