import { NOT_BROUGHT } from "../../../spec/core-operations.ts";
import type { BodyOf, Operation } from "../../../spec/operations.ts";
import { ETHER } from "../../../spec/portals.ts";
import type { Metric } from "../../../spec/readings.ts";
import { isRefused } from "../../../spec/refusals.ts";
import { openUnverified } from "../../../spec/submission.ts";
import { integers, metric, START_SEC, signedBy, type World } from "../../arbitraries/world.ts";
import { writeFalseBatch } from "./false-batch.ts";
import { declare, Story } from "./story.ts";

const METRICS = [metric("a"), metric("b", { group: 1 })];
const OPEN = [metric("t")];
const POKE = { kind: "poke_retention" } as const;
const RETENTION_SEC = 100;
const SENT_SEC = 1_000;

/** What becomes of the bodies and rows of batches (spec §3.8). */
export async function tellRetention(): Promise<Story> {
  const story = await Story.open(
    "retention",
    "Alice's device 1 has the sealed stream 1 and the open stream 2, which keep bodies for 100 " +
      "seconds, and the open stream 3, which keeps them for ever. Batch 1 is of stream 1 and false " +
      "in group 1; 2 and 4 are of stream 2, 3 is of stream 3. All came 1,000 seconds after the start.",
  );
  const { world, alice, bob, carol } = story;
  const signer = story.device();
  const keys = [world.random(32), world.random(32)];
  const at = (sec: number): World => {
    world.timestampSec = START_SEC + sec;
    return world;
  };
  const retentionSec = RETENTION_SEC;
  story.happens(
    "alice declares three streams",
    world.bySender(
      alice,
      world.registerDevice(alice, signer),
      declare(story, { deviceId: 1, name: "sealed", metrics: METRICS, retentionSec }, keys),
      declare(story, { deviceId: 1, name: "open", metrics: OPEN, retentionSec }),
      declare(story, { deviceId: 1, name: "kept", metrics: OPEN }),
    ),
  );
  const times = Float64Array.of(1, 2);
  const content = {
    ...{ metrics: METRICS, epochKeys: keys, times },
    columns: [integers(1, 2), integers(3, 4)],
  };
  const fault = { fault: "root_differs", group: 1, columns: [integers(0, 4)] } as const;
  const { operation, batchKeys } = writeFalseBatch(world, signer, content, fault);
  const [second, third] = [2, 3].map((streamId) =>
    world.writer(signer, { deviceId: 1, streamId, metrics: OPEN }),
  );
  const write = (writer = second!) => writer.write(times, [integers(5, 6)]).operation;
  const sent = "batches 1 to 4";
  story.happens(sent, at(SENT_SEC).send(carol, operation, write(), write(third), write()));
  const { salt, body } = openBody(world, operation, METRICS);
  const challenge = (brought: Partial<BodyOf<"challenge">> = {}): BodyOf<"challenge"> => ({
    ...{ kind: "challenge", batchId: 1, group: 1, batchKey: batchKeys[1]! },
    ...{ ...NOT_BROUGHT, ...brought },
  });
  const first = SENT_SEC + RETENTION_SEC;
  const again = first + RETENTION_SEC;

  story.refuses(
    "refused_nothing_due",
    "§3.8",
    "A second too early: neither the head nor the poke finds anything.",
    at(first - 1).bySender(bob, POKE),
    "retention_nothing_due",
  );
  story.accepts(
    "archived_by_poke",
    "§3.8",
    "The head of the input has taken all three that are due; the poke itself took none, and applies.",
    at(first).bySender(bob, POKE),
  );
  story.accepts(
    "archived_by_relayed_poke",
    "§3.8",
    "Bob signs, Carol sends.",
    at(first).send(carol, await signedBy(bob, 0, POKE)),
  );
  story.accepts(
    "archived_by_deposit",
    "§3.8",
    "A deposit tidies, too.",
    at(first).depositEther(bob, 1n),
  );
  story.refuses(
    "archived_before_a_refusal",
    "§3.8",
    "The operation that is refused does not undo what came before it.",
    at(first).bySender(
      bob,
      { kind: "transfer", token: ETHER, to: alice.address, amount: 1n },
      { kind: "set_low_balance", token: ETHER, threshold: 1n },
    ),
    "balance_too_low",
  );
  story.refuses(
    "refused_input_archives_nothing",
    "§3.8",
    "What is rejected leaves no trace.",
    at(first).bySender(bob, { kind: "transfer", token: ETHER, to: alice.address, amount: 1n }),
    "balance_too_low",
  );
  story.accepts(
    "archived_and_folded_at_once",
    "§3.8",
    "So late that each batch is due twice: archived first, in their order, then folded.",
    at(again).bySender(bob, POKE, POKE),
  );
  story.accepts(
    "proven_with_a_body_that_is_kept",
    "§4.5",
    "Whoever cannot know whether the batch is archived brings its body.",
    at(first - 1).bySender(bob, challenge({ salt, body })),
  );

  const archived = "batches 1, 2 and 4 are archived";
  story.happens(archived, at(first).bySender(bob, POKE));
  story.refuses(
    "refused_batch_archived",
    "§4.5",
    "The state has no body to judge.",
    at(first + 1).bySender(bob, challenge()),
    "batch_archived",
  );
  const changed = body.slice();
  changed[0]! ^= 1;
  story.refuses(
    "refused_body_wrong",
    "§4.5",
    "A bit is another, a byte is missing, another salt, no salt, no body.",
    at(first + 1).bySender(
      bob,
      challenge({ salt, body: changed }),
      challenge({ salt, body: body.subarray(1) }),
      challenge({ salt: new Uint8Array(16), body }),
      challenge({ body }),
      challenge({ salt }),
    ),
    ...new Array<"challenge_body_wrong">(5).fill("challenge_body_wrong"),
  );
  story.refuses(
    "refused_honest_group",
    "§4.5",
    "Group 0 of the body that is brought is what the device committed to.",
    at(first + 1).bySender(bob, challenge({ salt, body, group: 0, batchKey: batchKeys[0]! })),
    "challenge_batch_honest",
  );
  story.accepts(
    "proven_archived",
    "§4.5",
    "The body is the batch's by its hash, and judged as if it had stayed.",
    at(first + 1).bySender(bob, challenge({ salt, body })),
  );
  story.accepts(
    "folded",
    "§3.8",
    "The rows are leaves of their streams' ranges now, and the highest identifier is kept.",
    at(again).depositEther(bob, 1n),
  );
  story.happens("bob proves batch 1 false", at(first + 1).bySender(bob, challenge({ salt, body })));
  story.accepts(
    "folded_but_for_the_row_of_a_disproved_batch",
    "§3.8",
    "Its leaf says the group, and its row stays.",
    at(again).bySender(bob, POKE),
  );

  story.backTo(archived);
  story.happens("batches 1, 2 and 4 fold", at(again).bySender(bob, POKE));
  story.refuses(
    "refused_batch_folded",
    "§4.5",
    "What has folded can no more be challenged.",
    at(again + 1).bySender(bob, challenge({ salt, body })),
    "batch_not_found",
  );
  const fifth = write();
  story.accepts(
    "identifiers_go_on",
    "§6.7",
    "The batch after the fourth is the fifth, though of the rows the third is the highest.",
    at(again + 1).send(carol, fifth),
  );

  story.backTo(sent);
  story.happens("batch 5 of stream 2, 3 seconds later", at(SENT_SEC + 3).send(carol, fifth));
  story.happens("all but batch 5 are archived", at(first).bySender(bob, POKE));
  // A sixteenth of 100 seconds, rounded up.
  const visit = first + 7;
  story.refuses(
    "refused_before_the_visit",
    "§3.8",
    "Batch 5 is due for 3 seconds, and its stream is visited in one.",
    at(visit - 1).bySender(bob, POKE),
    "retention_nothing_due",
  );
  story.accepts(
    "archived_by_a_visit",
    "§3.8",
    "Stream 2 is visited again when its first batch is due to fold.",
    at(visit).bySender(bob, POKE),
  );
  story.accepts(
    "archived_and_folded_by_one_visit",
    "§3.8",
    "A visit that comes late archives batch 5 and folds 2 and 4; stream 2 is next due with 5.",
    at(again).bySender(bob, POKE),
  );
  return story;
}

/** Salt and body of batch 1, as its device sealed them. */
function openBody(
  world: World,
  { body }: Operation,
  metrics: readonly Metric[],
): { readonly salt: Uint8Array; readonly body: Uint8Array } {
  if (body.kind !== "submit") throw new Error("a batch is submitted");
  const machine = { secret: world.machineSecret, key: world.machineKey };
  const opened = openUnverified(world.crypto, machine, {
    ...{ ...world.at, ...body, deviceId: 1, isSealed: true, groupCount: 2, metrics },
    previousHash: new Uint8Array(32),
  });
  if (isRefused(opened)) throw new Error(opened.refusal);
  return opened;
}
