import { OPERATIONS_MAX } from "../../../spec/limits.ts";
import type { Hex } from "../../../spec/outputs.ts";
import {
  type ChannelTimeout,
  claimChannelTimeouts,
} from "../../client/actions/claim-channel-timeouts.ts";
import type { ChannelInfo } from "../../client/actions/get-channel.ts";
import { listChannels } from "../../client/actions/list-channels.ts";
import { readBlockCalendar } from "../../client/actions/read-block-calendar.ts";
import type { TallyrollClient } from "../../client/actions/tallyroll-client.ts";
import { countOf } from "../../count-of.ts";
import { ClientError } from "../../errors.ts";
import { formatAmount, type TokenUnits } from "../money/token-amounts.ts";
import { nameUnits } from "../money/token-option.ts";
import type { CommandActor } from "../operation/act.ts";
import { formatJson } from "../terminal/format-json.ts";
import type { Terminal } from "../terminal/terminal.ts";

/** None of the channels that looked expired could be taken back. */
export class NothingTimedOut extends ClientError {
  override readonly name = "NothingTimedOut";
}

/** A channel of the round, and what became of it. */
type Ended = ChannelTimeout & { readonly token: Hex; readonly inputIndex: number };

/** What came back of one token. */
interface Returned extends TokenUnits {
  readonly token: Hex;
  /** Base units. */
  readonly amount: bigint;
}

/**
 * Takes back what every expired channel of the account still holds.
 *
 * @throws NothingTimedOut where all were refused, and what `claimChannelTimeouts` throws: what came
 * back before is said first.
 */
export async function timeOutAll({
  client,
  address,
  options,
  terminal,
}: CommandActor): Promise<void> {
  terminal.progress(() => "looking for expired channels");
  const { headBlock } = await readBlockCalendar(client);
  const expired: ChannelInfo[] = [];
  for await (const one of listChannels(client, { sender: address })) {
    // An input is in the next block at the earliest.
    if (one.value > 0n && one.expirationBlock <= headBlock + 1) expired.push(one);
  }
  // What can fail is asked before anything is sent.
  const units = new Map<Hex, TokenUnits>();
  for (const token of new Set(expired.map((one) => one.token))) {
    units.set(token, await nameUnits(client, token));
  }
  const ended: Ended[] = [];
  let failure: unknown;
  for (let i = 0; i < expired.length && failure === undefined; i += OPERATIONS_MAX) {
    const some = expired.slice(i, i + OPERATIONS_MAX);
    terminal.progress(() => `${i} of ${expired.length} channels`);
    try {
      ended.push(...(await timeOutSome(client, some)));
    } catch (error) {
      failure = error;
    }
  }
  if (failure !== undefined && ended.length === 0) throw failure;
  const returned = sumByToken(ended, units);
  await tell(address, ended, returned, options.json, terminal);
  if (failure !== undefined) throw failure;
  if (ended.length > 0 && returned.length === 0) {
    throw new NothingTimedOut(`None of ${countOf(ended.length, "channel")} could be taken back.`, {
      whatToDo: "See what your channels hold with `tallyroll channel list`, then try again.",
    });
  }
}

async function timeOutSome(
  client: TallyrollClient,
  channels: readonly ChannelInfo[],
): Promise<Ended[]> {
  const channelIds = channels.map(({ channelId }) => channelId);
  const { inputIndex, timeouts } = await claimChannelTimeouts(client, { channelIds });
  return timeouts.map((one, i) => ({ ...one, inputIndex, token: channels[i]!.token }));
}

function sumByToken(
  ended: readonly Ended[],
  units: ReadonlyMap<Hex, TokenUnits>,
): readonly Returned[] {
  const sums = new Map<Hex, bigint>();
  for (const one of ended) {
    if (one.status === "applied") sums.set(one.token, (sums.get(one.token) ?? 0n) + one.amount);
  }
  return [...sums].map(([token, amount]) => ({ token, amount, ...units.get(token)! }));
}

async function tell(
  sender: Hex,
  ended: readonly Ended[],
  returned: readonly Returned[],
  json: boolean,
  terminal: Terminal,
): Promise<void> {
  for (const one of ended) {
    if (one.status !== "refused") continue;
    const { refusal, detail } = one.refused;
    terminal.note(`Channel ${one.channelId} is not taken back: ${refusal}, ${detail}.`);
  }
  if (json) {
    await terminal.print(formatJson({ sender, channels: nameAll(ended, returned), returned }));
    return;
  }
  const count = ended.filter(({ status }) => status === "applied").length;
  const sums = returned.map((one) => formatAmount(one.amount, one)).join(", ");
  if (count > 0) await terminal.printLine(`${sums} came back from ${countOf(count, "channel")}.`);
  else if (ended.length === 0) {
    await terminal.printLine(
      "No expired channel of this account holds anything; nothing was sent.",
    );
  }
}

/** Each channel with its token's units, where it brought something. */
const nameAll = (ended: readonly Ended[], returned: readonly Returned[]): readonly object[] =>
  ended.map((one) => {
    const { symbol, decimals } = returned.find(({ token }) => token === one.token) ?? {};
    return { ...one, symbol, decimals };
  });
