import type { Command } from "commander";
import type { Hex } from "../../../spec/outputs.ts";
import { getBalance } from "../../client/actions/account-queries.ts";
import { callChain } from "../../client/actions/call-chain.ts";
import { getChainStatus } from "../../client/actions/chain-status.ts";
import { ETHER } from "../../client/actions/ether.ts";
import { getNodeStatus } from "../../client/actions/node-epochs.ts";
import {
  createTallyrollClient,
  type TallyrollClient,
} from "../../client/actions/tallyroll-client.ts";
import { countOf } from "../../count-of.ts";
import { ClientError } from "../../errors.ts";
import { AccountError } from "../connection/account-options.ts";
import { resolveConnection } from "../connection/connection-options.ts";
import { formatBytes, measureFolder } from "../connection/data-folder-usage.ts";
import {
  type ActorOptions,
  addActorOptions,
  findAccountAddress,
  type Online,
} from "../connection/online.ts";
import { answer } from "../money/money-json.ts";
import { ETHER_UNITS, formatAmount, type TokenUnits } from "../money/token-amounts.ts";
import { readTokenUnits } from "../money/token-option.ts";
import { CommandGroup } from "../operation/command-group.ts";
import { parseAddressHex } from "../options/parse-arguments.ts";
import { formatTime } from "../terminal/format-csv.ts";
import { formatFields } from "../terminal/format-table.ts";
import type { Io } from "../terminal/io.ts";
import type { Terminal } from "../terminal/terminal.ts";

const HELP = `
Chain, node, claims, disk and balances at a glance. Whatever does not answer is named, the rest is
shown, and the exit code is 2; \`tallyroll doctor\` looks for the reason.

Examples:
  $ tallyroll status
  $ tallyroll status --dev-account 0
  $ tallyroll status 0x70997970C51812dc3A010C7d01b50e0d17dc79C8 --json`;

/** Nothing is signed here, so the chain's id is only shown, as the chain itself says it. */
const UNKNOWN_CHAIN = 0;

/** What did not answer, in the words of its error. */
interface Silent {
  readonly error: { readonly name: string; readonly message: string; readonly whatToDo: string };
}

type Status = Awaited<ReturnType<typeof readStatus>>;

export function addStatusCommand(program: Command, terminal: Terminal): void {
  new CommandGroup(program, terminal)
    .local("status", "show chain, node, claims, disk and balances at a glance")
    .with(addActorOptions)
    .argument("[account]", "whose balances (default: the account that would sign)", parseAddressHex)
    .help(HELP)
    .run(async ({ options }, given) => {
      const online = await openQuietly(options, terminal);
      const account = await findAccount(given, options, terminal);
      const status = await readStatus(online, account);
      await answer(online, status, formatStatus(status, terminal));
      const parts = [status.chain, status.node, status.account];
      terminal.exitCode = parts.some((part) => part !== undefined && isSilent(part)) ? 2 : 0;
    });
}

/** A client that asks nothing yet, so that a silent chain hides nothing of the rest. */
async function openQuietly(options: ActorOptions, terminal: Terminal): Promise<Online> {
  const connection = resolveConnection(options, terminal.io);
  const { app, rpcUrl, nodeUrl, inspectUrl, local } = connection;
  const chain = { rpcUrl };
  const chainId = local?.chainId ?? UNKNOWN_CHAIN;
  const client = await createTallyrollClient({ app, nodeUrl, inspectUrl, chainId, chain });
  return { options, terminal, connection, client };
}

/** Nobody has to name an account to see the rest. */
async function findAccount(
  given: Hex | undefined,
  options: ActorOptions,
  terminal: Terminal,
): Promise<Hex | undefined> {
  try {
    return await findAccountAddress(given, options, terminal);
  } catch (error) {
    if (error instanceof AccountError && isUnnamed(options, terminal.io)) return undefined;
    throw error;
  }
}

const isUnnamed = ({ keystore, devAccount }: ActorOptions, { env }: Io): boolean =>
  keystore === undefined &&
  devAccount === undefined &&
  !env.TALLYROLL_KEYSTORE &&
  !env.TALLYROLL_PRIVATE_KEY;

async function readStatus({ client, connection, terminal }: Online, account: Hex | undefined) {
  const hear = <Answer>(ask: () => Promise<Answer>) => orSilent(ask, terminal);
  const { app, rpcUrl, nodeUrl } = client;
  const { dataFolder, local } = connection;
  const token = local?.token ?? undefined;
  return {
    ...{ app, rpcUrl, nodeUrl, dataFolder },
    disk: measureFolder(dataFolder),
    chain: await hear(() => getChainStatus(client)),
    node: await hear(() => getNodeStatus(client)),
    account: account && (await hear(() => readAccount(client, account, token))),
  };
}

/** An answer, or in its place why there is none. */
async function orSilent<Answer>(
  ask: () => Promise<Answer>,
  terminal: Terminal,
): Promise<Answer | Silent> {
  try {
    return await ask();
  } catch (cause) {
    if (!(cause instanceof ClientError)) throw cause;
    const { name, shortMessage, whatToDo } = cause;
    const message = terminal.hint(shortMessage);
    return { error: { name, message, whatToDo: terminal.hint(whatToDo) } };
  }
}

async function readAccount(client: TallyrollClient, account: Hex, localToken: Hex | undefined) {
  // On the chain, outside the application: it pays the gas.
  const gasWei = await callChain(client, "read the account's Ether", () =>
    client.publicClient.getBalance({ address: account }),
  );
  // In base units, inside the application.
  const hold = async (token: Hex, units: TokenUnits) => {
    const amount = await getBalance(client, { account, token });
    return { token, ...units, amount };
  };
  const balances = [await hold(ETHER, ETHER_UNITS)];
  if (localToken !== undefined) {
    balances.push(await hold(localToken, await readTokenUnits(client, localToken)));
  }
  return { account, gasWei, balances };
}

type Line = readonly [name: string, value: string];

const isSilent = (part: object): part is Silent => "error" in part;

function formatStatus(status: Status, terminal: Terminal): string {
  const { disk } = status;
  const usage = disk && `${formatBytes(disk.usedBytes)} used, ${formatBytes(disk.freeBytes)} free`;
  const lines: readonly Line[] = [
    ["application", status.app],
    ...describeChain(status.chain, status.rpcUrl),
    ...describeNode(status),
    ["data folder", status.dataFolder],
    ["disk", usage ?? "the folder is not there yet"],
    ...describeAccount(status.account),
  ];
  return formatFields(lines, terminal.columns, 13);
}

const sayWhy = ({ error }: Silent): string => `${error.message} ${error.whatToDo}`;

function describeChain(chain: Status["chain"], rpcUrl: string): readonly Line[] {
  if (isSilent(chain)) return [["chain", sayWhy(chain)]];
  return [
    ["chain", `${chain.chainId} at ${rpcUrl}`],
    ["head", `block ${chain.headBlock}, ${formatTime(chain.headTimeSec)}`],
  ];
}

function describeNode({ node, nodeUrl, chain }: Status): readonly Line[] {
  if (isSilent(node)) return [["node", sayWhy(node)]];
  const { version, state, reason, processedInputCount, rejectedClaimCount } = node;
  const why = reason === undefined ? "" : ` (${reason})`;
  const waiting = isSilent(chain) ? 0 : Math.max(0, chain.inputCount - processedInputCount);
  const accepted = `${countOf(node.acceptedClaimCount, "claim")} accepted`;
  const rejected = rejectedClaimCount === 0 ? "" : `, ${rejectedClaimCount} REJECTED`;
  return [
    ["node", `${state}${why}, version ${version}, at ${nodeUrl}`],
    ["inputs", `${processedInputCount} processed, ${waiting} waiting`],
    ["epochs", `${node.epochCount}, ${accepted}${rejected}`],
  ];
}

function describeAccount(account: Status["account"]): readonly Line[] {
  if (account === undefined) return [];
  if (isSilent(account)) return [["account", sayWhy(account)]];
  return [
    ["account", account.account],
    ["gas money", `${formatAmount(account.gasWei, ETHER_UNITS)} on the chain`],
    ...account.balances.map(
      (holding): Line => ["balance", `${formatAmount(holding.amount, holding)} inside`],
    ),
  ];
}
