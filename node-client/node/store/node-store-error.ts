import { InvariantViolation } from "../../../dapp/engine/invariant.ts";
import { ClientError } from "../../errors.ts";

/** Why a node's file is refused. */
type NodeStoreProblem =
  | "missing"
  | "locked"
  | "foreign"
  | "newer"
  | "damaged"
  | "other_identity"
  | "unwritable"
  | "no_memory";

/**
 * A node's file cannot be used as it is. Nothing in it was changed.
 *
 * @example
 * if (error instanceof NodeStoreError && error.problem === "locked") waitForTheOtherNode();
 */
export class NodeStoreError extends ClientError {
  override readonly name = "NodeStoreError";
  readonly problem: NodeStoreProblem;

  constructor(
    problem: NodeStoreProblem,
    shortMessage: string,
    options: { readonly whatToDo: string; readonly cause?: unknown },
  ) {
    super(shortMessage, options);
    this.problem = problem;
  }
}

/** SQLite's primary result codes that a user can do something about, or that are our bug. */
const SQLITE_PERM = 3;
const SQLITE_BUSY = 5;
const SQLITE_NOMEM = 7;
const SQLITE_READONLY = 8;
const SQLITE_IOERR = 10;
const SQLITE_CORRUPT = 11;
const SQLITE_FULL = 13;
const SQLITE_CANTOPEN = 14;
const SQLITE_CONSTRAINT = 19;
const SQLITE_NOTADB = 26;

/** The primary result code of an error that SQLite threw, if it is one. */
function getSqliteCode(error: unknown): number | undefined {
  if (!(error instanceof Error)) return undefined;
  const { errcode } = error as { errcode?: unknown };
  // Extended codes carry the primary one in their low byte.
  return typeof errcode === "number" ? errcode % 256 : undefined;
}

/**
 * Puts an error of SQLite's into the user's words, where there are any; others pass unchanged.
 *
 * @param path The node's file.
 */
export function toNodeStoreError(error: unknown, path: string): unknown {
  const cause = error;
  switch (getSqliteCode(error)) {
    case SQLITE_BUSY:
      return new NodeStoreError("locked", `Another node has ${path} open.`, {
        whatToDo: "Stop that node first, or start this one with another --data-folder.",
        cause,
      });
    case SQLITE_NOMEM:
      return new NodeStoreError("no_memory", `There is too little memory to use ${path}.`, {
        whatToDo: "Free memory and start the node again: nothing half-written is left.",
        cause,
      });
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return createDamagedError(path, "SQLite cannot read it", cause);
    case SQLITE_FULL:
      return new NodeStoreError("unwritable", `There is no room left to write ${path}.`, {
        whatToDo: "Make room on that disk and start the node again: nothing half-written is left.",
        cause,
      });
    case SQLITE_IOERR:
      return new NodeStoreError("unwritable", `${path} cannot be read or written.`, {
        whatToDo: "Check the disk and the room left on it, then start the node again.",
        cause,
      });
    case SQLITE_PERM:
    case SQLITE_READONLY:
    case SQLITE_CANTOPEN:
      return new NodeStoreError("unwritable", `${path} cannot be opened for writing.`, {
        whatToDo: "Check that its folder exists and that you may write to it.",
        cause,
      });
    case SQLITE_CONSTRAINT:
      return new InvariantViolation(
        `a row keeps to its table's rules: ${(cause as Error).message}`,
      );
    default:
      return error;
  }
}

/** The file is broken; `how` says what was seen. */
export function createDamagedError(path: string, how: string, cause?: unknown): NodeStoreError {
  return new NodeStoreError("damaged", `The node's file ${path} is damaged: ${how}.`, {
    whatToDo: "Move it away and start again: the node rebuilds everything in it from the chain.",
    ...(cause === undefined ? {} : { cause }),
  });
}
