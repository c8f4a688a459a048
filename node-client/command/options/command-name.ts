import { basename, delimiter, dirname, relative } from "node:path";

/**
 * How this command was called, as a shell takes it again.
 *
 * @param script The script that Node runs: an absolute path, of a symbolic link where that was called.
 * @example
 * findCommandName("/home/me/dist/tallyroll.js", {}, "/home/me"); // "node dist/tallyroll.js"
 */
export function findCommandName(
  script: string,
  env: Readonly<Record<string, string | undefined>>,
  cwd: string,
): string {
  // npx calls a link of the bare name; whatever npm runs else inherits the variable, too.
  const isLink = basename(script) === "tallyroll";
  if (isLink && env.npm_command === "exec") return "npx tallyroll";
  const isOnPath = (env.PATH ?? "").split(delimiter).includes(dirname(script));
  if (isLink && isOnPath) return "tallyroll";
  const path = relative(cwd, script);
  return `node ${quoteWord(path.startsWith("..") ? script : path)}`;
}

/** A word as a POSIX shell takes it: in quotes only where it needs them. */
export const quoteWord = (word: string): string =>
  /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
