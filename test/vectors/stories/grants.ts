import { computeEpochKeyHash } from "../../../spec/grant-keys.ts";
import type { BodyOf } from "../../../spec/operations.ts";
import { metric, type Person } from "../../arbitraries/world.ts";
import { declare, Story } from "./story.ts";

const GROUPS = [metric("a"), metric("b", { group: 1 })];

/** Buyers' keys, grants and their end (spec §4.3 and §4.4). */
export async function tellGrants(): Promise<Story> {
  const story = await Story.open(
    "grants",
    "Alice's device 1 has the sealed stream 1 of two key groups and the open stream 2. Bob " +
      "registers an encryption key and buys; Carol has none.",
  );
  const { world, alice, bob, carol } = story;
  const keys = [world.random(32), world.random(32)];
  const nextKeys = [world.random(32), world.random(32)];
  const registerKey = (key: Uint8Array) => ({ kind: "register_encryption_key", key }) as const;
  const grant = (fields: Partial<BodyOf<"grant">> = {}, buyer: Person = bob) => {
    const { streamId = 1, epoch = 0, groups = 0b11 } = fields;
    const epochKeys = epoch === 0 ? keys : nextKeys;
    const expiresAtSec = world.timestampSec + 1_000;
    const offer = { streamId, epoch, groups, epochKeys, expiresAtSec };
    return { ...world.grant(buyer, offer), ...fields } as BodyOf<"grant">;
  };
  const revoke = (epoch = 0, buyer: Person = bob, streamId = 1) =>
    ({ kind: "revoke_grant", streamId, epoch, buyer: buyer.address }) as const;

  story.accepts(
    "register_encryption_key",
    "§4.3",
    "A buyer says to which X25519 key owners wrap what he buys.",
    world.bySender(bob, registerKey(bob.encryptionKey)),
  );
  story.refuses(
    "refused_encryption_key_invalid",
    "§4.3",
    "A point of small order keeps no secret.",
    world.bySender(bob, registerKey(new Uint8Array(32))),
    "encryption_key_invalid",
  );

  story.happens(
    "alice registers device 1",
    world.bySender(alice, world.registerDevice(alice, story.device())),
  );
  story.happens(
    "alice declares a sealed and an open stream",
    world.bySender(
      alice,
      declare(story, { deviceId: 1, name: "sealed", metrics: GROUPS }, keys),
      declare(story, { deviceId: 1, name: "open", metrics: [metric("a")] }),
    ),
  );
  story.happens("bob registers a key", world.bySender(bob, registerKey(bob.encryptionKey)));
  story.accepts(
    "replace_encryption_key",
    "§4.3",
    "Another key takes the place of the one before.",
    world.bySender(bob, registerKey(carol.encryptionKey)),
  );
  story.accepts(
    "grant",
    "§4.3",
    "Both groups of the current epoch, until a second after this block.",
    world.bySender(alice, grant()),
  );
  story.accepts(
    "grant_one_group",
    "§4.3",
    "Group 1 only: one wrapped key.",
    world.bySender(alice, grant({ groups: 0b10 })),
  );
  story.refuses(
    "refused_epoch_not_known",
    "§4.3",
    "Keys of an epoch to come are not published yet.",
    world.bySender(alice, grant({ epoch: 1 })),
    "grant_epoch_not_known",
  );
  story.refuses(
    "refused_groups_none",
    "§4.3",
    "A grant of nothing says nothing.",
    world.bySender(alice, grant({ groups: 0 })),
    "grant_groups_invalid",
  );
  story.refuses(
    "refused_groups_unknown",
    "§4.3",
    "The stream has no group 2.",
    world.bySender(alice, { ...grant(), groups: 0b111 }),
    "grant_groups_invalid",
  );
  story.refuses(
    "refused_buyer_without_key",
    "§4.3",
    "Carol has not registered a key yet.",
    world.bySender(alice, grant({}, carol)),
    "grant_buyer_without_key",
  );
  story.refuses(
    "refused_expired_already",
    "§4.3",
    "What expires with this block is over in it.",
    world.bySender(alice, { ...grant(), expiresAtSec: world.timestampSec }),
    "grant_expired_already",
  );
  story.refuses(
    "refused_wrapped_keys_wrong",
    "§4.3",
    "One wrapped key for two groups.",
    world.bySender(alice, { ...grant({ groups: 0b10 }), groups: 0b11 }),
    "grant_wrapped_keys_wrong",
  );
  story.refuses(
    "refused_open_stream",
    "§4.3",
    "An open stream is everybody's already.",
    world.bySender(alice, grant({ streamId: 2 })),
    "stream_not_sealed",
  );
  story.refuses(
    "refused_stream_not_found",
    "§4.3",
    "There is no stream 3.",
    world.bySender(alice, grant({ streamId: 3 })),
    "stream_not_found",
  );
  story.refuses(
    "refused_grant_by_stranger",
    "§4.3",
    "Only the owner grants.",
    world.bySender(bob, grant()),
    "device_sender_not_owner",
  );
  story.refuses(
    "refused_grant_not_found",
    "§4.4",
    "There is nothing to revoke yet.",
    world.bySender(alice, revoke()),
    "grant_not_found",
  );

  story.happens(
    "alice grants both groups to bob for a second",
    world.bySender(alice, { ...grant(), expiresAtSec: world.timestampSec + 1 }),
  );
  story.accepts(
    "grant_after_expiry",
    "§4.3",
    "A grant that has expired is replaced under its number.",
    world.bySender(alice, grant()),
  );
  story.happens("alice grants both groups to bob", world.bySender(alice, grant()));
  story.refuses(
    "refused_grant_exists",
    "§4.3",
    "One live grant a stream, epoch and buyer.",
    world.bySender(alice, grant({ groups: 0b10 })),
    "grant_exists",
  );
  story.accepts(
    "revoke_grant",
    "§4.4",
    "The owner records the end; the keys that are out stay out.",
    world.bySender(alice, revoke()),
  );
  story.refuses(
    "refused_revoke_for_another_buyer",
    "§4.4",
    "Carol has no grant.",
    world.bySender(alice, revoke(0, carol), revoke(1)),
    "grant_not_found",
    "grant_not_found",
  );
  story.refuses(
    "refused_revoke_by_stranger",
    "§4.4",
    "Only the owner revokes: the buyer does not.",
    world.bySender(bob, revoke()),
    "device_sender_not_owner",
  );

  story.happens("alice revokes bob's grant", world.bySender(alice, revoke()));
  story.refuses(
    "refused_revoked_already",
    "§4.4",
    "A grant ends once.",
    world.bySender(alice, revoke()),
    "grant_revoked_already",
  );
  story.accepts(
    "grant_after_revocation",
    "§4.3",
    "A grant that ended is replaced: the buyer keeps its number.",
    world.bySender(alice, grant()),
  );
  const epochKeyHashes = nextKeys.map((key) => computeEpochKeyHash(world.crypto, key));
  story.happens(
    "alice rotates the epoch of stream 1",
    world.bySender(alice, { kind: "rotate_epoch", streamId: 1, epoch: 1, epochKeyHashes }),
  );
  story.accepts(
    "grant_in_the_next_epoch",
    "§4.4",
    "A new epoch is granted anew.",
    world.bySender(alice, grant({ epoch: 1 })),
  );
  story.happens("carol registers a key", world.bySender(carol, registerKey(carol.encryptionKey)));
  story.accepts(
    "grant_of_a_past_epoch",
    "§4.3",
    "What was measured before can still be sold.",
    world.bySender(alice, grant({}, carol)),
  );
  story.happens(
    "alice revokes device 1",
    world.bySender(alice, { kind: "revoke_device", deviceId: 1 }),
  );
  story.accepts(
    "grant_of_a_revoked_device",
    "§4.3",
    "What a device measured before its end can still be sold, and taken back.",
    world.bySender(alice, grant({ epoch: 1 }, carol), revoke(1, carol)),
  );
  return story;
}
