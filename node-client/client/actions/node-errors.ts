import { ChainBusy, ChainUnreachable } from "../../chain/contract-errors.ts";
import { ClientError } from "../../errors.ts";

/** Nobody answered at a node's address, or nobody in time. */
export class NodeUnreachable extends ClientError {
  override readonly name = "NodeUnreachable";
  readonly url: string;

  constructor(url: string, reason: string, cause: unknown) {
    super(`No node answers at ${url} (${reason}).`, {
      whatToDo: "Start one with `tallyroll start`, or name another node's URL.",
      cause,
    });
    this.url = url;
  }
}

/** Something answered that is not a rollups node: another service, a proxy, another version. */
export class NodeAnswerInvalid extends ClientError {
  override readonly name = "NodeAnswerInvalid";

  constructor(url: string, problem: string, cause?: unknown) {
    super(`The answer of ${url} is not a node's: ${problem}.`, {
      whatToDo: "Check the URL: the JSON-RPC API ends in /rpc, the inspect API has its own port.",
      cause,
    });
  }
}

/** JSON-RPC's code for a resource that does not exist (rollups-node v2). */
export const CODE_NO_RESOURCE = -31_001;
/** JSON-RPC's code for an application that the node does not run (rollups-node v2). */
export const CODE_NO_APPLICATION = -31_002;
/** JSON-RPC's code for a page whose answer would be too large (rollups-node v2). */
export const CODE_ANSWER_TOO_LARGE = -31_003;

const ADVICE = new Map([
  [CODE_NO_RESOURCE, "Check the index: the node may also be behind the chain."],
  [CODE_NO_APPLICATION, "Check the application's address: this node runs another one."],
  [CODE_ANSWER_TOO_LARGE, "Ask for fewer items at once: a smaller page size."],
]);

/** A node refused a request: no such resource, no such application, or bad parameters. */
export class NodeRequestRefused extends ClientError {
  override readonly name: string = "NodeRequestRefused";
  /** JSON-RPC's error code. */
  readonly code: number;

  /** @param known What is said where more is known than the node says. */
  constructor(
    method: string,
    code: number,
    reason: string,
    known?: { readonly shortMessage: string; readonly whatToDo: string },
  ) {
    const whatToDo =
      known?.whatToDo ??
      ADVICE.get(code) ??
      "Check that client and node speak the same version of the API.";
    super(known?.shortMessage ?? `The node refused ${method}: ${reason} (${code}).`, { whatToDo });
    this.code = code;
  }
}

/** Whether a request failed only because there is no such resource, perhaps not yet. */
export function isNotFound(error: unknown): error is NodeRequestRefused {
  return error instanceof NodeRequestRefused && error.code === CODE_NO_RESOURCE;
}

/** Whether node or chain only did not answer this time: looking again may help. */
export function isOutOfReach(error: unknown): boolean {
  return (
    error instanceof NodeUnreachable ||
    error instanceof ChainUnreachable ||
    error instanceof ChainBusy
  );
}
