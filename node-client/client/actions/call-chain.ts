import { toClientError } from "../../chain/contract-errors.ts";

/**
 * A call of viem's, its errors in the user's words.
 *
 * @param action Completes "Could not …", such as "send the input".
 * @throws ContractReverted with the contract error's name, ChainUnreachable, ChainBusy, NoFunds,
 * NonceTaken, WrongChain, ContractMissing, ChainRefused.
 */
export async function callChain<T>(
  { rpcUrl }: { readonly rpcUrl: string },
  action: string,
  call: () => Promise<T>,
): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw toClientError(error, { action, rpcUrl });
  }
}
