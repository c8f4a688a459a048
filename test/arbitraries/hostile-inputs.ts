import { concatBytes } from "@noble/hashes/utils.js";
import type { HistoryInput } from "../../node-client/history/history-lines.ts";
import { encodePlainEnvelope } from "../../spec/envelope.ts";
import { PAYLOAD_BYTES_MAX } from "../../spec/limits.ts";
import { ETHER } from "../../spec/portals.ts";
import { encodeWord } from "../../spec/words.ts";
import { DEPOSIT_KINDS, portalAddress, type RawInput } from "./deposit-inputs.ts";
import { flipBit } from "./refused-acts.ts";
import type { SeededRng } from "./seeded-rng.ts";
import { PEOPLE } from "./shared-keys.ts";
import { bySender } from "./world.ts";

/** Something already sent, and whether sending it again would change nothing. */
export interface SentInput extends HistoryInput {
  readonly kind: string;
}

/** Steps whose inputs count once, whoever sends them: sequences, nonces and keys are used up. */
const COUNTS_ONCE: readonly string[] = ["submit_open", "submit_sealed", "submit_fraud"];

/** An input that is refused as a whole, by any state. */
export function hostileInput(rng: SeededRng, sent: readonly SentInput[]): RawInput {
  const sender = rng.pick(PEOPLE).address;
  const { address } = rng.pick(PEOPLE);
  const money = concatBytes(address, encodeWord(1_000n));
  const plain = encodePlainEnvelope([
    bySender({ kind: "transfer", token: ETHER, to: address, amount: 0n }),
  ]);
  switch (rng.below(9)) {
    case 0:
      return { sender, payload: rng.bytes(rng.below(200)) };
    case 1: // Nobody's portal: the payload is no envelope.
      return { sender, payload: money };
    case 2: // A portal never says so little.
      return { sender: portalAddress(rng.pick(DEPOSIT_KINDS)), payload: rng.bytes(20) };
    case 3:
      return { sender, payload: concatBytes(plain, Uint8Array.of(0)) };
    case 4:
      return { sender, payload: plain.subarray(0, rng.below(plain.length)) };
    case 5:
      return { sender, payload: concatBytes(plain, new Uint8Array(PAYLOAD_BYTES_MAX)) };
    case 6:
      return { sender, payload: concatBytes(Uint8Array.of(2), rng.bytes(rng.below(200))) };
    case 7:
      return replay(rng, sent) ?? { sender, payload: plain };
    default:
      return stealSealed(rng, sent) ?? { sender, payload: flipBit(Uint8Array.of(1, 0x90), rng) };
  }
}

function replay(rng: SeededRng, sent: readonly SentInput[]): RawInput | undefined {
  const once = sent.filter(({ kind, payload }) => COUNTS_ONCE.includes(kind) && payload[0] === 1);
  if (once.length === 0) return undefined;
  const { at, payload } = rng.pick(once);
  return { sender: at.sender, payload };
}

/** Another's sealed input: it opens for its sender only. */
function stealSealed(rng: SeededRng, sent: readonly SentInput[]): RawInput | undefined {
  const sealed = sent.filter(({ kind, payload }) => kind !== "hostile" && payload[0] === 2);
  if (sealed.length === 0) return undefined;
  const { at, payload } = rng.pick(sealed);
  const thieves = PEOPLE.filter((person) => !person.address.every((b, i) => b === at.sender[i]));
  return { sender: rng.pick(thieves).address, payload };
}
