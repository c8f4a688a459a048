import type { SignableBody } from "../../../spec/operations.ts";
import { getBalance } from "../../client/actions/account-queries.ts";
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
import { formatAmount } from "../money/token-amounts.ts";
import type { ChosenToken } from "../money/token-option.ts";
import { quoteWord, theirs } from "../options/command-hints.ts";
import { type OptionsIn, shareOptions } from "../options/declared-command.ts";
import { RELAY_OPTIONS } from "../options/help-text.ts";
import { parseWhole } from "../options/parse-arguments.ts";
import { createFile, requireNoFile } from "../terminal/create-file.ts";
import { formatJson } from "../terminal/format-json.ts";
import { errorKind } from "../terminal/io.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { formatRelayFile } from "./relay-file.ts";

const YEAR_SEC = 31_536_000;

/** Who acts by a command line, and how: at once, or by a file for a relay. */
export interface CommandActor extends OnlineActor {
  readonly options: OperationOptions;
  /** What bodies may need. */
  readonly acting: Acting;
  /** Whether the operation is only signed: it may be meant for a later state. */
  readonly isForRelay: boolean;
}

const addRelayOptions = shareOptions(
  (command) =>
    command
      .option(
        "--relay-out <file>",
        "write the signed operation for `tallyroll relay`; send nothing",
      )
      .option("--relay-for <seconds>", "how long it may be relayed", parseWhole(1, YEAR_SEC), 3_600)
      .option(
        "--relay-nonce <n>",
        "the account's nonce (default: its next one); one more for each that waits",
        parseWhole(0, Number.MAX_SAFE_INTEGER),
      ),
  RELAY_OPTIONS,
);

/** For every command that sends one operation, or has somebody else send it. */
export const addOperationOptions = shareOptions((command) =>
  command.with(addActorOptions).with(addRelayOptions),
);
/** One that cannot be relayed has none of the options for it. */
export type OperationOptions = ActorOptions & Partial<OptionsIn<typeof addRelayOptions>>;

/** @throws CreateFileError, and what `connectActor` throws. */
export async function connectToAct<Options extends OperationOptions>(
  options: Options,
  terminal: Terminal,
): Promise<CommandActor & { readonly options: Options }> {
  const { relayOut } = options;
  if (relayOut !== undefined) requireNoFile(relayOut, terminal.io);
  const online = await connectActor(options, terminal);
  const { crypto, at } = online.client;
  const acting = { account: online.address, crypto, at };
  return { ...online, acting, isForRelay: relayOut !== undefined };
}

/**
 * Does one operation for the account: sends it, waits for its verdict and prints what it did, or
 * with `--relay-out` writes it down, signed.
 *
 * @returns What it did; `undefined` where it was written down.
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
  const file = createFile(options.relayOut, formatRelayFile(client, operation), terminal.io);
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

const BalanceTooLow = errorKind("BalanceTooLow");

/**
 * Tells in the token's own units, and before anything is sent, what the application would refuse.
 * A signed operation for a relay may be meant for a later balance.
 */
export async function requireBalance(
  { client, address, isForRelay }: CommandActor,
  { token, amount, units }: ChosenToken & { readonly amount: bigint },
): Promise<void> {
  if (isForRelay) return;
  const balance = await getBalance(client, { account: address, token });
  if (balance >= amount) return;
  throw new BalanceTooLow(
    `The account has ${formatAmount(balance, units)} in the application, which is less than ` +
      `${formatAmount(amount, units)} (balance_too_low); nothing was sent.`,
    { whatToDo: "Deposit more first, or move less." },
  );
}
