import { NOT_BROUGHT } from "../../../spec/core-operations.ts";
import { integers, metric, texts } from "../../arbitraries/world.ts";
import { type Falsehood, writeFalseBatch } from "./false-batch.ts";
import { declare, Story } from "./story.ts";

const METRICS = [
  metric("a", { minimum: -100, maximum: 100 }),
  metric("note", { kind: "text" }),
  metric("remark", { kind: "text" }),
  metric("b", { group: 1 }),
];

/** Readings of all metrics, as many as asked for. */
const readings = (count: number) => {
  const zeros = new Array<number>(count).fill(0);
  const blanks = new Array<string>(count).fill("");
  return {
    times: new Float64Array(count),
    columns: [integers(...zeros), texts(...blanks), texts(...blanks), integers(...zeros)],
  };
};

const many = 4_000;
const long = texts(...new Array<string>(many).fill("x".repeat(200)));
const [, blanks] = readings(3).columns;

/** Batches of `count` readings, each with one falsehood. */
const FALSE_BATCHES: readonly (readonly [Falsehood, count: number, comment: string])[] = [
  [
    { fault: "ciphertext_broken", group: 0 },
    3,
    "It does not open under the key that the device committed to.",
  ],
  [
    { fault: "columns_malformed", group: 1 },
    3,
    "What opens is no column: a byte stands behind it.",
  ],
  [
    { fault: "value_out_of_bounds", group: 0, columns: [integers(0, 101, 0), blanks!, blanks!] },
    3,
    "A value of 101 where the declaration says 100 at most; the root agrees with it.",
  ],
  [
    { fault: "leaves_over_bounds", group: 0, columns: [readings(many).columns[0]!, long, long] },
    many,
    "4,000 readings of two long texts make too many bytes of leaves; the root agrees with them.",
  ],
  [
    { fault: "root_differs", group: 1, columns: [integers(0, 0, 1)] },
    3,
    "Well-formed columns within their bounds, but not those that the device committed to.",
  ],
];

/** Sealed batches that are not what their devices signed (spec §4.5). */
export async function tellChallenges(): Promise<Story> {
  const story = await Story.open(
    "challenges",
    "Alice's device 1 has the sealed stream 1: in key group 0 a number from −100 to 100 and two " +
      "texts, in group 1 a number. Stream 2 is open. Anybody who has a batch key may challenge; " +
      "here it is Bob.",
  );
  const { world, alice, bob, carol } = story;
  const signer = story.device();
  const keys = [world.random(32), world.random(32)];
  const challenge = (group: number, batchKey = keys[0], batchId = 1) =>
    ({ kind: "challenge", batchId, group, batchKey: batchKey!, ...NOT_BROUGHT }) as const;

  const declared = "alice declares a sealed and an open stream";
  story.happens(
    "alice registers device 1",
    world.bySender(alice, world.registerDevice(alice, signer)),
  );
  story.happens(
    declared,
    world.bySender(
      alice,
      declare(story, { deviceId: 1, name: "sealed", metrics: METRICS }, keys),
      declare(story, { deviceId: 1, name: "open", metrics: METRICS.slice(0, 1) }),
    ),
  );
  for (const [falsehood, count, comment] of FALSE_BATCHES) {
    const { fault, group } = falsehood;
    const content = { ...readings(count), metrics: METRICS, epochKeys: keys };
    const { operation, batchKeys } = writeFalseBatch(world, signer, content, falsehood);
    story.backTo(declared);
    story.happens(`device 1 submits a batch: ${fault}`, world.send(carol, operation));
    story.accepts(
      `proven_${fault}`,
      "§4.5",
      comment,
      world.bySender(bob, challenge(group, batchKeys[group])),
    );
    if (fault !== "root_differs") continue;
    story.refuses(
      "refused_other_group_honest",
      "§4.5",
      "The batch's other group is what the device committed to.",
      world.bySender(bob, challenge(0, batchKeys[0])),
      "challenge_batch_honest",
    );
    story.happens(
      "bob disproves the batch",
      world.bySender(bob, challenge(group, batchKeys[group])),
    );
    story.refuses(
      "refused_disproved_already",
      "§4.5",
      "A batch is disproved once.",
      world.bySender(carol, challenge(1, batchKeys[1]), challenge(0, batchKeys[0])),
      "batch_disproved_already",
      "batch_disproved_already",
    );
  }

  story.backTo(declared);
  const { times, columns } = readings(3);
  const sealed = { deviceId: 1, streamId: 1, metrics: METRICS, epochKeys: keys };
  const honest = world.writer(signer, sealed).write(times, columns);
  story.happens("device 1 submits an honest batch", world.send(carol, honest.operation));
  const { batchKeys } = honest.batch;
  story.refuses(
    "refused_batch_honest",
    "§4.5",
    "An honest batch cannot be disproved.",
    world.bySender(bob, challenge(0, batchKeys[0]), challenge(1, batchKeys[1])),
    "challenge_batch_honest",
    "challenge_batch_honest",
  );
  story.refuses(
    "refused_key_wrong",
    "§4.5",
    "Neither the other group's batch key nor the epoch key is the batch key of group 0.",
    world.bySender(bob, challenge(0, batchKeys[1]), challenge(0, keys[0])),
    "challenge_key_wrong",
    "challenge_key_wrong",
  );
  story.refuses(
    "refused_group_unknown",
    "§4.5",
    "The stream has the groups 0 and 1.",
    world.bySender(bob, challenge(2)),
    "challenge_group_unknown",
  );
  story.refuses(
    "refused_batch_not_found",
    "§4.5",
    "There is no batch 2.",
    world.bySender(bob, challenge(0, keys[0], 2)),
    "batch_not_found",
  );
  const open = { deviceId: 1, streamId: 2, metrics: METRICS.slice(0, 1) };
  story.happens(
    "device 1 submits to its open stream",
    world.send(carol, world.writer(signer, open).write(times, columns.slice(0, 1)).operation),
  );
  story.refuses(
    "refused_batch_not_sealed",
    "§4.5",
    "The machine itself has read the batches of open streams.",
    world.bySender(bob, challenge(0, keys[0], 2)),
    "batch_not_sealed",
  );
  return story;
}
