import type { Hex } from "../../../spec/outputs.ts";

/**
 * The JSON-RPC API of the official node (rollups-node v2) as far as we rely on it. What is undefined
 * in parameters is left out of JSON.
 */

/** A non-negative integer as `0x` and hexadecimal digits. */
export type HexNumber = Hex;

export interface ApplicationParams {
  /** Address or name. */
  readonly application: string;
}

export interface PageParams extends ApplicationParams {
  /** At most 10,000; 50 by default. */
  readonly limit?: number | undefined;
  readonly offset?: number | undefined;
  readonly descending?: boolean | undefined;
}

export interface InputAnswer {
  readonly index: HexNumber;
  readonly epoch_index: HexNumber;
  readonly block_number: HexNumber;
  /** The EvmAdvance blob. */
  readonly raw_data: Hex;
  readonly status: string;
}

export interface ReportAnswer {
  readonly index: HexNumber;
  readonly input_index: HexNumber;
  readonly epoch_index: HexNumber;
  readonly raw_data: Hex;
}

export interface OutputAnswer extends ReportAnswer {
  /** Bottom up; null until the epoch's claim is computed. */
  readonly output_hashes_siblings: readonly Hex[] | null;
  readonly execution_transaction_hash: Hex | null;
}

export interface EpochAnswer {
  readonly index: HexNumber;
  readonly first_block: HexNumber;
  readonly last_block: HexNumber;
  readonly input_index_lower_bound: HexNumber;
  readonly input_index_upper_bound: HexNumber;
  readonly outputs_merkle_root: Hex | null;
  readonly claim_transaction_hash: Hex | null;
  readonly status: string;
}

/** The envelope of a single resource. */
export interface DataAnswer<T> {
  readonly data: T;
}

/** The envelope of a list. */
export interface PageAnswer<T> {
  readonly data: readonly T[];
  readonly pagination: {
    readonly total_count: number;
    readonly limit: number;
    readonly offset: number;
  };
}

interface InputFilterParams extends PageParams {
  readonly epoch_index?: HexNumber | undefined;
  readonly sender?: Hex | undefined;
}

interface ReportFilterParams extends PageParams {
  readonly epoch_index?: HexNumber | undefined;
  readonly input_index?: HexNumber | undefined;
}

interface OutputFilterParams extends ReportFilterParams {
  /** Four bytes. */
  readonly output_type?: Hex | undefined;
  readonly voucher_address?: Hex | undefined;
}

/** Parameters and result of every method, by its name. */
export interface NodeMethods {
  cartesi_getChainId: { params: Record<string, never>; result: DataAnswer<string> };
  cartesi_getNodeVersion: { params: Record<string, never>; result: DataAnswer<string> };
  cartesi_getApplication: {
    params: ApplicationParams;
    result: DataAnswer<Readonly<Record<string, unknown>>>;
  };
  cartesi_getProcessedInputCount: { params: ApplicationParams; result: DataAnswer<HexNumber> };
  cartesi_getLastAcceptedEpochIndex: { params: ApplicationParams; result: DataAnswer<HexNumber> };
  cartesi_getInput: {
    params: ApplicationParams & { readonly input_index: HexNumber };
    result: DataAnswer<InputAnswer>;
  };
  cartesi_listInputs: { params: InputFilterParams; result: PageAnswer<InputAnswer> };
  cartesi_getOutput: {
    params: ApplicationParams & { readonly output_index: HexNumber };
    result: DataAnswer<OutputAnswer>;
  };
  cartesi_listOutputs: { params: OutputFilterParams; result: PageAnswer<OutputAnswer> };
  cartesi_listReports: { params: ReportFilterParams; result: PageAnswer<ReportAnswer> };
  cartesi_getEpoch: {
    params: ApplicationParams & { readonly epoch_index: HexNumber };
    result: DataAnswer<EpochAnswer>;
  };
  cartesi_listEpochs: {
    params: PageParams & { readonly status?: string | undefined };
    result: PageAnswer<EpochAnswer>;
  };
}

export type NodeMethod = keyof NodeMethods;
