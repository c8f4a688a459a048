import { bytesToHex } from "@noble/hashes/utils.js";
import { QueryRefused } from "../actions/inspect-application.ts";
import { OperationRefused } from "../actions/operation-refused.ts";
import { SealedReadError } from "../buyer/sealed-read-error.ts";
import type { ClientError } from "../errors.ts";
import { REFUSAL_COMMANDS } from "./refusal-commands.ts";

/**
 * What to do next, in commands, where the client's own advice names functions. By the error's name.
 */
const ADVICE: Readonly<Record<string, string>> = {
  AllowanceTooLow: "Add --approve to let the portal take exactly that much.",
  BuyerWithoutKey:
    "Let the buyer run `tallyroll key encryption` and `tallyroll grant key` first; then grant again.",
  ClaimNotAccepted: "Try again then, or leave --no-wait out to wait for it.",
  ExecutorWithoutEther:
    "Any account may execute it, and it pays whom it pays: repeat the command with another " +
    "--keystore FILE or --dev-account N.",
  NodeAnswerInvalid:
    "Check --node, whose URL ends in /rpc, and --inspect-url: the inspect API has a port of its own.",
  OutputNotFound: "`tallyroll outputs` lists them; the node may also be behind the chain.",
  OutputNotExecutable: "Name a voucher: `tallyroll outputs --kind voucher` lists them.",
  TokenBalanceTooLow:
    "Deposit less, or get more of it; `tallyroll mint` makes the local rollup's test token.",
  StreamNotGranted: "Run `tallyroll grant key`, and ask the stream's owner for a grant.",
};

/** The same for queries that commands ask, by what the application says. */
const QUERY_ADVICE: Readonly<Record<string, string>> = {
  "the stream is sealed: only a granted buyer can read its values":
    "Read it as its buyer, with `tallyroll stream read`.",
  "no such stream": "Check its number: `tallyroll stream list DEVICE` shows those of a device.",
  "no such device": "Check it: `tallyroll device list` shows those of an account.",
  "no such batch":
    "Check its number: `tallyroll inspect batches stream_id=N` lists those of a stream.",
  "no such channel":
    "Check its number: `tallyroll channel list` shows an account's; with --received those that pay it.",
  "no such organization":
    "Check its name, or create it by `tallyroll service organization ORGANIZATION NAME`.",
  "no such service": "Check its number: `tallyroll discover TAG` finds services.",
  "no such version of the service":
    "Leave the version out: `tallyroll service show SERVICE` shows the current one.",
  "no such escrow":
    "Check it: `tallyroll escrow list` shows an account's, `tallyroll escrow intents TAG` those that wait.",
};

/** The advice of an error as the command gives it. */
export function adviseCommand(error: ClientError): string {
  const { name, whatToDo } = error;
  if (error instanceof SealedReadError) return adviseReader(error);
  if (error instanceof OperationRefused) return REFUSAL_COMMANDS[error.refusal] ?? whatToDo;
  const [table, key] =
    error instanceof QueryRefused ? [QUERY_ADVICE, error.reason] : [ADVICE, name];
  return Object.hasOwn(table, key) ? (table[key] ?? whatToDo) : whatToDo;
}

/** A fault that can be proved is told with the very words that prove it. */
function adviseReader({ place, whatToDo }: SealedReadError): string {
  const { batchId, group, batchKey } = place;
  if (batchId === undefined) return whatToDo;
  const behind = "`tallyroll stream read` goes on behind it with --from-sequence.";
  if (group === undefined || batchKey === undefined) return `${whatToDo} ${behind}`;
  const words = `challenge ${batchId} --group ${group} --batch-key 0x${bytesToHex(batchKey)}`;
  return `Do not pay for it, and prove the fraud: \`tallyroll ${words}\`. ${behind}`;
}
