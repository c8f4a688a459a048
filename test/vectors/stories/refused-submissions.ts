import { encodeOpenBody, encodeSealedBody } from "../../../spec/batch-body.ts";
import { SEQUENCE_MAX, TIME_SEC_MAX } from "../../../spec/limits.ts";
import type { BodyOf } from "../../../spec/operations.ts";
import type { Column } from "../../../spec/readings.ts";
import { integers, texts } from "../../arbitraries/world.ts";
import { COLUMNS, HIDDEN, NO_HASH, NOTES, type Scene, TIMES, WEATHER } from "./submission-scene.ts";

/** What the fields in front of layer 2 decide alone, or what disagrees with them. */
export function tellRefusedHeaders({ story, device, writerOf }: Scene): void {
  const { world, carol } = story;
  const { operation } = writerOf(device, 1, 1).write(TIMES, COLUMNS);
  const body = operation.body as BodyOf<"submit">;
  const { authorization } = operation;
  const altered = (fields: Partial<BodyOf<"submit">>) =>
    world.send(carol, { authorization, body: { ...body, ...fields } });
  const flipBit = (bytes: Uint8Array, at: number) =>
    bytes.map((byte, i) => (i === at ? byte ^ 1 : byte));

  story.refuses(
    "refused_stream_not_found",
    "§3.6",
    "There is no stream 6.",
    altered({ streamId: 6 }),
    "stream_not_found",
  );
  story.refuses(
    "refused_count_zero",
    "§3.6",
    "A batch has a reading.",
    altered({ count: 0 }),
    "submission_count_out_of_bounds",
  );
  story.refuses(
    "refused_sequence_beyond_the_end",
    "§3.6",
    "No reading of a batch lies beyond the last sequence.",
    altered({ firstSequence: SEQUENCE_MAX - 2 }),
    "submission_count_out_of_bounds",
  );
  story.refuses(
    "refused_break_too_early",
    "§3.4",
    "The break needs reading 0, which is not in yet.",
    altered({ breakFloor: 1 }),
    "break_too_early",
  );
  for (const [name, fields] of [
    ["count", { count: 2 }],
    ["sequence", { firstSequence: 1 }],
  ] as const) {
    story.refuses(
      `refused_altered_${name}`,
      "§3.6",
      "Layer 2 opens under the header that the device sealed, and no other.",
      altered(fields),
      "submission_seal_broken",
    );
  }
  story.refuses(
    "refused_seal_broken",
    "§3.6",
    "One bit of the ciphertext is another.",
    altered({ sealed: flipBit(body.sealed, 60) }),
    "submission_seal_broken",
  );
  story.refuses(
    "refused_ephemeral_key_invalid",
    "§3.6",
    "A point of small order would make the shared secret known to all.",
    altered({ sealed: body.sealed.map((byte, i) => (i >= 16 && i < 48 ? 0 : byte)) }),
    "submission_ephemeral_key_invalid",
  );
  if (authorization.by !== "device") throw new Error("devices sign submissions");
  const signature = flipBit(authorization.signature, 0);
  story.refuses(
    "refused_signature_wrong",
    "§3.6",
    "One bit of the signature is another.",
    world.send(carol, { authorization: { by: "device", signature }, body }),
    "submission_signature_wrong",
  );
  story.refuses(
    "refused_signature_of_another_device",
    "§3.6",
    "A stream is its own device's.",
    world.send(carol, writerOf(story.device(), 1, 1).write(TIMES, COLUMNS).operation),
    "submission_signature_wrong",
  );
}

/** What layer 2 holds: sealed and signed as it should be, but false. */
export function tellRefusedContents({ story, forge }: Scene): void {
  const { world, carol } = story;
  const open = (times: Float64Array, columns: readonly Column[]) =>
    world.send(carol, forge(WEATHER, { streamId: 1, times, columns }));

  story.refuses(
    "refused_columns_malformed",
    "§3.3",
    "A byte behind the last column.",
    world.send(
      carol,
      forge(WEATHER, { streamId: 1 }, (draft) => ({
        body: Uint8Array.of(...encodeOpenBody(draft), 0),
      })),
    ),
    "submission_columns_malformed",
  );
  story.refuses(
    "refused_column_missing",
    "§3.3",
    "A batch has a column for each metric of its stream.",
    open(TIMES, COLUMNS.slice(0, 1)),
    "submission_columns_malformed",
  );
  story.refuses(
    "refused_sealed_group_missing",
    "§3.6",
    "A sealed batch carries all key groups of its stream.",
    world.send(
      carol,
      forge(HIDDEN, { streamId: 3 }, ({ times }) => ({
        body: encodeSealedBody({
          times,
          groups: [{ keyHash: NO_HASH, root: NO_HASH, ciphertext: NO_HASH }],
        }),
      })),
    ),
    "submission_columns_malformed",
  );
  for (const [name, comment, value] of [
    ["high", "One above the metric's maximum.", 6_001],
    ["low", "One below the metric's minimum.", -5_001],
  ] as const) {
    story.refuses(
      `refused_value_too_${name}`,
      "§3.6",
      comment,
      open(TIMES, [integers(0, value, 0), texts("", "", "")]),
      "submission_value_out_of_bounds",
    );
  }
  for (const [name, comment, time] of [
    ["negative", "No reading is older than 1970.", -1],
    ["beyond", "Times end at 2^40 − 1.", TIME_SEC_MAX + 1],
  ] as const) {
    story.refuses(
      `refused_time_${name}`,
      "§3.6",
      comment,
      open(Float64Array.of(0, time, 0), COLUMNS),
      "submission_time_out_of_bounds",
    );
  }
  const long = texts(...Array.from({ length: 2_500 }, () => "x".repeat(200)));
  const times = new Float64Array(2_500);
  story.refuses(
    "refused_leaves_over_bounds",
    "§3.5",
    "2,500 readings of two long texts take few bytes here, but a megabyte of leaves.",
    world.send(carol, forge(NOTES, { streamId: 2, times, columns: [long, long] })),
    "submission_leaves_over_bounds",
  );
  story.refuses(
    "refused_commitment_false",
    "§3.6",
    "The machine recomputes an open batch's commitment, and the device signed another one.",
    open(TIMES, COLUMNS),
    "submission_signature_wrong",
  );
}
