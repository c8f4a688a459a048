import { decodeAbiParameters, parseAbiParameters } from "viem";
import { ETHER, type Portal } from "./portals.ts";
import { isZero, readBigEndian } from "./words.ts";

/** What a portal reports of one deposit (rollups-contracts 2.2.0, `InputEncoding`). */
export type Deposit =
  | {
      readonly kind: "fungible";
      readonly token: Uint8Array;
      readonly sender: Uint8Array;
      readonly amount: bigint;
    }
  | {
      readonly kind: "erc721";
      readonly token: Uint8Array;
      readonly sender: Uint8Array;
      readonly tokenId: bigint;
    }
  | {
      readonly kind: "erc1155";
      readonly token: Uint8Array;
      readonly sender: Uint8Array;
      readonly tokenIds: readonly bigint[];
      readonly amounts: readonly bigint[];
      readonly isBatch: boolean;
    };

const BATCH_PARAMETERS = parseAbiParameters("uint256[], uint256[], bytes, bytes");

/**
 * Decodes a portal's packed payload; `undefined` where it is none. Data for the application to
 * execute stands after the fields and is ignored (spec §5.1).
 */
export function decodeDeposit(portal: Portal, payload: Uint8Array): Deposit | undefined {
  if (portal === "ether") {
    if (payload.length < 52) return undefined;
    const amount = readBigEndian(payload.subarray(20, 52));
    return { kind: "fungible", token: ETHER, sender: payload.slice(0, 20), amount };
  }
  if (payload.length < 40) return undefined;
  const token = payload.slice(0, 20);
  const sender = payload.slice(20, 40);
  // No contract lives at the zero address, which stands for Ether here.
  if (isZero(token)) return undefined;
  if (portal === "erc1155_batch") return decodeErc1155Batch(token, sender, payload.subarray(40));

  const words = portal === "erc1155_single" ? 2 : 1;
  if (payload.length < 40 + 32 * words) return undefined;
  const first = readBigEndian(payload.subarray(40, 72));
  if (portal === "erc20") return { kind: "fungible", token, sender, amount: first };
  if (portal === "erc721") return { kind: "erc721", token, sender, tokenId: first };
  const amounts = [readBigEndian(payload.subarray(72, 104))];
  return { kind: "erc1155", token, sender, tokenIds: [first], amounts, isBatch: false };
}

function decodeErc1155Batch(
  token: Uint8Array,
  sender: Uint8Array,
  data: Uint8Array,
): Deposit | undefined {
  let decoded: readonly [readonly bigint[], readonly bigint[], ...unknown[]];
  try {
    decoded = decodeAbiParameters(BATCH_PARAMETERS, data);
  } catch {
    // viem throws on any malformed ABI data; only bytes no portal sends get here.
    return undefined;
  }
  const [tokenIds, amounts] = decoded;
  if (tokenIds.length !== amounts.length) return undefined;
  return { kind: "erc1155", token, sender, tokenIds, amounts, isBatch: true };
}
