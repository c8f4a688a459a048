import type { SignableBody } from "../../spec/operations.ts";
import { listOperationResults } from "../client/actions/apply-operation.ts";
import { getAccount } from "../client/actions/get-account.ts";
import type { InputResult } from "../client/actions/input-result.ts";
import { sendOperations } from "../client/actions/send-operations.ts";
import { signRelayed } from "../client/actions/sign-relayed.ts";
import type { TallyrollClient } from "../client/actions/tallyroll-client.ts";
import { waitForInput } from "../client/actions/wait-for-input.ts";
import type { TypedDataSigner } from "../client/signing/sign-operation.ts";
import type { RelayableOperation } from "../client/signing/verify-relayable.ts";
import { check } from "./demo-error.ts";

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

/**
 * Sends signed operations as one input.
 *
 * @throws DemoError unless all of them apply.
 */
export async function relayAll(
  gateway: TallyrollClient,
  operations: readonly RelayableOperation[],
): Promise<InputResult> {
  const { transactionHash } = await sendOperations(gateway, { operations });
  const result = await waitForInput(gateway, { transactionHash });
  const outcomes = listOperationResults(result, operations.length);
  check(
    outcomes.every(({ status }) => status === "applied"),
    "every relayed operation applies",
  );
  return result;
}
