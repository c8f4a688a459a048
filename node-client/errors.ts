/** The base of every error that a user of the client may meet (kind 4 of five). */

export interface ClientErrorOptions {
  /** One sentence in the imperative: the next thing to try. */
  readonly whatToDo: string;
  /** What went wrong beneath, if this error only puts it in the user's words. */
  readonly cause?: unknown;
}

/**
 * An error for the user: what was tried and failed, and what to do about it. Each kind has its own
 * subclass and name; `message` holds both sentences, so that a bare stack trace helps too.
 *
 * @example
 * throw new ClientError("No node answers at http://127.0.0.1:8545.", {
 *   whatToDo: "Start one with `tallyroll start`.",
 *   cause: error,
 * });
 */
export class ClientError extends Error {
  override readonly name: string = "ClientError";
  /** What failed, without the advice: for one line of output and for `--json`. */
  readonly shortMessage: string;
  readonly whatToDo: string;

  constructor(shortMessage: string, options: ClientErrorOptions) {
    // An absent cause must stay absent: `{ cause: undefined }` would print as a cause.
    const cause = options.cause === undefined ? {} : { cause: options.cause };
    super(`${shortMessage}\n${options.whatToDo}`, cause);
    this.shortMessage = shortMessage;
    this.whatToDo = options.whatToDo;
  }
}
