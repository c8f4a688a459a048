import { readFileSync } from "node:fs";
import { createNodeCrypto } from "../../dapp/crypto/node-crypto.ts";
import { parseHistory } from "../history/history-lines.ts";
import { measureReplay } from "./measure-replay.ts";

/**
 * One timed replay in a process of its own, so that each way of replaying is compiled for itself:
 * `replay-run.js HISTORY READINGS THREADS` prints readings per second.
 */
const [historyPath = "", readingCount = "0", threads = "1"] = process.argv.slice(2);
const inputs = [...parseHistory(readFileSync(historyPath, "utf8"))];
const workerUrl = new URL("../open-ahead-worker.js", import.meta.url);
const perSec = await measureReplay(
  await createNodeCrypto(),
  { inputs, readingCount: Number(readingCount) },
  threads === "2" ? workerUrl : undefined,
);
process.stdout.write(`${perSec}\n`);
