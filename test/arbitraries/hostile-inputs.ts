import { concatBytes } from "@noble/hashes/utils.js";
import type { HistoryInput } from "../../node-client/history/history-lines.ts";
import { encodePlainEnvelope } from "../../spec/envelope.ts";
import { PAYLOAD_BYTES_MAX } from "../../spec/limits.ts";
import { ETHER } from "../../spec/portals.ts";
import { encodeWord } from "../../spec/words.ts";
import { DEPOSIT_KINDS, portalAddress, type RawInput } from "./deposit-inputs.ts";
import type { Dice } from "./dice.ts";
import { flipBit } from "./refused-acts.ts";
import { PEOPLE } from "./town.ts";
import { bySender } from "./world.ts";

/** Something already sent, and whether sending it again would change nothing. */
export interface SentInput extends HistoryInput {
  readonly kind: string;
}

/** Steps whose inputs count once, whoever sends them: sequences, nonces and keys are used up. */
const COUNTS_ONCE: readonly string[] = ["submit_open", "submit_sealed", "submit_fraud"];

/** An input that is refused as a whole, by any state. */
export function hostileInput(dice: Dice, sent: readonly SentInput[]): RawInput {
  const sender = dice.pick(PEOPLE).address;
  const { address } = dice.pick(PEOPLE);
  const money = concatBytes(address, encodeWord(1_000n));
  const plain = encodePlainEnvelope([
    bySender({ kind: "transfer", token: ETHER, to: address, amount: 0n }),
  ]);
  switch (dice.below(9)) {
    case 0:
      return { sender, payload: dice.bytes(dice.below(200)) };
    case 1: // Nobody's portal: the payload is no envelope.
      return { sender, payload: money };
    case 2: // A portal never says so little.
      return { sender: portalAddress(dice.pick(DEPOSIT_KINDS)), payload: dice.bytes(20) };
    case 3:
      return { sender, payload: concatBytes(plain, Uint8Array.of(0)) };
    case 4:
      return { sender, payload: plain.subarray(0, dice.below(plain.length)) };
    case 5:
      return { sender, payload: concatBytes(plain, new Uint8Array(PAYLOAD_BYTES_MAX)) };
    case 6:
      return { sender, payload: concatBytes(Uint8Array.of(2), dice.bytes(dice.below(200))) };
    case 7:
      return replay(dice, sent) ?? { sender, payload: plain };
    default:
      return stealSealed(dice, sent) ?? { sender, payload: flipBit(Uint8Array.of(1, 0x90), dice) };
  }
}

function replay(dice: Dice, sent: readonly SentInput[]): RawInput | undefined {
  const once = sent.filter(({ kind, payload }) => COUNTS_ONCE.includes(kind) && payload[0] === 1);
  if (once.length === 0) return undefined;
  const { at, payload } = dice.pick(once);
  return { sender: at.sender, payload };
}

/** Another's sealed input: it opens for its sender only. */
function stealSealed(dice: Dice, sent: readonly SentInput[]): RawInput | undefined {
  const sealed = sent.filter(({ kind, payload }) => kind !== "hostile" && payload[0] === 2);
  if (sealed.length === 0) return undefined;
  const { at, payload } = dice.pick(sealed);
  const thieves = PEOPLE.filter((person) => !person.address.every((b, i) => b === at.sender[i]));
  return { sender: dice.pick(thieves).address, payload };
}
