import { encodeAbiParameters, parseAbiParameters } from "viem";
import { AMOUNT_MAX } from "../../../spec/limits.ts";
import { PORTALS, type Portal } from "../../../spec/portals.ts";
import { encodeWord } from "../../../spec/words.ts";
import { fromHex } from "../transition-vectors.ts";
import { Story, TOKEN } from "./story.ts";

const BATCH = parseAbiParameters("uint256[], uint256[], bytes, bytes");

/** What the portals report (spec §5.1 and §5.2). */
export async function tellDeposits(): Promise<Story> {
  const story = await Story.open(
    "deposits",
    "Inputs whose sender is a portal of rollups-contracts 2.2.0. Data for the application to " +
      "execute stands behind the fields and is ignored.",
  );
  const { world, alice } = story;
  const fromPortal = (portal: Portal, ...parts: readonly (Uint8Array | bigint)[]) => {
    const fields = parts.map((part) => (typeof part === "bigint" ? encodeWord(part) : part));
    const sender = fromHex(`0x${PORTALS[portal]}`);
    return world.raw(sender, Uint8Array.from(Buffer.concat(fields)));
  };
  const batch = (tokenIds: bigint[], amounts: bigint[]) =>
    fromHex(encodeAbiParameters(BATCH, [tokenIds, amounts, "0x", "0xbeef"]));
  const data = Uint8Array.of(0xde, 0xad);

  story.accepts(
    "ether",
    "§5.1",
    "EtherPortal: sender, value.",
    fromPortal("ether", alice.address, 100n),
  );
  story.accepts(
    "ether_with_data",
    "§5.1",
    "What stands behind the value is ignored, even where it looks like operations.",
    fromPortal("ether", alice.address, 100n, Uint8Array.of(1, 0x91, 0)),
  );
  story.accepts(
    "ether_nothing",
    "§5.1",
    "A deposit of zero is well-formed, so it is not refused.",
    fromPortal("ether", alice.address, 0n),
  );
  story.accepts(
    "erc20",
    "§5.1",
    "ERC20Portal: token, sender, value.",
    fromPortal("erc20", TOKEN, alice.address, 500n, data),
  );
  story.accepts(
    "erc721_returned",
    "§5.1",
    "ERC721Portal: the application keeps no such token, a voucher returns it at once.",
    fromPortal("erc721", TOKEN, alice.address, 7n, data),
  );
  story.accepts(
    "erc1155_single_returned",
    "§5.1",
    "ERC1155SinglePortal: returned by safeTransferFrom.",
    fromPortal("erc1155_single", TOKEN, alice.address, 7n, 30n, data),
  );
  story.accepts(
    "erc1155_batch_returned",
    "§5.1",
    "ERC1155BatchPortal: returned by safeBatchTransferFrom.",
    fromPortal("erc1155_batch", TOKEN, alice.address, batch([7n, 8n], [30n, 1n])),
  );

  story.happens(
    "alice deposits all the ether that 256 bits count",
    fromPortal("ether", alice.address, AMOUNT_MAX),
  );
  story.happens("alice deposits 500 of a token", fromPortal("erc20", TOKEN, alice.address, 500n));
  story.accepts(
    "second_deposit",
    "§5.2",
    "Deposits of one token add up.",
    fromPortal("erc20", TOKEN, alice.address, 500n),
  );
  story.accepts(
    "erc20_up_to_the_maximum",
    "§5.2",
    "A token's deposits may add up to 2^256 − 1.",
    fromPortal("erc20", TOKEN, story.bob.address, AMOUNT_MAX - 500n),
  );
  story.accepts(
    "erc20_overflow_returned",
    "§5.2",
    "What the ledger cannot count goes straight back by voucher.",
    fromPortal("erc20", TOKEN, story.bob.address, AMOUNT_MAX - 499n),
  );
  story.accepts(
    "ether_overflow_returned",
    "§5.2",
    "No chain has this much ether; the rule is the same.",
    fromPortal("ether", alice.address, 1n),
  );

  const malformed: readonly [string, string, Portal, readonly (Uint8Array | bigint)[]][] = [
    ["ether_short", "One byte short.", "ether", [alice.address, new Uint8Array(31)]],
    ["ether_empty", "Nothing at all.", "ether", []],
    ["erc20_short", "No value.", "erc20", [TOKEN, alice.address]],
    [
      "erc20_zero_token",
      "The zero address stands for Ether, and no token lives there.",
      "erc20",
      [new Uint8Array(20), alice.address, 1n],
    ],
    ["erc721_short", "No token id.", "erc721", [TOKEN, alice.address]],
    ["erc1155_single_short", "No value.", "erc1155_single", [TOKEN, alice.address, 7n]],
    [
      "erc1155_batch_lengths",
      "Two ids and one value.",
      "erc1155_batch",
      [TOKEN, alice.address, batch([7n, 8n], [30n])],
    ],
    [
      "erc1155_batch_cut",
      "ABI data that ends early.",
      "erc1155_batch",
      [TOKEN, alice.address, batch([7n], [30n]).subarray(0, 160)],
    ],
  ];
  for (const [name, comment, portal, parts] of malformed) {
    const input = fromPortal(portal, ...parts);
    story.refuses(
      `refused_${name}`,
      "§5.1",
      `No portal sends this. ${comment}`,
      input,
      "deposit_malformed",
    );
  }
  story.refuses(
    "refused_stranger_as_portal",
    "§5.1",
    "Only the portals' addresses make a deposit: from anyone else these are operations.",
    world.raw(alice.address, Uint8Array.from(Buffer.concat([alice.address, encodeWord(9n)]))),
    "envelope_version_unknown",
  );
  return story;
}
