import { bytesToHex } from "@noble/hashes/utils.js";
import { decodeWire } from "../../../spec/codec.ts";
import { isSealedEnvelope } from "../../../spec/envelope.ts";
import { decodeOperation } from "../../../spec/operation-codec.ts";
import type { Hex } from "../../../spec/outputs.ts";
import { isRefused } from "../../../spec/refusals.ts";

/** An accepted input, as the chain has it, and what became of its operations. */
export interface OpeningInput {
  readonly payload: Uint8Array;
  /** The input's `msg_sender`, lower case. */
  readonly sender: Hex;
  /** The indices of the operations that were refused. */
  readonly refused: ReadonlySet<number>;
}

/**
 * Who paid for the channels that an input opened, in the order of its `ChannelOpened` notices. A
 * notice names the channel's sender only; a third party that opened it for them stands in the input
 * alone (spec §10.2).
 *
 * @returns `undefined` where the input is sealed: only the machine knows then.
 */
export function listOpeningPayers({
  payload,
  sender,
  refused,
}: OpeningInput): readonly Hex[] | undefined {
  if (isSealedEnvelope(payload)) return undefined;
  const list = decodeWire(payload.subarray(1));
  return (Array.isArray(list) ? list : []).flatMap((wire, index) => {
    const operation = decodeOperation(wire);
    if (refused.has(index) || isRefused(operation)) return [];
    const { authorization, body } = operation;
    if (body.kind !== "open_channel" && body.kind !== "open_channel_by_third_party") return [];
    return authorization.by === "account"
      ? [`0x${bytesToHex(authorization.account)}` as const]
      : [sender];
  });
}
