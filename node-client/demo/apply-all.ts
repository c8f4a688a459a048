import type { OperationBody, SignableBody } from "../../spec/operations.ts";
import { getAccount } from "../client/actions/account-queries.ts";
import {
  listOperationResults,
  listOutcomes,
  type Told,
} from "../client/actions/operation-outcomes.ts";
import {
  type OwnOperation,
  type SendableOperation,
  sendOperations,
  signRelayed,
} from "../client/actions/send-operations.ts";
import type { TallyrollClient } from "../client/actions/tallyroll-client.ts";
import { type InputResult, waitForInput } from "../client/actions/wait-for-input.ts";
import type { SignedBatch } from "../client/device/signed-batch.ts";
import type { TypedDataSigner } from "../client/signing/sign-operation.ts";
import type { RelayableOperation } from "../client/signing/verify-relayable.ts";
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
  const result = await sendAll(client, operations);
  const all = operations.map(({ body }) => body);
  return listOutcomes(result, all).flatMap((outcome) =>
    outcome.status === "applied" ? [outcome] : [],
  );
}

/**
 * Sends operations as one input, and waits for it.
 *
 * @throws DemoError unless all of them apply.
 */
export async function sendAll(
  client: TallyrollClient,
  operations: readonly SendableOperation[],
): Promise<InputResult> {
  const { transactionHash } = await sendOperations(client, { operations });
  const result = await waitForInput(client, { transactionHash });
  requireApplied(result, operations);
  return result;
}

/** @throws DemoError unless an input's operations have applied, all of them. */
export function requireApplied(
  result: InputResult,
  operations: readonly SendableOperation[],
): void {
  listOperationResults(result, operations.length).forEach((one, i) => {
    const said =
      one.status === "refused" ? `, but: ${one.refused.refusal} ${one.refused.detail}` : "";
    check(one.status === "applied", `${operations[i]?.body.kind} applies${said}`);
  });
}

/** Operations signed by one account, with its next nonces. */
export async function signInOrder(
  client: TallyrollClient,
  signer: TypedDataSigner,
  bodies: readonly SignableBody[],
): Promise<RelayableOperation[]> {
  const { nonce } = await getAccount(client, { account: signer.address });
  return await Promise.all(
    bodies.map((body, i) => signRelayed(client, { body, signer, nonce: nonce + i })),
  );
}
