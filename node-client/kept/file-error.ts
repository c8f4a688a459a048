import { ClientError } from "../errors.ts";

/** What the system says of a file, in words, and what helps. */
interface Trouble {
  readonly problem: string;
  readonly whatToDo: string;
}

const ROOM: Trouble = {
  problem: "the disk is full",
  whatToDo: "Make room on that disk, or name a place on another one; what was there is whole.",
};
const READ_ONLY: Trouble = {
  problem: "nothing can be written on that disk",
  whatToDo: "Mount it for writing, or name a place on another one.",
};
const FORBIDDEN: Trouble = {
  problem: "the system does not allow it",
  whatToDo: "Give this account the right to it, or name a place of your own.",
};
const TOO_MANY: Trouble = {
  problem: "too many files are open",
  whatToDo: "Raise the limit (`ulimit -n 4096`), then run it again.",
};
const BROKEN: Trouble = {
  problem: "the disk does not read or write any more",
  whatToDo: "Check the disk, and name a place on another one.",
};
const NO_PATH: Trouble = {
  problem: "a part of the path is a file",
  whatToDo: "Correct the path: folders only may stand before its last name.",
};

const TROUBLES: Readonly<Record<string, Trouble>> = {
  ENOSPC: ROOM,
  EDQUOT: { ...ROOM, problem: "your share of the disk is used up" },
  EFBIG: { ...ROOM, problem: "the file would be larger than it may be" },
  EROFS: READ_ONLY,
  EACCES: FORBIDDEN,
  EPERM: FORBIDDEN,
  EMFILE: TOO_MANY,
  ENFILE: TOO_MANY,
  EISDIR: { problem: "it is a folder", whatToDo: "Name a file in its place, or move it away." },
  ENOTDIR: NO_PATH,
  ENOENT: { problem: "there is nothing of that name", whatToDo: "Correct the path." },
  ELOOP: { problem: "its links lead in a circle", whatToDo: "Correct the path." },
  ENAMETOOLONG: { problem: "the name is too long", whatToDo: "Choose a shorter path." },
  EBUSY: { problem: "another program uses it", whatToDo: "End that program, then run it again." },
  EIO: BROKEN,
};

/** By SQLite's primary result code. */
const SQLITE_TROUBLES: Readonly<Record<number, readonly [code: string, trouble: Trouble]>> = {
  3: ["SQLITE_PERM", FORBIDDEN],
  8: ["SQLITE_READONLY", { ...READ_ONLY, problem: "nothing can be written there" }],
  10: [
    "SQLITE_IOERR",
    { ...BROKEN, problem: "it cannot be read or written: the disk may be full" },
  ],
  13: ["SQLITE_FULL", ROOM],
  14: [
    "SQLITE_CANTOPEN",
    { problem: "it cannot be opened", whatToDo: "Check that its folder is there and yours." },
  ],
};

/** The system, or SQLite, refuses a file: the disk is full or read-only, the path is wrong. */
class FileError extends ClientError {
  override readonly name = "FileError";
  /** The system's word, such as `ENOSPC`, or SQLite's, such as `SQLITE_FULL`. */
  readonly code: string;
  /** `undefined` where the system does not say it. */
  readonly path: string | undefined;
  /** Such as `the disk is full`. */
  readonly problem: string;

  constructor(code: string, path: string | undefined, trouble: Trouble, cause: unknown) {
    const { problem, whatToDo } = trouble;
    super(`${path ?? "A file"} cannot be used: ${problem} (${code}).`, { whatToDo, cause });
    this.code = code;
    this.path = path;
    this.problem = problem;
  }
}

/**
 * An error of the system's files, or of SQLite's, in the user's words.
 *
 * @param path Which file, where the error does not name the one that the user knows.
 * @returns `undefined` for any other error: a bug must not pass for a full disk.
 */
export function toFileError(error: unknown, path?: string): FileError | undefined {
  if (error instanceof FileError) return error;
  const { code, trouble } = findTrouble(error) ?? {};
  if (code === undefined || trouble === undefined) return undefined;
  const { path: own, dest } = error as Readonly<Record<string, unknown>>;
  const said = [path, dest, own].find((value) => typeof value === "string");
  return new FileError(code, said as string | undefined, trouble, error);
}

/**
 * Why a file could not be used, for the end of a sentence about it.
 *
 * @example
 * describeFault(cause); // "the disk is full (ENOSPC)"
 */
export function describeFault(error: unknown): string {
  if (error instanceof FileError) return `${error.problem} (${error.code})`;
  const found = findTrouble(error);
  if (found !== undefined) return `${found.trouble.problem} (${found.code})`;
  const { code } = (error ?? {}) as Readonly<Record<string, unknown>>;
  return typeof code === "string" ? code : String(error);
}

/** Whether an error is the system's, with one of these codes. */
export const hasCode = (error: unknown, ...codes: readonly string[]): boolean =>
  error instanceof Error && "code" in error && codes.includes(String(error.code));

function findTrouble(error: unknown) {
  if (!(error instanceof Error) || error instanceof FileError) return undefined;
  const { code, errcode, syscall } = error as Error & Record<string, unknown>;
  if (typeof errcode === "number") {
    // Extended codes carry the primary one in their low byte.
    const [name, trouble] = SQLITE_TROUBLES[errcode % 256] ?? [];
    return name === undefined || trouble === undefined ? undefined : { code: name, trouble };
  }
  if (typeof code !== "string" || typeof syscall !== "string") return undefined;
  // Sockets have these codes too; theirs are the network's troubles.
  if (/^(connect|listen|bind|accept|getaddrinfo)/.test(syscall)) return undefined;
  const trouble = Object.hasOwn(TROUBLES, code) ? TROUBLES[code] : undefined;
  return trouble && { code, trouble };
}
