import type { BodyOf } from "../../../spec/operations.ts";
import { ETHER } from "../../../spec/portals.ts";
import { signedBy } from "../../arbitraries/world.ts";
import { EscrowScene, PULL } from "./escrow-scene.ts";
import { type Story, TOKEN } from "./story.ts";

/** Intents, and the providers that take them (spec §12.9). */
export async function tellIntents(): Promise<Story> {
  const scene = await EscrowScene.open(
    "escrow-intents",
    "Alice has the services 1 to 6: 1 at 10 wei and, from its second version on, at 11; 2 for " +
      "sessions; 3 in a token; 4 too dear; 5 with another tag; 6 withdrawn. Bob looks for weather " +
      "at 12 wei at most.",
  );
  const { story, world, alice, bob, carol } = scene;
  scene.publish("cheap");
  scene.publish("sessions", { mode: "pubsub" });
  scene.publish("in-token", { token: TOKEN });
  scene.publish("dear", { price: 13n });
  scene.publish("other", { tags: ["wind"] });
  scene.publish("gone");
  story.happens(
    "alice withdraws service 6",
    scene.by(alice, { kind: "withdraw_service", serviceId: 6 }),
  );
  const update = {
    kind: "update_service",
    serviceId: 1,
    offer: scene.offer({ price: 11n }),
  } as const;
  story.happens("alice updates service 1", scene.by(alice, update));
  const opening = (fields: Partial<BodyOf<"open_intent">> = {}): BodyOf<"open_intent"> => ({
    ...{ kind: "open_intent", tag: "weather", mode: "pull", token: ETHER, ceiling: 12n },
    ...{ acceptTimeSec: 1_000, providers: [], amount: 40n, terms: PULL, ...fields },
  });
  const opened = "bob opens an intent of 40 wei";
  const input = scene.by(bob, opening());
  const escrowId = scene.idOf(input);
  story.happens(opened, input);
  const accept = (serviceId = 1, version = 2, id = escrowId) =>
    ({ kind: "accept_intent", escrowId: id, serviceId, version }) as const;

  story.accepts(
    "accepted",
    "§12.9",
    "Three units of 11 wei stay, the other 7 return.",
    scene.by(alice, accept()),
  );
  story.accepts(
    "accepted_relayed",
    "§12.9",
    "Alice signs, Carol sends.",
    world.send(carol, await signedBy(alice, 0, accept())),
  );
  story.refuses(
    "refused_second_acceptance",
    "§12.9",
    "The first in input order takes it.",
    scene.by(alice, accept(), accept()),
    "escrow_status_wrong",
  );
  story.refuses(
    "refused_escrow_not_found",
    "§12.3",
    "Identifiers are derived: nobody made this one.",
    scene.by(alice, accept(1, 2, new Uint8Array(16))),
    "escrow_not_found",
  );
  story.refuses(
    "refused_services",
    "§12.9",
    "None, withdrawn, of sessions, in a token, too dear, of another tag, of an old version and of " +
      "none.",
    scene.by(
      alice,
      ...[accept(9, 1), accept(6, 1), accept(2, 1), accept(3, 1), accept(4, 1), accept(5, 1)],
      ...[accept(1, 1), accept(1, 3)],
    ),
    ...(["service_not_found", "service_withdrawn", "intent_service_unfit"] as const),
    ...(["intent_service_unfit", "intent_price_over_ceiling", "intent_service_unfit"] as const),
    ...(["intent_version_not_of_opening", "intent_version_not_of_opening"] as const),
  );
  story.refuses(
    "refused_sender_not_provider",
    "§12.9",
    "Carol does not take it with Alice's service.",
    scene.by(carol, accept()),
    "service_sender_not_provider",
  );
  story.refuses(
    "refused_status_wrong",
    "§12.3",
    "Nobody delivers or answers what nobody has taken.",
    scene.by(
      bob,
      { kind: "accept_unit", escrowId, unit: 1 },
      { kind: "reject_unit", escrowId, unit: 1, batchId: 0 },
      { kind: "poke_escrow", escrowId },
    ),
    ...(["escrow_status_wrong", "escrow_status_wrong", "escrow_nothing_due"] as const),
  );
  story.accepts(
    "ended_by_buyer",
    "§12.9",
    "An intent that nobody has taken ends at once.",
    scene.by(bob, { kind: "end_escrow", escrowId }),
  );
  story.accepts(
    "funded_while_offered",
    "§12.9",
    "Carol adds 20 wei: five units of 11 wei are funded, 5 wei return to Bob.",
    world.send(
      carol,
      ...[await signedBy(carol, 0, { kind: "fund_escrow", escrowId, amount: 20n })],
      await signedBy(alice, 0, accept()),
    ),
  );
  scene.at(12 * 12 + 1_000);
  story.refuses(
    "refused_too_late",
    "§12.3",
    "The time to accept is over: the acceptance meets a closed escrow, and nothing has happened.",
    scene.by(alice, accept()),
    "escrow_closed",
  );
  scene.at(12 * 12 + 1_000);
  story.accepts(
    "expired",
    "§12.3",
    "Anybody pokes; what is held returns.",
    scene.by(carol, { kind: "poke_escrow", escrowId }),
  );

  story.happens(
    "alice updates service 1 again",
    scene.by(alice, { ...update, offer: scene.offer({ price: 12n }) }),
  );
  story.accepts(
    "accepted_with_the_version_of_the_opening",
    "§12.9",
    "Version 2 was current when Bob asked; a later one does not take that away.",
    scene.by(alice, accept()),
  );
  story.refuses(
    "refused_version_younger",
    "§12.9",
    "Version 3 was published behind the intent: nobody makes a price to fit.",
    scene.by(alice, accept(1, 3)),
    "intent_version_not_of_opening",
  );

  story.backTo(opened);
  const arbiter = { arbiter: carol.address, arbitrationTimeSec: 40 };
  const openings = world.bySender(
    bob,
    opening({ providers: [carol.address] }),
    opening({ terms: { ...PULL, ...arbiter } }),
    opening({
      terms: {
        ...{ ...PULL, minMsgCount: 1 },
        predicate: Uint8Array.of(1, 0, 0, 0, ...new Uint8Array(14)),
      },
    }),
    { kind: "open_escrow", serviceId: 1, version: 2, amount: 30n, terms: PULL },
  );
  const at = (operation: number) => scene.idOf(openings, operation);
  story.happens("bob opens three intents and an escrow", openings);
  story.happens(
    "carol and bob publish, too",
    world.send(
      alice,
      await signedBy(carol, 0, { kind: "publish_service", name: "own", offer: scene.offer() }),
      await signedBy(bob, 0, { kind: "publish_service", name: "own", offer: scene.offer() }),
    ),
  );
  story.refuses(
    "refused_not_named_or_unfit",
    "§12.9",
    "An intent for Carol only; one judged by a predicate, and service 1 sells no stream; a " +
      "standard escrow.",
    scene.by(alice, accept(1, 2, at(0)), accept(1, 2, at(2)), accept(1, 2, at(3))),
    ...(["intent_provider_not_named", "escrow_predicate_unfit", "escrow_kind_wrong"] as const),
  );
  story.refuses(
    "refused_parties_equal",
    "§12.9",
    "The arbiter does not take the intent.",
    scene.by(carol, accept(7, 1, at(1))),
    "escrow_parties_equal",
  );
  story.refuses(
    "refused_buyer_as_provider",
    "§12.9",
    "The buyer does not take his own.",
    scene.by(bob, accept(8, 1)),
    "escrow_parties_equal",
  );
  return story;
}
