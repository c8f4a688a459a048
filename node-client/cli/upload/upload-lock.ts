import { closeSync, openSync } from "node:fs";
import { dirname, join } from "node:path";
import { DatabaseSync } from "@photostructure/sqlite";
import type { Hex } from "../../../spec/outputs.ts";
import { ClientError } from "../../errors.ts";
import { makeFolder } from "../kept-file.ts";

/** Two uploads from one account at a time would take each other's transaction nonces. */
export class UploadLocked extends ClientError {
  override readonly name = "UploadLocked";
}

const SQLITE_BUSY = 5;

/**
 * Takes an account's lock for uploads on a chain. It is the system's lock on a file, which ends with
 * the process however that ends: a process number in a file would outlive it, be given to another
 * program, or mean another process in each container that shares the folder.
 *
 * @returns What gives it back.
 * @throws UploadLocked while another upload of this account runs.
 */
export function lockUploads(dataFolder: string, chainId: number, owner: Hex): () => void {
  const path = join(dataFolder, "uploads", `${chainId}-${owner}.lock`);
  makeFolder(dirname(path));
  closeSync(openSync(path, "a", 0o600));
  // An empty database: SQLite knows how each system locks a file, and Node.js does not.
  const file = new DatabaseSync(path, { timeout: 0 });
  try {
    file.exec("BEGIN EXCLUSIVE");
  } catch (cause) {
    file.close();
    if ((cause as { errcode?: unknown }).errcode !== SQLITE_BUSY) throw cause;
    throw new UploadLocked(`Another upload from ${owner} is running with this data folder.`, {
      whatToDo: "Wait for it, or use another account.",
      cause,
    });
  }
  return () => {
    file.exec("ROLLBACK");
    file.close();
  };
}
