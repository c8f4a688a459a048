import { MESSAGES_MAX } from "../../../spec/limits.ts";
import { acceptEscrowUnit } from "../../client/actions/accept-escrow-unit.ts";
import { anchorEscrowSession } from "../../client/actions/anchor-escrow-session.ts";
import { rejectEscrowUnit } from "../../client/actions/reject-escrow-unit.ts";
import { startEscrowSession } from "../../client/actions/start-escrow-session.ts";
import { parseEscrowId } from "../../client/escrow/escrow-id-text.ts";
import { computeSessionAnchor } from "../../client/escrow/session-anchor.ts";
import type { CommandGroup } from "../operation/command-group.ts";
import { parseBytes, parseIndex, parseWhole } from "../options/parse-arguments.ts";
import { errorKind } from "../terminal/error-kind.ts";
import { readText } from "../terminal/read-file.ts";
import { actOnEscrow, unitOperation } from "./escrow-act.ts";

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
const AnchorIncomplete = errorKind("AnchorIncomplete");

/** `escrow session start`, `anchor` and `answer`: escrows that are paid by the session. */
export function addEscrowSessionCommands(escrow: CommandGroup): void {
  const session = escrow.group("session", "run and answer sessions of a pubsub escrow", HELP);
  unitOperation(session, "start", "start the next session, as the provider").run((online) =>
    actOnEscrow(online, startEscrowSession, (at) => at),
  );
  addAnchorCommand(session);
  unitOperation(session, "answer", "answer an anchored session, as the buyer")
    .flag("--reject", "contradict the anchored counts (default: accept them)")
    .run((online) => {
      const action = online.options.reject ? rejectEscrowUnit : acceptEscrowUnit;
      return actOnEscrow(online, action, (at) => at);
    });
}

function addAnchorCommand(session: CommandGroup): void {
  unitOperation(session, "anchor", "say what a session that is over had, as the provider")
    .option("--messages <file>", "the messages, one a line: gives root and count")
    .option(
      "--root <hex>",
      "their Merkle root (RFC 9162), in place of a file",
      parseBytes(32, "a root"),
    )
    .option("--count <n>", "how many there were", parseWhole(0, MESSAGES_MAX))
    .option("--valid <n>", "how many were valid (default: all)", parseWhole(0, MESSAGES_MAX))
    .option("--batch <n>", "a batch of the session, where a stream is sold", parseIndex, 0)
    .check(({ messages, root, count }, text) => {
      if (messages === undefined && !(root && count !== undefined)) {
        // Nothing named would anchor a session of no messages, which refunds it.
        throw new AnchorIncomplete("Nothing says what the session had.", {
          whatToDo: "Give its --messages, an empty file if there were none, or --root and --count.",
        });
      }
      return parseEscrowId(text);
    })
    .run((online) => {
      const { batch: batchId, messages: file, root, count, valid } = online.options;
      return actOnEscrow(online, anchorEscrowSession, async (at) => {
        const text = file === undefined ? "" : await readText(file, online.terminal.io);
        const lines = text.split("\n").filter((line) => line !== "");
        const encoded = lines.map((line) => new TextEncoder().encode(line));
        const anchor = computeSessionAnchor(online.client.crypto, encoded);
        const messageCount = count ?? anchor.messageCount;
        const validCount = valid ?? messageCount;
        return { ...at, batchId, root: root ?? anchor.root, messageCount, validCount };
      });
    });
}
