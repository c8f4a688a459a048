import { bytesToHex, hexToBytes } from "viem";
import { decodePaddedWire } from "../../../spec/codec.ts";
import { isSealedEnvelope } from "../../../spec/envelope.ts";
import { decodeOperation } from "../../../spec/operation-codec.ts";
import type { Hex } from "../../../spec/outputs.ts";
import { isRefused } from "../../../spec/refusals.ts";
import { ClientError } from "../../errors.ts";
import { getBalance } from "../actions/account-queries.ts";
import { getInput, type InputInfo } from "../actions/node-inputs.ts";
import { listOutputs, type OutputInfo } from "../actions/node-outputs.ts";
import { readOutcomes } from "../actions/operation-outcomes.ts";
import type { TallyrollClient } from "../actions/tallyroll-client.ts";
import { type Movement, NoticeLedger, NoticesIncomplete } from "./notice-ledger.ts";

/** An accepted input, as the chain has it, and what became of its operations. */
export interface OpeningInput {
  readonly payload: Uint8Array;
  /** The input's `msg_sender`, lower case. */
  readonly sender: Hex;
  /** The indices of the operations that were refused. */
  readonly refused: ReadonlySet<number>;
}

/**
 * Who paid for the channels that an input opened, in the order of its `ChannelOpened` notices. A
 * notice names the channel's sender only; a third party that opened it for them stands in the input
 * alone (spec §10.2).
 *
 * @returns `undefined` where the input is sealed: only the machine knows then.
 */
export function listOpeningPayers({
  payload,
  sender,
  refused,
}: OpeningInput): readonly Hex[] | undefined {
  if (isSealedEnvelope(payload)) return undefined;
  const list = decodePaddedWire(payload.subarray(1));
  return (Array.isArray(list) ? list : []).flatMap((wire, index) => {
    const operation = decodeOperation(wire);
    if (refused.has(index) || isRefused(operation)) return [];
    const { authorization, body } = operation;
    if (body.kind !== "open_channel" && body.kind !== "open_channel_by_third_party") return [];
    return authorization.by === "account" ? [bytesToHex(authorization.account)] : [sender];
  });
}

/** Outputs that one request asks for. */
const PAGE_SIZE = 1_000;

/** One movement of an account, and where it stands. */
export interface StatementLine extends Omit<Movement, "account"> {
  readonly inputIndex: number;
  readonly blockNumber: number;
  /** Unix seconds of the block. */
  readonly timestampSec: number;
  /** What the account holds of the token after it; base units. */
  readonly balance: bigint;
}

/** A statement's end: what the state holds, and what no notice explains. */
export interface StatementEnd {
  readonly balances: readonly {
    readonly token: Hex;
    /** By the state; base units. */
    readonly amount: bigint;
    /** By the state less by the notices: 0n unless a sealed input hid who paid for a channel. */
    readonly unexplained: bigint;
  }[];
}

/** The node's notices are not those of one application from its beginning. */
export class StatementIncomplete extends ClientError {
  override readonly name = "StatementIncomplete";
}

/**
 * Every movement of an account's balances inside the application, oldest first, with what it left.
 * Reads all notices since genesis; the state is asked at the end whether it holds the same.
 *
 * @returns The end, once all lines are read.
 * @throws StatementIncomplete, and what `listOutputs`, `getInput` and `getBalance` throw.
 * @example
 * for await (const line of readStatement(client, { account })) console.log(line.kind, line.amount);
 */
export async function* readStatement(
  client: TallyrollClient,
  { account }: { readonly account: Hex },
): AsyncGenerator<StatementLine, StatementEnd> {
  const ledger = new NoticeLedger();
  const balances = new Map<Hex, bigint>();
  let input: OpenedInput | undefined;
  let offset = 0;
  for (;;) {
    const before = offset;
    for await (const output of listOutputs(client, { offset, pageSize: PAGE_SIZE })) {
      offset += 1;
      if (output.kind !== "notice" || output.notice === undefined) continue;
      const { notice, inputIndex } = output;
      // Who paid has to be known before the notice is applied, and takes a request.
      if (notice.name === "ChannelOpened" && input?.info.inputIndex !== inputIndex) {
        input = await openInput(client, inputIndex);
      }
      const takePayer = (): Hex => input?.payers?.next().value ?? senderOf(notice.args);
      for (const movement of applyNotice(() => ledger.apply(notice, takePayer))) {
        if (movement.account !== account || movement.amount === 0n) continue;
        const { token, amount } = movement;
        const balance = (balances.get(token) ?? 0n) + amount;
        balances.set(token, balance);
        if (input?.info.inputIndex !== inputIndex) input = await openInput(client, inputIndex);
        const { blockNumber, timestampSec } = input.info;
        const { account: _, ...rest } = movement;
        yield { ...rest, inputIndex, blockNumber, timestampSec, balance };
      }
    }
    // What came in meanwhile is read too, so that the state and the notices are of one moment.
    if (offset === before) break;
  }
  return { balances: await compareBalances(client, account, balances) };
}

interface OpenedInput {
  readonly info: InputInfo;
  readonly payers: Iterator<Hex, undefined> | undefined;
}

async function openInput(client: TallyrollClient, inputIndex: number): Promise<OpenedInput> {
  const info = await getInput(client, { inputIndex });
  const outputs: OutputInfo[] = [];
  for await (const output of listOutputs(client, { inputIndex })) outputs.push(output);
  const outcomes = readOutcomes({ inputIndex, outputs });
  const refused = new Set(
    outcomes.flatMap(({ status }, operation) => (status === "refused" ? operation : [])),
  );
  const { payload, sender } = info;
  const payers = listOpeningPayers({ payload: hexToBytes(payload), sender, refused });
  return { info, payers: payers?.values() as Iterator<Hex, undefined> | undefined };
}

const senderOf = (args: object): Hex => ("sender" in args ? (args.sender as Hex) : "0x");

function applyNotice(apply: () => readonly Movement[]): readonly Movement[] {
  try {
    return apply();
  } catch (cause) {
    if (!(cause instanceof NoticesIncomplete)) throw cause;
    throw new StatementIncomplete(`The node's notices have a gap: ${cause.message}.`, {
      whatToDo: "Ask a node that has the application's outputs from the first one on.",
      cause,
    });
  }
}

async function compareBalances(
  client: TallyrollClient,
  account: Hex,
  balances: ReadonlyMap<Hex, bigint>,
): Promise<StatementEnd["balances"]> {
  return await Promise.all(
    [...balances].map(async ([token, told]) => {
      const amount = await getBalance(client, { account, token });
      return { token, amount, unexplained: amount - told };
    }),
  );
}
