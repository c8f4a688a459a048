import { bytesToHex, isAddressEqual } from "viem";
import { listGroups } from "../../../spec/grant-keys.ts";
import type { Hex } from "../../../spec/outputs.ts";
import type { ServiceOffer } from "../../../spec/service-operations.ts";
import { countOf } from "../../count-of.ts";
import { formatAmount, type TokenUnits } from "../money/token-amounts.ts";
import type { Terminal } from "../terminal/terminal.ts";

/**
 * What is about to be offered, defaults and all, said before it is signed.
 *
 * @param isOpen The stream that is sold is not sealed.
 */
export function tellOffer(
  offer: ServiceOffer,
  { account, isOpen }: { readonly account: Hex; readonly isOpen: boolean },
  units: TokenUnits,
  terminal: Terminal,
): void {
  const { mode, price, tags, streamId, endpoints, organization, groupId } = offer;
  const groups = listGroups(offer.groups);
  const sold =
    streamId === 0
      ? "data off the machine"
      : `batches of stream ${streamId}` +
        (groups.length === 0
          ? ""
          : `, key ${groups.length === 1 ? "group" : "groups"} ${groups.join(", ")}`);
  const payee = bytesToHex(offer.paymentAddress);
  const paid = isAddressEqual(payee, account) ? "this account" : payee;
  const whose =
    organization === ""
      ? "no organization"
      : `organization ${organization}` +
        (groupId.length === 0
          ? " without a payment group"
          : `, payment group ${bytesToHex(groupId)}`);
  const unit = mode === "pull" ? "pull" : "session";
  terminal.note(
    `Offer: ${formatAmount(price, units)} a ${unit}, paid to ${paid}, for ${sold}; ` +
      `${countOf(tags.length, "tag")}, ${countOf(endpoints.length, "endpoint")}, ${whose}.`,
  );
  if (!isOpen) return;
  terminal.note(
    `Stream ${streamId} is open: whoever reaches a node reads it without paying. ` +
      "`tallyroll submit --csv FILE --sealed` makes one that only buyers read.",
  );
}
