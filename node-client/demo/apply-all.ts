import type { OperationBody } from "../../spec/operations.ts";
import type { Told } from "../client/actions/apply-operation.ts";
import { listOutcomes } from "../client/actions/group-notices.ts";
import { sendOperations } from "../client/actions/send-operations.ts";
import type { OwnOperation } from "../client/actions/sendable-operation.ts";
import type { TallyrollClient } from "../client/actions/tallyroll-client.ts";
import { waitForInput } from "../client/actions/wait-for-input.ts";
import type { SignedBatch } from "../client/device/signed-batch.ts";
import { check } from "./demo-error.ts";

/**
 * Several operations of the client's account as one input: a block is a second.
 *
 * @param signed Others in the same input, which carry their authorization.
 * @returns What each operation left, in order: its action reads it.
 * @throws DemoError unless all of them apply.
 */
export async function applyAll(
  client: TallyrollClient,
  bodies: readonly OperationBody[],
  signed: readonly SignedBatch[] = [],
): Promise<readonly Told[]> {
  const own = bodies.map((body): OwnOperation => ({ authorization: { by: "sender" }, body }));
  const operations = [...own, ...signed];
  const { transactionHash } = await sendOperations(client, { operations });
  const result = await waitForInput(client, { transactionHash });
  const all = operations.map(({ body }) => body);
  return listOutcomes(result, all).flatMap((outcome, i) => {
    if (outcome.status === "applied") return [outcome];
    const { refusal, detail } = outcome.refused;
    check(false, `${all[i]?.kind} applies, but: ${refusal} ${detail}`);
    return [];
  });
}
