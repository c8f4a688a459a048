import type { Metric } from "../../../spec/readings.ts";
import { metric } from "../../arbitraries/world.ts";
import { declare, Story } from "./story.ts";

const OPEN: readonly Metric[] = [
  metric("temperature", { unit: "Cel", scale: 2, minimum: -5_000, maximum: 6_000 }),
  metric("sky", { kind: "text" }),
];

/** Declarations and epochs (spec §3.2 and §4.2). */
export async function tellStreams(): Promise<Story> {
  const story = await Story.open(
    "streams",
    "Alice owns device 1; later it has the open stream 1 and the sealed stream 2 of two key groups.",
  );
  const { world, alice, bob } = story;
  const keys = [world.random(32), world.random(32)];
  const sealed = [metric("a", { group: 1 }), metric("b", { group: 0 }), metric("c", { group: 1 })];
  const open = (name: string, metrics = OPEN, deviceId = 1) =>
    declare(story, { deviceId, name, metrics });
  const hidden = (name: string, metrics: readonly Metric[] = sealed, epochKeys = keys) =>
    declare(story, { deviceId: 1, name, metrics }, epochKeys);
  const rotate = (streamId: number, epoch: number, groupCount = 2) =>
    ({
      kind: "rotate_epoch",
      streamId,
      epoch,
      epochKeyHashes: hidden("", sealed, keys.slice(0, groupCount)).epochKeyHashes,
    }) as const;

  const signer = story.device();
  story.happens(
    "alice registers device 1",
    world.bySender(alice, world.registerDevice(alice, signer)),
  );
  story.accepts(
    "declare_open",
    "§3.2",
    "An open stream has one key group and no key hashes: the machine reads its values.",
    world.bySender(alice, open("weather")),
  );
  story.accepts(
    "declare_sealed",
    "§3.2",
    "A sealed stream publishes a hash of each key group's first key.",
    world.bySender(alice, hidden("weather")),
  );
  story.accepts(
    "declare_up_to_the_bounds",
    "§3.2",
    "32 metrics, names of 64 bytes, units of 32 bytes, 12 decimals, magnitudes of 2^49.",
    world.bySender(
      alice,
      open(
        "é".repeat(32),
        Array.from({ length: 32 }, (_, i) =>
          metric(`${i}`.padStart(64, "m"), {
            unit: "u".repeat(32),
            scale: 12,
            minimum: -(2 ** 49),
            maximum: 2 ** 49,
          }),
        ),
      ),
    ),
  );

  const invalidMetrics: readonly [string, string, readonly Metric[]][] = [
    ["none", "A stream measures something.", []],
    ["name_empty", "A metric has a name.", [metric("")]],
    ["name_twice", "Names tell metrics apart.", [metric("a"), metric("b"), metric("a")]],
    ["name_long", "64 bytes of UTF-8 at most.", [metric("é".repeat(33))]],
    ["unit_long", "32 bytes of UTF-8 at most.", [metric("a", { unit: "u".repeat(33) })]],
    ["unit_control", "A unit is printable.", [metric("a", { unit: "m\ts" })]],
    ["text_scale", "A text has no decimals.", [metric("a", { kind: "text", scale: 1 })]],
    ["text_bounds", "A text has no bounds.", [metric("a", { kind: "text", maximum: 1 })]],
    ["bounds_crossed", "Some value is allowed.", [metric("a", { minimum: 1, maximum: 0 })]],
  ];
  for (const [name, comment, metrics] of invalidMetrics) {
    story.refuses(
      `refused_metrics_${name}`,
      "§3.2",
      comment,
      world.bySender(alice, open("weather", metrics)),
      "stream_metrics_invalid",
    );
  }
  for (const [name, comment, text] of [
    ["empty", "A stream has a name.", ""],
    ["long", "64 bytes of UTF-8 at most, whatever their characters.", "é".repeat(33)],
    ["control", "A name is printable.", "line\nbreak"],
  ] as const) {
    story.refuses(
      `refused_name_${name}`,
      "§3.2",
      comment,
      world.bySender(alice, open(text)),
      "stream_name_invalid",
    );
  }
  story.refuses(
    "refused_open_with_groups",
    "§3.2",
    "An open stream's metrics are all of group 0.",
    world.bySender(alice, open("weather", [metric("a"), metric("b", { group: 1 })])),
    "stream_groups_invalid",
  );
  story.refuses(
    "refused_open_with_key_hashes",
    "§3.2",
    "An open stream has no epoch keys.",
    world.bySender(alice, { ...hidden("weather", OPEN), isSealed: false }),
    "epoch_key_hashes_wrong",
  );
  story.refuses(
    "refused_sealed_without_keys",
    "§3.2",
    "A sealed stream has a key for each group.",
    world.bySender(alice, hidden("weather", [metric("a")], [])),
    "stream_groups_invalid",
  );
  story.refuses(
    "refused_group_without_metric",
    "§3.2",
    "A key for nothing is a mistake.",
    world.bySender(alice, hidden("weather", [metric("a")])),
    "stream_groups_invalid",
  );
  story.refuses(
    "refused_metric_without_group",
    "§3.2",
    "Metrics belong to groups that have a key.",
    world.bySender(alice, hidden("weather", [...sealed, metric("d", { group: 2 })])),
    "stream_groups_invalid",
  );
  story.refuses(
    "refused_declare_by_stranger",
    "§3.2",
    "Only the owner declares.",
    world.bySender(bob, open("weather")),
    "device_sender_not_owner",
  );
  story.refuses(
    "refused_declare_without_device",
    "§3.2",
    "There is no device 2.",
    world.bySender(alice, open("weather", OPEN, 2)),
    "device_not_found",
  );

  story.happens(
    "alice declares an open and a sealed stream",
    world.bySender(alice, open("weather"), hidden("sealed weather")),
  );
  story.refuses(
    "refused_name_taken",
    "§3.2",
    "A device's streams have different names.",
    world.bySender(alice, hidden("weather")),
    "stream_name_taken",
  );
  story.accepts(
    "rotate_epoch",
    "§4.2",
    "The owner begins epoch 1 under new keys.",
    world.bySender(alice, rotate(2, 1)),
  );
  story.refuses(
    "rotate_epoch_twice",
    "§4.2",
    "Epochs come one by one.",
    world.bySender(alice, rotate(2, 1), rotate(2, 1), rotate(2, 2)),
    "epoch_not_next",
  );
  story.refuses(
    "refused_epoch_not_next",
    "§4.2",
    "No epoch is left out, and none begins again.",
    world.bySender(alice, rotate(2, 2), rotate(2, 0)),
    "epoch_not_next",
    "epoch_not_next",
  );
  story.refuses(
    "refused_epoch_key_hashes_wrong",
    "§4.2",
    "Each key group has a new key.",
    world.bySender(alice, rotate(2, 1, 1)),
    "epoch_key_hashes_wrong",
  );
  story.refuses(
    "refused_rotate_open_stream",
    "§4.2",
    "An open stream has no epochs.",
    world.bySender(alice, rotate(1, 1)),
    "stream_not_sealed",
  );
  story.refuses(
    "refused_rotate_unknown_stream",
    "§4.2",
    "There is no stream 3.",
    world.bySender(alice, rotate(3, 1)),
    "stream_not_found",
  );
  story.refuses(
    "refused_rotate_by_stranger",
    "§4.2",
    "Only the owner rotates.",
    world.bySender(bob, rotate(2, 1)),
    "device_sender_not_owner",
  );
  return story;
}
