import { type Hex, hexToBytes, isHex } from "viem";
import type { Operation, SignableBody } from "../../../spec/operations.ts";
import { encodeTypedData } from "../../../spec/typed-data.ts";
import { ClientError } from "../../errors.ts";
import { findSignatureFlaw } from "./find-signature-flaw.ts";
import { requireBody } from "./require-body.ts";

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
 * @throws BodyInvalid for a field outside its bounds, before anybody is asked to sign;
 * SignOperationError for a signature that the machine never takes: of other than 65 bytes, as
 * contract accounts give, or with a high s.
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
  requireBody(body, "account");
  const { nonce, deadlineSec } = options;
  const claim = { account: hexToBytes(signer.address), nonce, deadlineSec };
  const answer = await signer.signTypedData(encodeTypedData(options, claim, body) as never);
  const signature = isHex(answer) ? hexToBytes(answer) : new Uint8Array(0);
  const flaw = findSignatureFlaw(signature);
  if (flaw !== undefined) {
    throw new SignOperationError(`The signature of ${signer.address} ${flaw.words}.`, {
      whatToDo:
        flaw.reason === "length"
          ? "Sign with an account that has a key of its own; a contract sends by itself."
          : "Sign with a wallet that follows EIP-2, or mend the signature as it says.",
    });
  }
  return { authorization: { by: "account", ...claim, signature }, body };
}
