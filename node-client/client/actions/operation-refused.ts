import type { Refusal } from "../../../spec/refusals.ts";
import { ClientError } from "../../errors.ts";
import type { RefusedOperation } from "./decode-refusal.ts";
import type { InputResult } from "./input-result.ts";

/** The machine refused an operation: the rule that it broke, and what to do. */
export class OperationRefused extends ClientError {
  override readonly name = "OperationRefused";
  readonly refusal: Refusal;
  readonly code: number;
  readonly detail: string;
  /** The input that carried it: it stays in the history, without effect. */
  readonly inputIndex: number;

  constructor(inputIndex: number, { refusal, code, detail, rule, advice }: RefusedOperation) {
    const said = detail === "" ? refusal : `${refusal}: ${detail}`;
    super(`Input ${inputIndex} was refused (${said}). ${rule}`, { whatToDo: advice });
    this.refusal = refusal;
    this.code = code;
    this.detail = detail;
    this.inputIndex = inputIndex;
  }
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
