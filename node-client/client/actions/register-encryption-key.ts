import { defineAction, readOwn } from "./define-action.ts";

export interface RegisterEncryptionKeyOptions {
  /** X25519 public key, 32 bytes. Never lose its secret: it opens what is bought. */
  readonly key: Uint8Array;
}

/**
 * Says to which key owners wrap what they grant to this account. A later one replaces it, for later
 * grants.
 *
 * @throws OperationRefused: encryption_key_invalid.
 * @example
 * await registerEncryptionKey(client, { key: client.crypto.x25519PublicKey(secret) });
 */
export const registerEncryptionKey = defineAction({
  body: ({ key }: RegisterEncryptionKeyOptions) => ({ kind: "register_encryption_key", key }),
  read: (told) => readOwn("register_encryption_key", told),
});
