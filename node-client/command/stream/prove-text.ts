import { formatScaled } from "../../../spec/decimal.ts";
import { decodeLeaf } from "../../../spec/leaves.ts";
import {
  CLAIMED_READING,
  type ClaimedReadingProof,
  encodeReadClaimed,
  toClaimedReadingArguments,
} from "../../chain/claimed-reading.ts";
import { type ProvenReading, ReadingUnproven } from "../../client/actions/batch-actions.ts";
import type { EpochInfo } from "../../client/actions/node-epochs.ts";
import type { DeviceInfo, StreamInfo } from "../../client/actions/stream-queries.ts";
import { formatTime } from "../terminal/format-csv.ts";
import { formatFields } from "../terminal/format-table.ts";

/** Where the contract's source is, and the page that says how to use it. */
const CONTRACT_FILE = "spec/ClaimedReading.sol";
const CONTRACT_PAGE = "spec/VERIFYING.md";

/** A proof with all that a summary tells of it. */
export interface ShownProof {
  readonly proven: ProvenReading;
  readonly stream: StreamInfo;
  readonly device: DeviceInfo;
  readonly epoch: EpochInfo;
  /** Which metrics the contract is asked for, by their number in the stream. */
  readonly metrics: readonly number[];
  /** Whether the contract is on this chain already. */
  readonly isDeployed: boolean;
}

/** The proof as a contract takes it: the fields are those of the ABI, indices and counts numbers. */
export function toProofJson(shown: ShownProof): object {
  const { proven, stream, device, epoch, isDeployed } = shown;
  const asked = toClaimedReadingArguments(claimOf(shown));
  const { application, output, outputProof, proof, metrics } = asked;
  const { timeSec, values } = readLeaf(shown);
  const { groupIndex, groupCount, readingIndex, readingCount } = proof;
  return {
    ...{ application, output },
    outputProof: { ...outputProof, outputIndex: Number(outputProof.outputIndex) },
    proof: {
      ...proof,
      ...{ groupIndex: Number(groupIndex), groupCount: Number(groupCount) },
      ...{ readingIndex: Number(readingIndex), readingCount: Number(readingCount) },
    },
    metrics: metrics.map(Number),
    contract: { file: CONTRACT_FILE, address: CLAIMED_READING, isDeployed },
    calldata: encodeReadClaimed(claimOf(shown)),
    reading: {
      ...{ streamId: stream.streamId, sequence: proven.sequence, timeSec, values },
      device: { deviceId: device.deviceId, did: device.did },
      batch: proven.batch,
      claim: {
        epochIndex: epoch.epochIndex,
        lastBlock: epoch.lastBlock,
        outputsMerkleRoot: epoch.outputsMerkleRoot,
      },
    },
  };
}

/** What was proved, a line each; the calldata last, unless a file has it. */
export function formatProof(
  shown: ShownProof,
  file: string | undefined,
  columns: number | undefined,
): string {
  const { proven, stream, device, epoch, isDeployed } = shown;
  const { batch, sequence, notice } = proven;
  const { timeSec, values } = readLeaf(shown);
  const last = batch.firstSequence + batch.readingCount - 1;
  const place = isDeployed ? `at ${CLAIMED_READING}` : "not on this chain yet";
  const fields = [
    ["reading", `${sequence} of stream ${stream.streamId}, ${stream.name}`],
    ["time", formatTime(timeSec)],
    ...values.map(({ name, unit, value }) => [
      "value",
      value === null ? `${name} has none` : `${name} ${value} ${unit}`.trimEnd(),
    ]),
    ["device", `${device.deviceId}, ${device.did}`],
    ["batch", `${batch.batchId}: readings ${batch.firstSequence} to ${last}`],
    [
      "claim",
      `of epoch ${epoch.epochIndex}, which ends with block ${epoch.lastBlock}: notice ${notice.outputIndex} of ${proven.app}`,
    ],
    ["contract", `${CONTRACT_FILE}, ${place}; ${CONTRACT_PAGE} says how to use it`],
    file === undefined ? ["calldata", encodeReadClaimed(claimOf(shown))] : ["proof", file],
  ];
  return formatFields(fields, columns);
}

const claimOf = ({ proven, metrics }: ShownProof): ClaimedReadingProof => ({ ...proven, metrics });

/** The reading in the proven leaf, in the words of its stream's declaration. */
function readLeaf({ proven, stream: { metrics } }: ShownProof) {
  const kinds = metrics.map(({ kind }) => kind);
  const leaf = decodeLeaf(proven.proof.leaf, kinds);
  if (leaf === undefined) {
    throw new ReadingUnproven(proven.batch.batchId, "it is not of its stream's metrics");
  }
  const values = metrics.map(({ name, unit, scale }, i) => {
    const value = leaf.values[i] ?? null;
    return { name, unit, value: typeof value === "number" ? formatScaled(value, scale) : value };
  });
  return { timeSec: leaf.timeSec, values };
}
