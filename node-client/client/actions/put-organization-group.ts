import { hexToBytes } from "viem";
import type { Hex } from "../../../spec/outputs.ts";
import { type AppliedAt, type ApplyOptions, actorOf, applyOperation } from "./apply-operation.ts";
import type { TallyrollClient } from "./tallyroll-client.ts";

export interface PutOrganizationGroupOptions extends ApplyOptions {
  readonly organization: string;
  /** 32 bytes, unique in the organization; what channels name. */
  readonly groupId: Hex;
  /** For people. */
  readonly name: string;
  /** The recipient of channels to this group; the account unless told. */
  readonly paymentAddress?: Hex;
  readonly endpoints?: readonly string[];
}

export interface PutOrganizationGroupResult extends AppliedAt {
  readonly organization: string;
  readonly groupId: Hex;
  readonly name: string;
  readonly paymentAddress: Hex;
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
export async function putOrganizationGroup(
  client: TallyrollClient,
  options: PutOrganizationGroupOptions,
): Promise<PutOrganizationGroupResult> {
  const { organization, groupId, name, paymentAddress, endpoints = [] } = options;
  const body = {
    kind: "put_payment_group",
    ...{ organization, groupId: hexToBytes(groupId), name, endpoints },
    paymentAddress:
      paymentAddress === undefined ? actorOf(client, options.relay) : hexToBytes(paymentAddress),
  } as const;
  const { at, fields } = await applyOperation(client, body, "PaymentGroupPut", options);
  return { ...at, ...fields };
}
