import { bytesToHex } from "@noble/hashes/utils.js";

/** The portals of rollups-contracts 2.2.0, by their deterministic addresses (spec §5.1). */
export const PORTALS = {
  ether: "a632c5c05812c6a6149b7af5c56117d1d2603828",
  erc20: "aca6586a0cf05bd831f2501e7b4aea550da6562d",
  erc721: "9e8851dadb2b77103928518846c4678d48b5e371",
  erc1155_single: "18558398dd1a8ce20956287a4da7b76ae7a96662",
  erc1155_batch: "e246abb974b307490d9c6932f48ebe79de72338a",
} as const;

export type Portal = keyof typeof PORTALS;

/** The library that ERC-20 withdrawals run through by delegate call (rollups-contracts 2.2.0). */
export const SAFE_ERC20_TRANSFER = "0xb7c2bcaa4437425cfce9d233bff15ef461273d63";

/** Ether's place among the tokens: the zero address. */
export const ETHER = new Uint8Array(20);

const PORTAL_BY_ADDRESS = new Map<string, Portal>(
  (Object.entries(PORTALS) as [Portal, string][]).map(([portal, address]) => [address, portal]),
);

/** The portal that sent an input, if one did. */
export function findPortal(sender: Uint8Array): Portal | undefined {
  return PORTAL_BY_ADDRESS.get(bytesToHex(sender));
}
