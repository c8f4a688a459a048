import { encodeWire } from "../../../spec/codec.ts";
import { encodeOperation } from "../../../spec/operation-codec.ts";
import type { OperationBody } from "../../../spec/operations.ts";
import { ETHER } from "../../../spec/portals.ts";
import { claimLane, openingTo } from "../../arbitraries/channel-payments.ts";
import { bySender, signedBy } from "../../arbitraries/world.ts";
import { OTHER_TOKEN, Story } from "./story.ts";

const ETHER_WEI = 10n ** 18n;

/** A state with room for some fifty rows (spec §14). */
export async function tellRoom(): Promise<Story> {
  const story = await Story.open(
    "room",
    "A state of at most 7,000 bytes of weight. Alice has ether, Bob and Carol some wei; channel 0 " +
      "is Alice's to Bob, with room for one lane.",
    7_000,
  );
  const { world, alice, bob, carol } = story;
  const name = (organization: string): OperationBody => ({
    ...{ kind: "put_organization", organization, name: "A" },
  });
  const published: OperationBody = {
    kind: "publish_service",
    name: "s",
    offer: {
      ...{ organization: "", groupId: new Uint8Array(0), tags: ["a", "b"], mode: "pull" },
      ...{ token: ETHER, price: 1n, paymentAddress: alice.address, endpoints: [] },
      ...{ streamId: 0, groups: 0 },
    },
  };
  const transfer = (to: Uint8Array, amount: bigint): OperationBody => ({
    ...{ kind: "transfer", token: ETHER, to, amount },
  });
  /** Without the zeros that clients put behind the operations. */
  const bare = (...bodies: OperationBody[]) => {
    const list = encodeWire(bodies.map((body) => encodeOperation(bySender(body))));
    return world.raw(alice.address, Uint8Array.of(1, ...list));
  };

  story.happens("alice deposits three ether", world.depositEther(alice, 3n * ETHER_WEI));
  story.happens("bob deposits 100 wei", world.depositEther(bob, 100n));
  story.accepts(
    "deposit_of_nothing",
    "§5.1",
    "It makes no row.",
    world.depositErc20(carol, OTHER_TOKEN, 0n),
  );
  story.refuses(
    "growth_without_calldata",
    "§14.2",
    "An organization is more than four times what this payload has.",
    bare(name("a")),
    "growth_over_payload",
  );
  story.refuses(
    "growth_spent_before",
    "§14.2",
    "The first organization leaves nothing of the payload for the second.",
    world.raw(
      alice.address,
      Uint8Array.of(
        ...[
          1,
          ...encodeWire([name("a"), name("b")].map((body) => encodeOperation(bySender(body)))),
        ],
        ...new Uint8Array(40),
      ),
    ),
    "growth_over_payload",
  );
  story.refuses(
    "growth_refused_spends_nothing",
    "§14.2",
    "Bob's transfer to nobody known is too much, Alice's payload pays for the next.",
    world.bySender(alice, transfer(ETHER, 1n), name("a")),
    "recipient_not_payable",
  );
  story.happens(
    "alice opens a channel to bob",
    world.bySender(alice, openingTo(bob, alice, 60n, { payments: "eip712", lanes: 1 })),
  );
  story.happens(
    "alice has organizations",
    world.bySender(alice, ..."abcdefgh".split("").map(name)),
  );

  // Half full: 3,500 are passed.
  story.happens("alice has more of them", world.bySender(alice, ..."ijklmno".split("").map(name)));
  story.accepts(
    "bond_locked",
    "§14.3",
    "Ether for each byte of the row, behind the operation's own notices.",
    world.bySender(alice, name("z")),
  );
  story.accepts(
    "bond_of_two_operations",
    "§14.3",
    "Each is bonded by itself.",
    world.bySender(alice, name("y"), name("z")),
  );
  story.accepts(
    "bond_takes_a_balance_below",
    "§14.3",
    "The threshold's row is bonded, too, and the second bond takes the balance below.",
    world.bySender(
      alice,
      { kind: "set_low_balance", token: ETHER, threshold: 3n * ETHER_WEI - 10n ** 13n },
      name("z"),
    ),
  );
  story.refuses(
    "bond_not_there",
    "§14.3",
    "Bob has 100 wei.",
    world.bySender(bob, name("z")),
    "bond_too_low",
  );
  story.accepts(
    "bond_of_who_signed",
    "§14.3",
    "Alice signs, Bob sends: the bond is hers.",
    world.send(bob, await signedBy(alice, 0, name("z") as never)),
  );
  story.accepts(
    "deposit_without_bond",
    "§14.2",
    "Deposits take none.",
    world.depositEther(carol, 5n),
  );
  story.refuses(
    "bond_released_none",
    "§14.3",
    "What is locked is not released.",
    world.bySender(alice, { kind: "withdraw_bond" }),
    "bond_nothing_released",
  );
  story.happens("alice publishes a service", world.bySender(alice, published));
  story.accepts(
    "bond_released",
    "§14.3",
    "The tags' rows go, and their part of the bond can be had.",
    world.bySender(alice, { kind: "withdraw_service", serviceId: 1 }, { kind: "withdraw_bond" }),
  );
  story.accepts(
    "bond_withdrawn_relayed",
    "§14.3",
    "Alice signs, Bob sends.",
    world.send(
      bob,
      await signedBy(alice, 0, { kind: "withdraw_service", serviceId: 1 }),
      await signedBy(alice, 1, { kind: "withdraw_bond" }),
    ),
  );

  story.happens(
    "alice fills what is left",
    world.bySender(alice, ..."0123456789".split("").map(name)),
  );
  story.happens("alice fills the rest", world.bySender(alice, ..."pqrs".split("").map(name)));
  story.refuses(
    "full",
    "§14.2",
    "Another organization would be more than the state may weigh.",
    world.bySender(alice, name("z")),
    "state_full",
  );
  story.refuses(
    "full_for_a_signature",
    "§14.2",
    "Carol has no account's row, which her nonce needs; she can send it herself.",
    world.send(
      alice,
      await signedBy(carol, 0, { kind: "poke_escrow", escrowId: new Uint8Array(16) }),
    ),
    "escrow_not_found",
  );
  story.accepts(
    "full_deposit_to_a_row_that_is_there",
    "§5.1",
    "Alice's balance has its row.",
    world.depositEther(alice, 5n),
  );
  story.accepts(
    "full_deposit_returned",
    "§5.1",
    "Carol's has none, and there is no room for it.",
    world.depositEther(carol, ETHER_WEI),
  );
  story.accepts(
    "full_withdrawn",
    "§14.2",
    "Money gets out.",
    world.bySender(alice, { kind: "withdraw", token: ETHER, recipient: alice.address, amount: 5n }),
  );
  story.accepts(
    "full_withdrawn_relayed",
    "§14.2",
    "Whoever has a balance has a nonce.",
    world.send(
      carol,
      await signedBy(bob, 0, {
        kind: "withdraw",
        token: ETHER,
        recipient: bob.address,
        amount: 5n,
      }),
    ),
  );
  const pay = (lane: number, cumulative: bigint) =>
    claimLane(alice, { channelId: 0, generation: 0, lane, cumulative });
  const claim = async (lane: number) =>
    ({ kind: "claim_channel", ...(await pay(lane, 5n)) }) as const;
  story.accepts(
    "full_lane_of_the_reserve",
    "§14.2",
    "The channel has room for one lane.",
    world.bySender(bob, await claim(1)),
  );
  story.refuses(
    "full_lane_beyond",
    "§10.6",
    "It has no other, in no state.",
    world.bySender(bob, await claim(1), await claim(2)),
    "state_full",
  );
  return story;
}
