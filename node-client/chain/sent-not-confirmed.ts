import type { Hex } from "../../spec/outputs.ts";
import { ClientError } from "../errors.ts";

/** Where a transaction is, as far as that was seen. */
export interface SentPlace {
  readonly transactionHash: Hex;
  /** The input that it added, once it was in a block. */
  readonly inputIndex: number | undefined;
}

/**
 * A transaction is out, and then something failed: whether it had its effect is not known. Who
 * repeats it may do it twice.
 */
export class SentNotConfirmed extends ClientError {
  override readonly name: string = "SentNotConfirmed";
  readonly transactionHash: Hex;
  readonly inputIndex: number | undefined;

  /** @param sent Begins the sentence: "The withdrawal was sent". */
  constructor(sent: string, { transactionHash, inputIndex }: SentPlace, cause: ClientError) {
    const input = inputIndex === undefined ? "" : `input ${inputIndex}, `;
    super(
      `${sent} (${input}transaction ${transactionHash}), but whether it applied is not known: ` +
        cause.shortMessage,
      {
        whatToDo: `Do not send it again before you know: wait for that transaction's input. ${cause.whatToDo}`,
        cause,
      },
    );
    this.transactionHash = transactionHash;
    this.inputIndex = inputIndex;
  }
}
