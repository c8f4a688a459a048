import type { Hex } from "../../../spec/outputs.ts";
import type { EpochStatus } from "../../chain/epoch-status.ts";
import { bytes, defineKind, hex, type ItemOf, integer, optional, word } from "./row-kinds.ts";

/** What the node keeps in its SQLite file: every kind of thing by its columns, and what is asked of it. */

export const IDENTITY_COLUMNS = {
  chainId: integer("chain_id"),
  /** Lower case, as all addresses here. */
  app: hex("app", 20),
  consensus: hex("consensus", 20),
  inputBox: hex("input_box", 20),
  templateHash: hex("template_hash"),
  epochLength: integer("epoch_length"),
  deploymentBlock: integer("deployment_block"),
  /** X25519 public key of the machine that the results were computed with. */
  machineKey: hex("machine_key"),
};

/** Which application of which chain a file belongs to: it serves no other. */
export type NodeIdentity = ItemOf<typeof IDENTITY_COLUMNS>;

export const COUNT_COLUMNS = {
  inputs: integer("input_count"),
  /** Inputs with a result. */
  processed: integer("processed_count"),
  outputs: integer("output_count"),
  reports: integer("report_count"),
};

/** How far the node has come. Every count is of the whole history. */
export type Counts = ItemOf<typeof COUNT_COLUMNS>;

/** Statuses of the official node that ours can come to; `NONE` is not processed yet. */
type InputStatus = "NONE" | "ACCEPTED" | "REJECTED" | "EXCEPTION";

/** What the machine made of one input. */
export interface StoredResult {
  readonly index: number;
  readonly status: Exclude<InputStatus, "NONE">;
  /** Bytes as `encodeOutput` gives them; empty unless accepted. */
  readonly outputs: readonly Uint8Array[];
  readonly reports: readonly Uint8Array[];
  /** What the dApp said when it stopped; of exceptions only. */
  readonly exception?: Uint8Array;
}

/** An input as the chain gave it. */
export const CHAIN_INPUT_COLUMNS = {
  index: integer("input_index"),
  blockNumber: integer("block_number"),
  blockHash: hex("block_hash"),
  transactionHash: hex("transaction_hash"),
  blob: bytes("blob"),
};

const EPOCH_LENGTH = "(SELECT epoch_length FROM node)";
/** Of an input's block. */
const EPOCH_INDEX = integer(`inputs.block_number / ${EPOCH_LENGTH}`);
/** What the result of an input leaves: its place, its bytes, and when it came. */
const RESULT_PART_COLUMNS = {
  inputIndex: integer("input_index"),
  epochIndex: EPOCH_INDEX,
  raw: bytes("raw"),
  createdAtMs: integer("updated_at_ms"),
};

/** Inputs, each with its result if there is one. */
export const INPUTS = defineKind({
  table: "inputs",
  key: "input_index",
  joins: "LEFT JOIN results USING (input_index)",
  isContiguous: true,
  columns: {
    ...CHAIN_INPUT_COLUMNS,
    epochIndex: EPOCH_INDEX,
    status: word<InputStatus>("coalesce(status, 'NONE')"),
    /** The outputs Merkle root after it, once it is processed. */
    outputsMerkleRoot: optional(hex("outputs_merkle_root")),
    /** Outputs of the application after it, once it is processed. */
    outputCount: optional(integer("output_count")),
    exception: optional(bytes("exception")),
    createdAtMs: integer("created_at_ms"),
    updatedAtMs: integer("coalesce(updated_at_ms, created_at_ms)"),
  },
});

export type StoredInput = ItemOf<typeof INPUTS.columns>;

/** An execution counts for our output only if it executed the same bytes. */
export const OUTPUTS = defineKind({
  table: "outputs",
  key: "output_index",
  joins: `JOIN inputs USING (input_index) JOIN results USING (input_index)
    LEFT JOIN executions ON executions.output_index = outputs.output_index
      AND executions.output_hash = outputs.hash`,
  isContiguous: true,
  columns: {
    /** Since genesis: the leaf of the output tree. */
    index: integer("outputs.output_index"),
    ...RESULT_PART_COLUMNS,
    hash: hex("hash"),
    executionTransactionHash: optional(hex("executions.transaction_hash")),
  },
});

export type StoredOutput = ItemOf<typeof OUTPUTS.columns>;

export const REPORTS = defineKind({
  table: "reports",
  key: "report_index",
  joins: "JOIN inputs USING (input_index) JOIN results USING (input_index)",
  isContiguous: true,
  columns: {
    /** Since genesis, as the official node counts. */
    index: integer("report_index"),
    ...RESULT_PART_COLUMNS,
  },
});

export type StoredReport = ItemOf<typeof REPORTS.columns>;

/** An epoch exists from its first input on; blocks without inputs make none. */
export const EPOCHS = defineKind({
  table: "epochs",
  key: "epoch_index",
  joins: "LEFT JOIN accepted_claims ON accepted_claims.epoch_index = epochs.epoch_index",
  isContiguous: false,
  columns: {
    index: integer("epochs.epoch_index"),
    firstBlock: integer(`epochs.epoch_index * ${EPOCH_LENGTH}`),
    lastBlock: integer(`(epochs.epoch_index + 1) * ${EPOCH_LENGTH} - 1`),
    inputIndexLowerBound: integer("input_index_lower_bound"),
    /** Exclusive. */
    inputIndexUpperBound: integer("input_index_upper_bound"),
    status: word<EpochStatus>("status"),
    /** Outputs since genesis up to its end; once the claim is computed. */
    outputCount: optional(integer("output_count")),
    outputsMerkleRoot: optional(hex("epochs.outputs_merkle_root")),
    /** Of our sending, or of the event when it was accepted. */
    claimTransactionHash: optional(
      hex(`CASE WHEN status IN ('CLAIM_ACCEPTED', 'CLAIM_REJECTED')
        THEN accepted_claims.transaction_hash ELSE submitted_transaction END`),
    ),
    createdAtMs: integer("created_at_ms"),
    updatedAtMs: integer("updated_at_ms"),
  },
});

/** Those with a computed claim. Named, because the planner would sort all that another index finds. */
export const UNCLAIMED_EPOCHS = defineKind({
  ...EPOCHS,
  table: "epochs INDEXED BY epochs_unclaimed",
});

export type StoredEpoch = ItemOf<typeof EPOCHS.columns>;

/** A restorable machine's state after so many inputs. */
export interface StoredSnapshot {
  readonly inputCount: number;
  readonly root: Hex;
  readonly state: Uint8Array;
}

/** Bounds of an item's own index, both inclusive. */
export interface IndexBounds {
  readonly from?: number;
  readonly to?: number;
}

export interface EpochFilter extends IndexBounds {
  readonly status?: EpochStatus;
}

export interface InputFilter extends IndexBounds {
  readonly epochIndex?: number;
  /** Lower case. */
  readonly sender?: Hex;
}

export interface ReportFilter extends IndexBounds {
  readonly epochIndex?: number;
  readonly inputIndex?: number;
}

export interface OutputFilter extends ReportFilter {
  /** The first four bytes of an output: notice, voucher or delegate call voucher. */
  readonly outputType?: Hex;
  /** The destination of a voucher or delegate call voucher, lower case. */
  readonly voucherAddress?: Hex;
  /** Whether the chain has executed it. */
  readonly executed?: boolean;
}
