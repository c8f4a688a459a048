import * as libsecp256k1 from "tiny-secp256k1";
import { encodeFunctionData, hexToBytes, keccak256, serializeTransaction } from "viem";
import type { Hex } from "../../spec/outputs.ts";
import { getDevelopmentAccount } from "../chain/chain-client.ts";
import { CONTRACTS, INPUT_BOX_ABI } from "../chain/contracts.ts";
import type { TimedTransaction } from "./bench-chain.ts";

const CHAIN_ID = 31_337;
/** Paid whatever the base fee grows to within a minute of full blocks. */
const GAS_PRICE = 100_000_000_000n;
/** A call's fixed part and the InputBox's, with room; calldata comes on top. */
const GAS_BASE = 120_000n;
const GAS_PER_BYTE = 48n;

/**
 * Signs `addInput` calls of one development account, ahead of a measurement: by libsecp256k1, a
 * tenth of a millisecond each.
 *
 * @param account The number of the development account.
 */
export function signInputs(
  account: number,
  app: Hex,
  payloads: readonly Uint8Array[],
  firstNonce: number,
): TimedTransaction[] {
  const secret = getDevelopmentAccount(account).getHdKey().privateKey;
  if (secret === null) throw new Error("a development account has a key");
  return payloads.map((payload, i) => {
    const data = encodeFunctionData({
      abi: INPUT_BOX_ABI,
      functionName: "addInput",
      args: [app, `0x${Buffer.from(payload).toString("hex")}`],
    });
    const transaction = {
      type: "legacy",
      chainId: CHAIN_ID,
      nonce: firstNonce + i,
      gas: GAS_BASE + GAS_PER_BYTE * BigInt(payload.length + 128),
      gasPrice: GAS_PRICE,
      to: CONTRACTS.inputBox,
      data,
    } as const;
    const digest = hexToBytes(keccak256(serializeTransaction(transaction)));
    const { signature, recoveryId } = libsecp256k1.signRecoverable(digest, secret);
    const raw = serializeTransaction(transaction, {
      r: toHex(signature.subarray(0, 32)),
      s: toHex(signature.subarray(32)),
      v: BigInt(2 * CHAIN_ID + 35 + recoveryId),
    });
    return { raw, sentAtMs: 0 };
  });
}

const toHex = (bytes: Uint8Array): Hex => `0x${Buffer.from(bytes).toString("hex")}`;
