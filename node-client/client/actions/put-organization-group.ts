import { hexToBytes } from "viem";
import type { Hex } from "../../../spec/outputs.ts";
import { type Acting, defineAction, readOwn } from "./define-action.ts";

export interface PutOrganizationGroupOptions {
  readonly organization: string;
  /** 32 bytes, unique in the organization; what channels name. */
  readonly groupId: Hex;
  /** For people. */
  readonly name: string;
  /** The recipient of channels to this group; the account by default. */
  readonly paymentAddress?: Hex;
  readonly endpoints?: readonly string[];
}

/**
 * Creates or replaces a payment group of the account's organization: whom channels to it pay, and
 * where its services answer.
 *
 * @throws OperationRefused: organization_…, display_name_invalid, recipient_not_payable,
 * endpoints_invalid.
 * @example
 * await putOrganizationGroup(client, { organization: "north-grid", groupId, name: "default" });
 */
export const putOrganizationGroup = defineAction({
  body: (
    { organization, groupId, name, paymentAddress, endpoints = [] }: PutOrganizationGroupOptions,
    { account }: Pick<Acting, "account">,
  ) => ({
    kind: "put_payment_group",
    ...{ organization, groupId: hexToBytes(groupId), name, endpoints },
    paymentAddress: hexToBytes(paymentAddress ?? account),
  }),
  read: (told) => readOwn("put_payment_group", told),
});
