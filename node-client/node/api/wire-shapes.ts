import { getAddress } from "viem";
import { encodeHex } from "../../../dapp/rollup/rollup-request.ts";
import { encodeOutput, type Hex, type Output } from "../../../spec/outputs.ts";
import { equalBytes, readBigEndian } from "../../../spec/words.ts";
import { encodeDataAvailability } from "../../chain/contracts.ts";
import { decodeEvmAdvance, EvmAdvanceMalformed } from "../../chain/decode-evm-advance.ts";
import type { ApplicationStanding } from "../run/application-standing.ts";
import type { StoredEpoch, StoredInput, StoredOutput, StoredReport } from "../store/node-store.ts";
import type { NodeView } from "../store/sqlite-node-view.ts";

/** Rows in the shapes of the official node's API: snake_case, integers in hexadecimal. */

/** What the API calls the only application of a node, beside its address. */
export const APPLICATION_NAME = "tallyroll";

export const toWireNumber = (value: number | bigint): Hex => `0x${value.toString(16)}`;
const toWireTime = (timeMs: number): string => new Date(timeMs).toISOString();

export function toWireInput(input: StoredInput) {
  return {
    epoch_index: toWireNumber(input.epochIndex),
    index: toWireNumber(input.index),
    block_number: toWireNumber(input.blockNumber),
    raw_data: encodeHex(input.blob),
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
      application_contract: getAddress(encodeHex(at.app)),
      sender: getAddress(encodeHex(at.sender)),
      block_number: toWireNumber(at.blockNumber),
      block_timestamp: toWireNumber(at.timestampSec),
      // A number here too, without leading zeros.
      prev_randao: toWireNumber(BigInt(encodeHex(at.prevRandao))),
      index: toWireNumber(at.inputIndex),
      payload: encodeHex(payload),
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
    raw_data: encodeHex(output.raw),
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
    raw_data: encodeHex(report.raw),
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

const WORD = 32;

/**
 * Takes an output apart; `null` for bytes that none of the three calls encode to. A dApp behind
 * HTTP cannot make such bytes, and a list must not fail over them.
 */
function toDecodedOutput(raw: Uint8Array) {
  const word = (index: number): Uint8Array =>
    raw.subarray(4 + WORD * index, 4 + WORD * (index + 1));
  const destination = encodeHex(word(0).subarray(12));
  let output: Output;
  switch (encodeHex(raw.subarray(0, 4))) {
    case "0xc258d6e5":
      output = { kind: "notice", payload: readPayload(raw, 1) };
      break;
    case "0x237a816f":
      output = {
        kind: "voucher",
        destination,
        value: readBigEndian(word(1)),
        payload: readPayload(raw, 3),
      };
      break;
    case "0x10321e8b":
      output = { kind: "delegate_call_voucher", destination, payload: readPayload(raw, 2) };
      break;
    default:
      return null;
  }
  // Offsets, lengths and paddings are right if the parts encode to the same bytes again.
  if (raw.length < 4 + 2 * WORD || !equalBytes(encodeOutput(output), raw)) return null;
  return toWireDecoded(output);
}

/** The bytes after the length that stands at a word. */
function readPayload(raw: Uint8Array, lengthWord: number): Hex {
  const start = 4 + WORD * (lengthWord + 1);
  const length = readBigEndian(raw.subarray(start - WORD, start));
  return encodeHex(raw.subarray(start, length > raw.length ? raw.length : start + Number(length)));
}

/** In the shape of the official node's `decoded_data`. */
function toWireDecoded(output: Output) {
  const { payload } = output;
  if (output.kind === "notice") return { type: "Notice", payload };
  const destination = getAddress(output.destination);
  return output.kind === "voucher"
    ? { type: "Voucher", destination, value: `0x${output.value.toString(16)}`, payload }
    : { type: "DelegateCallVoucher", destination, payload };
}

/**
 * The node's application as the official node describes one. Limits of cycles and deadlines are
 * those of a Cartesi machine; ours has none of them, which is said by zero.
 */
export function toWireApplication(
  view: NodeView,
  { consensusType, state, reason }: ApplicationStanding,
  startedAtMs: number,
) {
  const identity = view.getIdentity();
  const head = toWireNumber(view.getHead()?.number ?? 0);
  const startedAt = toWireTime(startedAtMs);
  return {
    name: APPLICATION_NAME,
    iapplication_address: identity.app,
    iconsensus_address: identity.consensus,
    iinputbox_address: identity.inputBox,
    template_hash: identity.templateHash,
    epoch_length: toWireNumber(identity.epochLength),
    data_availability: encodeDataAvailability(identity.inputBox),
    consensus_type: consensusType,
    state,
    reason,
    iinputbox_block: toWireNumber(identity.deploymentBlock),
    last_epoch_check_block: head,
    last_input_check_block: head,
    last_output_check_block: head,
    processed_inputs: toWireNumber(view.getProcessedInputCount()),
    created_at: startedAt,
    updated_at: startedAt,
    execution_parameters: {
      snapshot_policy: "NONE",
      advance_inc_cycles: "0x0",
      advance_max_cycles: "0x0",
      inspect_inc_cycles: "0x0",
      inspect_max_cycles: "0x0",
      advance_inc_deadline: "0x0",
      advance_max_deadline: "0x0",
      inspect_inc_deadline: "0x0",
      inspect_max_deadline: "0x0",
      load_deadline: "0x0",
      store_deadline: "0x0",
      fast_deadline: "0x0",
      max_concurrent_inspects: 1,
      created_at: startedAt,
      updated_at: startedAt,
    },
  };
}
