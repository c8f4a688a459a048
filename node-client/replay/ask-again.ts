import { setTimeout as sleep } from "node:timers/promises";
import { ChainReadError } from "../chain/chain-read-error.ts";
import { ClientError } from "../errors.ts";

const ANSWERS_MAX = 4;
const PAUSE_MS = 200;

/** The provider's answers cannot be used, however often it is asked. */
export class ProviderUnusable extends ClientError {
  override readonly name = "ProviderUnusable";

  constructor(cause: ChainReadError) {
    super(cause.shortMessage, {
      whatToDo: "No verdict rests on it: use another RPC provider, or try again later.",
      cause,
    });
  }
}

/** The provider has thrown away the state of a block that has to be looked at. */
export class StateMissing extends ClientError {
  override readonly name = "StateMissing";

  constructor(cause: ChainReadError) {
    super(`The provider does not keep the chain's state of that block. ${cause.shortMessage}`, {
      whatToDo:
        "A block that is not recent needs a provider that keeps old states, an archive node; or " +
        "leave --to-block out.",
      cause,
    });
  }
}

/**
 * Asks the chain until an answer can be used: a fault of the provider may pass, such as too many
 * requests, and a long replay shall not be lost to it. One that stays is told.
 *
 * @throws StateMissing at once where no repetition helps.
 * @throws ProviderUnusable after some attempts with growing pauses.
 * @throws whatever else the question throws.
 * @example
 * const head = await askAgain(() => readHead(client));
 */
export async function askAgain<Answer>(ask: () => Promise<Answer>): Promise<Answer> {
  for (let answers = 1; ; answers += 1) {
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof ChainReadError)) throw error;
      if (error.fault === "state_missing") throw new StateMissing(error);
      if (answers === ANSWERS_MAX) throw new ProviderUnusable(error);
    }
    await sleep(PAUSE_MS * answers);
  }
}
