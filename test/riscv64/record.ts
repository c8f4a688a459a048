import { utf8ToBytes } from "@noble/hashes/utils.js";
import { createApplication } from "../../dapp/engine/create-application.ts";
import { hex } from "../../dapp/engine/operation-context.ts";
import { openStore } from "../../dapp/store/sql-store.ts";
import { parseHistory } from "../../node-client/history/history-lines.ts";
import { recordHistory } from "../arbitraries/histories.ts";
import { crypto, MACHINE_SECRET } from "../arbitraries/shared-keys.ts";
import { START_SEC } from "../arbitraries/world.ts";
import { seed } from "../seed.ts";
import { describeOutcome, formatHistory, type Question, writeRecording } from "./recording.ts";

/**
 * Records a history of every kind of input, and what it leads to on this machine.
 *
 * Use: node record.mjs FOLDER INPUTS
 */

const STREAMS_ASKED = 24;

const [folder, count] = process.argv.slice(2);
if (folder === undefined || !/^[1-9]\d{0,5}$/.test(count ?? "")) {
  throw new RangeError("use: node record.mjs FOLDER INPUTS");
}

const built = recordHistory(seed("riscv64"), Number(count));
// As the file gives them back: what is applied here is what is applied there.
const inputs = [...parseHistory(formatHistory(built))];

const store = await openStore(crypto);
const application = createApplication(store, crypto, MACHINE_SECRET);
const outcomes = inputs.map(({ at, payload }) =>
  describeOutcome(application.advance(at, payload), hex(store.getRoot())),
);
writeRecording(folder, {
  architecture: process.arch,
  machineSecret: hex(MACHINE_SECRET),
  inputs,
  kinds: built.map(({ kind }) => kind),
  outcomes,
  questions: [
    ask({ query: "root" }),
    ...Array.from({ length: STREAMS_ASKED }, askAboutStream).flat(),
  ],
});
store.close();

const accepted = outcomes.filter(({ status }) => status === "accepted").length;
const kinds = new Set(built.map(({ kind }) => kind)).size;
console.log(`recorded ${inputs.length} inputs of ${kinds} kinds, ${accepted} of them accepted`);

/** The queries that compute: proofs, sums, decimals. What cannot be answered is compared as well. */
function askAboutStream(_: unknown, index: number): Question[] {
  const stream_id = index + 1;
  const stream = ask({ query: "stream", stream_id });
  const { metrics = [] } = JSON.parse(textOf(stream)) as { metrics?: { name: string }[] };
  const days = { bucket: "day", from: START_SEC - 86_400, to: START_SEC + 30 * 86_400 };
  return [
    stream,
    ask({ query: "latest", stream_id, limit: 20 }),
    ask({ query: "batches", stream_id, limit: 1 }),
    ask({ query: "proof", stream_id, sequence: 0 }),
    ...metrics.map(({ name }) => ask({ query: "statistics", stream_id, metric: name, ...days })),
  ];
}

function ask(fields: Readonly<Record<string, unknown>>): Question {
  const query = JSON.stringify(fields);
  return { query, reports: application.inspect(utf8ToBytes(query)) };
}

function textOf({ reports }: Question): string {
  return Buffer.from(reports[0]!.slice(2), "hex").toString("utf8");
}
