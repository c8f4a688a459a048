import { spawnSync } from "node:child_process";
import { utf8ToBytes } from "@noble/hashes/utils.js";
import { HttpMachine } from "../../node-client/node/machine/http-machine.ts";
import type { Hex } from "../../spec/outputs.ts";
import { compareAll, exitWith } from "./compare.ts";
import { describeOutcome, readRecording } from "./recording.ts";

/**
 * Sends a recorded history through the rollup HTTP API to the built dApp, which another Node runs,
 * and compares all that comes back. The root is asked for after every input, refused ones included.
 *
 * Use: node check-dapp.mjs FOLDER ARCHITECTURE DAPP NODE [ARGUMENTS]
 */

/** Under emulation the dApp takes many times as long to warm up. */
const ANSWER_MS_MAX = 600_000;

async function main(parameters: readonly string[]): Promise<boolean> {
  const [folder, architecture, dapp, command, ...args] = parameters;
  if (folder === undefined || dapp === undefined || command === undefined) {
    throw new RangeError("use: node check-dapp.mjs FOLDER ARCHITECTURE DAPP NODE [ARGUMENTS]");
  }
  const [actual = "", version = ""] = askNode(command, args);
  if (actual !== architecture) throw new Error(`not ${architecture}: ${actual}`);

  const recording = readRecording(folder);
  const env = { TALLYROLL_MACHINE_KEY: recording.machineSecret };
  const machine = await HttpMachine.start({
    guest: { command, args: [...args, dapp], env },
    answerMsMax: ANSWER_MS_MAX,
  });
  const inspect = async (query: string): Promise<readonly Hex[]> =>
    (await machine.inspect(utf8ToBytes(query))).reports;
  try {
    return await compareAll(recording, {
      name: `${dapp} over HTTP`,
      architecture: actual,
      version,
      advance: async ({ at, payload }) => {
        const [result, reports] = await Promise.all([
          machine.advance(at, payload),
          inspect('{"query":"root"}'),
        ]);
        return describeOutcome(result, readRoot(reports));
      },
      inspect,
    });
  } finally {
    await machine.close();
  }
}

/** `process.arch` and `process.version` of the Node that is going to run the dApp. */
function askNode(command: string, args: readonly string[]): string[] {
  const script = 'process.stdout.write(process.arch + " " + process.version)';
  const { status, stdout, stderr } = spawnSync(command, [...args, "-e", script], {
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(`${command} does not run: ${stderr}`);
  return stdout.split(" ");
}

function readRoot([report = "0x"]: readonly Hex[]): Hex {
  return JSON.parse(Buffer.from(report.slice(2), "hex").toString("utf8")).root;
}

exitWith(main(process.argv.slice(2)));
