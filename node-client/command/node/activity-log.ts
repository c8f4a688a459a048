import { decodeEvmAdvance } from "../../chain/decode-evm-advance.ts";
import { decodeRefusal } from "../../client/decoding/decode-refusal.ts";
import { countOf } from "../../count-of.ts";
import type { NodeActivity } from "../../node/run/node-activity.ts";
import type { StoredEpoch, StoredInput, StoredResult } from "../../node/store/node-store.ts";

/** Lines in one second; what comes beyond that is summed up at the second's end. */
const LINES_MAX = 20;
const SECOND_MS = 1_000;
const EXCEPTION_CHARACTERS_MAX = 200;

/**
 * What a node does, as lines of a log: one an input, one a claim. A flood is summed up, so that the
 * log neither slows the node down nor buries what came before.
 *
 * @example
 * const activity = new ActivityLog((line) => terminal.note(line));
 * await startNode({ ...options, watch: (done) => activity.add(done) });
 */
export class ActivityLog {
  readonly #write: (line: string) => void;
  #lines = 0;
  #timer: NodeJS.Timeout | undefined;
  #inputs: Pick<StoredResult, "index" | "status">[] = [];
  #epochs: StoredEpoch[] = [];

  constructor(write: (line: string) => void) {
    this.#write = write;
  }

  add(activity: NodeActivity): void {
    if (this.#timer === undefined) {
      this.#timer = setTimeout(() => this.flush(), SECOND_MS);
      this.#timer.unref();
    }
    this.#lines += 1;
    if (this.#lines <= LINES_MAX) this.#write(describeActivity(activity));
    else if (activity.kind === "epoch") this.#epochs.push(activity.epoch);
    else this.#inputs.push({ index: activity.result.index, status: activity.result.status });
  }

  /** Says what is summed up, as at the end of the log. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#lines = 0;
    if (this.#inputs.length > 0) this.#write(describeSum(this.#inputs));
    this.#inputs = [];
    // One line for each thing that became of claims, however many there are.
    for (const status of new Set(this.#epochs.map((epoch) => epoch.status))) {
      const same = this.#epochs.filter((epoch) => epoch.status === status);
      const which = nameRange("epoch", same[0]!.index, same.at(-1)!.index);
      this.#write(`${which}: ${CLAIM_WORDS[status] ?? status}`);
    }
    this.#epochs = [];
  }
}

const nameRange = (noun: string, first: number, last: number): string =>
  first === last ? `${noun} ${first}` : `${noun}s ${first} to ${last}`;

function describeSum(inputs: readonly Pick<StoredResult, "index" | "status">[]): string {
  const count = (wanted: StoredResult["status"]): number =>
    inputs.filter(({ status }) => status === wanted).length;
  const which = nameRange("input", inputs[0]!.index, inputs.at(-1)!.index);
  const stopped = count("EXCEPTION");
  const others = stopped === 0 ? "" : `, ${countOf(stopped, "exception")}`;
  return `${which}: ${count("ACCEPTED")} accepted, ${count("REJECTED")} rejected${others}`;
}

function describeActivity(activity: NodeActivity): string {
  if (activity.kind === "epoch") return describeEpoch(activity.epoch);
  return describeInput(activity.input, activity.result);
}

/** input 12 accepted: 3 outputs; 312 bytes from 0x7099…79c8 */
function describeInput({ index, blob }: StoredInput, result: StoredResult): string {
  const { at, payload } = decodeEvmAdvance(blob);
  const sender = Buffer.from(at.sender).toString("hex");
  const from = `${countOf(payload.length, "byte")} from 0x${sender.slice(0, 4)}…${sender.slice(-4)}`;
  return `input ${index} ${result.status.toLowerCase()}: ${describeVerdict(result)}; ${from}`;
}

function describeVerdict({ status, outputs, reports, exception }: StoredResult): string {
  if (status === "EXCEPTION") {
    const words = Buffer.from(exception ?? []).toString("utf8");
    return words.slice(0, EXCEPTION_CHARACTERS_MAX) || "the machine stopped without a word";
  }
  const refusals = reports.flatMap((report) => {
    const refusal = decodeRefusal(`0x${Buffer.from(report).toString("hex")}`)?.refusal;
    return refusal === undefined ? [] : [refusal];
  });
  // A flood within one input names each reason once.
  const reasons = [...new Set(refusals)].join(", ");
  if (status === "REJECTED") return reasons || "no reason was reported";
  const refused = refusals.length === 0 ? "" : `, ${refusals.length} refused (${reasons})`;
  return countOf(outputs.length, "output") + refused;
}

const CLAIM_WORDS: Readonly<Partial<Record<StoredEpoch["status"], string>>> = {
  CLAIM_SUBMITTED: "claim sent",
  CLAIM_ACCEPTED: "claim accepted",
  CLAIM_REJECTED: "another claim than ours was accepted",
};

/** epoch 3 (blocks 30 to 39, inputs 4 to 11): claim accepted, root 0x54af… */
function describeEpoch(epoch: StoredEpoch): string {
  const { index, firstBlock, lastBlock, outputsMerkleRoot: root, status } = epoch;
  const inputs = nameRange("input", epoch.inputIndexLowerBound, epoch.inputIndexUpperBound - 1);
  const blocks = `blocks ${firstBlock} to ${lastBlock}`;
  const short = root === undefined ? "" : `, root ${root.slice(0, 10)}…`;
  return `epoch ${index} (${blocks}, ${inputs}): ${CLAIM_WORDS[status] ?? status}${short}`;
}
