import { encodeWire, type Wire } from "../../../spec/codec.ts";
import { encodeSealedEnvelope } from "../../../spec/envelope.ts";
import { OPERATIONS_MAX } from "../../../spec/limits.ts";
import type { Operation } from "../../../spec/operations.ts";
import { ETHER } from "../../../spec/portals.ts";
import { bySender } from "../../arbitraries/world.ts";
import { Story } from "./story.ts";

/** What an input is before it is operations, and an operation before it acts (spec §1). */
export async function tellEnvelopes(): Promise<Story> {
  const story = await Story.open(
    "envelopes",
    "Alice has 100 wei and gives them to Bob, in every wrapping.",
  );
  const { world, alice, bob, carol } = story;
  const give = bySender({ kind: "transfer", token: ETHER, to: bob.address, amount: 100n });
  const giveFields: Wire = [ETHER, bob.address, 100];
  const plain = (...bytes: readonly number[]) => world.raw(alice.address, Uint8Array.from(bytes));
  const packed = (...list: readonly Wire[]) => plain(1, ...encodeWire(list));
  /** Alice's sealed input, meant for a context that may be another one. */
  const sealed = (
    meant: Partial<{ chainId: bigint; app: Uint8Array; sender: Uint8Array }> = {},
    machineKey = world.machineKey,
    operations: readonly Operation[] = [give],
  ) => {
    const at = { ...world.at, sender: alice.address, ...meant };
    const secret = world.random(32);
    const payload = encodeSealedEnvelope(world.crypto, operations, machineKey, secret, at);
    return world.raw(alice.address, payload);
  };

  story.happens("alice deposits 100 wei", world.depositEther(alice, 100n));
  story.accepts("plain", "§1.3", "Version 1: the list of operations.", world.send(alice, give));
  story.accepts("sealed", "§1.3", "Version 2: the same list for the machine only.", sealed());
  story.refuses(
    "sealed_partly_refused",
    "§1.3",
    "Reports of sealed inputs name the refusal, and quote nothing.",
    sealed({}, world.machineKey, [give, give]),
    "balance_too_low",
  );

  for (const [name, comment, bytes] of [
    ["empty", "Not even a version.", []],
    ["0", "Version 0 is none.", [0, 0x90]],
    ["3", "Version 3 is not there yet.", [3, 0x90]],
  ] as const) {
    story.refuses(
      `refused_version_${name}`,
      "§1.3",
      comment,
      plain(...bytes),
      "envelope_version_unknown",
    );
  }

  for (const [name, comment, input] of [
    [
      "copied",
      "Carol's sealed input, sent again by Alice: it opens for Carol only.",
      () => sealed({ sender: carol.address }),
    ],
    ["for_another_chain", "Meant for chain 1.", () => sealed({ chainId: 1n })],
    [
      "for_another_application",
      "Meant for another application.",
      () => sealed({ app: new Uint8Array(20).fill(0xbb) }),
    ],
    [
      "for_another_machine",
      "Sealed to a key that is not this machine's.",
      () => sealed({}, bob.encryptionKey),
    ],
    ["short", "No room for a key and a tag.", () => plain(2, ...new Uint8Array(47))],
    [
      "of_small_order",
      "An ephemeral key of small order: the shared secret is known to all.",
      () => plain(2, ...new Uint8Array(80)),
    ],
  ] as const) {
    story.refuses(`refused_seal_${name}`, "§1.3", comment, input(), "envelope_seal_broken");
  }

  for (const [name, comment, bytes] of [
    ["nothing", "A version and no value.", []],
    ["nil", "There is no nil.", [0xc0]],
    ["map", "There are no maps.", [0x80]],
    ["no_list", "A number is no list of operations.", [0]],
    ["trailing", "A byte that is not zero behind the list.", [0x91, 0xc2, 0, 1, 0]],
    ["not_shortest", "An empty list in three bytes.", [0xdc, 0, 0]],
  ] as const) {
    story.refuses(
      `refused_malformed_${name}`,
      "§1.2",
      `${comment} The codec's vectors have more.`,
      plain(1, ...bytes),
      "envelope_malformed",
    );
  }
  story.refuses(
    "refused_empty",
    "§1.3",
    "An input carries at least one operation.",
    packed(),
    "envelope_empty",
  );
  story.refuses(
    "refused_over_bounds",
    "§2.2",
    "257 operations, whatever they are.",
    packed(...new Array<Wire>(OPERATIONS_MAX + 1).fill(0)),
    "envelope_over_bounds",
  );

  for (const [name, comment, kind] of [
    ["0", "Kinds count from 1.", 0],
    ["unused", "A kind that nobody has defined.", 99],
  ] as const) {
    story.refuses(
      `refused_kind_${name}`,
      "§1.4",
      comment,
      packed([kind, 0, giveFields]),
      "operation_kind_unknown",
    );
  }
  const [token, to, amount] = giveFields;
  const malformed: readonly [string, string, Wire][] = [
    ["no_list", "An operation is a list.", 1],
    ["short", "Kind, authorization and body.", [1, 0]],
    ["long", "Nothing behind the body.", [1, 0, giveFields, 0]],
    ["kind_no_number", "A kind is a number.", ["transfer", 0, giveFields]],
    ["authorization_unknown", "0 is the sender; 1 is nobody.", [1, 1, giveFields]],
    ["signature_short", "A device's signature has 64 bytes.", [1, new Uint8Array(63), giveFields]],
    ["claim_short", "An account's claim has four fields.", [1, [alice.address, 0, 9], giveFields]],
    ["body_short", "A field of the body is missing.", [1, 0, [token!, to!]]],
    ["body_long", "A field too many.", [1, 0, [token!, to!, amount!, 0]]],
    ["address_long", "An address has 20 bytes.", [1, 0, [token!, new Uint8Array(21), amount!]]],
    [
      "amount_padded",
      "An amount below 2^32 is a number.",
      [1, 0, [token!, to!, Uint8Array.of(0, 0, 0, 0, 100)]],
    ],
    [
      "amount_too_wide",
      "An amount has 256 bits.",
      [1, 0, [token!, to!, new Uint8Array(33).fill(1)]],
    ],
    ["flag_no_boolean", "Sealed is true or false.", [6, 0, [1, "s", 0, [], []]]],
    ["hash_in_a_list", "A hash stands for itself.", [9, 0, [1, 1, [[new Uint8Array(32)]]]]],
    [
      "counter_too_large",
      "Counters end at 2^53 − 1.",
      [5, 0, [Uint8Array.of(32, 0, 0, 0, 0, 0, 0)]],
    ],
  ];
  for (const [name, comment, operation] of malformed) {
    story.refuses(
      `refused_operation_${name}`,
      "§1.4",
      comment,
      packed(operation),
      "operation_malformed",
    );
  }
  return story;
}
