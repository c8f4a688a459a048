/**
 * There is no memory left for the state. In the machine, whose RAM is fixed and part of what runs,
 * that is an answer like any other exception. On a computer that lends its memory it says nothing
 * of the input: a host stops before it.
 */
export class OutOfMemory extends Error {
  override readonly name = "OutOfMemory";
}

/** With what the dApp's process exits for lack of memory, where its host asks for it: ENOMEM. */
export const OUT_OF_MEMORY_EXIT_CODE = 12;

/**
 * SQLite's words for SQLITE_NOMEM, and V8's for a buffer that it cannot allocate. Neither sql.js nor
 * V8 gives a code, and an error that passed through an SQL function has lost its class.
 */
const WORDS = ["out of memory", "Array buffer allocation failed"];
const CODES = ["ERR_MEMORY_ALLOCATION_FAILED", "ERR_WORKER_OUT_OF_MEMORY"];

/**
 * Whether an error, or one beneath it, is a lack of memory.
 *
 * @example
 * if (isOutOfMemory(error)) throw new ReplayOutOfMemory(at.inputIndex, error);
 */
export function isOutOfMemory(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { code } = error as { code?: unknown };
  return (
    error instanceof OutOfMemory ||
    WORDS.includes(error.message) ||
    (typeof code === "string" && CODES.includes(code)) ||
    isOutOfMemory(error.cause)
  );
}
