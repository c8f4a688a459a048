import { readFileSync } from "node:fs";
import { createNodeCrypto } from "./crypto/node-crypto.ts";
import { createApplication } from "./engine/create-application.ts";
import { InvariantViolation } from "./engine/invariant.ts";
import { reportException, runRollup } from "./rollup/loop.ts";
import { warmUpHttp } from "./rollup/warm-up.ts";
import { isOutOfMemory, OUT_OF_MEMORY_EXIT_CODE } from "./store/out-of-memory.ts";
import { openStore } from "./store/sql-store.ts";
import { createWarmUpInputs } from "./warm-up-inputs.ts";

/** Where `rollup-init` serves the API inside the machine. */
const SERVER_URL_DEFAULT = "http://127.0.0.1:5004";
/** Enough for the engine's hot paths to be compiled; more makes no first input faster. */
const WARM_UP_BATCHES = 256;

/**
 * The dApp's process: wires the rooms, warms up, serves inputs until something breaks. The only
 * file that reads the environment.
 */
async function main(environment: NodeJS.ProcessEnv): Promise<never> {
  const url = environment.ROLLUP_HTTP_SERVER_URL ?? SERVER_URL_DEFAULT;
  const machineSecret = readMachineSecret(environment);
  try {
    const crypto = await createNodeCrypto();
    const store = await openStore(crypto);
    const warming = createApplication(store, crypto, machineSecret);
    const machineKey = crypto.x25519PublicKey(machineSecret);
    const inputs = createWarmUpInputs(crypto, machineKey, WARM_UP_BATCHES);
    await warmUpHttp(inputs, (at, payload) => warming.advance(at, payload));
    store.reset();
    return await runRollup(createApplication(store, crypto, machineSecret), url);
  } catch (error) {
    // A host that lends its memory asks to be left without a verdict when it has no more.
    const { TALLYROLL_OUT_OF_MEMORY: whenShort } = environment;
    if (whenShort === "exit" && isOutOfMemory(error)) process.exitCode = OUT_OF_MEMORY_EXIT_CODE;
    // A bug must stop the machine with a word about itself, never pass for a refusal.
    else await reportException(url, error);
    throw error;
  }
}

/**
 * The machine's X25519 secret (spec §3.7): 64 hexadecimal digits in TALLYROLL_MACHINE_KEY, or in
 * the file that TALLYROLL_MACHINE_KEY_FILE names (a drive in the real machine).
 */
function readMachineSecret(environment: NodeJS.ProcessEnv): Uint8Array {
  // An empty variable counts as absent, as everywhere on a command line.
  const file = environment.TALLYROLL_MACHINE_KEY_FILE || undefined;
  const digits =
    environment.TALLYROLL_MACHINE_KEY || (file === undefined ? "" : readFileSync(file, "utf8"));
  const match = /^(?:0x)?([0-9a-fA-F]{64})$/.exec(digits.trim());
  if (match?.[1] === undefined) {
    throw new InvariantViolation(
      "no machine key: set TALLYROLL_MACHINE_KEY to 32 bytes in hexadecimal, or " +
        "TALLYROLL_MACHINE_KEY_FILE to a file that holds them",
    );
  }
  return Uint8Array.from(Buffer.from(match[1], "hex"));
}

main(process.env).catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : error}\n`);
  process.exit(process.exitCode ?? 1);
});
