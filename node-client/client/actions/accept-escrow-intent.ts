import type { Hex } from "../../../spec/outputs.ts";
import { toEscrowIdBytes } from "../escrow/escrow-id-text.ts";
import type { EscrowOptions } from "./apply-escrow-operation.ts";
import { type AppliedAt, applyOperation } from "./apply-operation.ts";
import type { TallyrollClient } from "./tallyroll-client.ts";

export interface AcceptEscrowIntentOptions extends EscrowOptions {
  /** A service of the account. */
  readonly serviceId: number;
  /** The version that was current when the intent was opened. */
  readonly version: number;
}

export interface AcceptEscrowIntentResult extends AppliedAt {
  readonly escrowId: EscrowOptions["escrowId"];
  readonly provider: Hex;
  readonly price: bigint;
  /** Base units that went back to the buyer: he had put in the ceiling. */
  readonly returned: bigint;
}

/**
 * Takes an intent: the first provider who does, at his service's price.
 *
 * @throws OperationRefused: escrow_…, service_…, intent_….
 * @example
 * await acceptEscrowIntent(providerClient, { escrowId, serviceId: 1, version: 1 });
 */
export async function acceptEscrowIntent(
  client: TallyrollClient,
  { escrowId, serviceId, version, ...options }: AcceptEscrowIntentOptions,
): Promise<AcceptEscrowIntentResult> {
  const id = toEscrowIdBytes(escrowId);
  const body = { kind: "accept_intent", escrowId: id, serviceId, version } as const;
  const { at, fields } = await applyOperation(client, body, "IntentAccepted", options);
  const { provider, price, returned } = fields;
  return { ...at, escrowId, provider, price, returned };
}
