import { concatBytes } from "@noble/hashes/utils.js";
import { encodeAbiParameters, parseAbiParameters } from "viem";
import { PORTALS, type Portal } from "../../spec/portals.ts";
import { encodeWord } from "../../spec/words.ts";
import { chooseDeposit } from "./acts.ts";
import type { ExpectedState } from "./expected-state.ts";
import type { SeededRng } from "./seeded-rng.ts";
import { PEOPLE } from "./shared-keys.ts";
import { toBytes } from "./signers.ts";

/** Who sends what: an input before the chain has given it a place. */
export interface RawInput {
  readonly sender: Uint8Array;
  readonly payload: Uint8Array;
}

export const DEPOSIT_KINDS = Object.keys(PORTALS) as Portal[];
export const portalAddress = (portal: Portal): Uint8Array => toBytes(PORTALS[portal]);

const BATCH = parseAbiParameters("uint256[], uint256[], bytes, bytes");
const NFT = new Uint8Array(20).fill(0x99);

/** A true portal's input; some carry data for the application, which it ignores. */
export function depositInput(state: ExpectedState, rng: SeededRng, portal: Portal): RawInput {
  const sender = portalAddress(portal);
  const data = rng.chance(3) ? rng.bytes(rng.below(40)) : new Uint8Array(0);
  if (portal === "ether" || portal === "erc20") {
    const { who, token, amount } = chooseDeposit(state, rng, portal === "ether");
    const head = portal === "ether" ? [who.address] : [token, who.address];
    return { sender, payload: concatBytes(...head, encodeWord(amount), data) };
  }
  const head = concatBytes(NFT, rng.pick(PEOPLE).address);
  const id = encodeWord(BigInt(rng.next()));
  if (portal === "erc721") return { sender, payload: concatBytes(head, id, data) };
  if (portal === "erc1155_single") {
    return { sender, payload: concatBytes(head, id, encodeWord(BigInt(rng.next())), data) };
  }
  const ids = Array.from({ length: rng.below(6) }, () => BigInt(rng.next()));
  const batch = encodeAbiParameters(BATCH, [ids, ids.map((each) => each + 1n), "0x", "0x1234"]);
  return { sender, payload: concatBytes(head, toBytes(batch)) };
}
