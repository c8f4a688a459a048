import type { Command } from "commander";
import { MESSAGES_MAX } from "../../../spec/limits.ts";
import {
  acceptEscrowUnit,
  anchorEscrowSession,
  rejectEscrowUnit,
  startEscrowSession,
} from "../../client/actions/escrow-actions.ts";
import { computeSessionAnchor } from "../../client/escrow/session-anchor.ts";
import { ClientError } from "../../errors.ts";
import { parseBytes, parseIndex, parseWhole } from "../options/parse-arguments.ts";
import { readText } from "../terminal/read-file.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { actOnEscrow } from "./escrow-act.ts";
import { addUnitCommand, type UnitOptions } from "./escrow-unit-commands.ts";

const HELP = `
A pubsub escrow is paid by the session. The buyer's last signed receipt settles it at any time. A
provider who got none anchors the session when it is over: the Merkle root over its messages and how
many there were. The buyer answers, or stays silent, which accepts. The thresholds of the terms then
decide. Where a predicate was agreed, the machine judges the submitted readings: neither receipt nor
anchor is needed, only a poke when the deadline has passed.

Examples:
  $ tallyroll escrow session start standard:0x5f… --dev-account 0
  $ tallyroll escrow session anchor standard:0x5f… --messages sent.txt --valid 14 --dev-account 0
  $ tallyroll escrow session answer standard:0x5f… --reject --dev-account 1`;

/** An anchor without its messages, or their root and count. */
class AnchorIncomplete extends ClientError {
  override readonly name = "AnchorIncomplete";
}

/** `escrow session start`, `anchor` and `answer`: escrows that are paid by the session. */
export function addEscrowSessionCommands(escrow: Command, terminal: Terminal): void {
  const session = escrow
    .command("session")
    .description("run and answer sessions of a pubsub escrow")
    .addHelpText("after", HELP);
  for (const add of [addSessionStartCommand, addAnchorCommand, addAnswerCommand])
    add(session, terminal);
}

function addSessionStartCommand(session: Command, terminal: Terminal): void {
  addUnitCommand(session, "start")
    .description("start the next session, as the provider")
    .action((text: string, options: UnitOptions) =>
      actOnEscrow(text, options, terminal, startEscrowSession, (at) => at),
    );
}

function addAnchorCommand(session: Command, terminal: Terminal): void {
  type AnchorOptions = UnitOptions & {
    readonly batch: number;
    readonly messages?: string;
    readonly root?: Uint8Array;
    readonly count?: number;
    readonly valid?: number;
  };
  addUnitCommand(session, "anchor")
    .option("--messages <file>", "the messages, one a line: gives root and count")
    .option(
      "--root <hex>",
      "their Merkle root (RFC 9162), in place of a file",
      parseBytes(32, "a root"),
    )
    .option("--count <n>", "how many there were", parseWhole(0, MESSAGES_MAX))
    .option("--valid <n>", "how many were valid (default: all)", parseWhole(0, MESSAGES_MAX))
    .option("--batch <n>", "a batch of the session, where a stream is sold", parseIndex, 0)
    .description("say what a session that is over had, as the provider")
    .action(async (text: string, options: AnchorOptions) => {
      if (options.messages === undefined && !(options.root && options.count !== undefined)) {
        // Nothing named would anchor a session of no messages, which refunds it.
        throw new AnchorIncomplete("Nothing says what the session had.", {
          whatToDo: "Give its --messages, an empty file if there were none, or --root and --count.",
        });
      }
      await actOnEscrow(text, options, terminal, anchorEscrowSession, async (at) => {
        const lines =
          options.messages === undefined
            ? []
            : (await readText(options.messages, terminal.io))
                .split("\n")
                .filter((line) => line !== "");
        const encoded = lines.map((line) => new TextEncoder().encode(line));
        const anchor = computeSessionAnchor(at.online.client.crypto, encoded);
        const messageCount = options.count ?? anchor.messageCount;
        return {
          ...at,
          ...{ batchId: options.batch, root: options.root ?? anchor.root, messageCount },
          validCount: options.valid ?? messageCount,
        };
      });
    });
}

function addAnswerCommand(session: Command, terminal: Terminal): void {
  addUnitCommand(session, "answer")
    .option("--reject", "contradict the anchored counts (default: accept them)", false)
    .description("answer an anchored session, as the buyer")
    .action(async (text: string, options: UnitOptions & { readonly reject: boolean }) => {
      const action = options.reject ? rejectEscrowUnit : acceptEscrowUnit;
      await actOnEscrow(text, options, terminal, action, (at) => at);
    });
}
