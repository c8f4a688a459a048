import { bytesToHex } from "@noble/hashes/utils.js";
import type { QueryErrorName } from "../../../spec/query-errors.ts";
import type { Refusal } from "../../../spec/refusals.ts";
import { OperationRefused } from "../../client/actions/operation-outcomes.ts";
import { QueryRefused } from "../../client/actions/query-refused.ts";
import { StreamNotGranted } from "../../client/actions/read-sealed-stream.ts";
import { SealedReadError } from "../../client/buyer/read-sealed.ts";
import { ClientError } from "../../errors.ts";
import { theirs } from "../options/command-hints.ts";

const SHOW_ESCROW = "`tallyroll escrow show ESCROW`";
const SHOW_CHANNEL = "`tallyroll channel show CHANNEL`";
const SHOW_SERVICE = "`tallyroll service show SERVICE`";
const SHOW_STREAM = "`tallyroll stream show STREAM`";
const LIST_GRANTS = "`tallyroll grant list BUYER`";
const ASK_AGAIN =
  `Ask the payer for one by ${theirs("channel pay CHANNEL AMOUNT")}, signed by the channel's ` +
  "signer or sender for its current nonce or generation.";
const GRANT_KEY_FIRST =
  `Let the buyer run ${theirs("grant key")} first, after \`tallyroll key encryption\` where they have no ` +
  "key yet; then grant again.";

/** The way out of a refusal in commands, where the client's own advice names functions or none. */
export const REFUSAL_ADVICE: Readonly<Partial<Record<Refusal, string>>> = {
  authorization_expired: "Sign it again with --relay-out, and a longer --relay-for.",
  authorization_nonce_wrong:
    "Do nothing if it has applied already; otherwise sign it again with --relay-out, which takes " +
    "the account's next nonce, and send it by `tallyroll relay FILE`.",
  authorization_signature_wrong:
    "Sign it again with --relay-out, for this application, and send that file unchanged.",
  balance_too_low:
    "Move less, or deposit more first, by `tallyroll deposit AMOUNT`; `tallyroll balance` shows " +
    "what there is.",
  device_not_found: "`tallyroll device list` shows an account's devices and their numbers.",
  stream_not_found: "`tallyroll stream list DEVICE` shows a device's streams and their numbers.",
  stream_not_sealed: "Read it without a grant, by `tallyroll stream readings STREAM`.",
  epoch_not_next: `Run \`tallyroll stream rotate STREAM\` again; ${SHOW_STREAM} shows the epoch.`,
  grant_epoch_not_known: `Grant the current epoch: ${SHOW_STREAM} shows it.`,
  grant_groups_invalid: `Name key groups that the stream has: ${SHOW_STREAM} shows them.`,
  grant_buyer_without_key: GRANT_KEY_FIRST,
  grant_exists: "End it by `tallyroll grant revoke STREAM BUYER`, or wait until it has expired.",
  grant_not_found: `${LIST_GRANTS} shows what a buyer was granted.`,
  grant_revoked_already: `Do nothing: it has ended already, as ${LIST_GRANTS} shows.`,
  batch_not_found: "`tallyroll inspect batches stream_id=STREAM` lists a stream's batches.",
  batch_disproved_already:
    "Take another batch; everybody sees by `tallyroll inspect batches stream_id=STREAM` that this " +
    "one is false.",
  batch_archived: "Take a younger one, as `tallyroll inspect batches stream_id=STREAM` shows them.",
  challenge_body_wrong:
    "Let `tallyroll challenge BATCH --group N --batch-key HEX` fetch the body from the chain's input.",
  retention_nothing_due:
    "Do nothing: `tallyroll stream show STREAM` says from which sequence on readings are kept.",
  escrow_retention_too_short:
    "Open it with a shorter --session, --answer-time or --arbitration-time; `tallyroll stream show " +
    "STREAM` says how long the stream keeps its readings.",

  channel_not_found:
    "`tallyroll channel list` shows an account's channels; with --received those that pay it.",
  channel_signer_zero:
    "Open it with the account that will sign: `tallyroll channel open RECIPIENT AMOUNT --signer ADDRESS`.",
  channel_message_used: `Let the sender sign again, by ${theirs("channel sign-opening RECIPIENT AMOUNT --payer ADDRESS")} with another --message-nonce.`,
  channel_message_signature_wrong:
    `Let the sender sign these very terms, by ${theirs("channel sign-opening RECIPIENT AMOUNT --payer ADDRESS")}, ` +
    "with the account that sends and funds them as the payer.",
  channel_sender_not_actor: `Send or sign it with the channel's sender, whom ${SHOW_CHANNEL} names; anybody may add funds by \`tallyroll channel add CHANNEL AMOUNT\`.`,
  channel_expiration_lower: `Give more blocks: \`tallyroll channel extend CHANNEL --blocks N\`; ${SHOW_CHANNEL} shows the present expiration.`,
  channel_not_expired: `Wait for that block, as ${SHOW_CHANNEL} shows it, or ask the recipient for ${theirs("channel claim FILE --send-back")}.`,
  claim_over_value: `Claim less, or have funds added by \`tallyroll channel add CHANNEL AMOUNT\`; ${SHOW_CHANNEL} shows what it holds.`,
  claim_recipient_not_actor: `Send or sign it with the channel's recipient, whom ${SHOW_CHANNEL} names.`,
  claim_over_planned:
    "Claim at most the signed amount by `tallyroll channel claim FILE --actual AMOUNT`, or ask the payer for a " +
    `larger payment, by ${theirs("channel pay CHANNEL AMOUNT")}.`,
  claim_form_not_taken:
    `Ask the payer for a payment in the form that the channel takes: ${theirs("channel pay CHANNEL AMOUNT")} ` +
    "signs EIP-712, and MPE's message with --mpe.",
  claim_signature_wrong: ASK_AGAIN,
  claim_nothing_due: `Redeem a later payment of the lane, or have funds added by \`tallyroll channel add CHANNEL AMOUNT\`; ${SHOW_CHANNEL} shows what was redeemed.`,
  claim_list_empty: `Name a file with a payment in it, as ${theirs("channel pay CHANNEL AMOUNT")} prints them.`,

  slug_invalid:
    "Choose such a name, as `tallyroll service publish --help` and `tallyroll escrow intent --help` show.",
  display_name_invalid:
    "Choose a shorter name without control characters, by `tallyroll service organization " +
    "ORGANIZATION NAME`.",
  endpoints_invalid:
    "Give distinct and short ones by --endpoint, such as https://example.org/api; `tallyroll service " +
    "update SERVICE --tags TAGS --price AMOUNT` takes the whole offer again.",
  organization_not_found:
    "Create it by `tallyroll service organization ORGANIZATION NAME`, or leave --organization out.",
  organization_sender_not_owner:
    "Send or sign it with its owner's account, whom `tallyroll service show-organization " +
    "ORGANIZATION` names, or choose another name.",
  payment_group_not_found:
    "Put it into the organization by `tallyroll service payment-group ORGANIZATION NAME --group HEX`, " +
    "or leave --group out.",
  service_not_found: "`tallyroll discover` lists services with their numbers.",
  service_sender_not_provider: `Send or sign it with the provider's account, whom ${SHOW_SERVICE} names.`,
  service_withdrawn:
    "Choose another service of `tallyroll discover`; a provider may publish one under another name.",
  service_name_taken:
    "Choose another name, or publish its next version by `tallyroll service update SERVICE --tags TAGS " +
    "--price AMOUNT`.",
  service_tags_invalid:
    "Mend that tag in --tags, as `tallyroll service publish --help` shows, and run the command again.",
  service_price_zero:
    "Give a positive --price or --ceiling: `tallyroll service publish --help`, `tallyroll escrow intent --help`.",
  service_stream_not_own:
    "Name a stream of a device of yours by --stream: `tallyroll device list` shows them.",
  service_groups_invalid: `Give key groups that the stream has by --groups, or none for an open stream: ${SHOW_STREAM}.`,
  service_version_not_current: `Look at the current version and its price by ${SHOW_SERVICE}, and name it, or leave --service-version out.`,

  escrow_not_found:
    "`tallyroll escrow list` shows an account's escrows, `tallyroll escrow intents TAG` those that wait.",
  escrow_closed:
    "Open another one by `tallyroll escrow open SERVICE AMOUNT`; what this one held has gone to its parties.",
  escrow_sender_not_buyer: `Send or sign it with the buyer's account, whom ${SHOW_ESCROW} names.`,
  escrow_sender_not_provider: `Send or sign it with the provider's account, whom ${SHOW_ESCROW} names.`,
  escrow_sender_not_arbiter: `Send or sign it with the arbiter's account, whom ${SHOW_ESCROW} names.`,
  escrow_sender_not_party: `Send or sign it with the buyer's or the provider's account: ${SHOW_ESCROW}.`,
  escrow_terms_invalid:
    "Mend the option that the detail names: `tallyroll escrow open --help` lists those of each mode.",
  escrow_amount_under_price: `Put in the unit's price at least, or an intent's ceiling: ${SHOW_SERVICE} shows the price.`,
  escrow_parties_equal:
    "Name another --arbiter or other --providers, as `tallyroll escrow intent --help` shows, or act with " +
    "another account.",
  escrow_predicate_invalid:
    "Write a smaller --predicate, as `tallyroll escrow open --help` shows; minimums are not above " +
    "maximums.",
  escrow_predicate_unfit: `Name the metrics in --predicate as the service's open stream declares them: ${SHOW_STREAM}.`,
  escrow_mode_wrong:
    "Deliver units of a pull service by `tallyroll escrow deliver ESCROW`; run sessions of a pubsub " +
    "service by `tallyroll escrow session start ESCROW`.",
  escrow_status_wrong: `Look at what it awaits by ${SHOW_ESCROW}; what time has decided counts already.`,
  escrow_unit_wrong: `Leave --unit out, which takes the escrow's next one: ${SHOW_ESCROW}.`,
  escrow_held_too_low:
    `Let the buyer add money by ${theirs("escrow fund ESCROW AMOUNT")}, or raise the limit of ` +
    `${theirs("escrow auto-fill ESCROW AMOUNT")} and the balance.`,
  escrow_nothing_due: `Wait for the escrow's deadline: ${SHOW_ESCROW}.`,
  escrow_kind_wrong: "Name an intent that waits for a provider: `tallyroll escrow intents TAG`.",
  intent_provider_not_named:
    "Look for an intent that names this account, or names nobody: `tallyroll escrow intents TAG`.",
  intent_service_unfit:
    "Take it with a service of its tag, mode and token, of those that `tallyroll service list` shows.",
  intent_price_over_ceiling:
    "Leave it: a cheaper version published now is too late for it. `tallyroll escrow intents TAG` " +
    "shows others.",
  intent_version_not_of_opening:
    "Name the version that was current when it was opened: `tallyroll escrow take ESCROW SERVICE " +
    "--service-version N`.",
  delivery_batch_wrong:
    "Send new readings by `tallyroll submit --csv FILE`, and deliver their batch: `tallyroll inspect batches " +
    "stream_id=STREAM` lists them.",
  delivery_batch_unneeded:
    "Leave --batch out; what is not a stream goes by `tallyroll escrow deliver ESCROW --commitment HEX`.",
  delivery_commitment_wrong:
    "Give a --batch where a stream is sold, a --commitment where none is: `tallyroll escrow deliver --help`.",
  delivery_grant_missing:
    "Grant the buyer the batch's epoch and all key groups of the offer, until after their time to " +
    "answer: `tallyroll grant give STREAM BUYER`.",
  session_not_over:
    "Wait for its end, or redeem the buyer's receipt, which needs no waiting: `tallyroll escrow " +
    "receipt redeem FILE`.",
  session_counts_wrong:
    "Give a --valid at or below the messages; a pull's receipt has none: `tallyroll escrow receipt " +
    "sign --help`.",
  receipt_signature_wrong: `Ask the buyer for one by ${theirs("escrow receipt sign ESCROW")}, and send it as it was signed.`,
  receipt_not_needed: `Do nothing: all that it accepts is paid or refunded already, as ${SHOW_ESCROW} shows.`,
  receipt_unit_not_delivered:
    "Deliver the unit first, by `tallyroll escrow deliver ESCROW --batch N`, then redeem the receipt.",
  escrow_judged_by_machine:
    "Deliver, or wait for the session's deadline and have it applied by `tallyroll escrow poke " +
    "ESCROW`: the machine gives the verdict.",
  escrow_batch_not_disproved:
    "Prove the fraud by `tallyroll challenge BATCH --group N --batch-key HEX` first, or reject the unit " +
    "without --batch.",
  arbitration_over_price: `Give the provider at most the unit's price: ${SHOW_ESCROW}.`,
};

/**
 * The application would refuse what is about to be sent, by the state as it is: said before it costs
 * gas. An operation that is signed for a relay may be meant for a later state, and is not held back.
 */
export class WouldBeRefused extends ClientError {
  override readonly name = "WouldBeRefused";
  readonly refusal: Refusal;

  /** @param detail What is wrong, as the machine's own detail would say it. */
  constructor(refusal: Refusal, detail: string, cause?: unknown) {
    super(`The application would refuse this (${refusal}: ${detail}); nothing was sent.`, {
      whatToDo: REFUSAL_ADVICE[refusal] ?? "Look at the state that the detail speaks of.",
      cause,
    });
    this.refusal = refusal;
  }
}

/**
 * What to do next, in commands, where the client's own advice names functions. By the error's name.
 */
const ADVICE: Readonly<Record<string, string>> = {
  AllowanceTooLow: "Add --approve to let the portal take exactly that much.",
  BuyerWithoutKey: GRANT_KEY_FIRST,
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
