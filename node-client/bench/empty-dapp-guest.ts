/**
 * The guest of `measureEmptyRoundTrips`: an application that does nothing but emit notices, behind
 * the very loop that serves ours. Built to `dist/bench/empty-dapp.cjs`; not part of the dApp.
 */

import { runRollup } from "../../dapp/rollup/loop.ts";
import type { Application } from "../../spec/application.ts";
import type { Output } from "../../spec/outputs.ts";

const noticeCount = Number(process.argv[2] ?? 1);
const noticeBytes = Number(process.argv[3] ?? 292);
const url = process.env.ROLLUP_HTTP_SERVER_URL ?? "http://127.0.0.1:5004";

const notice: Output = { kind: "notice", payload: `0x${"5a".repeat(noticeBytes)}` };
const outputs: readonly Output[] = Array.from({ length: noticeCount }, () => notice);
const application: Application = {
  advance: () => ({ status: "accepted", outputs, reports: [] }),
  inspect: () => [],
};

runRollup(application, url).catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
