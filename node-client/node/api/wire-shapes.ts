import { getAddress } from "viem";
import type { Hex } from "../../../spec/outputs.ts";
import { decodeEvmAdvance, EvmAdvanceMalformed } from "../../chain/decode-evm-advance.ts";
import type { StoredEpoch, StoredInput, StoredOutput, StoredReport } from "../store/node-store.ts";
import { toDecodedOutput } from "./decode-output.ts";

/** Rows in the shapes of the official node's API: snake_case, integers in hexadecimal. */

/** By way of Buffer, which is ten times as fast as JavaScript: pages hold megabytes. */
const toWireBytes = ({ buffer, byteOffset, byteLength }: Uint8Array): Hex =>
  `0x${Buffer.from(buffer, byteOffset, byteLength).toString("hex")}`;
export const toWireNumber = (value: number | bigint): Hex => `0x${value.toString(16)}`;
export const toWireTime = (timeMs: number): string => new Date(timeMs).toISOString();

export function toWireInput(input: StoredInput) {
  return {
    epoch_index: toWireNumber(input.epochIndex),
    index: toWireNumber(input.index),
    block_number: toWireNumber(input.blockNumber),
    raw_data: toWireBytes(input.blob),
    decoded_data: toWireAdvance(input.blob),
    status: input.status,
    // Ours is not a Cartesi machine: a root of its state must not pass for a machine's hash.
    machine_hash: null,
    outputs_hash: input.outputsMerkleRoot ?? null,
    transaction_reference: input.transactionHash,
    created_at: toWireTime(input.createdAtMs),
    updated_at: toWireTime(input.updatedAtMs),
  };
}

function toWireAdvance(blob: Uint8Array) {
  try {
    const { at, payload } = decodeEvmAdvance(blob);
    return {
      chain_id: toWireNumber(at.chainId),
      application_contract: getAddress(toWireBytes(at.app)),
      sender: getAddress(toWireBytes(at.sender)),
      block_number: toWireNumber(at.blockNumber),
      block_timestamp: toWireNumber(at.timestampSec),
      // A number here too, without leading zeros.
      prev_randao: toWireNumber(BigInt(toWireBytes(at.prevRandao))),
      index: toWireNumber(at.inputIndex),
      payload: toWireBytes(payload),
    };
  } catch (error) {
    if (error instanceof EvmAdvanceMalformed) return null;
    throw error;
  }
}

/** `siblings` come bottom up; `undefined` until the epoch's claim is computed. */
export function toWireOutput(output: StoredOutput, siblings: readonly Hex[] | undefined) {
  return {
    epoch_index: toWireNumber(output.epochIndex),
    input_index: toWireNumber(output.inputIndex),
    index: toWireNumber(output.index),
    raw_data: toWireBytes(output.raw),
    decoded_data: toDecodedOutput(output.raw),
    hash: output.hash,
    output_hashes_siblings: siblings ?? null,
    execution_transaction_hash: output.executionTransactionHash ?? null,
    created_at: toWireTime(output.createdAtMs),
    updated_at: toWireTime(output.createdAtMs),
  };
}

export function toWireReport(report: StoredReport) {
  return {
    epoch_index: toWireNumber(report.epochIndex),
    input_index: toWireNumber(report.inputIndex),
    index: toWireNumber(report.index),
    raw_data: toWireBytes(report.raw),
    created_at: toWireTime(report.createdAtMs),
    updated_at: toWireTime(report.createdAtMs),
  };
}

/** `virtualIndex` counts the epochs that exist, from 0. */
export function toWireEpoch(epoch: StoredEpoch, virtualIndex: number) {
  return {
    index: toWireNumber(epoch.index),
    first_block: toWireNumber(epoch.firstBlock),
    last_block: toWireNumber(epoch.lastBlock),
    input_index_lower_bound: toWireNumber(epoch.inputIndexLowerBound),
    input_index_upper_bound: toWireNumber(epoch.inputIndexUpperBound),
    machine_hash: null,
    outputs_merkle_root: epoch.outputsMerkleRoot ?? null,
    // Of disputes over machine hashes, which an authority's claims do not have.
    outputs_merkle_proof: null,
    commitment: null,
    commitment_proof: null,
    tournament_address: null,
    claim_transaction_hash: epoch.claimTransactionHash ?? null,
    status: epoch.status,
    virtual_index: toWireNumber(virtualIndex),
    created_at: toWireTime(epoch.createdAtMs),
    updated_at: toWireTime(epoch.updatedAtMs),
  };
}
