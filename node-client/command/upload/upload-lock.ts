import { join } from "node:path";
import type { Hex } from "../../../spec/outputs.ts";
import { ClientError } from "../../errors.ts";
import { takeKeptLock } from "../terminal/kept-lock.ts";

/** Two uploads from one account at a time would take each other's transaction nonces. */
export class UploadLocked extends ClientError {
  override readonly name = "UploadLocked";
}

/**
 * Takes an account's lock for uploads on a chain.
 *
 * @returns What gives it back.
 * @throws UploadLocked while another upload of this account runs.
 */
export function lockUploads(dataFolder: string, chainId: number, owner: Hex): () => void {
  const unlock = takeKeptLock(join(dataFolder, "uploads", `${chainId}-${owner}.lock`));
  if (unlock !== undefined) return unlock;
  throw new UploadLocked(`Another upload from ${owner} is running with this data folder.`, {
    whatToDo: "Wait for it, or use another account.",
  });
}
