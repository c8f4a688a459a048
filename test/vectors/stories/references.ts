import { encodeWire, type Wire } from "../../../spec/codec.ts";
import { NOT_BROUGHT } from "../../../spec/core-operations.ts";
import { encodeOperation } from "../../../spec/operation-codec.ts";
import type { BodyOf, SignableBody } from "../../../spec/operations.ts";
import { referTo, referToEscrow } from "../../../spec/references.ts";
import { openingTo } from "../../arbitraries/channel-payments.ts";
import { bySender, integers, metric, signedBy } from "../../arbitraries/world.ts";
import { EscrowScene, PULL } from "./escrow-scene.ts";
import { declare, type Story } from "./story.ts";

const METRICS = [metric("a")];

/** What an operation of an input made, named by its place (spec §1.7). */
export async function tellReferences(): Promise<Story> {
  const scene = await EscrowScene.open(
    "references",
    "Bob has 1,000 wei; Alice sells for 10 wei. Operations name what earlier ones of their input " +
      "made.",
  );
  const { story, world, alice, bob, carol } = scene;
  const signer = story.device();
  const registering = world.registerDevice(alice, signer) as SignableBody;
  const stream = (deviceId: number): BodyOf<"declare_stream"> =>
    declare(story, { deviceId, name: "a", metrics: METRICS });
  const accept = (name: string, comment: string, input: ReturnType<typeof world.send>) =>
    story.accepts(name, "§1.7", comment, input);
  const refuse = (name: string, comment: string, input: ReturnType<typeof world.send>) =>
    story.refuses(`refused_${name}`, "§1.7", comment, input, "reference_not_made");

  accept(
    "stream_of_a_new_device",
    "Device and stream in one input, whatever number the device gets.",
    world.bySender(alice, registering, stream(referTo(0))),
  );
  story.refuses(
    "refused_signed",
    "§1.7",
    "Alice signs both, Carol sends: what stands at place 0 is Carol's to choose.",
    world.send(
      carol,
      await signedBy(alice, 0, registering),
      await signedBy(alice, 1, stream(referTo(0))),
    ),
    "reference_signed",
  );
  refuse(
    "of_itself",
    "An operation is not earlier than itself.",
    world.bySender(alice, stream(referTo(0)), registering),
  );
  refuse(
    "of_a_later_one",
    "Nor is a later one.",
    world.bySender(alice, stream(referTo(1)), registering),
  );
  refuse(
    "beyond_the_input",
    "There is no operation 255.",
    world.bySender(alice, registering, stream(referTo(255))),
  );
  refuse(
    "of_another_thing",
    "Operation 0 makes a device, not a stream.",
    world.bySender(alice, registering, {
      ...{ kind: "rotate_epoch", streamId: referTo(0), epoch: 1, epochKeyHashes: [] },
    }),
  );
  story.refuses(
    "refused_of_a_refused_one",
    "§1.7",
    "What was refused made nothing.",
    world.bySender(alice, registering, world.registerDevice(alice, signer), stream(referTo(1))),
    ...(["device_key_used", "reference_not_made"] as const),
  );

  const publish = { kind: "publish_service", name: "rain", offer: scene.offer() } as const;
  const update = { kind: "update_service", serviceId: referTo(0), offer: scene.offer() } as const;
  accept(
    "service_of_a_new_stream",
    "Inside the offer, too: device, stream, service and its next version.",
    world.bySender(
      alice,
      ...[registering, stream(referTo(0))],
      { ...publish, offer: scene.offer({ streamId: referTo(1) }) },
      { ...update, serviceId: referTo(2) },
    ),
  );
  refuse(
    "of_an_update",
    "An update makes a version, not a service.",
    world.bySender(alice, publish, update, { kind: "withdraw_service", serviceId: referTo(1) }),
  );
  refuse(
    "of_another_account",
    "The service is Alice's, who signed it; it is not Bob's, who sends both.",
    world.send(bob, await signedBy(alice, 0, publish), bySender(scene.opening(referTo(0), 30n))),
  );

  accept(
    "funds_for_a_new_channel",
    "Channel 0, named by the operation that opens it.",
    world.bySender(bob, ...[openingTo(alice, bob, 5n), openingTo(carol, bob, 6n)], {
      kind: "add_channel_funds",
      channelId: referTo(1),
      amount: 7n,
    }),
  );

  scene.publish("sun");
  const bySun = "alice publishes sun";
  accept(
    "funds_for_a_new_escrow",
    "An escrow's identifier follows from its place, and is not known before.",
    world.bySender(bob, scene.opening(1, 30n), {
      ...{ kind: "fund_escrow", escrowId: referToEscrow(0), amount: 20n },
    }),
  );
  accept(
    "funds_for_a_new_intent",
    "An intent is an escrow, too.",
    world.bySender(
      bob,
      {
        ...{ kind: "open_intent", tag: "weather", mode: "pull", token: scene.offer().token },
        ...{ ceiling: 10n, acceptTimeSec: 60, providers: [], amount: 30n, terms: PULL },
      },
      { kind: "fund_escrow", escrowId: referToEscrow(0), amount: 20n },
    ),
  );
  story.backTo(bySun);

  const wire = (item: Wire, place: number, id: Wire): Wire => {
    const [kind, authorization, body] = item as readonly [Wire, Wire, readonly Wire[]];
    return [kind, authorization, body.map((field, i) => (i === place ? id : field))];
  };
  const fund = encodeOperation(
    bySender({ kind: "fund_escrow", escrowId: referToEscrow(0), amount: 20n }),
  );
  const opening = encodeOperation(bySender(scene.opening(1, 30n)));
  for (const [name, comment, id] of [
    ["beyond_bounds", "No input has an operation 256.", [256]],
    ["of_two", "A reference is one number.", [0, 0]],
    ["of_none", "Not none.", []],
    ["as_bytes", "A reference has one form.", referToEscrow(0)],
  ] as const) {
    story.refuses(
      `refused_malformed_${name}`,
      "§1.7",
      comment,
      world.raw(
        bob.address,
        Uint8Array.of(1, ...encodeWire([opening, wire(fund, 0, id)]), ...new Uint8Array(400)),
      ),
      "operation_malformed",
    );
  }

  story.happens("alice registers a device", world.bySender(alice, registering));
  story.happens("alice declares its stream", world.bySender(alice, stream(1)));
  const batch = () =>
    world
      .writer(signer, { deviceId: 1, streamId: 1, metrics: METRICS })
      .write(Float64Array.of(60), [integers(1)]).operation;
  const challenge = {
    kind: "challenge",
    ...NOT_BROUGHT,
    batchId: referTo(0),
    group: 0,
    batchKey: new Uint8Array(32),
  } as const;
  story.refuses(
    "refused_batch_found",
    "§1.7",
    "Who sends a batch may name it; this one is open, so that its challenge is refused.",
    world.send(carol, batch(), bySender(challenge)),
    "batch_not_sealed",
  );
  return story;
}
