import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import type { ClientError } from "../../errors.ts";
import { makeFolder } from "../../kept/kept-file.ts";
import { LOCAL_NODE_FILE } from "../../node/deploy-local.ts";
import type { NodeIdentity } from "../../node/store/node-store.ts";
import { NodeStoreError } from "../../node/store/node-store-error.ts";
import { openNodeStore } from "../../node/store/open-node-store.ts";
import { type KnownRollup, pathOfLocalRollup } from "../connection/local-rollup-file.ts";
import { errorKind } from "../terminal/io.ts";
import { codeOf } from "../terminal/terminal.ts";

/** How long a node that runs may take to say so. */
const ANSWER_MS = 1_000;

/** The data folder cannot be had, or a node has it already. */
const DataFolderError = errorKind("DataFolderError");

const PROBLEMS: Readonly<Record<string, string>> = {
  ENOENT: "no folder can be made there",
  ENOTDIR: "a part of the path is a file",
  EACCES: "you may not write there",
  EPERM: "you may not write there",
  EROFS: "nothing can be written there",
  ENOSPC: "the disk is full",
};

/**
 * Makes the data folder, where it is not there yet; others may not look into it.
 *
 * @throws DataFolderError when it cannot be made.
 */
export function makeDataFolder(path: string): void {
  try {
    makeFolder(path);
    if (statSync(path).isDirectory()) return;
  } catch (cause) {
    const code = codeOf(cause) ?? "";
    throw cannotBeMade(path, PROBLEMS[code] ?? (code || String(cause)), cause);
  }
  throw cannotBeMade(path, "it is a file");
}

const cannotBeMade = (path: string, why: string, cause?: unknown): ClientError =>
  new DataFolderError(`The data folder ${path} cannot be made: ${why}.`, {
    whatToDo: "Name a folder of yours with --data-folder or TALLYROLL_HOME.",
    cause,
  });

/**
 * Looks whether the data folder's local rollup runs already, which two processes cannot do. Found
 * here, it is reported at once, with the address of the one that runs.
 *
 * @throws DataFolderError when its node answers for its application.
 */
export async function refuseRunningRollup(
  dataFolder: string,
  known: KnownRollup | undefined,
): Promise<void> {
  if (known === undefined || !(await answersFor(known))) return;
  throw new DataFolderError(
    `The rollup of ${pathOfLocalRollup(dataFolder)} runs already, at ${known.nodeUrl}.`,
    { whatToDo: "Use that one, stop it, or start another with --data-folder and other ports." },
  );
}

/**
 * Whose the data folder's local node is, by the node's own file: for when `local.json` was lost, or
 * never written because the first start failed.
 *
 * @throws NodeStoreError when another node has the file, or it is damaged.
 */
export function findKeptIdentity(dataFolder: string): NodeIdentity | undefined {
  const path = join(dataFolder, LOCAL_NODE_FILE);
  if (!existsSync(path)) return undefined;
  try {
    const store = openNodeStore(path, undefined);
    try {
      return store.getIdentity();
    } finally {
      store.close();
    }
  } catch (error) {
    // A node that was stopped while it made the file.
    if (error instanceof NodeStoreError && error.problem === "missing") return undefined;
    throw error;
  }
}

async function answersFor({ nodeUrl, app }: KnownRollup): Promise<boolean> {
  const method = "cartesi_getApplication";
  try {
    const response = await fetch(nodeUrl, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ jsonrpc: "2.0", id: 1, method, params: { application: app } }),
      signal: AbortSignal.timeout(ANSWER_MS),
    });
    const answer = (await response.json()) as { readonly result?: unknown };
    return answer.result !== undefined;
  } catch {
    // Nobody there, or somebody else: whatever has the port is reported when it is taken.
    return false;
  }
}
