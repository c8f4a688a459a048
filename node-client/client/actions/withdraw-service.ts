import { type AppliedAt, type ApplyOptions, applyOperation } from "./apply-operation.ts";
import type { TallyrollClient } from "./tallyroll-client.ts";

export interface WithdrawServiceOptions extends ApplyOptions {
  readonly serviceId: number;
}

export interface WithdrawServiceResult extends AppliedAt {
  readonly serviceId: number;
}

/**
 * Ends a service for good: no escrow can be opened on it. Running ones go on.
 *
 * @throws OperationRefused: service_not_found, service_sender_not_provider, service_withdrawn.
 * @example
 * await withdrawService(client, { serviceId: 1 });
 */
export async function withdrawService(
  client: TallyrollClient,
  { serviceId, ...options }: WithdrawServiceOptions,
): Promise<WithdrawServiceResult> {
  const body = { kind: "withdraw_service", serviceId } as const;
  const { at } = await applyOperation(client, body, "ServiceWithdrawn", options);
  return { ...at, serviceId };
}
