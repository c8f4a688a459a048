/** `tallyroll` under Node: the same with OpenSSL's cryptography unless another is given. */
import { createNodeCrypto } from "../../dapp/crypto/node-crypto.ts";
import {
  createTallyrollClient as createPortableClient,
  type TallyrollClient,
  type TallyrollClientOptions,
} from "../client/actions/tallyroll-client.ts";

export { createNodeCrypto } from "../../dapp/crypto/node-crypto.ts";
export { signWithOpenSsl } from "../history/openssl-signer.ts";
export * from "./tallyroll.ts";

/** The portable `createTallyrollClient` with `createNodeCrypto` in place of noble's. */
export async function createTallyrollClient(
  options: TallyrollClientOptions,
): Promise<TallyrollClient> {
  return await createPortableClient({
    ...options,
    crypto: options.crypto ?? (await createNodeCrypto()),
  });
}
