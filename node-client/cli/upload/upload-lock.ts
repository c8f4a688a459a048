import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Hex } from "../../../spec/outputs.ts";
import { ClientError } from "../../errors.ts";
import { createKeptFile } from "../kept-file.ts";
import { codeOf } from "../terminal.ts";

/** Two uploads from one account at a time would take each other's transaction nonces. */
export class UploadLocked extends ClientError {
  override readonly name = "UploadLocked";
}

/**
 * Takes an account's lock for uploads on a chain. A lock whose process is gone, as after a crash, is
 * taken over.
 *
 * @returns What gives it back.
 * @throws UploadLocked while another upload of this account runs.
 */
export function lockUploads(dataFolder: string, chainId: number, owner: Hex): () => void {
  const path = join(dataFolder, "uploads", `${chainId}-${owner}.lock`);
  for (let attempt = 0; attempt < 2; attempt++) {
    if (createKeptFile(path, `${process.pid}\n`)) return () => rmSync(path, { force: true });
    const pid = Number(readLock(path));
    if (isRunning(pid)) {
      throw new UploadLocked(`Another upload from ${owner} is running (process ${pid}).`, {
        whatToDo: `Wait for it, or use another account. If it is no upload, remove ${path}.`,
      });
    }
    rmSync(path, { force: true });
  }
  throw new UploadLocked(`Another upload from ${owner} has just begun.`, {
    whatToDo: "Wait for it, or use another account.",
  });
}

function readLock(path: string): string {
  try {
    return readFileSync(path, "utf8").trim();
  } catch (cause) {
    if (codeOf(cause) === "ENOENT") return "";
    throw cause;
  }
}

function isRunning(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0 || pid === process.pid) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (cause) {
    // Another user's process may not be signalled, but it is there.
    return codeOf(cause) === "EPERM";
  }
}
