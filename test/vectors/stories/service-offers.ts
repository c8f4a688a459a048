import type { Refusal } from "../../../spec/refusals.ts";
import type { ServiceOffer } from "../../../spec/service-operations.ts";
import { APP, metric } from "../../arbitraries/world.ts";
import { EscrowScene } from "./escrow-scene.ts";
import { declare, type Story } from "./story.ts";

/** Services: published, updated, withdrawn (spec §11.3). */
export async function tellOffers(): Promise<Story> {
  const scene = await EscrowScene.open(
    "service-offers",
    "Alice owns the organization acme with the payment group 0707…07, the open stream 1 and the " +
      "sealed stream 2 with the key groups 0 and 1. Bob owns the open stream 3.",
  );
  const { story, world, alice, bob } = scene;
  const groupId = new Uint8Array(32).fill(7);
  const publish = (name: string, fields: Partial<ServiceOffer> = {}) =>
    ({ kind: "publish_service", name, offer: scene.offer(fields) }) as const;
  const update = (fields: Partial<ServiceOffer> = {}, serviceId = 1) =>
    ({ kind: "update_service", serviceId, offer: scene.offer(fields) }) as const;
  const withdraw = (serviceId = 1) => ({ kind: "withdraw_service", serviceId }) as const;

  story.happens(
    "alice has an organization, a group and two streams",
    world.bySender(
      alice,
      { kind: "put_organization", organization: "acme", name: "Acme" },
      {
        ...{ kind: "put_payment_group", organization: "acme", groupId, name: "Main" },
        ...{ paymentAddress: alice.address, endpoints: [] },
      },
      world.registerDevice(alice, story.device()),
      declare(story, { deviceId: 1, name: "open", metrics: [metric("a")] }),
      declare(
        story,
        { deviceId: 1, name: "sealed", metrics: [metric("a"), metric("b", { group: 1 })] },
        [world.random(32), world.random(32)],
      ),
    ),
  );
  story.happens(
    "bob declares stream 3",
    world.bySender(
      bob,
      world.registerDevice(bob, story.device()),
      declare(story, { deviceId: 2, name: "open", metrics: [metric("a")] }),
    ),
  );
  story.accepts(
    "published",
    "§11.3",
    "Services and versions count from 1; neither stream nor organization is needed.",
    world.bySender(alice, publish("rain"), publish("wind", { mode: "pubsub", tags: ["b", "a"] })),
  );
  story.accepts(
    "published_relayed",
    "§11.3",
    "Alice signs, Carol sends: the service is Alice's.",
    await scene.relayed(alice, publish("rain", { endpoints: ["https://acme.example/a", "b"] })),
  );
  story.accepts(
    "published_with_all",
    "§11.3",
    "In a payment group, selling the open stream; selling one and both groups of the sealed one.",
    world.bySender(
      alice,
      publish("a", { organization: "acme", groupId, streamId: 1 }),
      publish("b", { organization: "acme", streamId: 2, groups: 2 }),
      publish("c", { streamId: 2, groups: 3, endpoints: ["x", "y"] }),
    ),
  );
  story.accepts(
    "published_by_two",
    "§11.3",
    "Names are a provider's own: Bob has a service of the same name.",
    world.bySender(bob, publish("rain", { streamId: 3 })),
  );

  const faults: readonly (readonly [string, string, Partial<ServiceOffer>, Refusal])[] = [
    ["no_tag", "Nobody would find it.", { tags: [] }, "service_tags_invalid"],
    ["tag_twice", "A tag twice.", { tags: ["a", "a"] }, "service_tags_invalid"],
    ["tag_no_slug", "A tag with a comma.", { tags: ["a,b"] }, "service_tags_invalid"],
    ["price_zero", "A price of nothing.", { price: 0n }, "service_price_zero"],
    ["nobody_paid", "Zero.", { paymentAddress: new Uint8Array(20) }, "recipient_not_payable"],
    ["application_paid", "The application.", { paymentAddress: APP }, "recipient_not_payable"],
    ["endpoint_twice", "An endpoint twice.", { endpoints: ["a", "a"] }, "endpoints_invalid"],
    ["organization", "No beta.", { organization: "beta" }, "organization_not_found"],
    ["group_without_organization", "A group of none.", { groupId }, "payment_group_not_found"],
    [
      "group_unknown",
      "Acme has no such group.",
      { organization: "acme", groupId: new Uint8Array(32) },
      "payment_group_not_found",
    ],
    ["stream_unknown", "There is no stream 9.", { streamId: 9 }, "stream_not_found"],
    ["stream_of_bob", "Stream 3 is Bob's.", { streamId: 3 }, "service_stream_not_own"],
    ["groups_without_stream", "No stream, no groups.", { groups: 1 }, "service_groups_invalid"],
    ["groups_of_open", "Stream 1 is open.", { streamId: 1, groups: 1 }, "service_groups_invalid"],
    ["groups_none", "Nothing of stream 2.", { streamId: 2 }, "service_groups_invalid"],
    ["groups_beyond", "No group 2.", { streamId: 2, groups: 5 }, "service_groups_invalid"],
  ];
  for (const [name, comment, fields, refusal] of faults) {
    const input = world.bySender(alice, publish("rain", fields));
    story.refuses(`refused_${name}`, "§11.3", comment, input, refusal);
  }
  story.refuses(
    "refused_order",
    "§11.3",
    "Everything is wrong; what is mended shows the next fault: name, tags, price, payee, endpoints.",
    world.bySender(
      bob,
      ...[
        publish("Rain", { tags: [] }),
        publish("rain", { tags: [], price: 0n }),
        publish("rain", { price: 0n, paymentAddress: APP }),
        publish("rain", { paymentAddress: APP, endpoints: [""] }),
        publish("rain", { endpoints: [""], organization: "acme", streamId: 1 }),
        publish("rain", { organization: "acme", groupId: new Uint8Array(32), streamId: 1 }),
        publish("rain", { groupId, streamId: 1 }),
        publish("rain", { streamId: 1, groups: 1 }),
      ],
    ),
    ...(["slug_invalid", "service_tags_invalid", "service_price_zero"] as const),
    ...(["recipient_not_payable", "endpoints_invalid", "organization_sender_not_owner"] as const),
    ...(["payment_group_not_found", "service_stream_not_own"] as const),
  );

  scene.publish("rain");
  story.refuses(
    "refused_name_taken",
    "§11.3",
    "Alice has a service of this name.",
    world.bySender(alice, publish("rain")),
    "service_name_taken",
  );
  story.accepts(
    "updated",
    "§11.3",
    "Two more versions in one input; the tags are those of the last.",
    world.bySender(alice, update({ price: 12n }), update({ price: 9n, tags: ["rain"] })),
  );
  story.accepts(
    "updated_relayed",
    "§11.3",
    "Alice signs, Carol sends.",
    await scene.relayed(alice, update({ price: 12n })),
  );
  story.accepts("withdrawn", "§11.3", "For good.", world.bySender(alice, withdraw()));
  story.accepts(
    "withdrawn_relayed",
    "§11.3",
    "Alice signs, Carol sends.",
    await scene.relayed(alice, withdraw()),
  );
  story.refuses(
    "refused_service_not_found",
    "§11.3",
    "There is no service 2.",
    world.bySender(alice, update({}, 2), withdraw(2)),
    "service_not_found",
    "service_not_found",
  );
  story.refuses(
    "refused_sender_not_provider",
    "§11.3",
    "Service 1 is Alice's.",
    world.bySender(bob, update(), withdraw()),
    "service_sender_not_provider",
    "service_sender_not_provider",
  );
  story.refuses(
    "refused_update_price_zero",
    "§11.3",
    "An update is checked as a publication is.",
    world.bySender(alice, update({ price: 0n })),
    "service_price_zero",
  );
  story.happens("alice withdraws rain", world.bySender(alice, withdraw()));
  story.refuses(
    "refused_withdrawn",
    "§11.3",
    "Neither updated nor withdrawn again, and its name stays taken.",
    world.bySender(alice, update(), withdraw(), publish("rain")),
    ...(["service_withdrawn", "service_withdrawn", "service_name_taken"] as const),
  );
  return story;
}
