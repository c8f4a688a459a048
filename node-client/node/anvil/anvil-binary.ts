import { accessSync, constants } from "node:fs";
import { createRequire } from "node:module";
import { delimiter, isAbsolute, join } from "node:path";
import { ClientError } from "../../errors.ts";

/** There is no anvil for this platform, or none that may be run. */
export class AnvilMissing extends ClientError {
  override readonly name = "AnvilMissing";

  constructor(shortMessage: string) {
    super(shortMessage, {
      whatToDo:
        "Install it beside tallyroll (`npm install @foundry-rs/anvil`), or Foundry " +
        "(https://getfoundry.sh) so that `anvil` is on the PATH; or name the binary in " +
        "TALLYROLL_ANVIL; or use a chain that runs already with `--rpc URL`.",
    });
  }
}

/**
 * The path of the anvil binary: the given one, else that of the npm package for this platform, else
 * the first on the PATH.
 *
 * @throws AnvilMissing
 */
export function findAnvil(
  given: string | undefined,
  env: Readonly<Record<string, string | undefined>>,
): string {
  if (given !== undefined && given !== "") {
    if (isExecutable(given)) return given;
    throw new AnvilMissing(`The anvil binary ${given} does not exist or may not be run.`);
  }
  const found = findInPackage() ?? findOnPath(env.PATH ?? "");
  if (found !== undefined) return found;
  throw new AnvilMissing(
    `There is no anvil for ${process.platform}-${process.arch}: neither installed by npm nor on the PATH.`,
  );
}

function findInPackage(): string | undefined {
  // Foundry's packages say amd64 where Node says x64.
  const architecture = process.arch === "x64" ? "amd64" : process.arch;
  const name = `@foundry-rs/anvil-${process.platform}-${architecture}/bin/anvil`;
  try {
    // A peer that may be missing: the platform's package is its dependency, not ours.
    const peer = createRequire(import.meta.url).resolve("@foundry-rs/anvil/package.json");
    const path = createRequire(peer).resolve(name);
    return isExecutable(path) ? path : undefined;
  } catch {
    return undefined;
  }
}

function findOnPath(path: string): string | undefined {
  return path
    .split(delimiter)
    .filter(isAbsolute)
    .map((folder) => join(folder, "anvil"))
    .find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
