import { isAddressEqual, zeroHash } from "viem";
import type { ChannelPayments } from "../../../spec/channel-operations.ts";
import type { Hex } from "../../../spec/outputs.ts";
import type { ChannelTermsOptions } from "../../client/actions/open-channel.ts";
import { countOf } from "../../count-of.ts";
import { formatAmount, type TokenUnits } from "../money/token-amounts.ts";
import type { Terminal } from "../terminal/terminal.ts";
import type { Expiration } from "./channel-expiration.ts";

const SIGNATURES: Readonly<Record<ChannelPayments, string>> = {
  mpe: "in MPE's form only",
  eip712: "in EIP-712's form only",
  both: "in MPE's form or EIP-712's",
};

/** The terms of a channel about to be opened, defaults and all, said before they are signed. */
export function tellChannelTerms(
  terms: ChannelTermsOptions,
  { text: until, blocksLeft }: Pick<Expiration, "text" | "blocksLeft">,
  sender: Hex,
  units: TokenUnits,
  terminal: Terminal,
): void {
  const { recipient, value, payments = "both", groupId = zeroHash, signer = sender } = terms;
  const also = isAddressEqual(signer, sender) ? "" : ` or ${signer}`;
  const group = groupId === zeroHash ? "no payment group" : `payment group ${groupId}`;
  terminal.note(
    `Terms: ${formatAmount(value, units)} for ${recipient}, who redeems payments signed by ` +
      `${sender}${also} ${SIGNATURES[payments]}; ${group}; from ${until} on, ` +
      `${countOf(blocksLeft, "block")} from now, the sender takes back what is left.`,
  );
}
