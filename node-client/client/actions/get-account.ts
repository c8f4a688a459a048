import type { Hex } from "../../../spec/outputs.ts";
import type { TallyrollClient } from "./tallyroll-client.ts";

interface AccountAnswer {
  readonly account: Hex;
  readonly nonce: number;
  readonly encryption_key: Hex | null;
}

export interface AccountInfo {
  readonly account: Hex;
  /** Of the next operation that the account signs for others to send. */
  readonly nonce: number;
  /** The X25519 public key that owners wrap grants to. */
  readonly encryptionKey: Hex | undefined;
}

/**
 * An account's nonce and encryption key; 0 and none for nobody known.
 *
 * @throws What `inspectApplication` throws.
 * @example
 * const { nonce } = await getAccount(client, { account: "0xb0b…" });
 */
export async function getAccount(
  client: Pick<TallyrollClient, "inspect">,
  { account }: { readonly account: Hex },
): Promise<AccountInfo> {
  const answer = await client.inspect<AccountAnswer>({ query: "account", account });
  return {
    account: answer.account,
    nonce: answer.nonce,
    encryptionKey: answer.encryption_key ?? undefined,
  };
}
