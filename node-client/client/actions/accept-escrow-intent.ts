import { type EscrowIdText, toEscrowIdBytes } from "../escrow/escrow-id-text.ts";
import { defineAction, readOwn } from "./define-action.ts";
import type { EscrowOptions } from "./escrow-result.ts";

export interface AcceptEscrowIntentOptions extends EscrowOptions {
  /** A service of the account. */
  readonly serviceId: number;
  /** The version that was current when the intent was opened. */
  readonly version: number;
}

/**
 * Takes an intent: the first provider who does, at their service's price.
 *
 * @throws OperationRefused: escrow_…, service_…, intent_….
 * @example
 * await acceptEscrowIntent(providerClient, { escrowId, serviceId: 1, version: 1 });
 */
export const acceptEscrowIntent = defineAction({
  body: ({ escrowId, serviceId, version }: AcceptEscrowIntentOptions) => ({
    kind: "accept_intent",
    ...{ escrowId: toEscrowIdBytes(escrowId), serviceId, version },
  }),
  read: (told) => {
    const { escrowId, ...fields } = readOwn("accept_intent", told);
    return { escrowId: `intent:${escrowId}` satisfies EscrowIdText, ...fields };
  },
});
