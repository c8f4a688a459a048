import { hexToBytes } from "viem";
import type { Hex } from "../../../spec/outputs.ts";
import { toEscrowIdBytes } from "../escrow/escrow-id-text.ts";
import {
  applyEscrowOperation,
  type EscrowResult,
  type EscrowUnitOptions,
} from "./apply-escrow-operation.ts";
import type { TallyrollClient } from "./tallyroll-client.ts";

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
export async function deliverEscrowUnit(
  client: TallyrollClient,
  options: DeliverEscrowUnitOptions,
): Promise<EscrowResult> {
  const { escrowId, unit, batchId = 0, commitment } = options;
  const body = {
    kind: "deliver_unit",
    escrowId: toEscrowIdBytes(escrowId),
    unit,
    batchId,
    commitment: commitment === undefined ? new Uint8Array(0) : hexToBytes(commitment),
  } as const;
  return await applyEscrowOperation(client, body, options);
}
