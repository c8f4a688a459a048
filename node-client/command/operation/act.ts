import { type Command, Option } from "commander";
import type { NoticeName } from "../../../spec/notices.ts";
import type { SignableBody } from "../../../spec/operations.ts";
import type { Hex } from "../../../spec/outputs.ts";
import { applyForNotices, applyOperation } from "../../client/actions/apply-operation.ts";
import type { Notice, NoticeFields } from "../../client/actions/decode-notice.ts";
import type { InputResult } from "../../client/actions/input-result.ts";
import { signRelayed } from "../../client/actions/sign-relayed.ts";
import type { WaitOptions } from "../../client/actions/wait-for-input.ts";
import { type ActorOptions, addActorOptions, type OnlineActor } from "../connection/online.ts";
import { formatMoneyJson, toNoticeJson } from "../money/money-json.ts";
import { theirs } from "../options/command-hints.ts";
import { RELAY_OPTIONS } from "../options/help-order.ts";
import { parseWhole } from "../options/parse-arguments.ts";
import { createFile, requireNoFile } from "../terminal/create-file.ts";
import { formatJson } from "../terminal/format-json.ts";
import type { Io } from "../terminal/io.ts";
import { quoteWord } from "../terminal/quote-word.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { formatRelayFile } from "./relay-file.ts";

const YEAR_SEC = 31_536_000;

/** The options of every command that sends one operation. */
export interface OperationOptions extends ActorOptions {
  readonly relayOut?: string;
  readonly relayNonce?: number;
  readonly relayFor?: number;
}

/** What an operation did, as its notice tells it, and where. */
export interface Acted<Name extends NoticeName> {
  readonly fields: NoticeFields<Name>;
  readonly inputIndex: number;
  readonly transactionHash: Hex;
  readonly vouchers: InputResult["vouchers"];
}

/** Adds the actor's options and those of an operation that somebody else will send. */
export function addOperationOptions(command: Command): Command {
  const toOption = (flags: string, what: string) =>
    new Option(flags, what).helpGroup(RELAY_OPTIONS);
  return addActorOptions(command)
    .addOption(
      toOption(
        "--relay-out <file>",
        "write the signed operation for `tallyroll relay`; send nothing",
      ),
    )
    .addOption(
      toOption("--relay-for <seconds>", "how long it may be relayed")
        .default(3_600)
        .argParser(parseWhole(1, YEAR_SEC)),
    )
    .addOption(
      toOption(
        "--relay-nonce <n>",
        "the account's nonce (default: its next one); one more for each that waits",
      ).argParser(parseWhole(0, Number.MAX_SAFE_INTEGER)),
    );
}

/**
 * Tells before anything is done that `--relay-out` could not be written.
 *
 * @throws CreateFileError
 */
export function requirePlace({ relayOut }: OperationOptions, io: Io): void {
  if (relayOut !== undefined) requireNoFile(relayOut, io);
}

/**
 * Does one operation for the account: sends it and waits for its verdict, or with `--relay-out`
 * writes it down, signed.
 *
 * @param describe What to print of what it did.
 * @returns What it did; `undefined` where it was written down.
 * @throws ClientError as `applyOperation`; OperationRefused names the rule that it broke.
 */
export async function act<Name extends NoticeName>(
  { client, account }: OnlineActor,
  body: SignableBody,
  noticeName: Name,
  options: OperationOptions,
  { io, terminal, describe, findMore }: ActDisplay<Name>,
): Promise<Acted<Name> | undefined> {
  const online = { client, account };
  if (await signForRelay(online, body, options, { io, terminal })) return undefined;
  terminal.progress(() => `sending ${body.kind}`);
  const { at, fields, vouchers } = await applyOperation(client, body, noticeName, watch(terminal));
  const { inputIndex, transactionHash } = at;
  const acted = { fields, inputIndex, transactionHash, vouchers };
  const more = findMore?.(acted) ?? {};
  if (options.json) {
    await terminal.print(
      await formatMoneyJson(client, { ...toNoticeJson(fields), ...at, ...more }),
    );
  } else for (const line of [describe(acted, more)].flat()) await terminal.printLine(line);
  return acted;
}

/**
 * The same where different notices can tell what the operation did.
 *
 * @param describe What to print of them, and under `--json`.
 * @throws ClientError as `act`.
 */
export async function actForNotices(
  { client, account }: Pick<OnlineActor, "client" | "account">,
  body: SignableBody,
  options: OperationOptions,
  { io, terminal, describe }: NoticesDisplay,
): Promise<void> {
  if (await signForRelay({ client, account }, body, options, { io, terminal })) return;
  terminal.progress(() => `sending ${body.kind}`);
  const { at, notices } = await applyForNotices(client, body, watch(terminal));
  const { text, json } = await describe(notices, at.inputIndex);
  if (options.json) await terminal.print(await formatMoneyJson(client, { ...json, ...at }));
  else await terminal.printLine(text);
}

export interface NoticesDisplay {
  readonly io: Io;
  readonly terminal: Terminal;
  readonly describe: (
    notices: readonly Notice[],
    inputIndex: number,
  ) => ActedText | Promise<ActedText>;
}

/** What an operation did: for people, and under `--json`. */
export interface ActedText {
  readonly text: string;
  readonly json: object;
}

/**
 * Writes the operation down, signed, where `--relay-out` asks for it.
 *
 * @returns Whether it did.
 * @throws CreateFileError
 */
export async function signForRelay(
  { client, account }: Pick<OnlineActor, "client" | "account">,
  body: SignableBody,
  options: OperationOptions,
  { io, terminal }: { readonly io: Io; readonly terminal: Terminal },
): Promise<boolean> {
  if (options.relayOut === undefined) return false;
  const { timestamp } = await client.publicClient.getBlock();
  const operation = await signRelayed(client, {
    body,
    signer: account,
    deadlineSec: Number(timestamp) + (options.relayFor ?? 3_600),
    ...(options.relayNonce === undefined ? {} : { nonce: options.relayNonce }),
  });
  const { chainId, app } = client;
  const file = createFile(options.relayOut, formatRelayFile({ chainId, app, operation }), io);
  if (options.json) await terminal.print(formatJson({ relayFile: file, kind: body.kind }));
  else {
    await terminal.printLine(
      `Signed and written to ${file}: anybody may send it with ${theirs(`relay ${quoteWord(file)}`)}.`,
    );
  }
  return true;
}

const watch = (terminal: Terminal): WaitOptions => ({
  onProgress: (progress) =>
    terminal.progress(() =>
      progress.stage === "included"
        ? `in block ${progress.blockNumber}; waiting for the node`
        : "processed",
    ),
});

export interface ActDisplay<Name extends NoticeName> {
  readonly io: Io;
  readonly terminal: Terminal;
  /** A line, or lines, in words. */
  readonly describe: (
    acted: Acted<Name>,
    more: Readonly<Record<string, unknown>>,
  ) => string | readonly string[];
  /** What else belongs to the result and is not in the notice. Asks nobody: the deed is done. */
  readonly findMore?: (acted: Acted<Name>) => Readonly<Record<string, unknown>>;
}
