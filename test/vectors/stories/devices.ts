import { p256 } from "@noble/curves/nist.js";
import { secp256k1 } from "@noble/curves/secp256k1.js";
import type { DeviceSigner } from "../../../node-client/client/device/device-signer.ts";
import { encodePossessionMessage, joinDeviceKey } from "../../../spec/device-key.ts";
import { encodeWord, readBigEndian } from "../../../spec/words.ts";
import { metric } from "../../arbitraries/world.ts";
import { fromHex } from "../transition-vectors.ts";
import { declare, rotateKey, Story } from "./story.ts";

/** A point of order 8: it would accept signatures that nobody made. */
const ED25519_ORDER_8 = fromHex(
  "0xc7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
);

/** A device's key: its owner, its proof of possession, its rotation, its end (spec §3.1). */
export async function tellDevices(): Promise<Story> {
  const story = await Story.open(
    "devices",
    "Alice owns device 1, which once had another key, and device 2, which she has revoked.",
  );
  const { world, alice, bob } = story;
  const [first, second, third] = [story.device(), story.device("p256"), story.device("secp256k1")];
  const fresh = story.device();
  const rotate = (deviceId: number, signer: DeviceSigner, owner = alice) =>
    rotateKey(story, deviceId, signer, owner);
  const register = (signer: DeviceSigner) => ({
    ...rotate(0, signer),
    kind: "register_device" as const,
  });
  const revoke = (deviceId: number) => ({ kind: "revoke_device", deviceId }) as const;

  for (const signer of [first, second, third]) {
    story.accepts(
      `register_${signer.type}`,
      "§3.1",
      "A device agrees to its owner by a signature over chain, application, owner and key.",
      world.bySender(alice, register(signer)),
    );
  }
  story.accepts(
    "register_several",
    "§3.1",
    "Identifiers count up from 1.",
    world.bySender(alice, register(first), register(second), register(third)),
  );
  story.refuses(
    "register_one_of_two",
    "§3.1",
    "A refused registration takes no identifier.",
    world.bySender(alice, { ...register(first), possession: new Uint8Array(64) }, register(second)),
    "device_possession_unproven",
  );
  story.accepts(
    "register_p256_high_s",
    "§7.2",
    "P-256 signatures count with either s: secure elements make both.",
    world.bySender(alice, withHighS(register(second), p256.Point.Fn.ORDER)),
  );
  story.refuses(
    "refused_secp256k1_high_s",
    "§7.2",
    "Signatures on secp256k1 count with the low s only.",
    world.bySender(alice, withHighS(register(third), secp256k1.Point.Fn.ORDER)),
    "device_possession_unproven",
  );

  const invalidKeys: readonly [string, string, Uint8Array][] = [
    ["unknown_codec", "X25519 keys sign nothing.", fromHex(`0xec01${"11".repeat(32)}`)],
    ["long", "An Ed25519 key has 32 bytes.", Uint8Array.of(...first.key, 0)],
    ["short", "A P-256 key has 33 bytes.", second.key.subarray(0, 34)],
    [
      "ed25519_small_order",
      "A point of order 8 has no secret.",
      joinDeviceKey({ type: "ed25519", raw: ED25519_ORDER_8 }),
    ],
    [
      "ed25519_not_canonical",
      "A coordinate of p + 3, which is 3 in its canonical form.",
      joinDeviceKey({ type: "ed25519", raw: fromHex(`0xf0${"ff".repeat(30)}7f`) }),
    ],
    [
      "p256_off_curve",
      "No point has this coordinate.",
      findOffCurve((raw) => !world.crypto.isP256PublicKey(raw), "p256"),
    ],
    [
      "secp256k1_off_curve",
      "No point has this coordinate.",
      findOffCurve((raw) => !world.crypto.isSecp256k1PublicKey(raw), "secp256k1"),
    ],
  ];
  for (const [name, comment, key] of invalidKeys) {
    story.refuses(
      `refused_key_${name}`,
      "§3.1",
      comment,
      world.bySender(alice, { ...register(first), key }),
      "device_key_invalid",
    );
  }
  for (const [name, comment, message] of [
    [
      "another_owner",
      "Bob cannot register a device that agreed to Alice.",
      encodePossessionMessage(world.at, bob.address, first.key),
    ],
    [
      "another_chain",
      "An agreement on another chain is none here.",
      encodePossessionMessage({ ...world.at, chainId: 1n }, alice.address, first.key),
    ],
    [
      "another_application",
      "An agreement with another application is none here.",
      encodePossessionMessage(
        { ...world.at, app: new Uint8Array(20).fill(0xbb) },
        alice.address,
        first.key,
      ),
    ],
  ] as const) {
    story.refuses(
      `refused_possession_for_${name}`,
      "§3.1",
      comment,
      world.bySender(alice, { ...register(first), possession: first.sign(message) }),
      "device_possession_unproven",
    );
  }
  story.refuses(
    "refused_possession_of_another_key",
    "§3.1",
    "Whoever registers a key shows that it is there.",
    world.bySender(alice, { ...register(first), possession: register(fresh).possession }),
    "device_possession_unproven",
  );

  story.happens(
    "alice registers two devices",
    world.bySender(alice, register(first), register(second)),
  );
  story.refuses(
    "refused_key_registered_twice",
    "§3.1",
    "One key is one device.",
    world.bySender(alice, register(first)),
    "device_key_used",
  );
  story.accepts(
    "rotate_key",
    "§3.1",
    "A device keeps its identifier under a new key, also of another type.",
    world.bySender(alice, rotate(1, third)),
  );
  story.accepts("revoke", "§3.1", "The owner ends a device.", world.bySender(alice, revoke(2)));
  story.refuses(
    "refused_rotate_by_stranger",
    "§3.1",
    "Only the owner rotates a key.",
    world.bySender(bob, rotate(1, third, bob)),
    "device_sender_not_owner",
  );
  story.refuses(
    "refused_revoke_by_stranger",
    "§3.1",
    "Only the owner revokes.",
    world.bySender(bob, revoke(1)),
    "device_sender_not_owner",
  );
  story.refuses(
    "refused_device_not_found",
    "§3.1",
    "There is no device 3, and never a device 0.",
    world.bySender(alice, revoke(3), rotate(0, third)),
    "device_not_found",
    "device_not_found",
  );
  story.refuses(
    "refused_rotate_without_possession",
    "§3.1",
    "The new key agrees as the first one did.",
    world.bySender(alice, { ...rotate(1, third), possession: rotate(1, fresh).possession }),
    "device_possession_unproven",
  );
  story.refuses(
    "refused_rotate_to_key_of_another_device",
    "§3.1",
    "A key is one device's.",
    world.bySender(alice, rotate(1, second)),
    "device_key_used",
  );

  story.happens("alice rotates the key of device 1", world.bySender(alice, rotate(1, third)));
  story.happens("alice revokes device 2", world.bySender(alice, revoke(2)));
  story.refuses(
    "refused_key_returns",
    "§3.1",
    "A key once left never returns: neither to its device nor as another one.",
    world.bySender(alice, rotate(1, first), register(first)),
    "device_key_used",
    "device_key_used",
  );
  story.refuses(
    "refused_key_of_revoked_device",
    "§3.1",
    "The key of a revoked device stays used.",
    world.bySender(alice, register(second)),
    "device_key_used",
  );
  story.refuses(
    "refused_device_revoked",
    "§3.1",
    "Nothing more happens to a revoked device.",
    world.bySender(
      alice,
      revoke(2),
      rotate(2, fresh),
      declare(story, { deviceId: 2, name: "late", metrics: [metric("a")] }),
    ),
    "device_revoked",
    "device_revoked",
    "device_revoked",
  );
  return story;
}

/** The same signature with the higher of its two s: r ‖ s and r ‖ −s sign the same. */
function withHighS<B extends { readonly possession: Uint8Array }>(body: B, order: bigint): B {
  const { possession } = body;
  const s = readBigEndian(possession.subarray(32));
  const high = s > order / 2n ? s : order - s;
  return { ...body, possession: Uint8Array.of(...possession.subarray(0, 32), ...encodeWord(high)) };
}

/** The smallest coordinate that no point has. */
function findOffCurve(isOff: (raw: Uint8Array) => boolean, type: "p256" | "secp256k1"): Uint8Array {
  for (let x = 1n; ; x++) {
    const raw = Uint8Array.of(2, ...encodeWord(x));
    if (isOff(raw)) return joinDeviceKey({ type, raw });
  }
}
