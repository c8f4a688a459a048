import { encodeAdvanceRequest, encodeInspectRequest } from "../../../dapp/rollup/rollup-request.ts";
import type { InputContext } from "../../../spec/input.ts";
import type { AdvanceResult, Hex, Output } from "../../../spec/outputs.ts";
import { GuestRequestError, OUTPUTS_MAX, RESULT_BYTES_MAX } from "./guest-requests.ts";
import { type InspectResult, MachineException } from "./machine.ts";

/** One input or query of `HttpMachine`, from the call until the dApp's verdict. */
export interface Job {
  /** The body that hands it to the dApp. */
  readonly request: string;
  /** Whether an accepting verdict makes its outputs part of the history. */
  readonly isInspect: boolean;
  readonly outputs: Output[];
  readonly reports: Hex[];
  /** Bytes in the payloads of both. */
  payloadBytes: number;
  conclude(status: "accepted" | "rejected"): void;
  fail(error: Error): void;
}

/** The job of one input. A rejecting verdict drops its outputs and keeps its reports. */
export function createAdvanceJob(
  at: InputContext,
  payload: Uint8Array,
  resolve: (result: AdvanceResult) => void,
  reject: (error: Error) => void,
): Job {
  const outputs: Output[] = [];
  const reports: Hex[] = [];
  return {
    request: encodeAdvanceRequest(at, payload),
    isInspect: false,
    outputs,
    reports,
    payloadBytes: 0,
    conclude: (status) =>
      resolve({ status, outputs: status === "accepted" ? outputs : [], reports }),
    fail: reject,
  };
}

/** The job of one query. Its outputs are taken like an input's, so that they are numbered alike. */
export function createInspectJob(
  query: Uint8Array,
  resolve: (result: InspectResult) => void,
  reject: (error: Error) => void,
): Job {
  const reports: Hex[] = [];
  return {
    request: encodeInspectRequest(query),
    isInspect: true,
    outputs: [],
    reports,
    payloadBytes: 0,
    conclude: (status) => resolve({ status, reports }),
    // A query may ask for the impossible, so that its asker learns of it as of a verdict.
    fail: (error) => {
      if (error instanceof MachineException) resolve({ status: "exception", reports });
      else reject(error);
    },
  };
}

/**
 * Keeps one output of a job within the bounds.
 *
 * @throws GuestRequestError when there are too many, or too many bytes in all.
 */
export function keepOutput(job: Job, output: Output): void {
  keep(job, job.outputs, output, output.payload);
}

/** Keeps one report; as `keepOutput`. */
export function keepReport(job: Job, report: Hex): void {
  keep(job, job.reports, report, report);
}

function keep<T>(job: Job, kept: T[], item: T, payload: Hex): void {
  if (kept.length >= OUTPUTS_MAX) {
    throw new GuestRequestError(`more than ${OUTPUTS_MAX} of one input`);
  }
  const payloadBytes = job.payloadBytes + payload.length / 2 - 1;
  if (payloadBytes > RESULT_BYTES_MAX) {
    throw new GuestRequestError(`more than ${RESULT_BYTES_MAX} bytes of one input`);
  }
  kept.push(item);
  job.payloadBytes = payloadBytes;
}
