import type { EscrowTerms } from "../../../spec/escrow-operations.ts";
import type { BodyOf } from "../../../spec/operations.ts";
import { ETHER } from "../../../spec/portals.ts";
import type { Refusal } from "../../../spec/refusals.ts";
import { EscrowScene, PUBSUB, PULL } from "./escrow-scene.ts";
import type { Story } from "./story.ts";

/** Opening standard escrows and intents (spec §12.2). */
export async function tellOpenings(): Promise<Story> {
  const scene = await EscrowScene.open(
    "escrow-openings",
    "Alice sells pulls (service 1, tag weather, 10 wei) and sessions (service 2). Bob has 1,000 wei.",
  );
  const { story, alice, bob, carol } = scene;
  const intent = (fields: Partial<BodyOf<"open_intent">> = {}): BodyOf<"open_intent"> => ({
    ...{ kind: "open_intent", tag: "weather", mode: "pull", token: ETHER, ceiling: 12n },
    ...{ acceptTimeSec: 30, providers: [], amount: 40n, terms: PULL, ...fields },
  });
  const arbiter = { arbiter: carol.address, arbitrationTimeSec: 40 };

  story.happens(
    "bob sets a threshold of 500 wei",
    scene.by(bob, { kind: "set_low_balance", token: ETHER, threshold: 500n }),
  );
  scene.publish("pulls");
  scene.publish("sessions", { mode: "pubsub" });
  story.accepts(
    "standard",
    "§12.2",
    "For one unit, for three, and with an arbiter: identifiers differ by the operation's place.",
    scene.by(
      bob,
      scene.opening(1, 10n),
      scene.opening(1, 30n),
      scene.opening(1, 10n, { ...PULL, ...arbiter }),
    ),
  );
  story.accepts(
    "standard_relayed",
    "§12.2",
    "Bob signs, Carol sends.",
    await scene.relayed(bob, {
      ...{ kind: "open_escrow", serviceId: 2, version: 1, amount: 50n, terms: PUBSUB },
    }),
  );
  story.accepts(
    "standard_balance_low",
    "§13.1",
    "The whole balance goes in; the notice of it comes last.",
    scene.by(bob, scene.opening(1, 1_000n)),
  );
  story.accepts(
    "intent",
    "§12.2",
    "Open to anybody, and to Alice or Carol only.",
    scene.by(bob, intent(), intent({ providers: [alice.address, carol.address], amount: 600n })),
  );
  story.accepts(
    "intent_relayed",
    "§12.2",
    "Bob signs, Carol sends.",
    await scene.relayed(bob, intent({ mode: "pubsub", terms: PUBSUB })),
  );

  const asStandard: readonly (readonly [string, Partial<EscrowTerms>])[] = [
    ["No unit.", { unitCount: 0 }],
    ["No delivery time.", { deliveryTimeSec: 0 }],
    ["No answer time.", { answerTimeSec: 0 }],
    ["An arbiter without time.", { arbiter: carol.address }],
    ["Arbitration by nobody.", { arbitrationTimeSec: 1 }],
    ["A duration of a pull.", { durationSec: 1 }],
    ["Expected messages of a pull.", { expectedMsgs: 1 }],
    ["A pull that renews.", { autoRenew: true }],
    ["Messages counted by nobody.", { minMsgCount: 1 }],
    ["Valid ones counted by nobody.", { minValidBasisPoints: 1 }],
    ["A judge who judges nothing.", { predicate: Uint8Array.of(1) }],
    ["2,049 readings to judge.", { predicate: Uint8Array.of(1), minMsgCount: 2_049 }],
    ["Judge and arbiter.", { predicate: Uint8Array.of(1), minMsgCount: 1, ...arbiter }],
  ];
  const asPubsub: readonly (readonly [string, Partial<EscrowTerms>])[] = [
    ["No duration.", { durationSec: 0 }],
    ["No message expected.", { expectedMsgs: 0 }],
    ["No message needed.", { minMsgCount: 0 }],
    ["More needed than expected.", { minMsgCount: 16 }],
  ];
  const bodies = [
    ...asStandard.map(([, fault]) => scene.opening(1, 30n, { ...PULL, ...fault })),
    ...asPubsub.map(([, fault]) => scene.opening(2, 30n, { ...PUBSUB, ...fault })),
  ];
  story.refuses(
    "refused_terms_invalid",
    "§12.2",
    [...asStandard, ...asPubsub].map(([comment]) => comment).join(" "),
    scene.by(bob, ...bodies),
    ...bodies.map(() => "escrow_terms_invalid" as const),
  );
  story.refuses(
    "refused_predicate_invalid",
    "§12.8",
    "A range that ends early, and a list of nothing.",
    scene.by(
      bob,
      scene.opening(1, 30n, { ...PULL, minMsgCount: 1, predicate: Uint8Array.of(1) }),
      intent({ terms: { ...PULL, minMsgCount: 2_048, predicate: Uint8Array.of(2, 0) } }),
    ),
    "escrow_predicate_invalid",
    "escrow_predicate_invalid",
  );
  story.refuses(
    "refused_service_not_found",
    "§12.2",
    "There is no service 3.",
    scene.by(bob, scene.opening(3, 10n)),
    "service_not_found",
  );
  story.refuses(
    "refused_order_standard",
    "§12.2",
    "Version, parties, terms, amount, balance, each with what follows wrong as well.",
    scene.by(
      alice,
      { ...scene.opening(1, 0n, { ...PULL, unitCount: 0 }), version: 2 } as never,
      scene.opening(1, 0n, { ...PULL, unitCount: 0 }),
    ),
    "service_version_not_current",
    "escrow_parties_equal",
  );
  story.refuses(
    "refused_parties_equal",
    "§12.2",
    "Bob or Alice as the arbiter of Bob's escrow on Alice's service.",
    scene.by(
      bob,
      scene.opening(1, 30n, { ...PULL, arbiter: bob.address, arbitrationTimeSec: 1 }),
      scene.opening(1, 30n, { ...PULL, arbiter: alice.address, arbitrationTimeSec: 1 }),
    ),
    "escrow_parties_equal",
    "escrow_parties_equal",
  );
  story.refuses(
    "refused_amounts",
    "§12.2",
    "Terms before the amount, less than a unit, more than the balance.",
    scene.by(
      bob,
      scene.opening(1, 9n, { ...PULL, unitCount: 0 }),
      scene.opening(1, 9n),
      scene.opening(1, 1_001n),
    ),
    ...(["escrow_terms_invalid", "escrow_amount_under_price", "balance_too_low"] as const),
  );
  const faults: readonly (readonly [Partial<BodyOf<"open_intent">>, Refusal])[] = [
    [{ tag: "Weather", ceiling: 0n }, "slug_invalid"],
    [{ ceiling: 0n, providers: [bob.address] }, "service_price_zero"],
    [{ providers: [bob.address], acceptTimeSec: 0 }, "escrow_parties_equal"],
    [{ providers: [alice.address, alice.address] }, "escrow_parties_equal"],
    [{ providers: [new Uint8Array(20)] }, "escrow_parties_equal"],
    [{ providers: [carol.address], terms: { ...PULL, ...arbiter } }, "escrow_parties_equal"],
    [{ terms: { ...PULL, arbiter: bob.address, arbitrationTimeSec: 1 } }, "escrow_parties_equal"],
    [{ acceptTimeSec: 0, amount: 0n }, "escrow_terms_invalid"],
    [{ mode: "pubsub", amount: 0n }, "escrow_terms_invalid"],
    [{ amount: 11n }, "escrow_amount_under_price"],
    [{ amount: 1_001n }, "balance_too_low"],
  ];
  story.refuses(
    "refused_intents",
    "§12.2",
    "Tag; ceiling; the buyer, twice the same, nobody, the arbiter as provider; the buyer as " +
      "arbiter; no accept time; terms of a pull for sessions; less than the ceiling; the balance.",
    scene.by(bob, ...faults.map(([fields]) => intent(fields))),
    ...faults.map(([, refusal]) => refusal),
  );

  story.happens(
    "alice updates pulls to 11 wei",
    scene.by(alice, { kind: "update_service", serviceId: 1, offer: scene.offer({ price: 11n }) }),
  );
  story.refuses(
    "refused_version_not_current",
    "§12.2",
    "A price that rose in between is not paid.",
    scene.by(bob, scene.opening(1, 30n)),
    "service_version_not_current",
  );
  story.happens(
    "alice withdraws pulls",
    scene.by(alice, { kind: "withdraw_service", serviceId: 1 }),
  );
  story.refuses(
    "refused_service_withdrawn",
    "§12.2",
    "Nothing is opened on what is withdrawn.",
    scene.by(bob, scene.opening(1, 30n)),
    "service_withdrawn",
  );
  return story;
}
