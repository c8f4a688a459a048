import {
  BaseError,
  ChainMismatchError,
  ContractFunctionRevertedError,
  ContractFunctionZeroDataError,
  decodeErrorResult,
  ExecutionRevertedError,
  HttpRequestError,
  InsufficientFundsError,
  LimitExceededRpcError,
  NonceTooLowError,
  RpcRequestError,
  TimeoutError,
  WaitForTransactionReceiptTimeoutError,
} from "viem";
import type { Hex } from "../../spec/outputs.ts";
import { ClientError, type ClientErrorOptions } from "../errors.ts";
import { escapeText, escapeWords } from "../escape-text.ts";
import { ERRORS_ABI } from "./contracts.ts";
import { REVERT_ADVICE, type RevertName } from "./revert-advice.ts";

/** What was being tried, for the message. */
export interface ChainAction {
  /** Completes "Could not …", such as "deploy the application". */
  readonly action: string;
  readonly rpcUrl?: string;
}

/** A custom error of the contracts. */
interface DecodedRevert {
  readonly errorName: RevertName;
  readonly args: readonly unknown[];
}

/** A contract refused. */
export class ContractReverted extends ClientError {
  override readonly name = "ContractReverted";
  /** The custom error's name, or `undefined` for anything else than those of `ERRORS_ABI`. */
  readonly errorName: RevertName | undefined;
  readonly args: readonly unknown[];
  /** What the contract gave as its reason: escaped, since anybody may have written it. */
  readonly reason: string;

  constructor(
    shortMessage: string,
    options: ClientErrorOptions & { readonly reason: string },
    decoded?: DecodedRevert,
  ) {
    super(shortMessage, options);
    this.reason = options.reason;
    this.errorName = decoded?.errorName;
    this.args = decoded?.args ?? [];
  }
}

/** Nothing answers at the RPC's URL. */
export class ChainUnreachable extends ClientError {
  override readonly name = "ChainUnreachable";
}

/** The RPC answers too late, or that we ask too much of it. Trying again later may help. */
export class ChainBusy extends ClientError {
  override readonly name = "ChainBusy";
}

/** The RPC's chain is not the one that was meant. */
export class WrongChain extends ClientError {
  override readonly name = "WrongChain";
}

/** The account cannot pay for gas and value. */
export class NoFunds extends ClientError {
  override readonly name = "NoFunds";
}

/** Another transaction of the account took this nonce. */
export class NonceTaken extends ClientError {
  override readonly name = "NonceTaken";
}

/** There is no such contract, or one with other functions. */
export class ContractMissing extends ClientError {
  override readonly name = "ContractMissing";
}

/** The RPC refused for a reason that has no class of its own. */
export class ChainRefused extends ClientError {
  override readonly name = "ChainRefused";
}

/** What went wrong: the class of the error, what it says after what was tried, and what to do. */
type Explanation = readonly [kind: typeof ClientError, words: string, whatToDo: string];

/** What nodes say where a contract gave nothing. */
const NO_REASON = "execution reverted";
const TOO_MANY_REQUESTS = 429;
/** Of `Error(string)`, which `require` and `revert` with a text end with. */
const ERROR_SELECTOR = "0x08c379a0";

/**
 * An error of viem in the user's words: which contract error it was, by name, or what is wrong with
 * the connection, and what to do. One that is in the user's words already comes back as it is.
 *
 * @throws the error itself when it is none of viem's: then it is a bug, which must not look like
 * the chain's fault.
 *
 * @example
 * const hash = await writeContract(client, request).catch((error: unknown) => {
 *   throw toClientError(error, { action: "send the input" });
 * });
 */
export function toClientError(error: unknown, context: ChainAction): ClientError {
  if (error instanceof ClientError) return error;
  if (!(error instanceof BaseError)) throw error;
  const tried = `Could not ${context.action}`;
  const revert = toRevert(error, tried);
  if (revert !== undefined) return revert;
  const [kind, words, whatToDo] = explainConnection(error, context) ??
    explainAccount(error) ?? [
      ChainRefused,
      firstLine(describe(error)),
      "Look at the RPC's answer; try again, or use another RPC.",
    ];
  return new kind(`${tried}: ${words}`, { whatToDo, cause: error });
}

/** Whether viem's error has a cause of this class, however deep. */
export function findCause<E>(
  error: BaseError,
  kind: abstract new (...args: never[]) => E,
): E | undefined {
  const found: unknown = error.walk((cause) => cause instanceof kind);
  return found instanceof kind ? found : undefined;
}

function toRevert(error: BaseError, tried: string): ClientError | undefined {
  if (findCause(error, ContractFunctionZeroDataError)) {
    return new ContractMissing(`${tried}: there is no such contract at that address.`, {
      whatToDo: "Check the address and that the RPC's chain is the right one.",
      cause: error,
    });
  }
  const data = findRevertData(error);
  if (data !== undefined) {
    const decoded = decodeRevert(data);
    if (decoded !== undefined) {
      const { errorName, args } = decoded;
      const [shortMessage, whatToDo] = REVERT_ADVICE[errorName](args);
      const reason = escapeText(`${errorName}(${args.map(String).join(", ")})`);
      return new ContractReverted(shortMessage, { whatToDo, reason, cause: error }, decoded);
    }
  }
  const reverted = findCause(error, ContractFunctionRevertedError);
  if (reverted === undefined && !findCause(error, ExecutionRevertedError)) return undefined;
  const said =
    decodeReason(data) ?? (reverted?.reason === NO_REASON ? undefined : reverted?.reason);
  const unsaid = data === undefined ? "without a reason" : `with ${data.slice(0, 74)}`;
  const reason = said === undefined ? unsaid : `"${escapeText(said)}"`;
  const whatToDo = "Check what was sent against the contract's rules.";
  const shortMessage = `${tried}: the contract refused, ${reason}.`;
  return new ContractReverted(shortMessage, { whatToDo, reason, cause: error });
}

/** The text of Solidity's `Error(string)`; `undefined` for anything else. */
function decodeReason(data: Hex | undefined): string | undefined {
  if (!data?.startsWith(ERROR_SELECTOR)) return undefined;
  try {
    const { args } = decodeErrorResult({ abi: ERRORS_ABI, data });
    return args === undefined ? undefined : String(args[0]);
  } catch {
    return undefined;
  }
}

/** Revert data, wherever on its way through viem it got stuck. */
function findRevertData(error: BaseError): Hex | undefined {
  let found: Hex | undefined;
  error.walk((cause) => {
    const { data, raw } = cause as { readonly data?: unknown; readonly raw?: unknown };
    const inner = (data as { readonly data?: unknown } | undefined)?.data;
    found ??= [raw, data, inner].find(isRevertData);
    return false;
  });
  return found;
}

const isRevertData = (value: unknown): value is Hex =>
  typeof value === "string" && /^0x([0-9a-f]{2}){4,}$/i.test(value);

function decodeRevert(data: Hex): DecodedRevert | undefined {
  try {
    const { errorName, args = [] } = decodeErrorResult({ abi: ERRORS_ABI, data });
    // Error(string) and Panic(uint256) are decoded too, and are not ours to explain.
    return Object.hasOwn(REVERT_ADVICE, errorName) ? { errorName, args } : undefined;
  } catch {
    return undefined;
  }
}

function explainConnection(error: BaseError, { rpcUrl }: ChainAction): Explanation | undefined {
  const http = findCause(error, HttpRequestError);
  const url = rpcUrl ?? http?.url ?? "the RPC";
  if (findCause(error, TimeoutError) || findCause(error, WaitForTransactionReceiptTimeoutError)) {
    const whatToDo =
      "Try again; if that does not help, use another RPC or look whether the chain still mines.";
    return [ChainBusy, `the chain (${url}) did not answer in time.`, whatToDo];
  }
  if (http?.status === TOO_MANY_REQUESTS || findCause(error, LimitExceededRpcError)) {
    const words = `the chain's RPC (${url}) takes no more requests now${quote(error)}.`;
    return [ChainBusy, words, "Wait a little, or use an RPC with higher limits."];
  }
  if (http?.status !== undefined) {
    const words = `${url} answered with HTTP status ${http.status}${quote(http)}.`;
    const whatToDo = "Check that the URL is that of a chain's JSON-RPC, and its access key.";
    return [ChainUnreachable, words, whatToDo];
  }
  if (http === undefined) return undefined;
  if (http.cause instanceof SyntaxError) {
    const words = `${url} answered with something that is not JSON.`;
    return [ChainUnreachable, words, "Check that the URL is that of a chain's JSON-RPC."];
  }
  const whatToDo =
    "Start a local chain with `tallyroll start`, or name one that runs with `--rpc URL`.";
  return [ChainUnreachable, `nothing answers at ${url}.`, whatToDo];
}

function explainAccount(error: BaseError): Explanation | undefined {
  const mismatch = findCause(error, ChainMismatchError);
  if (mismatch) {
    const whatToDo = "Check the RPC's URL and the chain that the application is on.";
    return [WrongChain, mismatch.shortMessage, whatToDo];
  }
  if (findCause(error, InsufficientFundsError)) {
    const words = "the account does not have enough Ether for the amount and the gas.";
    return [NoFunds, words, "Send Ether to the account, or let somebody relay a signed operation."];
  }
  if (!findCause(error, NonceTooLowError)) return undefined;
  const whatToDo = "Try again, and use the account from one program at a time.";
  return [NonceTaken, "another transaction of this account came first.", whatToDo];
}

/** What the RPC itself said says more than what viem says about it. */
function describe(error: BaseError): string {
  return findCause(error, RpcRequestError)?.details ?? (error.details || error.shortMessage);
}

/** The provider's own words, where it has some. */
function quote(error: BaseError): string {
  const said = findCause(error, RpcRequestError) ?? findCause(error, HttpRequestError);
  const words = escapeWords(said?.details ?? "");
  return words === "" ? "" : ` ("${words}")`;
}

const firstLine = (text: string): string => escapeWords(text.split("\n")[0] as string);
