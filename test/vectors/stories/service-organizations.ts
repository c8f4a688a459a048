import type { BodyOf } from "../../../spec/operations.ts";
import { signedBy } from "../../arbitraries/world.ts";
import { Story } from "./story.ts";

/** Organizations and their payment groups (spec §11.2). */
export async function tellOrganizations(): Promise<Story> {
  const story = await Story.open("service-organizations", "Alice owns the organization acme.");
  const { world, alice, bob } = story;
  const put = (organization: string, name: string) =>
    ({ kind: "put_organization", organization, name }) as const;
  const group = (
    fields: Partial<BodyOf<"put_payment_group">> = {},
  ): BodyOf<"put_payment_group"> => ({
    ...{ kind: "put_payment_group", organization: "acme", groupId: new Uint8Array(32).fill(7) },
    ...{ name: "Main", paymentAddress: bob.address, endpoints: ["https://acme.example/"] },
    ...fields,
  });

  story.accepts(
    "created",
    "§11.2",
    "It is the actor's.",
    world.bySender(alice, put("acme", "Acme")),
  );
  const relayed = await signedBy(alice, 0, put("acme", "Acme"));
  story.accepts("created_relayed", "§11.2", "Alice signs, Bob sends.", world.send(bob, relayed));
  const slugs = ["", "Acme", "-acme", "ac me", "acmé", "a".repeat(65)];
  story.refuses(
    "refused_slug_invalid",
    "§11.1",
    "Empty, a capital, a hyphen in front, a space, a letter of another alphabet, 65 characters.",
    world.bySender(alice, ...slugs.map((slug) => put(slug, "Acme"))),
    ...slugs.map(() => "slug_invalid" as const),
  );
  story.accepts(
    "slugs_of_all_letters",
    "§11.1",
    "One character, 64 of them, and every kind that is allowed.",
    world.bySender(alice, put("a", "A"), put("z".repeat(64), "Z"), put("9a.b_c-", "Signs")),
  );
  story.refuses(
    "refused_display_name_invalid",
    "§11.1",
    "Empty, with a line break, 65 bytes.",
    world.bySender(alice, put("acme", ""), put("acme", "Ac\nme"), put("acme", "é".repeat(33))),
    ...(["display_name_invalid", "display_name_invalid", "display_name_invalid"] as const),
  );

  story.happens("alice creates acme", world.bySender(alice, put("acme", "Acme")));
  story.accepts(
    "renamed",
    "§11.2",
    "Its owner renames it.",
    world.bySender(alice, put("acme", "A")),
  );
  story.refuses(
    "refused_sender_not_owner",
    "§11.2",
    "Bob neither takes the organization nor puts a group into it.",
    world.bySender(bob, put("acme", "Bob's"), group()),
    "organization_sender_not_owner",
    "organization_sender_not_owner",
  );
  story.accepts("group", "§11.2", "Channels go to its address.", world.bySender(alice, group()));
  const signed = await signedBy(alice, 0, group({ endpoints: [] }));
  story.accepts("group_relayed", "§11.2", "Alice signs, Bob sends.", world.send(bob, signed));
  story.accepts(
    "group_replaced",
    "§11.2",
    "The same identifier with another name and no endpoint; another identifier is another group.",
    world.bySender(
      alice,
      group(),
      group({ name: "Other", paymentAddress: alice.address, endpoints: [] }),
      group({ groupId: new Uint8Array(32) }),
    ),
  );
  story.refuses(
    "refused_organization_not_found",
    "§11.2",
    "There is no organization beta.",
    world.bySender(alice, group({ organization: "beta" })),
    "organization_not_found",
  );
  story.refuses(
    "refused_group_fields",
    "§11.2",
    "No name; nobody to pay; an endpoint twice, with a space, empty, of 257 characters.",
    world.bySender(
      alice,
      group({ name: "" }),
      group({ paymentAddress: new Uint8Array(20) }),
      group({ endpoints: ["a", "a"] }),
      group({ endpoints: ["https://acme example/"] }),
      group({ endpoints: [""] }),
      group({ endpoints: ["a".repeat(257)] }),
    ),
    "display_name_invalid",
    "recipient_not_payable",
    ...(["endpoints_invalid", "endpoints_invalid"] as const),
    ...(["endpoints_invalid", "endpoints_invalid"] as const),
  );
  return story;
}
