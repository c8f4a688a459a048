import { NOT_BROUGHT } from "../../../spec/core-operations.ts";
import type { BodyOf } from "../../../spec/operations.ts";
import { encodePredicate } from "../../../spec/predicate.ts";
import { integers, metric, START_SEC, signedBy } from "../../arbitraries/world.ts";
import { EscrowScene, PULL } from "./escrow-scene.ts";
import { writeFalseBatch } from "./false-batch.ts";
import { declare, type Story } from "./story.ts";

const NONE = new Uint8Array(0);
const deliver = (
  escrowId: Uint8Array,
  batchId: number,
  unit = 1,
  commitment = NONE,
): BodyOf<"deliver_unit"> => ({
  ...{ kind: "deliver_unit", escrowId, unit, batchId, commitment },
});
const METRICS = [metric("t", { unit: "Cel", scale: 1 }), metric("h")];

/** Pulls from an open stream: which batch is a unit, and the machine as judge (spec §12.5, §12.8). */
export async function tellBatches(): Promise<Story> {
  const scene = await EscrowScene.open(
    "escrow-batches",
    "Alice's open stream 1 has temperatures and humidities and is sold by service 1; stream 2 is " +
      "nobody's business. Bob wants 25.0 to 42.9 °C in one of two escrows.",
  );
  const { story, world, alice, bob, carol } = scene;
  const signer = story.device();
  story.happens(
    "alice has two streams",
    scene.by(
      alice,
      world.registerDevice(alice, signer),
      declare(story, { deviceId: 1, name: "sold", metrics: METRICS }),
      declare(story, { deviceId: 1, name: "other", metrics: METRICS }),
    ),
  );
  const writers = [1, 2].map((streamId) =>
    world.writer(signer, { deviceId: 1, streamId, metrics: METRICS }),
  );
  const write = (stream: 1 | 2, ...temperatures: (number | null)[]) =>
    writers[stream - 1]!.write(
      Float64Array.from(temperatures, (_, i) => START_SEC + i),
      [integers(...temperatures), integers(...temperatures.map(() => 1))],
    ).operation;
  story.happens("batch 1, sold", world.send(carol, write(1, 300)));
  scene.publish("temperatures", { streamId: 1 });
  const plain = scene.begin("bob opens an escrow", 1, 30n);
  const range = {
    kind: "range",
    name: "t",
    unit: "Cel",
    scale: 1,
    minimum: 250,
    maximum: 429,
  } as const;
  const predicate = encodePredicate(range);
  const judged = { ...PULL, predicate, minMsgCount: 4, minValidBasisPoints: 7_500 };
  const unfit = [
    { ...range, name: "temperature" },
    { ...range, unit: "K" },
    { ...range, scale: 2 },
  ].map((other) => scene.opening(1, 30n, { ...judged, predicate: encodePredicate(other) }));
  story.refuses(
    "refused_predicate_unfit",
    "§12.8",
    "Another name, another unit, another scale.",
    scene.by(bob, ...unfit),
    ...unfit.map(() => "escrow_predicate_unfit" as const),
  );
  const machine = scene.begin("bob opens an escrow with a predicate", 1, 30n, judged);
  story.happens(
    "batches 2 to 5, and 6 of the other stream",
    world.send(
      carol,
      ...[write(1, 250, 429, 300, 249), write(1, 300, 300, null, 430), write(1, 300, 300, 300)],
      ...[write(1, 250, 429, 300, 301), write(2, 300)],
    ),
  );
  story.accepts(
    "batch_delivered",
    "§12.5",
    "Any batch from behind the opening; the commitment is its own.",
    scene.by(alice, deliver(plain, 3)),
  );
  story.refuses(
    "refused_batches",
    "§12.5",
    "None, unknown, from before the opening, of another stream; a commitment where the batch has one.",
    scene.by(
      alice,
      ...[deliver(plain, 0), deliver(plain, 9), deliver(plain, 1), deliver(plain, 6)],
      deliver(plain, 2, 1, new Uint8Array(32)),
    ),
    ...(["batch_not_found", "batch_not_found", "delivery_batch_wrong"] as const),
    ...(["delivery_batch_wrong", "delivery_commitment_wrong"] as const),
  );
  story.accepts(
    "judged_paid",
    "§12.8",
    "Three of four readings are in the range, both bounds included: 0.75 is enough.",
    scene.by(alice, deliver(machine, 2)),
  );
  story.accepts(
    "judged_refunded",
    "§12.8",
    "Two of four, a null and a value above; and three readings where four are asked. The escrow " +
      "goes on: the verdict is on readings.",
    scene.by(alice, deliver(machine, 3), deliver(machine, 4, 2)),
  );
  story.accepts(
    "judged_to_the_end",
    "§12.4",
    "Three units, each judged when it comes: refunded, refunded, released at the end.",
    scene.by(alice, deliver(machine, 3), deliver(machine, 4, 2), deliver(machine, 5, 3)),
  );
  story.refuses(
    "refused_judged_by_machine",
    "§12.8",
    "The buyer cannot reject, nor the provider come with a receipt.",
    world.send(
      carol,
      await signedBy(bob, 0, { kind: "reject_unit", escrowId: machine, unit: 1, batchId: 0 }),
      await signedBy(alice, 0, await scene.receipt(machine, 1)),
    ),
    "escrow_judged_by_machine",
    "escrow_judged_by_machine",
  );
  story.happens("alice delivers batch 3", scene.by(alice, deliver(plain, 3)));
  story.happens("bob accepts it", scene.by(bob, { kind: "accept_unit", escrowId: plain, unit: 1 }));
  story.refuses(
    "refused_batch_twice",
    "§12.5",
    "A batch is one unit, and an older one is none any more.",
    scene.by(alice, deliver(plain, 3, 2), deliver(plain, 2, 2)),
    "delivery_batch_wrong",
    "delivery_batch_wrong",
  );
  return story;
}

/** Pulls from a sealed stream: batch and grant, and fraud that is proven (spec §12.5). */
export async function tellSealedDeliveries(): Promise<Story> {
  const scene = await EscrowScene.open(
    "escrow-sealed",
    "Alice's sealed stream 1 has the key groups 0 and 1; service 1 sells group 1 of it. Batch 1 is " +
      "honest, batch 2 is not what the device committed to in group 1.",
  );
  const { story, world, alice, bob, carol } = scene;
  const signer = story.device();
  const metrics = [metric("a"), metric("b", { group: 1 })];
  const epochKeys = [world.random(32), world.random(32)];
  story.happens(
    "alice has a sealed stream",
    scene.by(
      alice,
      world.registerDevice(alice, signer),
      declare(story, { deviceId: 1, name: "sealed", metrics }, epochKeys),
    ),
  );
  scene.publish("group-1", { streamId: 1, groups: 2 });
  story.happens(
    "bob registers a key",
    scene.by(bob, { kind: "register_encryption_key", key: bob.encryptionKey }),
  );
  story.refuses(
    "refused_predicate_of_sealed",
    "§12.8",
    "The machine does not read sealed values.",
    scene.by(
      bob,
      scene.opening(1, 30n, {
        ...{ ...PULL, minMsgCount: 1 },
        predicate: encodePredicate({
          ...{ kind: "range", name: "b", unit: "", scale: 0, minimum: 0, maximum: 1 },
        }),
      }),
    ),
    "escrow_predicate_unfit",
  );
  const arbiter = { arbiter: carol.address, arbitrationTimeSec: 40 };
  const id = scene.begin("bob opens an escrow", 1, 30n, { ...PULL, ...arbiter });
  const columns = [integers(1, 2, 3), integers(4, 5, 6)];
  const times = Float64Array.of(1, 2, 3);
  const honest = world.writer(signer, { deviceId: 1, streamId: 1, metrics, epochKeys });
  const first = honest.write(times, columns);
  const content = { metrics, epochKeys, times, columns };
  const fault = { fault: "root_differs", group: 1, columns: [integers(0, 0, 1)] } as const;
  story.happens("batch 1", world.send(carol, first.operation));
  const last = { nextSequence: 3, previousHash: first.batch.batchHash };
  const second = writeFalseBatch(world, signer, content, fault, last);
  story.happens("batch 2", world.send(carol, second.operation));
  const grant = (groups: number, expiresAtSec: number) =>
    world.grant(bob, { streamId: 1, epoch: 0, groups, epochKeys, expiresAtSec });
  const far = START_SEC + 10_000;
  const granted = "alice grants bob group 1";
  story.refuses(
    "refused_grant_missing",
    "§12.5",
    "A unit is delivered only when batch and grant are both in the state.",
    scene.by(alice, deliver(id, 1)),
    "delivery_grant_missing",
  );
  story.refuses(
    "refused_grant_of_other_group",
    "§12.5",
    "Group 0 is not what is sold.",
    scene.by(alice, grant(1, far), deliver(id, 1)),
    "delivery_grant_missing",
  );
  const deadline = world.timestampSec + PULL.answerTimeSec;
  story.refuses(
    "refused_grant_ends_too_early",
    "§12.5",
    "Bob could not look any more in the last second of his answer time.",
    scene.by(alice, grant(2, deadline), deliver(id, 1)),
    "delivery_grant_missing",
  );
  story.accepts(
    "delivered_with_grant",
    "§12.5",
    "The grant lasts a second longer than the answer time.",
    scene.by(alice, grant(2, deadline + 1), deliver(id, 1)),
  );
  story.happens(granted, scene.by(alice, grant(3, far)));
  story.refuses(
    "refused_grant_revoked",
    "§12.5",
    "What was revoked does not count.",
    scene.by(
      alice,
      { kind: "revoke_grant", streamId: 1, epoch: 0, buyer: bob.address },
      deliver(id, 1),
    ),
    "delivery_grant_missing",
  );
  story.refuses(
    "refused_receipt_before_delivery",
    "§12.6",
    "Of a sealed stream batch and grant come first.",
    scene.by(alice, await scene.receipt(id, 1)),
    "receipt_unit_not_delivered",
  );

  const prove = {
    kind: "challenge",
    ...NOT_BROUGHT,
    batchId: 2,
    group: 1,
    batchKey: second.batchKeys[1]!,
  } as const;
  const reject = (batchId: number) =>
    ({ kind: "reject_unit", escrowId: id, unit: 1, batchId }) as const;
  story.happens("alice delivers batch 2", scene.by(alice, deliver(id, 2)));
  story.accepts(
    "receipt_of_delivered",
    "§12.6",
    "Bob has signed for it.",
    scene.by(alice, await scene.receipt(id, 1)),
  );
  story.refuses(
    "refused_receipt_of_two",
    "§12.6",
    "The second unit is not delivered.",
    scene.by(alice, await scene.receipt(id, 2)),
    "receipt_unit_not_delivered",
  );
  story.refuses(
    "refused_batch_not_disproved",
    "§12.5",
    "Nothing is proven against batch 2, and batch 1 is not of this unit.",
    scene.by(bob, reject(2), reject(1)),
    "escrow_batch_not_disproved",
    "escrow_batch_not_disproved",
  );
  story.accepts(
    "fraud_proven",
    "§12.5",
    "Bob proves it and is refunded, whatever the arbiter would say; Alice is marked.",
    scene.by(bob, prove, reject(2)),
  );
  story.happens("bob proves the fraud", scene.by(bob, prove));
  scene.at(500);
  story.accepts(
    "silence_over_fraud",
    "§12.5",
    "Proven fraud is not paid while the money is here.",
    scene.by(carol, { kind: "poke_escrow", escrowId: id }),
  );
  story.happens("bob rejects it without naming the batch", scene.by(bob, reject(0)));
  story.accepts(
    "fraud_in_dispute",
    "§12.5",
    "Also while the arbiter is asked.",
    scene.by(bob, reject(2)),
  );

  story.backTo(granted);
  story.happens("bob proves the fraud before delivery", scene.by(bob, prove));
  story.refuses(
    "refused_disproved_already",
    "§12.5",
    "What is disproved is not sold.",
    scene.by(alice, deliver(id, 2)),
    "batch_disproved_already",
  );
  return story;
}
