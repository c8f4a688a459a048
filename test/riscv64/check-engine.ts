import { hexToBytes, utf8ToBytes } from "@noble/hashes/utils.js";
import { createNodeCrypto } from "../../dapp/crypto/node-crypto.ts";
import { createApplication } from "../../dapp/engine/create-application.ts";
import { hex } from "../../dapp/engine/operation-context.ts";
import { openStore } from "../../dapp/store/sql-store.ts";
import { compareAll, exitWith, print } from "./compare.ts";
import { describeOutcome, readRecording } from "./recording.ts";

/**
 * Applies a recorded history to the engine in this process, with the dApp's own cryptography and
 * store, and compares all that comes out; in the end the root is computed anew from all rows.
 *
 * Use: node check-engine.cjs FOLDER ARCHITECTURE
 */
async function main([folder, architecture]: readonly string[]): Promise<boolean> {
  if (folder === undefined) throw new RangeError("use: node check-engine.cjs FOLDER ARCHITECTURE");
  if (process.arch !== architecture) throw new Error(`not ${architecture}: ${process.arch}`);
  const recording = readRecording(folder);
  const crypto = await createNodeCrypto();
  const store = await openStore(crypto);
  const secret = hexToBytes(recording.machineSecret.slice(2));
  const application = createApplication(store, crypto, secret);

  const isEqual = await compareAll(recording, {
    name: "the engine in process",
    architecture: process.arch,
    version: process.version,
    advance: async ({ at, payload }) =>
      describeOutcome(application.advance(at, payload), hex(store.getRoot())),
    inspect: async (query) => application.inspect(utf8ToBytes(query)),
  });
  if (!isEqual) return false;
  const [root, rescanned] = [hex(store.getRoot()), hex(store.rescanRoot())];
  if (root === rescanned) return true;
  print(`${process.arch}: the rows give the root ${rescanned}, the triggers ${root}`);
  return false;
}

exitWith(main(process.argv.slice(2)));
