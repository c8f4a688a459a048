import type { Command } from "commander";
import { bytesToHex } from "viem";
import { OPERATIONS_MAX } from "../../../spec/limits.ts";
import { SentNotConfirmed } from "../../chain/sent-not-confirmed.ts";
import { getAccount } from "../../client/actions/account-queries.ts";
import { callChain } from "../../client/actions/call-chain.ts";
import {
  listOutcomes,
  type OperationOutcome,
  OperationRefused,
} from "../../client/actions/operation-outcomes.ts";
import { sendOperations } from "../../client/actions/send-operations.ts";
import type { TallyrollClient } from "../../client/actions/tallyroll-client.ts";
import { waitForSent } from "../../client/actions/wait-for-input.ts";
import type { Notice } from "../../client/decoding/decode-notice.ts";
import { escapeText } from "../../escape-text.ts";
import { groupOperations } from "../../history/group-operations.ts";
import { type ActorOptions, addActorOptions, connectActor } from "../connection/online.ts";
import { formatMoneyJson, toLoneNoticeJson } from "../money/money-json.ts";
import { parseRelayFile, type RelayedFile, RelayFileError } from "../operation/relay-file.ts";
import { formatTime } from "../terminal/format-csv.ts";
import { nameOfFile, readText } from "../terminal/read-file.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { describeRelayed } from "./describe-relayed.ts";

const HELP = `
Sends operations that others have signed with --relay-out, and pays the gas. Nobody can change them
on the way, and each applies once, before its deadline. Several of one account go in the order of
their nonces. Before anything is sent, every file is verified (one operation, signed by the account
that it names, for this application, whose turn it is), and what each does is shown.

Examples:
  $ tallyroll transfer 5 0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266 --relay-out pay.json --dev-account 1
  $ tallyroll relay pay.json --dev-account 2`;

/** `tallyroll relay`: sends what others have signed. */
export function addRelayCommand(program: Command, terminal: Terminal): void {
  addActorOptions(program.command("relay").argument("<files...>", "written by --relay-out"))
    .description("send operations that others have signed, from this account")
    .addHelpText("after", HELP)
    .action((files: string[], options: ActorOptions) => relay(files, options, terminal));
}

async function relay(
  files: readonly string[],
  options: ActorOptions,
  terminal: Terminal,
): Promise<void> {
  const { client } = await connectActor(options, terminal);
  const relayed: RelayedFile[] = [];
  for (const file of files) {
    const operation = parseRelayFile(await readText(file, terminal.io), nameOfFile(file), client);
    relayed.push({ file, operation });
  }
  await requireTurns(client, relayed);
  for (const each of relayed) terminal.note(describeRelayed(client, each));
  const results = [];
  let refused: OperationRefused | undefined;
  for (const group of groupOperations(relayed, OPERATIONS_MAX, ({ operation }) => operation)) {
    const operations = group.map(({ operation }) => operation);
    const { transactionHash } = await sendOperations(client, { operations });
    terminal.progress(() => `waiting for ${transactionHash}`);
    const result = await waitForSent(client, {
      transactionHash,
      describe: (place, cause) => new SentNotConfirmed("The operations were sent", place, cause),
    });
    const { inputIndex } = result;
    const bodies = operations.map(({ body }) => body);
    for (const [i, outcome] of listOutcomes(result, bodies).entries()) {
      const { file = "", operation } = group[i] ?? {};
      const kind = operation?.body.kind;
      if (outcome.status === "refused")
        refused ??= new OperationRefused(inputIndex, outcome.refused);
      results.push({ file, kind, inputIndex, ...toJson(outcome) });
      const verdict =
        outcome.status === "refused"
          ? `refused, ${outcome.refused.refusal}: ${escapeText(outcome.refused.detail)}`
          : `applied${describeNew(outcome.notices)}`;
      if (!options.json)
        await terminal.printLine(`${nameOfFile(file)}: ${kind} ${verdict} (input ${inputIndex})`);
    }
  }
  if (options.json) await terminal.print(await formatMoneyJson(client, { relayed: results }));
  if (refused !== undefined) throw refused;
}

/** An outcome under `--json`. */
const toJson = (outcome: OperationOutcome): object =>
  outcome.status === "refused"
    ? outcome
    : {
        ...outcome,
        notices: outcome.notices.map(toLoneNoticeJson),
      };

/** What an operation has made, by which later commands name it. */
function describeNew(notices: readonly Notice[]): string {
  for (const { name, args } of notices) {
    if (name === "DeviceRegistered") return `, device ${args.deviceId}`;
    if (name === "StreamDeclared") return `, stream ${args.streamId}`;
    if (name === "ChannelOpened") return `, channel ${args.channelId}`;
    if (name === "ServicePublished" && args.version === 1n) return `, service ${args.serviceId}`;
    if (name === "EscrowOpened") return `, escrow standard:${args.escrowId}`;
    if (name === "IntentOpened") return `, escrow intent:${args.escrowId}`;
  }
  return "";
}

/**
 * Checks that each operation would apply next, in the order given: its deadline is later than the
 * newest block, and its nonce is its account's next one after those in front of it.
 *
 * @throws RelayFileError: expired, nonce_spent or nonce_ahead, and what queries and `callChain`
 * throw.
 */
async function requireTurns(
  client: TallyrollClient,
  relayed: readonly RelayedFile[],
): Promise<void> {
  const { timestamp } = await callChain(client, "read the newest block", () =>
    client.publicClient.getBlock(),
  );
  const nextNonces = new Map<string, number>();
  for (const { file, operation } of relayed) {
    const { authorization } = operation;
    const called = escapeText(nameOfFile(file));
    const { nonce, deadlineSec } = authorization;
    const account = bytesToHex(authorization.account);
    if (deadlineSec <= Number(timestamp)) {
      const words = `was valid until ${formatTime(deadlineSec)}, and the newest block is of ${formatTime(Number(timestamp))}`;
      throw new RelayFileError("expired", `${called} ${words}.`, {
        whatToDo: "Sign it again with --relay-out, and a longer --relay-for.",
      });
    }
    const next = nextNonces.get(account) ?? (await getAccount(client, { account })).nonce;
    if (nonce !== next) throw outOfTurn(called, account, nonce, next);
    nextNonces.set(account, next + 1);
  }
}

function outOfTurn(called: string, account: string, nonce: number, next: number): RelayFileError {
  const turn = `${called} has nonce ${nonce} of ${account}, whose next one is ${next}`;
  if (nonce < next) {
    return new RelayFileError("nonce_spent", `${turn}: it is spent.`, {
      whatToDo:
        "Do nothing if it has applied already: each counts once. Otherwise have it signed again.",
    });
  }
  return new RelayFileError("nonce_ahead", `${turn}: it is ahead.`, {
    whatToDo:
      "Give the files in front of it first, in the order of their nonces, or wait for them.",
  });
}
