import type { Command } from "commander";
import { bytesToHex } from "viem";
import { OPERATIONS_MAX } from "../../../spec/limits.ts";
import { encodeTypedData } from "../../../spec/typed-data.ts";
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
import { escapeValue } from "../../escape-value.ts";
import { groupOperations } from "../../history/group-operations.ts";
import { formatMoneyJson, toLoneNoticeJson } from "../money/money-json.ts";
import { CommandGroup } from "../operation/command-group.ts";
import { parseRelayFile, type RelayedFile, RelayFileError } from "../operation/relay-file.ts";
import { formatTime } from "../terminal/format-csv.ts";
import { nameOfFile, readText } from "../terminal/read-file.ts";
import type { Terminal } from "../terminal/terminal.ts";

const HELP = `
Sends operations that others have signed with --relay-out, and pays the gas. Nobody can change them
on the way, and each applies once, before its deadline. Several of one account go in the order of
their nonces. Before anything is sent, every file is verified (one operation, signed by the account
that it names, for this application, whose turn it is), and what each does is shown.

Examples:
  $ tallyroll transfer 5 0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266 --relay-out pay.json --dev-account 1
  $ tallyroll relay pay.json --dev-account 2`;

export function addRelayCommand(program: Command, terminal: Terminal): void {
  new CommandGroup(program, terminal)
    .signer("relay", "send operations that others have signed, from this account")
    .argument("<files...>", "written by --relay-out")
    .help(HELP)
    .run(async ({ client, options }, files) => {
      const relayed: RelayedFile[] = [];
      for (const file of files) {
        const text = await readText(file, terminal.io);
        relayed.push({ file, operation: parseRelayFile(text, nameOfFile(file), client) });
      }
      await requireTurns(client, relayed);
      for (const each of relayed) terminal.note(describeRelayed(client, each));
      const results = [];
      let refused: OperationRefused | undefined;
      for (const group of groupOperations(relayed, OPERATIONS_MAX, ({ operation }) => operation)) {
        const { inputIndex, outcomes } = await send(client, group, terminal);
        for (const [i, outcome] of outcomes.entries()) {
          const { file = "", operation } = group[i] ?? {};
          const kind = operation?.body.kind;
          results.push({ file, kind, inputIndex, ...toJson(outcome) });
          let verdict: string;
          if (outcome.status === "refused") {
            const { refusal, detail } = outcome.refused;
            refused ??= new OperationRefused(inputIndex, outcome.refused);
            verdict = `refused, ${refusal}: ${escapeText(detail)}`;
          } else verdict = `applied${describeNew(outcome.notices)}`;
          if (options.json) continue;
          await terminal.printLine(`${nameOfFile(file)}: ${kind} ${verdict} (input ${inputIndex})`);
        }
      }
      if (options.json) await terminal.print(await formatMoneyJson(client, { relayed: results }));
      if (refused !== undefined) throw refused;
    });
}

/** Sends operations as one input, and waits for what becomes of each. */
async function send(
  client: TallyrollClient,
  group: readonly RelayedFile[],
  terminal: Terminal,
): Promise<{ readonly inputIndex: number; readonly outcomes: readonly OperationOutcome[] }> {
  const operations = group.map(({ operation }) => operation);
  const { transactionHash } = await sendOperations(client, { operations });
  terminal.progress(() => `waiting for ${transactionHash}`);
  const result = await waitForSent(client, {
    transactionHash,
    describe: (place, cause) => new SentNotConfirmed("The operations were sent", place, cause),
  });
  return { inputIndex: result.inputIndex, outcomes: listOutcomes(result, operations.length) };
}

/** An outcome under `--json`. */
const toJson = (outcome: OperationOutcome): object =>
  outcome.status === "refused"
    ? outcome
    : { ...outcome, notices: outcome.notices.map(toLoneNoticeJson) };

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

const ENTRIES_MAX = 8;
/** A hash or an address is shown whole, longer bytes by their beginning. */
const HEX_CHARACTERS_MAX = 66;
const TEXT_CHARACTERS_MAX = 128;
/** Beside the body's own fields, and shown in front of them. */
const CLAIM: ReadonlySet<string> = new Set(["account", "nonce", "deadline"]);

/**
 * What a signed operation does, field by field as its signer's wallet has shown it, in one line
 * that holds nothing unescaped.
 *
 * @example
 * describeRelayed(client, { file, operation });
 * // pay.json: transfer by 0x7099…, nonce 0, until 2026-11-29 15:00:00 UTC: token 0x…, to 0x…, amount 5
 */
export function describeRelayed(
  { at }: Pick<TallyrollClient, "at">,
  { file, operation }: RelayedFile,
): string {
  const { authorization, body } = operation;
  const { message } = encodeTypedData(at, authorization, body);
  const fields = Object.entries(message).filter(([name]) => !CLAIM.has(name));
  const { nonce, deadlineSec } = authorization;
  const by = `${body.kind} by ${bytesToHex(authorization.account)}`;
  const until = `nonce ${nonce}, until ${formatTime(deadlineSec)}`;
  return `${escapeText(nameOfFile(file))}: ${by}, ${until}: ${describeFields(fields)}`;
}

const describeFields = (fields: readonly (readonly [string, unknown])[]): string =>
  fields.map(([name, value]) => `${name} ${describeValue(value)}`).join(", ");

function describeValue(value: unknown): string {
  if (Array.isArray(value)) {
    const shown = value.slice(0, ENTRIES_MAX).map(describeValue);
    const rest = value.length - shown.length;
    return `[${shown.join(", ")}${rest > 0 ? `, and ${rest} more` : ""}]`;
  }
  if (typeof value === "object" && value !== null) {
    return `{ ${describeFields(Object.entries(value))} }`;
  }
  if (typeof value !== "string") return escapeValue(value);
  if (!/^0x[0-9a-f]*$/.test(value)) return escapeValue(value, TEXT_CHARACTERS_MAX);
  if (value.length <= HEX_CHARACTERS_MAX) return value;
  return `${value.slice(0, 18)}… (${(value.length - 2) / 2} bytes)`;
}
