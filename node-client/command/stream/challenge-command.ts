import type { Command } from "commander";
import { KEY_GROUPS_MAX } from "../../../spec/limits.ts";
import { challenge } from "../../client/actions/device-actions.ts";
import { act, addOperationOptions, connectToAct, type OperationOptions } from "../operation/act.ts";
import { parseBytes, parseIndex, parseWhole } from "../options/parse-arguments.ts";
import type { Terminal } from "../terminal/terminal.ts";

const HELP = `
A sealed batch that does not hold what its device committed to is fraud, and can be proved: reveal
the batch key that \`tallyroll stream read\` names when it refuses the batch. The machine decrypts it
and records the verdict. The key opens this one group of this one batch, and becomes public.

Examples:
  $ tallyroll challenge 7 --group 0 --batch-key 0x5f…3a --dev-account 1`;

/** `tallyroll challenge`: proves that a sealed batch is not what it commits to. */
export function addChallengeCommand(program: Command, terminal: Terminal): void {
  type ChallengeOptions = OperationOptions & {
    readonly group: number;
    readonly batchKey: Uint8Array;
  };
  addOperationOptions(program.command("challenge").argument("<batch>", "its number", parseIndex))
    .description("prove that a sealed batch is not what its device committed to")
    .requiredOption("--group <n>", "the key group", parseWhole(0, KEY_GROUPS_MAX - 1))
    .requiredOption("--batch-key <hex>", "that group's batch key", parseBytes(32, "the batch key"))
    .addHelpText("after", HELP)
    .action(async (batchId: number, options: ChallengeOptions) => {
      const { group, batchKey } = options;
      const online = await connectToAct(options, terminal);
      await act(online, challenge, {
        fields: { batchId, group, batchKey },
        describe: ({ streamId }, { inputIndex }) =>
          `Batch ${batchId} of stream ${streamId} is proved false (input ${inputIndex}).`,
      });
    });
}
