import fc from "fast-check";
import type { ChainSegment } from "../../node-client/chain/chain-input.ts";
import type { NodeIdentity, StoredResult } from "../../node-client/node/store/node-store.ts";
import type { NodeStore } from "../../node-client/node/store/sqlite-node-store.ts";
import { encodeEvmAdvance } from "../../spec/evm-advance.ts";
import { encodeOutput, type Hex } from "../../spec/outputs.ts";
import { hexOf, type NodeStoreModel } from "./node-store-model.ts";

/** What happens to a node's file, in numbers that are made valid when the step is applied. */
export type Step =
  | {
      readonly kind: "append";
      readonly blockCount: number;
      /** Blocks of the inputs, as places within the segment. */
      readonly inputPlaces: readonly number[];
      readonly claimedEpochs: readonly { readonly back: number; readonly isOurs: boolean }[];
      readonly executedOutputs: readonly { readonly index: number; readonly isOurs: boolean }[];
    }
  | { readonly kind: "commit"; readonly shapes: readonly number[] }
  | { readonly kind: "rollback"; readonly depth: number }
  | { readonly kind: "submit"; readonly place: number }
  | { readonly kind: "snapshot"; readonly back: number }
  | { readonly kind: "reset" }
  | { readonly kind: "reopen" };

const append = fc.record({
  kind: fc.constant("append" as const),
  blockCount: fc.integer({ min: 1, max: 12 }),
  inputPlaces: fc.array(fc.nat(100), { maxLength: 6 }),
  claimedEpochs: fc.array(fc.record({ back: fc.nat(5), isOurs: fc.boolean() }), { maxLength: 2 }),
  executedOutputs: fc.array(fc.record({ index: fc.nat(30), isOurs: fc.boolean() }), {
    maxLength: 2,
  }),
});
const commit = fc.record({
  kind: fc.constant("commit" as const),
  shapes: fc.array(fc.nat(15), { minLength: 1, maxLength: 8 }),
});

export const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: append },
  { weight: 6, arbitrary: commit },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant("rollback" as const), depth: fc.nat(5) }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("submit" as const), place: fc.nat(9) }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant("snapshot" as const), back: fc.nat(3) }),
  },
  { weight: 1, arbitrary: fc.constant({ kind: "reopen" as const }) },
  { weight: 1, arbitrary: fc.constant({ kind: "reset" as const }) },
);

export const IDENTITY: NodeIdentity = {
  chainId: 31337,
  app: hexOf(0xa1, 20),
  consensus: hexOf(0xa2, 20),
  inputBox: hexOf(0xa3, 20),
  templateHash: hexOf(0xa4),
  epochLength: 7,
  deploymentBlock: 5,
  machineKey: hexOf(0xa5),
};

export const SENDERS = [0xb1, 0xb2, 0xb3].map((byte) => hexOf(byte, 20));
export const DESTINATIONS = [0xd1, 0xd2].map((byte) => hexOf(byte, 20));

/** Distinguishes the blocks and transactions of one fork from those of another. */
let serial = 0;
const nextHash = (): Hex => hexOf(0xf0000000 + serial++);

/** An input as the InputBox would log it. */
export function createInput(index: number, blockNumber: number, payload = new Uint8Array(3)) {
  const sender = Buffer.from(SENDERS[index % SENDERS.length]!.slice(2), "hex");
  const at = {
    chainId: 31337n,
    app: Buffer.from(IDENTITY.app.slice(2), "hex"),
    sender,
    blockNumber,
    timestampSec: 1_700_000_000 + blockNumber,
    prevRandao: new Uint8Array(32).fill(7),
    inputIndex: index,
  };
  return {
    index,
    blockNumber,
    blockHash: nextHash(),
    transactionHash: nextHash(),
    blob: encodeEvmAdvance(at, payload),
  };
}

/** A segment that a chain could give next. */
export function createSegment(
  model: NodeStoreModel,
  draft: Extract<Step, { kind: "append" }>,
): ChainSegment {
  const { deploymentBlock, epochLength } = model.identity;
  const from = model.head?.number ?? deploymentBlock - 1;
  const head = { number: from + draft.blockCount, hash: nextHash() };
  const place = (n: number): number => from + 1 + (n % draft.blockCount);
  const first = model.chainInputs.length;
  const blocks = draft.inputPlaces.map(place).sort((a, b) => a - b);
  const claimed = new Set(
    model.segments.flatMap(({ claims }) => claims.map((c) => c.lastProcessedBlockNumber)),
  );
  const executed = new Set(
    model.segments.flatMap(({ executions }) => executions.map((e) => e.outputIndex)),
  );
  const claims = [];
  for (const { back, isOurs } of draft.claimedEpochs) {
    const lastBlock = (Math.floor((head.number + 1) / epochLength) - back) * epochLength - 1;
    if (lastBlock < 0 || lastBlock > from || claimed.has(lastBlock)) continue;
    claimed.add(lastBlock);
    const epoch = model.epochs.find((e) => e.lastBlock === lastBlock);
    const root = isOurs ? epoch?.outputsMerkleRoot : undefined;
    claims.push({
      blockNumber: head.number,
      transactionHash: nextHash(),
      lastProcessedBlockNumber: lastBlock,
      outputsMerkleRoot: root ?? nextHash(),
    });
  }
  const executions = [];
  for (const { index, isOurs } of draft.executedOutputs) {
    if (executed.has(index)) continue;
    executed.add(index);
    const output = (isOurs ? model.outputs[index]?.raw : undefined) ?? createOutput(index, 3);
    const transactionHash = nextHash();
    executions.push({ blockNumber: head.number, transactionHash, outputIndex: index, output });
  }
  const inputs = blocks.map((block, i) => createInput(first + i, block));
  return { head, inputs, claims, executions };
}

/** An output that tells its own place, of one of the three kinds. */
export function createOutput(place: number, kind: number): Uint8Array {
  const payload = hexOf(place, 4 + (place % 40));
  const destination = DESTINATIONS[place % DESTINATIONS.length]!;
  if (kind % 3 === 0) return encodeOutput({ kind: "notice", payload });
  return kind % 3 === 1
    ? encodeOutput({ kind: "voucher", destination, value: BigInt(place), payload })
    : encodeOutput({ kind: "delegate_call_voucher", destination, payload });
}

/** What a machine could make of the next inputs; `shapes` choose statuses and counts. */
export function createResults(first: number, shapes: readonly number[]): StoredResult[] {
  return shapes.map((shape, i) => {
    const index = first + i;
    const reports = Array.from({ length: shape % 2 }, () => Buffer.from(`report ${index}`));
    if (shape === 14) return { index, status: "REJECTED", outputs: [], reports };
    if (shape === 15) {
      return { index, status: "EXCEPTION", outputs: [], reports, exception: Buffer.from("why") };
    }
    const outputs = Array.from({ length: shape % 4 }, (_, j) =>
      createOutput(index * 8 + j, shape + j),
    );
    return { index, status: "ACCEPTED", outputs, reports };
  });
}

/** Applies a step to both, unless it makes no sense here. `reopen` gives the store anew. */
export function applyStep(
  step: Step,
  store: NodeStore,
  model: NodeStoreModel,
  atMs: number,
  reopen: () => NodeStore,
): NodeStore {
  switch (step.kind) {
    case "append": {
      const segment = createSegment(model, step);
      store.appendSegment(segment);
      model.append(segment, atMs);
      break;
    }
    case "commit": {
      const room = model.chainInputs.length - model.results.length;
      const results = createResults(model.results.length, step.shapes.slice(0, room));
      store.commitResults(results);
      model.commit(results, atMs);
      break;
    }
    case "rollback": {
      const head = model.segments.at(-1 - step.depth)?.head;
      if (head === undefined) break;
      store.rollBackTo(head);
      model.rollBackTo(head);
      break;
    }
    case "submit": {
      const computed = model.epochs.filter(({ status }) => status.startsWith("CLAIM_"));
      const epoch = computed[step.place % Math.max(1, computed.length)];
      if (epoch === undefined) break;
      const transactionHash = nextHash();
      store.markClaimSubmitted(epoch.index, transactionHash);
      model.submit(epoch.index, transactionHash);
      break;
    }
    case "snapshot": {
      const inputCount = Math.max(0, model.results.length - step.back);
      const state = Buffer.alloc(inputCount * 10, inputCount);
      store.putSnapshot({ inputCount, root: hexOf(inputCount), state });
      break;
    }
    case "reset":
      store.reset();
      model.reset();
      break;
    case "reopen":
      return reopen();
  }
  return store;
}
