import { NOT_BROUGHT } from "../../../spec/core-operations.ts";
import { READINGS_PER_INPUT_MAX, SIGNATURES_MAX } from "../../../spec/limits.ts";
import type { Refusal } from "../../../spec/refusals.ts";
import { bySender, integers, metric, signedBy } from "../../arbitraries/world.ts";
import { writeFalseBatch } from "./false-batch.ts";
import { declare, Story } from "./story.ts";

const METRICS = [metric("a")];

/** What one input may ask of the machine (spec §2). */
export async function tellBounds(): Promise<Story> {
  const story = await Story.open(
    "bounds",
    "Alice's device 1 has the sealed stream 1 and the open stream 2. What an operation uses up of " +
      "the input's bounds stays used up when it is refused.",
  );
  const { world, alice, bob, carol } = story;
  const signer = story.device();
  const keys = [world.random(32)];
  const readings = (count: number) =>
    [new Float64Array(count), [integers(...new Array<number>(count).fill(7))]] as const;
  const writer = (nextSequence = 0) =>
    world.writer(signer, { deviceId: 1, streamId: 2, metrics: METRICS, nextSequence });

  story.happens(
    "alice registers device 1",
    world.bySender(alice, world.registerDevice(alice, signer)),
  );
  story.happens(
    "alice declares a sealed and an open stream",
    world.bySender(
      alice,
      declare(story, { deviceId: 1, name: "sealed", metrics: METRICS }, keys),
      declare(story, { deviceId: 1, name: "open", metrics: METRICS }),
    ),
  );
  const declared = "alice declares a sealed and an open stream";

  const most = writer().write(...readings(READINGS_PER_INPUT_MAX)).operation;
  story.accepts("readings_most", "§2.4", "4,096 readings in one batch.", world.send(carol, most));
  const two = writer();
  const half = READINGS_PER_INPUT_MAX / 2;
  story.accepts(
    "readings_most_in_two",
    "§2.4",
    "4,096 readings in two batches.",
    world.send(
      carol,
      two.write(...readings(half)).operation,
      two.write(...readings(half)).operation,
    ),
  );
  story.refuses(
    "refused_readings_over_bounds",
    "§2.4",
    "One reading more than an input may carry.",
    world.send(carol, most, writer(READINGS_PER_INPUT_MAX).write(...readings(1)).operation),
    "operation_readings_over_bounds",
  );
  const broken = {
    ...most,
    authorization: { by: "device", signature: new Uint8Array(64) },
  } as const;
  story.refuses(
    "refused_readings_used_by_a_refused_batch",
    "§2.4",
    "The first batch is refused only after its 4,096 readings were opened.",
    world.send(carol, broken, writer().write(...readings(1)).operation),
    "submission_signature_wrong",
    "operation_readings_over_bounds",
  );

  const [times, columns] = readings(READINGS_PER_INPUT_MAX);
  const content = { metrics: METRICS, epochKeys: keys, times, columns };
  const { operation, batchKeys } = writeFalseBatch(world, signer, content, {
    ...{ fault: "columns_malformed", group: 0 },
  });
  const challenge = (batchKey: Uint8Array) =>
    ({ kind: "challenge", batchId: 1, group: 0, batchKey, ...NOT_BROUGHT }) as const;
  story.happens("device 1 submits a false batch", world.send(carol, operation));
  story.refuses(
    "refused_challenge_over_bounds",
    "§2.4",
    "A challenge opens the batch's readings: two of 4,096 are too many, also where the first fails.",
    world.bySender(bob, challenge(keys[0]!), challenge(batchKeys[0]!)),
    "challenge_key_wrong",
    "operation_readings_over_bounds",
  );

  story.backTo(declared);
  // Two signatures each, Alice's and the device's; refused for the second, so the nonce stays.
  const registration = world.registerDevice(alice, story.device());
  if (registration.kind !== "register_device") throw new Error("a device is registered");
  const relayed = await signedBy(alice, 0, { ...registration, possession: new Uint8Array(64) });
  const pairs = (SIGNATURES_MAX - 2) / 2;
  const batches = writer();
  const submit = () => batches.write(...readings(1)).operation;
  story.refuses(
    "refused_signatures_over_bounds",
    "§2.4",
    "256 signatures verified: of batches, of Alice and of a device that does not agree to her. " +
      "Then none any more: of a batch, an account or a device.",
    world.send(
      carol,
      ...[submit(), ...new Array<typeof relayed>(pairs).fill(relayed), submit()],
      ...[submit(), await signedBy(alice, 0, { kind: "revoke_device", deviceId: 1 })],
      bySender(world.registerDevice(carol, story.device())),
    ),
    ...new Array<Refusal>(pairs).fill("device_possession_unproven"),
    ...new Array<Refusal>(3).fill("operation_signatures_over_bounds"),
  );
  return story;
}
