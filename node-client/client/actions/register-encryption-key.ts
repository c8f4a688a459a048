import type { Hex } from "../../../spec/outputs.ts";
import { type AppliedAt, type ApplyOptions, applyOperation } from "./apply-operation.ts";
import type { TallyrollClient } from "./tallyroll-client.ts";

export interface RegisterEncryptionKeyOptions extends ApplyOptions {
  /** X25519 public key, 32 bytes. Never lose its secret: it opens what is bought. */
  readonly key: Uint8Array;
}

export interface RegisterEncryptionKeyResult extends AppliedAt {
  readonly account: Hex;
  readonly key: Hex;
}

/**
 * Says to which key owners wrap what they grant to this account. A later one replaces it, for later
 * grants.
 *
 * @throws OperationRefused: encryption_key_invalid.
 * @example
 * await registerEncryptionKey(client, { key: client.crypto.x25519PublicKey(secret) });
 */
export async function registerEncryptionKey(
  client: TallyrollClient,
  { key, ...options }: RegisterEncryptionKeyOptions,
): Promise<RegisterEncryptionKeyResult> {
  const body = { kind: "register_encryption_key", key } as const;
  const { at, fields } = await applyOperation(client, body, "EncryptionKeyRegistered", options);
  return { ...at, ...fields };
}
