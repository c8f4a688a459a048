import { defineAction, readOwn } from "./define-action.ts";

export interface WithdrawServiceOptions {
  readonly serviceId: number;
}

/**
 * Ends a service for good: no escrow can be opened on it. Running ones go on.
 *
 * @throws OperationRefused: service_not_found, service_sender_not_provider, service_withdrawn.
 * @example
 * await withdrawService(client, { serviceId: 1 });
 */
export const withdrawService = defineAction({
  body: ({ serviceId }: WithdrawServiceOptions) => ({ kind: "withdraw_service", serviceId }),
  read: (told) => readOwn("withdraw_service", told),
});
