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
  #inputs: InputSum | undefined;
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
    else this.#inputs = addInput(this.#inputs, activity.result);
  }

  /** Says what is summed up, as at the end of the log. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#lines = 0;
    if (this.#inputs !== undefined) this.#write(describeSum(this.#inputs));
    this.#inputs = undefined;
    // One line for each thing that became of claims, however many there are.
    for (const status of new Set(this.#epochs.map((epoch) => epoch.status))) {
      const same = this.#epochs.filter((epoch) => epoch.status === status);
      const [first, last] = [same[0]!.index, same.at(-1)!.index];
      const which = first === last ? `epoch ${first}` : `epochs ${first} to ${last}`;
      this.#write(`${which}: ${CLAIM_WORDS[status] ?? status}`);
    }
    this.#epochs = [];
  }
}

interface InputSum {
  readonly first: number;
  readonly last: number;
  readonly accepted: number;
  readonly rejected: number;
  readonly stopped: number;
}

function addInput(sum: InputSum | undefined, { index, status }: StoredResult): InputSum {
  const { first, accepted, rejected, stopped } = sum ?? {
    ...{ first: index, accepted: 0, rejected: 0, stopped: 0 },
  };
  return {
    first,
    last: index,
    accepted: accepted + Number(status === "ACCEPTED"),
    rejected: rejected + Number(status === "REJECTED"),
    stopped: stopped + Number(status === "EXCEPTION"),
  };
}

function describeSum({ first, last, accepted, rejected, stopped }: InputSum): string {
  const which = first === last ? `input ${first}` : `inputs ${first} to ${last}`;
  const others = stopped === 0 ? "" : `, ${countOf(stopped, "exception")}`;
  return `${which}: ${accepted} accepted, ${rejected} rejected${others}`;
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
  const [first, last] = [epoch.inputIndexLowerBound, epoch.inputIndexUpperBound - 1];
  const inputs = first === last ? `input ${first}` : `inputs ${first} to ${last}`;
  const blocks = `blocks ${firstBlock} to ${lastBlock}`;
  const short = root === undefined ? "" : `, root ${root.slice(0, 10)}…`;
  return `epoch ${index} (${blocks}, ${inputs}): ${CLAIM_WORDS[status] ?? status}${short}`;
}
