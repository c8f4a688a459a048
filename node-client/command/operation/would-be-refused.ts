import type { Refusal } from "../../../spec/refusals.ts";
import { ClientError } from "../../errors.ts";
import { REFUSAL_ADVICE } from "./refusal-advice.ts";

/**
 * The application would refuse what is about to be sent, by the state as it is: told before it costs
 * gas. An operation that is signed for a relay may be meant for a later state, and is not held back.
 */
export class WouldBeRefused extends ClientError {
  override readonly name = "WouldBeRefused";
  readonly refusal: Refusal;

  /** @param detail What is wrong, as the machine's own detail would say it. */
  constructor(refusal: Refusal, detail: string, cause?: unknown) {
    super(`The application would refuse this (${refusal}: ${detail}); nothing was sent.`, {
      whatToDo: REFUSAL_ADVICE[refusal] ?? "Look at the state that the detail speaks of.",
      cause,
    });
    this.refusal = refusal;
  }
}
