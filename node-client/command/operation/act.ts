import { type Command, Option } from "commander";
import type { SignableBody } from "../../../spec/operations.ts";
import { type Acting, applyOperation, readOwn } from "../../client/actions/define-action.ts";
import type { Told } from "../../client/actions/operation-outcomes.ts";
import { signRelayed } from "../../client/actions/send-operations.ts";
import type { AppliedAt, WaitOptions } from "../../client/actions/wait-for-input.ts";
import {
  type ActorOptions,
  addActorOptions,
  connectActor,
  type OnlineActor,
} from "../connection/online.ts";
import { formatMoneyJson } from "../money/money-json.ts";
import { theirs } from "../options/command-hints.ts";
import { quoteWord } from "../options/command-name.ts";
import { RELAY_OPTIONS } from "../options/help-text.ts";
import { parseWhole } from "../options/parse-arguments.ts";
import { createFile, requireNoFile } from "../terminal/create-file.ts";
import { formatJson } from "../terminal/format-json.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { formatRelayFile } from "./relay-file.ts";

const YEAR_SEC = 31_536_000;

/** The options of every command that sends one operation. */
export interface OperationOptions extends ActorOptions {
  readonly relayOut?: string;
  readonly relayNonce?: number;
  readonly relayFor?: number;
}

/** Who acts by a command line, and how: at once, or by a file for a relay. */
export interface CommandActor extends OnlineActor {
  readonly options: OperationOptions;
  /** What bodies may need. */
  readonly acting: Acting;
  /** Whether the operation is only signed: it may be meant for a later state. */
  readonly isForRelay: boolean;
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
 * Connects for an account that does one operation. That `--relay-out` could not be written is reported
 * before anything is done.
 *
 * @throws CreateFileError, and what `connectActor` throws.
 */
export async function connectToAct(
  options: OperationOptions,
  terminal: Terminal,
): Promise<CommandActor> {
  const { relayOut } = options;
  if (relayOut !== undefined) requireNoFile(relayOut, terminal.io);
  const online = await connectActor(options, terminal);
  const { crypto, at } = online.client;
  const acting = { account: online.address, crypto, at };
  return { ...online, options, acting, isForRelay: relayOut !== undefined };
}

/**
 * Does one operation for the account: sends it, waits for its verdict and prints what it did, or
 * with `--relay-out` writes it down, signed.
 *
 * @returns What it did; `undefined` where it was written down.
 * @throws ClientError as `applyOperation`; OperationRefused names the rule that it broke.
 */
export async function act<Fields, Result>(
  actor: CommandActor,
  action: ActionParts<Fields, Result>,
  { fields, describe, more }: Deed<NoInfer<Fields>, Result>,
): Promise<Result | undefined> {
  const { client, options, terminal } = actor;
  const body = action.body(fields, actor.acting);
  if (await signForRelay(actor, body)) return undefined;
  terminal.progress(() => `sending ${body.kind}`);
  const told = await applyOperation(client, body, watch(terminal));
  const { inputIndex, blockNumber, transactionHash } = told;
  const at = { inputIndex, blockNumber, transactionHash };
  const result = action.read(told);
  const said = await describe(result, at);
  const isWhole = typeof said === "object" && "json" in said;
  const { text, json } = isWhole ? said : { text: said, json: readOwn(body.kind, told) };
  if (options.json) {
    await terminal.print(await formatMoneyJson(client, { ...json, ...at, ...more?.(result) }));
  } else for (const line of [text].flat()) await terminal.printLine(line);
  return result;
}

/** Of an action: how its operation is made, and what it did. */
export interface ActionParts<Fields, Result, Body extends SignableBody = SignableBody> {
  readonly body: (fields: Fields, acting: Acting) => Body;
  readonly read: (told: Told) => Result;
}

/** What a command does, and how it tells what that did: it asks nobody unless it must. */
interface Deed<Fields, Result> {
  /** The action's own options. */
  readonly fields: Fields;
  /** In words, a line or lines; and under `--json`, where it is more than the operation's notice. */
  readonly describe: (result: Result, at: AppliedAt) => ActedText | Promise<ActedText>;
  /** What else belongs to the JSON, at its end. */
  readonly more?: (result: Result) => object;
}

/** In words alone, or with the JSON that stands in place of the operation's notice. */
type ActedText = string | readonly string[] | { readonly text: string; readonly json: object };

/**
 * Writes the operation down, signed, where `--relay-out` asks for it.
 *
 * @returns Whether it did.
 * @throws CreateFileError
 */
export async function signForRelay(
  { client, account, options, terminal }: CommandActor,
  body: SignableBody,
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
  const file = createFile(
    options.relayOut,
    formatRelayFile({ chainId, app, operation }),
    terminal.io,
  );
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
