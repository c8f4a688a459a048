import type { SignableBody } from "../../../spec/operations.ts";
import { ClientError } from "../../errors.ts";
import type { Notice } from "../decoding/decode-notice.ts";
import type { RefusedOperation } from "../decoding/decode-refusal.ts";
import { InputFailed, OperationRefused } from "./operation-refused.ts";
import { sendAndWait } from "./send-and-wait.ts";
import { type RelayOptions, type SendableOperation, signRelayed } from "./send-operations.ts";
import type { TallyrollClient } from "./tallyroll-client.ts";
import type { AppliedAt, InputResult, WaitOptions } from "./wait-for-input.ts";

/** What every action that sends one operation takes beside the operation's own fields. */
export interface ApplyOptions extends WaitOptions {
  /** Somebody else's operation: they sign, the client's account sends and pays the gas. */
  readonly relay?: RelayOptions;
  /** The machine's X25519 public key: hides the operation from the public chain. */
  readonly seal?: Uint8Array | undefined;
}

/** What an operation left of its input's outputs. */
export type Told = Pick<InputResult, "inputIndex" | "notices" | "vouchers">;

/** One applied operation: where, and all that it led to, in order: low balances come last. */
export type Applied = AppliedAt & Told;

/** What became of one of an input's operations. */
export type OperationResult =
  | { readonly status: "applied"; readonly notice: Notice }
  | { readonly status: "refused"; readonly refused: RefusedOperation };

/** The node's notices are not those of the operations that were sent: another application's. */
export class NoticeMissing extends ClientError {
  override readonly name = "NoticeMissing";

  constructor(inputIndex: number, name: string) {
    super(`Input ${inputIndex} was accepted without the notice ${name} of its operation.`, {
      whatToDo:
        "Check that this client is of the application's version; replay the input if it is.",
    });
  }
}

/**
 * Sends one operation of the client's account, or of the one that it relays for, and waits for its
 * verdict.
 *
 * @throws OperationRefused with the rule that it broke, InputFailed, NoticeMissing, SentNotConfirmed
 * where its verdict could not be found out, and what `signRelayed` and `sendOperations` throw.
 */
export async function applyOperation(
  client: TallyrollClient,
  body: SignableBody,
  { relay, ...options }: ApplyOptions,
): Promise<Applied> {
  const operation: SendableOperation =
    relay === undefined
      ? { authorization: { by: "sender" }, body }
      : await signRelayed(client, { body, ...relay });
  return await applyAuthorized(client, operation, options);
}

/** The same for an operation that carries its authorization already, such as a device's batch. */
export async function applyAuthorized(
  client: TallyrollClient,
  operation: SendableOperation,
  options: Omit<ApplyOptions, "relay">,
): Promise<Applied> {
  const sent = `The operation ${operation.body.kind} was sent`;
  const sending = { ...options, operations: [operation] };
  const { at, result } = await sendAndWait(client, sent, sending);
  const [outcome] = listOperationResults(result, 1);
  if (outcome?.status === "refused") throw new OperationRefused(at.inputIndex, outcome.refused);
  // The input has this operation alone, so whatever it tells is the operation's.
  const notices = result.notices.filter(({ name }) => name !== "StateCommitted");
  return { ...at, notices, vouchers: result.vouchers };
}

/**
 * What became of each of an input's operations, in their order: a refused one has a report, an
 * applied one a notice, and `StateCommitted` ends the input. For operations of one notice each:
 * all but channels' and escrows', which `listOutcomes` tells apart.
 *
 * @throws OperationRefused where the input was refused as a whole, InputFailed, NoticeMissing.
 */
export function listOperationResults(
  result: InputResult,
  operationCount: number,
): readonly OperationResult[] {
  const { inputIndex, status, notices, refusals } = result;
  if (status !== "ACCEPTED" && status !== "REJECTED") throw new InputFailed(result);
  const whole = refusals.find(({ operation }) => operation === null);
  if (whole !== undefined) throw new OperationRefused(inputIndex, whole);
  const refusedAt = new Map(refusals.map((refused) => [refused.operation, refused]));
  const applied = notices
    // Low balances are noticed after the operation that lowered them.
    .filter(({ name }) => name !== "StateCommitted" && name !== "BalanceLow")
    .values();
  return Array.from({ length: operationCount }, (_, position): OperationResult => {
    const refused = refusedAt.get(position);
    if (refused !== undefined) return { status: "refused", refused };
    const { value: notice } = applied.next();
    if (notice === undefined) throw new NoticeMissing(inputIndex, `of operation ${position}`);
    return { status: "applied", notice };
  });
}
