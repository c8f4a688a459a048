import { bytesToHex } from "@noble/hashes/utils.js";
import type { QueryErrorName } from "../../../spec/query-errors.ts";
import { OperationRefused } from "../../client/actions/operation-outcomes.ts";
import { QueryRefused } from "../../client/actions/query-refused.ts";
import { StreamNotGranted } from "../../client/actions/read-sealed-stream.ts";
import { SealedReadError } from "../../client/buyer/read-sealed.ts";
import type { ClientError } from "../../errors.ts";
import { theirs } from "../options/command-hints.ts";
import { REFUSAL_ADVICE } from "./would-be-refused.ts";

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
  OutputNotFound: "`tallyroll outputs` lists them; the node may also lag the chain.",
  OutputNotExecutable: "Name a voucher: `tallyroll outputs --kind voucher` lists them.",
  TokenBalanceTooLow:
    "Deposit less, or get more of it; `tallyroll mint AMOUNT` makes the local rollup's test token.",
};

/** The same for queries that commands ask, by the reason that the application gives. */
const QUERY_ADVICE: Partial<Record<QueryErrorName, string>> = {
  stream_not_found: "Check its number: `tallyroll stream list DEVICE` shows those of a device.",
  device_not_found: "Check it: `tallyroll device list` shows those of an account.",
  batch_not_found:
    "Check its number: `tallyroll inspect batches stream_id=N` lists those of a stream.",
  channel_not_found:
    "Check its number: `tallyroll channel list` shows an account's; with --received those that pay it.",
  organization_not_found:
    "Check its name, or create it by `tallyroll service organization ORGANIZATION NAME`.",
  service_not_found: "Check its number: `tallyroll discover` lists services.",
  service_version_not_found:
    "Leave the version out: `tallyroll service show SERVICE` shows the current one.",
  escrow_not_found:
    "Check it: `tallyroll escrow list` shows an account's, `tallyroll escrow intents TAG` those that wait.",
};

/** The advice of an error as the command gives it. */
export function adviseCommand(error: ClientError): string {
  const { name, whatToDo } = error;
  if (error instanceof SealedReadError) return adviseReader(error);
  if (error instanceof StreamNotGranted) return adviseBuyer(error);
  if (error instanceof OperationRefused) return REFUSAL_ADVICE[error.refusal] ?? whatToDo;
  if (error instanceof QueryRefused) return adviseAsker(error) ?? whatToDo;
  return Object.hasOwn(ADVICE, name) ? (ADVICE[name] ?? whatToDo) : whatToDo;
}

/** What is asked of a stream's readings is advised with its number. */
function adviseAsker({ asked, reason }: QueryRefused): string | undefined {
  const { stream_id: streamId } = asked;
  if (typeof streamId === "number") {
    if (reason === "stream_sealed") {
      return `Read it as its owner or buyer, with \`tallyroll stream read ${streamId}\`.`;
    }
    if (reason === "metric_not_found" || reason === "metric_not_numeric") {
      return `Name a numeric one: \`tallyroll stream show ${streamId}\` lists the stream's metrics.`;
    }
  }
  return reason && QUERY_ADVICE[reason];
}

/** A key that is published already is not to be published, and paid for, again. */
function adviseBuyer({ streamId, buyer, hasKey }: StreamNotGranted): string {
  const ask = `Ask the stream's owner for ${theirs(`grant give ${streamId} ${buyer}`)}.`;
  return hasKey === false ? `Publish an encryption key by \`tallyroll grant key\`. ${ask}` : ask;
}

/** A fault that can be proved is reported with the very command that proves it. */
function adviseReader({ place, whatToDo }: SealedReadError): string {
  const { batchId, group, batchKey } = place;
  if (batchId === undefined) return whatToDo;
  const behind = "With --from-sequence, the reading goes on after it.";
  if (group === undefined || batchKey === undefined) return `${whatToDo} ${behind}`;
  const key = `0x${bytesToHex(batchKey)}`;
  const proof = `\`tallyroll challenge ${batchId} --group ${group} --batch-key ${key}\``;
  return `Do not pay for it, and prove the fraud: ${proof}. ${behind}`;
}
