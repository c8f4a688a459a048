import { SEQUENCE_MAX, TIME_SEC_MAX } from "../../../spec/limits.ts";
import { integers, texts } from "../../arbitraries/world.ts";
import { tellRefusedContents, tellRefusedHeaders } from "./refused-submissions.ts";
import { declare, rotateKey, type Story } from "./story.ts";
import { COLUMNS, HIDDEN, HIDDEN_COLUMNS, openScene, TIMES } from "./submission-scene.ts";

/** Batches of open and sealed streams (spec §3.3 to §3.6). */
export async function tellSubmissions(): Promise<Story> {
  const scene = await openScene();
  const { story, device, p256, secp256k1, keys, writerOf } = scene;
  const { world, alice, carol } = story;
  const hidden = { metrics: HIDDEN, epochKeys: keys };

  const writer = writerOf(device, 1, 1);
  const first = writer.write(TIMES, COLUMNS);
  story.accepts(
    "open_ed25519",
    "§3.6",
    "Three readings with nulls, texts and a time that falls; anybody may send them.",
    world.send(carol, first.operation),
  );
  story.accepts(
    "open_p256",
    "§3.6",
    "The same readings, signed by a P-256 device.",
    world.send(carol, writerOf(p256, 2, 4).write(TIMES, COLUMNS).operation),
  );
  story.accepts(
    "open_secp256k1",
    "§3.6",
    "The same readings, signed by a secp256k1 device.",
    world.send(carol, writerOf(secp256k1, 3, 5).write(TIMES, COLUMNS).operation),
  );
  story.accepts(
    "sealed",
    "§4.1",
    "The machine sees the times of a sealed batch and a commitment for each key group.",
    world.send(carol, writerOf(device, 1, 3, hidden).write(TIMES, HIDDEN_COLUMNS).operation),
  );
  story.accepts(
    "all_null",
    "§3.3",
    "A reading without any value still says when it was taken.",
    world.send(
      carol,
      writerOf(device, 1, 1).write(Float64Array.of(0), [integers(null), texts(null)]).operation,
    ),
  );
  story.accepts(
    "values_at_the_bounds",
    "§3.6",
    "The bounds of metrics, times and texts belong to what is allowed.",
    world.send(
      carol,
      writerOf(device, 1, 1).write(Float64Array.of(0, TIME_SEC_MAX), [
        integers(-5_000, 6_000),
        texts("", "x".repeat(200)),
      ]).operation,
    ),
  );
  story.accepts(
    "sequence_with_a_gap",
    "§3.6",
    "Sequences rise, but need neither begin at 0 nor follow each other without a gap.",
    world.send(
      carol,
      writerOf(device, 1, 1, { nextSequence: 1_000 }).write(TIMES, COLUMNS).operation,
    ),
  );
  story.accepts(
    "sequence_at_the_end",
    "§3.6",
    "The last readings that a stream can hold.",
    world.send(
      carol,
      writerOf(device, 1, 1, { nextSequence: SEQUENCE_MAX - 3 }).write(TIMES, COLUMNS).operation,
    ),
  );
  story.accepts(
    "chain_within_an_input",
    "§3.6",
    "The second batch signs the hash of the first one, which the same input carries.",
    world.send(carol, first.operation, writer.write(TIMES, COLUMNS).operation),
  );

  tellRefusedHeaders(scene);
  tellRefusedContents(scene);

  const submitted = "device 1 submits three readings";
  const { batchHash } = first.batch;
  const next = { nextSequence: 3, previousHash: batchHash };
  story.happens(submitted, world.send(carol, first.operation));
  story.accepts(
    "chained",
    "§3.6",
    "The next batch signs the hash of the stream's last one.",
    world.send(carol, writerOf(device, 1, 1, next).write(TIMES, COLUMNS).operation),
  );
  story.accepts(
    "declared_break",
    "§3.4",
    "A device that cannot know whether its last batch arrived declares a break.",
    world.send(carol, writerOf(device, 1, 1, next).write(TIMES, COLUMNS, 0).operation),
  );
  story.refuses(
    "refused_break_undeclared",
    "§3.4",
    "A chain that forgets its last batch without saying so is none.",
    world.send(carol, writerOf(device, 1, 1, { nextSequence: 3 }).write(TIMES, COLUMNS).operation),
    "submission_signature_wrong",
  );
  story.refuses(
    "refused_replay",
    "§3.6",
    "What was taken in counts once.",
    world.send(carol, first.operation),
    "submission_sequence_used",
  );
  story.refuses(
    "refused_sequence_overlaps",
    "§3.6",
    "The first reading of a batch comes after the last one taken in.",
    world.send(
      carol,
      writerOf(device, 1, 1, { ...next, nextSequence: 2 }).write(TIMES, COLUMNS).operation,
    ),
    "submission_sequence_used",
  );

  const newSigner = story.device("secp256k1");
  story.happens(
    "alice rotates the key of device 1",
    world.bySender(alice, rotateKey(story, 1, newSigner)),
  );
  story.accepts(
    "after_key_rotation",
    "§3.1",
    "The new key continues the stream, chain and all.",
    world.send(carol, writerOf(newSigner, 1, 1, next).write(TIMES, COLUMNS).operation),
  );
  story.refuses(
    "refused_key_rotated_away",
    "§3.1",
    "The key before signs nothing any more.",
    world.send(carol, writerOf(device, 1, 1, next).write(TIMES, COLUMNS).operation),
    "submission_signature_wrong",
  );

  story.backTo(submitted);
  const nextKeys = [world.random(32), world.random(32)];
  const { epochKeyHashes } = declare(story, { deviceId: 1, name: "", metrics: [] }, nextKeys);
  story.happens(
    "alice rotates the epoch of stream 3",
    world.bySender(alice, { kind: "rotate_epoch", streamId: 3, epoch: 1, epochKeyHashes }),
  );
  const sealedIn = (epoch: number, epochKeys: readonly Uint8Array[]) =>
    writerOf(device, 1, 3, { metrics: HIDDEN, epochKeys, epoch }).write(TIMES, HIDDEN_COLUMNS);
  story.accepts(
    "sealed_in_the_next_epoch",
    "§4.2",
    "A stream goes on in its new epoch.",
    world.send(carol, sealedIn(1, nextKeys).operation),
  );
  story.refuses(
    "refused_epoch_not_current",
    "§4.2",
    "Neither the epoch before counts nor one to come.",
    world.send(carol, sealedIn(0, keys).operation, sealedIn(2, keys).operation),
    "submission_epoch_not_current",
    "submission_epoch_not_current",
  );

  story.backTo(submitted);
  story.happens(
    "alice revokes device 1",
    world.bySender(alice, { kind: "revoke_device", deviceId: 1 }),
  );
  story.refuses(
    "refused_device_revoked",
    "§3.1",
    "A revoked device is not heard.",
    world.send(carol, writerOf(device, 1, 1, next).write(TIMES, COLUMNS).operation),
    "device_revoked",
  );
  return story;
}
