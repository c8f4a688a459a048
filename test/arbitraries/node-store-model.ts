import type {
  BlockReference,
  ChainInput,
  ChainSegment,
} from "../../node-client/chain/chain-input.ts";
import type { EpochStatus } from "../../node-client/chain/epoch-status.ts";
import { OUTPUT_TREE_HEIGHT, OutputTree } from "../../node-client/chain/output-tree.ts";
import type {
  InputFilter,
  NodeIdentity,
  OutputFilter,
  ReportFilter,
  StoredEpoch,
  StoredInput,
  StoredOutput,
  StoredReport,
  StoredResult,
} from "../../node-client/node/store/node-store.ts";
import type { Page } from "../../node-client/node/store/row-kinds.ts";
import type { Crypto } from "../../spec/crypto.ts";
import type { Hex } from "../../spec/outputs.ts";

/** A number as bytes of a width, which makes a readable hash or address. */
export const hexOf = (value: number | bigint, width = 32): Hex =>
  `0x${value.toString(16).padStart(2 * width, "0")}`;

const toHex = (bytes: Uint8Array): Hex => `0x${Buffer.from(bytes).toString("hex")}`;

/** A segment with the time at which it was appended, results with the time of their commit. */
type Timed<T> = T & { readonly atMs: number };

/**
 * The node's store as lists that nobody indexes: every question is answered by walking all of them,
 * every status is worked out from the beginning.
 */
export class NodeStoreModel {
  readonly identity: NodeIdentity;
  segments: Timed<ChainSegment>[] = [];
  results: Timed<StoredResult>[] = [];
  readonly #submissions = new Map<number, Hex>();
  readonly #crypto: Crypto;
  /** What was worked out since the last change. */
  readonly #known = new Map<string, unknown>();
  /** Roots after each result, kept because 63 hashes each are slow. */
  #roots: Hex[] = [];

  constructor(identity: NodeIdentity, crypto: Crypto) {
    this.identity = identity;
    this.#crypto = crypto;
  }

  get head(): BlockReference | undefined {
    return this.segments.at(-1)?.head;
  }

  get chainInputs(): Timed<ChainInput>[] {
    return this.#once("chainInputs", () =>
      this.segments.flatMap(({ inputs, atMs }) => inputs.map((i) => ({ ...i, atMs }))),
    );
  }

  #once<T>(name: string, compute: () => T): T {
    if (!this.#known.has(name)) this.#known.set(name, compute());
    return this.#known.get(name) as T;
  }

  get outputs(): StoredOutput[] {
    return this.#once("outputs", () => this.#listOutputs());
  }

  #listOutputs(): StoredOutput[] {
    const executions = this.segments.flatMap((segment) => segment.executions);
    const leaves = this.results.flatMap(({ index, outputs, atMs }) =>
      outputs.map((raw) => ({ inputIndex: index, raw, atMs })),
    );
    return leaves.map(({ inputIndex, raw, atMs }, index) => ({
      index,
      inputIndex,
      epochIndex: this.getEpochIndex(inputIndex),
      raw,
      hash: toHex(this.#crypto.keccak256(raw)),
      executionTransactionHash: executions.find(
        ({ outputIndex, output }) => outputIndex === index && Buffer.compare(output, raw) === 0,
      )?.transactionHash,
      createdAtMs: atMs,
    }));
  }

  get reports(): StoredReport[] {
    return this.#once("reports", () => this.#listReports());
  }

  #listReports(): StoredReport[] {
    const all = this.results.flatMap(({ index, reports, atMs }) =>
      reports.map((raw) => ({ inputIndex: index, raw, atMs })),
    );
    return all.map(({ inputIndex, raw, atMs }, index) => ({
      index,
      inputIndex,
      epochIndex: this.getEpochIndex(inputIndex),
      raw,
      createdAtMs: atMs,
    }));
  }

  get inputs(): StoredInput[] {
    return this.#once("inputs", () => this.#listInputs());
  }

  #listInputs(): StoredInput[] {
    return this.chainInputs.map(({ atMs, ...input }) => {
      const result = this.results[input.index];
      return {
        ...input,
        epochIndex: this.getEpochIndex(input.index),
        status: result?.status ?? "NONE",
        outputsMerkleRoot: result && this.getRoot(input.index),
        outputCount: result && this.countOutputs(input.index + 1),
        exception: result?.exception,
        createdAtMs: atMs,
        updatedAtMs: result?.atMs ?? atMs,
      };
    });
  }

  /** Times are left out: they say when a row was touched, which is not the model's affair. */
  get epochs(): Omit<StoredEpoch, "createdAtMs" | "updatedAtMs">[] {
    return this.#once("epochs", () => this.#listEpochs());
  }

  #listEpochs(): Omit<StoredEpoch, "createdAtMs" | "updatedAtMs">[] {
    const indices = [...new Set(this.chainInputs.map(({ index }) => this.getEpochIndex(index)))];
    return indices.map((index) => {
      const own = this.chainInputs.filter((input) => this.getEpochIndex(input.index) === index);
      const upper = own.at(-1)!.index + 1;
      const lastBlock = (index + 1) * this.identity.epochLength - 1;
      const isClosed = (this.head?.number ?? -1) >= lastBlock;
      const isComputed = isClosed && this.results.length >= upper;
      const root = isComputed ? this.getRoot(upper - 1) : undefined;
      const claim = this.segments
        .flatMap(({ claims }) => claims)
        .find(({ lastProcessedBlockNumber }) => lastProcessedBlockNumber === lastBlock);
      const submitted = this.#submissions.get(index);
      let status: EpochStatus = isClosed ? "CLOSED" : "OPEN";
      if (isComputed && claim !== undefined) {
        status = claim.outputsMerkleRoot === root ? "CLAIM_ACCEPTED" : "CLAIM_REJECTED";
      } else if (isComputed)
        status = submitted === undefined ? "CLAIM_COMPUTED" : "CLAIM_SUBMITTED";
      return {
        index,
        firstBlock: index * this.identity.epochLength,
        lastBlock,
        inputIndexLowerBound: own[0]!.index,
        inputIndexUpperBound: upper,
        status,
        outputCount: isComputed ? this.countOutputs(upper) : undefined,
        outputsMerkleRoot: root,
        claimTransactionHash: isComputed ? (claim?.transactionHash ?? submitted) : undefined,
      };
    });
  }

  getEpochIndex(inputIndex: number): number {
    return Math.floor(this.chainInputs[inputIndex]!.blockNumber / this.identity.epochLength);
  }

  countOutputs(inputCount: number): number {
    return this.results.slice(0, inputCount).reduce((sum, { outputs }) => sum + outputs.length, 0);
  }

  /** The root after an input, by a tree built from nothing. */
  getRoot(inputIndex: number): Hex {
    for (let i = this.#roots.length; i <= inputIndex; i++) {
      const tree = new OutputTree(this.#crypto);
      for (const { outputs } of this.results.slice(0, i + 1))
        for (const output of outputs) tree.append(output);
      this.#roots.push(toHex(tree.computeRoot()));
    }
    return this.#roots[inputIndex]!;
  }

  /** All levels of the whole tree, padded with empty leaves; then the neighbours on the way up. */
  getSiblings(outputIndex: number): Hex[] | undefined {
    const output = this.outputs[outputIndex];
    const epoch = this.epochs.find(({ index }) => index === output?.epochIndex);
    if (epoch?.outputCount === undefined) return undefined;
    let level = this.outputs.slice(0, epoch.outputCount).map(({ hash }) => hash);
    let empty = hexOf(0);
    const hash = (left: Hex, right: Hex): Hex =>
      toHex(this.#crypto.keccak256(Buffer.from(left.slice(2) + right.slice(2), "hex")));
    const siblings: Hex[] = [];
    for (let height = 0, at = outputIndex; height < OUTPUT_TREE_HEIGHT; height++) {
      siblings.push(level[at % 2 === 0 ? at + 1 : at - 1] ?? empty);
      const above: Hex[] = [];
      for (let i = 0; i < level.length; i += 2) above.push(hash(level[i]!, level[i + 1] ?? empty));
      level = above;
      empty = hash(empty, empty);
      at = Math.floor(at / 2);
    }
    return siblings;
  }

  filterInputs({ epochIndex, sender }: InputFilter): StoredInput[] {
    return this.inputs.filter(
      (input) =>
        (epochIndex === undefined || input.epochIndex === epochIndex) &&
        (sender === undefined || toHex(input.blob.subarray(80, 100)) === sender),
    );
  }

  filterOutputs(filter: OutputFilter): StoredOutput[] {
    return this.outputs.filter(
      ({ epochIndex, inputIndex, raw }) =>
        (filter.epochIndex === undefined || epochIndex === filter.epochIndex) &&
        (filter.inputIndex === undefined || inputIndex === filter.inputIndex) &&
        (filter.outputType === undefined || toHex(raw.subarray(0, 4)) === filter.outputType) &&
        (filter.voucherAddress === undefined ||
          (raw[0] !== 0xc2 && toHex(raw.subarray(16, 36)) === filter.voucherAddress)),
    );
  }

  filterReports(filter: ReportFilter): StoredReport[] {
    return this.reports.filter(
      ({ epochIndex, inputIndex }) =>
        (filter.epochIndex === undefined || epochIndex === filter.epochIndex) &&
        (filter.inputIndex === undefined || inputIndex === filter.inputIndex),
    );
  }

  append(segment: ChainSegment, atMs: number): void {
    this.segments.push({ ...segment, atMs });
    this.#known.clear();
  }

  commit(results: readonly StoredResult[], atMs: number): void {
    this.results.push(...results.map((result) => ({ ...result, atMs })));
    this.#known.clear();
  }

  submit(epochIndex: number, transactionHash: Hex): void {
    this.#submissions.set(epochIndex, transactionHash);
    this.#known.clear();
  }

  rollBackTo(head: BlockReference): void {
    const gone = this.segments.filter((segment) => segment.head.number > head.number);
    this.segments = this.segments.filter((segment) => segment.head.number <= head.number);
    this.#known.clear();
    this.results = this.results.slice(0, this.chainInputs.length);
    this.#roots = this.#roots.slice(0, this.results.length);
    const { epochLength } = this.identity;
    for (const { lastProcessedBlockNumber } of gone.flatMap(({ claims }) => claims)) {
      this.#submissions.delete((lastProcessedBlockNumber + 1) / epochLength - 1);
    }
    for (const index of [...this.#submissions.keys()]) {
      if ((index + 1) * epochLength - 1 > head.number) this.#submissions.delete(index);
    }
  }

  reset(): void {
    this.segments = [];
    this.results = [];
    this.#roots = [];
    this.#submissions.clear();
    this.#known.clear();
  }
}

/** The part of a list that a page shows. */
export function pageOf<T>(items: readonly T[], { limit, offset, descending }: Page): T[] {
  const ordered = descending === true ? [...items].reverse() : items;
  return ordered.slice(offset, offset + limit);
}
