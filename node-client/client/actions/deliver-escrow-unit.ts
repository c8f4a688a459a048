import { hexToBytes } from "viem";
import type { Hex } from "../../../spec/outputs.ts";
import { toEscrowIdBytes } from "../escrow/escrow-id-text.ts";
import { defineAction } from "./define-action.ts";
import { type EscrowUnitOptions, readEscrowResult } from "./escrow-result.ts";

export interface DeliverEscrowUnitOptions extends EscrowUnitOptions {
  /** A batch from after the last unit, where the service sells a stream. */
  readonly batchId?: number;
  /** 32 bytes, where it sells none. */
  readonly commitment?: Hex;
}

/**
 * Delivers a unit of a pull escrow: a batch of the service's stream, or a commitment to data that
 * goes another way.
 *
 * @throws OperationRefused: escrow_…, batch_not_found, delivery_….
 * @example
 * await deliverEscrowUnit(providerClient, { escrowId, unit: 1, batchId: 7 });
 */
export const deliverEscrowUnit = defineAction({
  body: ({ escrowId, unit, batchId = 0, commitment = "0x" }: DeliverEscrowUnitOptions) => ({
    kind: "deliver_unit",
    ...{ escrowId: toEscrowIdBytes(escrowId), unit, batchId },
    commitment: hexToBytes(commitment),
  }),
  read: readEscrowResult,
});
