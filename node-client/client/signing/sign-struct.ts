import { bytesToHex, type Hex } from "viem";
import { domainOf } from "../../../spec/typed-data.ts";
import type { SignOperationOptions, TypedDataSigner } from "./sign-operation.ts";

/** The application that a signature counts for. */
type Place = Pick<SignOperationOptions, "chainId" | "app">;

/**
 * Signs a struct of plain members as EIP-712 typed data, which a wallet can show.
 *
 * @param definition As EIP-712 writes the type, such as "Mail(address to,uint256 count)".
 * @param values By the members' names; of others nothing is signed.
 * @returns r ‖ s ‖ v, 65 bytes.
 */
export async function signStruct(
  signer: TypedDataSigner,
  at: Place,
  definition: string,
  values: Readonly<Record<string, unknown>>,
): Promise<Hex> {
  const [primaryType = "", members = ""] = definition.slice(0, -1).split("(");
  const fields = members.split(",").map((member) => {
    const [type = "", name = ""] = member.split(" ");
    return { name, type };
  });
  const message = Object.fromEntries(fields.map(({ name }) => [name, toShown(values[name])]));
  const typedData = {
    domain: domainOf(at),
    types: { [primaryType]: fields },
    primaryType,
    message,
  };
  return await signer.signTypedData(typedData as never);
}

/** As viem and wallets take it: bytes as hexadecimal, integers as bigints. */
function toShown(value: unknown): unknown {
  if (value instanceof Uint8Array) return bytesToHex(value);
  return typeof value === "number" ? BigInt(value) : value;
}
