import { JUDGED_BATCHES_MAX } from "../../../spec/limits.ts";
import { encodePredicate } from "../../../spec/predicate.ts";
import { integers, metric, START_SEC, signedBy } from "../../arbitraries/world.ts";
import { EscrowScene, PUBSUB } from "./escrow-scene.ts";
import { start } from "./escrow-sessions.ts";
import { declare, type Story } from "./story.ts";

/** Sessions that the machine judges on the submitted readings (spec §12.8). */
export async function tellJudgedSessions(): Promise<Story> {
  const scene = await EscrowScene.open(
    "escrow-judged-sessions",
    "Alice sells sessions of her open stream 1. Bob wants 4 readings a session, three quarters of " +
      "them from 0 to 100, or above 1,000 by another metric.",
  );
  const { story, world, alice, carol } = scene;
  const signer = story.device();
  const metrics = [metric("a"), metric("b")];
  story.happens(
    "alice has a stream",
    scene.by(
      alice,
      world.registerDevice(alice, signer),
      declare(story, { deviceId: 1, name: "sold", metrics }),
    ),
  );
  scene.publish("sessions", { mode: "pubsub", streamId: 1 });
  const range = (name: string, minimum: number, maximum: number) =>
    ({ kind: "range", name, unit: "", scale: 0, minimum, maximum }) as const;
  const predicate = encodePredicate({
    ...{ kind: "or", parts: [range("a", 0, 100), range("b", 1_001, 2 ** 40)] },
  });
  const id = scene.begin("bob opens an escrow", 1, 30n, { ...PUBSUB, minMsgCount: 4, predicate });
  const begunAtSec = world.timestampSec;
  const started = "alice starts";
  story.happens(started, scene.by(alice, start(id)));
  const late = begunAtSec - START_SEC + 60 + 50;
  const poke = { kind: "poke_escrow", escrowId: id } as const;
  const batches = (
    ...lists: readonly (readonly (readonly [sec: number, a: number | null, b?: number])[])[]
  ) => {
    const writer = world.writer(signer, { deviceId: 1, streamId: 1, metrics });
    return world.send(
      carol,
      ...lists.map((list) => {
        const times = Float64Array.from(list, ([sec]) => begunAtSec + sec);
        const columns = [
          integers(...list.map(([, a]) => a)),
          integers(...list.map(([, , b]) => b ?? 0)),
        ];
        return writer.write(times, columns).operation;
      }),
    );
  };
  const judge = (name: string, comment: string) => {
    story.accepts(name, "§12.8", comment, scene.at(late).by(carol, poke));
    story.backTo(started);
  };

  judge("judged_nothing_sent", "No reading: refunded, and the next session starts.");
  story.happens(
    "four in the range",
    batches(
      [
        [0, 0],
        [59, 100],
        [1, 50],
      ],
      [[30, 200, 1_001]],
    ),
  );
  story.refuses(
    "refused_word_of_people",
    "§12.8",
    "Neither anchor nor receipt, once nobody has to be believed.",
    scene.at(late - 1).by(
      alice,
      {
        ...{ kind: "anchor_session", escrowId: id, unit: 1, batchId: 1 },
        ...{ root: new Uint8Array(32), messageCount: 4, validCount: 4 },
      },
      await scene.receipt(id, 1, { messageCount: 4, validCount: 4, batchId: 1 }),
    ),
    "escrow_judged_by_machine",
    "escrow_judged_by_machine",
  );
  story.refuses(
    "refused_nothing_due",
    "§12.8",
    "What was measured in time has the answer time to arrive.",
    scene.at(late - 1).by(carol, poke),
    "escrow_nothing_due",
  );
  judge("judged_paid", "From the first second to the last, by one metric or the other.");
  story.happens(
    "one in four is out",
    batches([
      [0, 0],
      [1, -1],
      [2, 1],
      [3, 2],
    ]),
  );
  judge("judged_paid_at_the_threshold", "Three of four are three quarters.");
  story.happens(
    "a null is in no range",
    batches([
      [0, null],
      [1, 101],
      [2, 1],
      [3, 2],
    ]),
  );
  judge("judged_refunded", "Two of four.");
  story.happens(
    "one is too late",
    batches([
      [0, 1],
      [60, 1],
      [2, 1],
      [-1, 1],
      [3, 2],
    ]),
  );
  judge("judged_refunded_too_few", "Measured before and behind the session: three are in time.");

  const many = Array.from({ length: 1_024 }, (_, i) => [i % 60, 1] as const);
  story.happens("2,048 readings and one more", batches(many, many, [[0, 1]]));
  judge("judged_most_readings", "The first two batches; the third would be over the bound.");
  const single = [[0, 200]] as const;
  const bad = new Array<typeof single>(JUDGED_BATCHES_MAX).fill(single);
  story.happens(
    "64 bad batches",
    batches(...bad, [
      [1, 1],
      [2, 1],
      [3, 1],
    ]),
  );
  judge("judged_first_batches", "The first 64 batches are judged, what stands behind is not.");

  story.happens("2,048 readings", batches(many, many));
  const twice = scene.begin("bob opens another escrow", 1, 30n, {
    ...PUBSUB,
    minMsgCount: 4,
    predicate,
  });
  story.happens("alice starts it", scene.by(alice, start(twice)));
  const writer = world.writer(signer, { deviceId: 1, streamId: 2, metrics });
  story.happens(
    "alice declares stream 2",
    scene.by(alice, declare(story, { deviceId: 1, name: "other", metrics })),
  );
  const spent = writer.write(
    Float64Array.from({ length: 2_049 }, () => START_SEC),
    [0, 1].map(() => integers(...new Array<number>(2_049).fill(1))),
  ).operation;
  story.refuses(
    "refused_readings_over_bounds",
    "§2.4",
    "2,049 readings of the input are spent, judging takes 2,048: no operation that would lapse the " +
      "session applies.",
    world.send(
      scene.at(late).carol,
      spent,
      await signedBy(carol, 0, poke),
      await signedBy(carol, 0, { kind: "fund_escrow", escrowId: id, amount: 1n }),
    ),
    "operation_readings_over_bounds",
    "operation_readings_over_bounds",
  );
  return story;
}
