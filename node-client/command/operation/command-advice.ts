import { bytesToHex } from "@noble/hashes/utils.js";
import { QueryRefused } from "../../client/actions/inspect-application.ts";
import { OperationRefused } from "../../client/actions/operation-refused.ts";
import { StreamNotGranted } from "../../client/actions/read-sealed-stream.ts";
import { SealedReadError } from "../../client/buyer/sealed-read-error.ts";
import type { ClientError } from "../../errors.ts";
import { theirs } from "../options/command-hints.ts";
import { REFUSAL_COMMANDS } from "./refusal-commands.ts";

/**
 * What to do next, in commands, where the client's own advice names functions. By the error's name.
 */
const ADVICE: Readonly<Record<string, string>> = {
  AllowanceTooLow: "Add --approve to let the portal take exactly that much.",
  BuyerWithoutKey:
    `Let the buyer run ${theirs("grant key")} first, after \`tallyroll key encryption\` where they have no ` +
    "key yet; then grant again.",
  ClaimNotAccepted: "Try again then, or leave --no-wait out to wait for it.",
  ExecutorWithoutEther:
    "Any account may execute it, and it pays whom it pays: repeat the command with another " +
    "--keystore FILE or --dev-account N.",
  NodeAnswerInvalid:
    "Check --node, whose URL ends in /rpc, and --inspect-url: the inspect API has a port of its own.",
  OutputNotFound: "`tallyroll outputs` lists them; the node may also be behind the chain.",
  OutputNotExecutable: "Name a voucher: `tallyroll outputs --kind voucher` lists them.",
  TokenBalanceTooLow:
    "Deposit less, or get more of it; `tallyroll mint AMOUNT` makes the local rollup's test token.",
};

/** The same for queries that commands ask, by what the application says. */
const QUERY_ADVICE: Readonly<Record<string, string>> = {
  "no such stream": "Check its number: `tallyroll stream list DEVICE` shows those of a device.",
  "no such device": "Check it: `tallyroll device list` shows those of an account.",
  "no such batch":
    "Check its number: `tallyroll inspect batches stream_id=N` lists those of a stream.",
  "no such channel":
    "Check its number: `tallyroll channel list` shows an account's; with --received those that pay it.",
  "no such organization":
    "Check its name, or create it by `tallyroll service organization ORGANIZATION NAME`.",
  "no such service": "Check its number: `tallyroll discover` lists services.",
  "no such version of the service":
    "Leave the version out: `tallyroll service show SERVICE` shows the current one.",
  "no such escrow":
    "Check it: `tallyroll escrow list` shows an account's, `tallyroll escrow intents TAG` those that wait.",
};

/** The advice of an error as the command gives it. */
export function adviseCommand(error: ClientError): string {
  const { name, whatToDo } = error;
  if (error instanceof SealedReadError) return adviseReader(error);
  if (error instanceof StreamNotGranted) return adviseBuyer(error);
  if (error instanceof OperationRefused) return REFUSAL_COMMANDS[error.refusal] ?? whatToDo;
  if (error instanceof QueryRefused) {
    const advice = adviseStream(error);
    if (advice !== undefined) return advice;
  }
  const [table, key] =
    error instanceof QueryRefused ? [QUERY_ADVICE, error.reason] : [ADVICE, name];
  return Object.hasOwn(table, key) ? (table[key] ?? whatToDo) : whatToDo;
}

/** Of a query about a stream's readings, with its number. */
function adviseStream({ asked, reason }: QueryRefused): string | undefined {
  const { stream_id: streamId } = asked;
  if (typeof streamId !== "number") return undefined;
  if (reason.startsWith("the stream is sealed")) {
    return `Read it as its owner or buyer, with \`tallyroll stream read ${streamId}\`.`;
  }
  return /^(the stream has no )?metric "/.test(reason)
    ? `Name a numeric one: \`tallyroll stream show ${streamId}\` lists the stream's metrics.`
    : undefined;
}

/** A key that is published already is not to be published, and paid for, again. */
function adviseBuyer({ streamId, buyer, hasKey }: StreamNotGranted): string {
  const ask = `Ask the stream's owner for ${theirs(`grant give ${streamId} ${buyer}`)}.`;
  return hasKey === false ? `Publish an encryption key by \`tallyroll grant key\`. ${ask}` : ask;
}

/** A fault that can be proved is told with the very words that prove it. */
function adviseReader({ place, whatToDo }: SealedReadError): string {
  const { batchId, group, batchKey } = place;
  if (batchId === undefined) return whatToDo;
  const behind = "With --from-sequence, the reading goes on after it.";
  if (group === undefined || batchKey === undefined) return `${whatToDo} ${behind}`;
  const key = `0x${bytesToHex(batchKey)}`;
  const proof = `\`tallyroll challenge ${batchId} --group ${group} --batch-key ${key}\``;
  return `Do not pay for it, and prove the fraud: ${proof}. ${behind}`;
}
