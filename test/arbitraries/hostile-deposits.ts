import { concatBytes } from "@noble/hashes/utils.js";
import { AMOUNT_MAX } from "../../spec/limits.ts";
import { encodeWord } from "../../spec/words.ts";
import { DEPOSIT_KINDS, portalAddress, type RawInput } from "./deposit-inputs.ts";
import { TOKENS } from "./expected-state.ts";
import type { SeededRng } from "./seeded-rng.ts";
import { PEOPLE } from "./shared-keys.ts";

/** What a portal would never send, sent as a portal; and what only a portal may say, said by others. */

const WORDS = [
  0n,
  1n,
  31n,
  32n,
  33n,
  64n,
  96n,
  128n,
  160n,
  2n ** 31n,
  2n ** 53n,
  2n ** 64n,
] as const;
const WIDE_WORDS = [AMOUNT_MAX, AMOUNT_MAX - 31n, AMOUNT_MAX / 32n, 2n ** 255n] as const;

/** A portal's payload cut short, or of words that lead nowhere. */
export function falseDeposit(rng: SeededRng): RawInput {
  const sender = portalAddress(rng.pick(DEPOSIT_KINDS));
  const token = rng.chance(3) ? new Uint8Array(20) : rng.bytes(20);
  const head = concatBytes(token, rng.pick(PEOPLE).address);
  const payload = rng.chance(2)
    ? rng.bytes(rng.pick([0, 1, 19, 20, 39, 40, 51, 52, 71, 72, 103, 104, 200]))
    : concatBytes(head, rng.bytes(rng.below(70)));
  return { sender, payload };
}

/** ERC-1155 batches of offsets and lengths that point behind the end, at each other, at themselves. */
export function absurdBatch(rng: SeededRng): RawInput {
  const wordCount = rng.chance(20) ? 2_000 : rng.between(0, 14);
  const words = Array.from({ length: wordCount }, () =>
    encodeWord(rng.pick(rng.chance(4) ? WIDE_WORDS : WORDS)),
  );
  const tail = rng.chance(4) ? rng.bytes(rng.below(32)) : new Uint8Array(0);
  const head = concatBytes(rng.bytes(20), rng.pick(PEOPLE).address);
  return { sender: portalAddress("erc1155_batch"), payload: concatBytes(head, ...words, tail) };
}

/** True deposits of amounts at the end of what a token can count, of tokens that nobody knows. */
export function extremeDeposit(rng: SeededRng): RawInput {
  const { address } = rng.pick(PEOPLE);
  const amount = encodeWord(rng.pick([0n, 1n, AMOUNT_MAX, AMOUNT_MAX - 1n, 2n ** 255n]));
  const token = new Uint8Array(20).fill(rng.between(1, 40));
  return { sender: portalAddress("erc20"), payload: concatBytes(token, address, amount) };
}

/** A deposit's very bytes from somebody who is no portal, or from the wrong one. */
export function lookAlike(rng: SeededRng): RawInput {
  const { address } = rng.pick(PEOPLE);
  const money = concatBytes(address, encodeWord(1_000_000n));
  const payload = rng.chance(2) ? money : concatBytes(rng.pick(TOKENS.slice(1)), money);
  const sender = portalAddress(rng.pick(DEPOSIT_KINDS));
  // One bit beside a portal's address.
  sender[rng.below(20)]! ^= 1 << rng.below(8);
  return { sender: rng.chance(2) ? sender : address, payload };
}
