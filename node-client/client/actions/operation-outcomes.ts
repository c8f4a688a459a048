import { decodeOutcomes, type Outcome } from "../../../spec/outcomes.ts";
import type { Refusal } from "../../../spec/refusals.ts";
import { ClientError } from "../../errors.ts";
import type { RefusedOperation } from "../decoding/decode-refusal.ts";
import { sortOutputs } from "./node-outputs.ts";
import type { InputResult } from "./wait-for-input.ts";

/** The machine refused an operation: the rule that it broke, and what to do. */
export class OperationRefused extends ClientError {
  override readonly name = "OperationRefused";
  readonly refusal: Refusal;
  readonly code: number;
  readonly detail: string;
  /** What the detail names (spec §8). */
  readonly values: Readonly<Record<string, unknown>>;
  /** The rule, as a sentence. */
  readonly rule: string;
  /** The input that carried it: it stays in the history, without effect. */
  readonly inputIndex: number;

  constructor(inputIndex: number, refused: RefusedOperation) {
    super(describeRefused({ ...refused, inputIndex }), { whatToDo: refused.advice });
    this.refusal = refused.refusal;
    this.code = refused.code;
    this.detail = refused.detail;
    this.values = refused.values;
    this.rule = refused.rule;
    this.inputIndex = inputIndex;
  }
}

/** Which input was refused and why, in one line. */
export function describeRefused({
  inputIndex,
  refusal,
  detail,
  rule,
}: Pick<OperationRefused, "inputIndex" | "refusal" | "detail" | "rule">): string {
  const said = detail === "" ? refusal : `${refusal}: ${detail}`;
  return `Input ${inputIndex} was refused (${said}). ${rule}`;
}

/** The machine took the input and gave no verdict by the rules: an exception or a limit. */
export class InputFailed extends ClientError {
  override readonly name = "InputFailed";
  readonly result: InputResult;

  constructor(result: InputResult) {
    super(`Input ${result.inputIndex} ended as ${result.status}, not by the application's rules.`, {
      whatToDo: "Report it: no input of any content may do that to the machine.",
    });
    this.result = result;
  }
}

/** What an operation left of its input's outputs. */
export type Told = Pick<InputResult, "inputIndex" | "notices" | "vouchers">;

/** What became of one of an input's operations, with all that it left: an action reads it. */
export type OperationOutcome =
  | ({ readonly status: "applied" } & Told)
  | { readonly status: "refused"; readonly refused: RefusedOperation };

/** The node's outputs are not those of the operations that were sent: another application's. */
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
 * What became of each of an input's operations, in their order, as `StateCommitted` says (spec
 * §7.1): how many outputs are its own, or why it was refused.
 *
 * @throws OperationRefused where the input was refused as a whole, InputFailed; NoticeMissing where
 * outputs and reports are not those of so many operations.
 */
export function listOutcomes(
  result: InputResult,
  operationCount: number,
): readonly OperationOutcome[] {
  const { inputIndex, status, outputs, refusals } = result;
  if (status !== "ACCEPTED" && status !== "REJECTED") throw new InputFailed(result);
  const whole = refusals.find(({ operation }) => operation === null);
  if (whole !== undefined) throw new OperationRefused(inputIndex, whole);
  const outcomes = status === "ACCEPTED" ? readOutcomes(result) : undefined;
  let from = 0;
  const told = Array.from({ length: operationCount }, (_, position): OperationOutcome => {
    const outcome = outcomes?.[position];
    if (outcome?.status === "applied") {
      const own = outputs.slice(from, from + outcome.outputCount);
      from += outcome.outputCount;
      return { status: "applied", inputIndex, ...sortOutputs(own) };
    }
    const refused = refusals.find(({ operation }) => operation === position);
    const isReported = outcomes === undefined || refused?.refusal === outcome?.refusal;
    if (refused === undefined || !isReported) {
      throw new NoticeMissing(inputIndex, `or the report of operation ${position}`);
    }
    return { status: "refused", refused };
  });
  const hasOthers = outcomes !== undefined && from + 1 !== outputs.length;
  if (hasOthers || (outcomes?.length ?? operationCount) !== operationCount) {
    throw new NoticeMissing(inputIndex, "of one of its operations");
  }
  return told;
}

/**
 * What became of an accepted input's operations, from all of its outputs: the last one says it, which
 * can be proved on chain; reports cannot.
 *
 * @throws NoticeMissing where the last output is not this input's `StateCommitted`.
 */
export function readOutcomes({
  inputIndex,
  outputs,
}: Pick<InputResult, "inputIndex" | "outputs">): readonly Outcome[] {
  const last = outputs.at(-1);
  const committed = last?.kind === "notice" ? last.notice : undefined;
  const isOurs =
    committed?.name === "StateCommitted" && committed.args.inputIndex === BigInt(inputIndex);
  if (!isOurs) throw new NoticeMissing(inputIndex, "StateCommitted");
  try {
    return decodeOutcomes(committed.args.outcomes);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new NoticeMissing(inputIndex, "StateCommitted of this version");
  }
}
