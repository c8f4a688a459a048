import { type Hex, hexToBytes, isHex } from "viem";
import type { Operation } from "../../spec/operations.ts";
import { encodeTypedData, type SignableBody } from "../../spec/typed-data.ts";
import { ClientError } from "../errors.ts";

/** Whoever can sign EIP-712 typed data for one account: viem's local accounts, a wallet. */
export interface TypedDataSigner {
  readonly address: Hex;
  // viem checks such parameters by their literal types, which ours only have at run time.
  signTypedData(typedData: never): Promise<Hex>;
}

export interface SignOperationOptions {
  readonly chainId: bigint;
  /** The application's contract, 20 bytes. */
  readonly app: Uint8Array;
  /** The account's next nonce: the query `account` answers it. */
  readonly nonce: number;
  /** Unix seconds: valid in blocks with a timestamp below it. */
  readonly deadlineSec: number;
}

/** An account did not sign as an account with a key does. */
export class SignOperationError extends ClientError {
  override readonly name = "SignOperationError";
}

/**
 * Signs an operation for anybody to relay (spec §1.5): the account needs no Ether, and whoever sends
 * it can neither change nor repeat it.
 *
 * @throws SignOperationError for a signature of other than 65 bytes: contract accounts send their
 * operations themselves.
 * @example
 * const operation = await signOperation(privateKeyToAccount(key), { chainId, app, nonce: 0,
 *   deadlineSec }, { kind: "transfer", token: ETHER, to, amount: 5n });
 * const payload = encodePlainEnvelope([operation]);
 */
export async function signOperation(
  signer: TypedDataSigner,
  options: SignOperationOptions,
  body: SignableBody,
): Promise<Operation> {
  const { nonce, deadlineSec } = options;
  const claim = { account: hexToBytes(signer.address), nonce, deadlineSec };
  const answer = await signer.signTypedData(encodeTypedData(options, claim, body) as never);
  const signature = isHex(answer) ? hexToBytes(answer) : new Uint8Array(0);
  if (signature.length !== 65) {
    throw new SignOperationError(
      `The signature of ${signer.address} has ${signature.length} bytes instead of 65.`,
      { whatToDo: "Sign with an account that has a key of its own; a contract sends by itself." },
    );
  }
  return { authorization: { by: "account", ...claim, signature }, body };
}
