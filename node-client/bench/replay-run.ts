import { readFileSync } from "node:fs";
import { parseHistory } from "../history/history-lines.ts";
import { openApplication } from "../replay/open-application.ts";
import { replayAhead } from "../replay/replay-ahead.ts";
import { Replayer } from "../replay/replay-history.ts";
import { MACHINE_SECRET } from "./bench-history.ts";

/**
 * One timed replay in a process of its own, so that each way of replaying is compiled for itself:
 * `replay-run.js HISTORY READINGS THREADS` prints readings per second, every input, output hashes and
 * rescan included.
 */
const [historyPath = "", readingCount = "0", threads = "1"] = process.argv.slice(2);
const inputs = [...parseHistory(readFileSync(historyPath, "utf8"))];
const workerUrl = new URL("../open-ahead-worker.js", import.meta.url);
const local = await openApplication(MACHINE_SECRET, threads === "2" ? { workerUrl } : {});
const { crypto, application, store, ahead } = local;
const replayer = new Replayer(crypto, application, store);
const beganMs = performance.now();
if (ahead === undefined) for (const input of inputs) replayer.apply(input);
else await replayAhead(replayer, ahead, store, inputs);
const { rejected, divergence } = replayer.finish();
const seconds = (performance.now() - beganMs) / 1_000;
if (rejected > 0 || divergence !== undefined) throw new Error("the replay did not verify");
process.stdout.write(`${Number(readingCount) / seconds}\n`);
await local.close();
