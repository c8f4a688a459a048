import type { Refusal } from "../../../spec/refusals.ts";
import { ClientError } from "../../errors.ts";
import type { RefusedOperation } from "../decoding/decode-refusal.ts";
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
