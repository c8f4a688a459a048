import { type Command, InvalidArgumentError } from "commander";
import { METRIC_VALUE_MAX, SCALE_MAX } from "../../../spec/limits.ts";
import type { Metric } from "../../../spec/readings.ts";
import { declareStream, rotateEpoch } from "../../client/actions/device-actions.ts";
import { getStream, listStreams } from "../../client/actions/stream-queries.ts";
import { systemRandom } from "../../client/device/device-signer.ts";
import { countOf } from "../../count-of.ts";
import { inferUnit } from "../../files/units.ts";
import { addReaderOptions, connect, type ReaderOptions } from "../connection/online.ts";
import { keepEpochKeys } from "../device/device-files.ts";
import { nameOfNumber, requireEpochKeys } from "../device/epoch-keys.ts";
import { findNamedDevice } from "../device/find-device.ts";
import { parseKeyGroups } from "../device/key-groups.ts";
import { answer } from "../money/money-json.ts";
import {
  act,
  addOperationOptions,
  type CommandActor,
  connectToAct,
  type OperationOptions,
} from "../operation/act.ts";
import { parseIndex, parseName, parseWhole } from "../options/parse-arguments.ts";
import { formatJson } from "../terminal/format-json.ts";
import { formatFields, formatTable } from "../terminal/format-table.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { addStreamReadCommands } from "./stream-read-commands.ts";

const HELP = `
A stream belongs to a device and declares what a reading holds. A metric is NAME, NAME:SCALE (decimal
places, 2 by default) or NAME:text. An open stream is read by everybody who may query; the values of
a sealed one by those who are granted its keys, which are kept in the data folder under devices/.
\`tallyroll submit\` declares what a CSV file needs by itself.

Examples:
  $ tallyroll stream declare roof weather temperature:1 humidity:0 sky:text --dev-account 0
  $ tallyroll stream declare roof private temperature wind --key-groups each --dev-account 0
  $ tallyroll stream list roof
  $ tallyroll stream show 1
  $ tallyroll stream latest 1 --limit 5
  $ tallyroll stream readings 1 > readings.csv
  $ tallyroll stream statistics 1 temperature --from 2024-05-01 --to 2024-05-08 --bucket day
  $ tallyroll stream rotate 2 --dev-account 0
  $ tallyroll stream read 2 --dev-account 1 > bought.csv`;

interface DeclareOptions extends OperationOptions {
  readonly sealed: boolean;
  readonly keyGroups?: string;
}

/** `tallyroll stream`: declares streams and reads them. */
export function addStreamCommand(program: Command, terminal: Terminal): void {
  const stream = program
    .command("stream")
    .description("declare streams, show and read them")
    .addHelpText("after", HELP);

  addOperationOptions(stream.command("declare"))
    .argument("<device>", "name, number or did:key")
    .argument("<name>", "of the stream, unique on the device", parseName)
    .argument("<metrics...>", "NAME, NAME:SCALE or NAME:text")
    .description("declare what a device measures")
    .option("--sealed", "hide the values from all but buyers, under one key", false)
    .option("--key-groups <groups>", "seal, under one key for each of these groups of metrics")
    .action((device: string, name: string, metrics: string[], options: DeclareOptions) =>
      declare(device, name, metrics.map(parseMetric), options, terminal),
    );
  addOperationOptions(stream.command("rotate").argument("<stream>", "its number", parseIndex))
    .description("begin a sealed stream's next epoch, under new keys")
    .action(async (streamId: number, options: OperationOptions) => {
      await rotate(await connectToAct(options, terminal), streamId);
    });
  addReaderOptions(stream.command("show").argument("<stream>", "its number", parseIndex))
    .description("show a stream and its metrics")
    .action((streamId: number, options: ReaderOptions) => show(streamId, options, terminal));
  addReaderOptions(stream.command("list").argument("<device>", "name, number or did:key"))
    .description("list a device's streams")
    .action(async (word: string, options: ReaderOptions) => {
      const online = await connect(options, terminal);
      const { device } = await findNamedDevice(online, word);
      const streams = [];
      for await (const one of listStreams(online.client, device)) streams.push(one);
      const rows = streams.map(({ streamId, name, isSealed, epoch, batchCount, readingCount }) => [
        ...[String(streamId), name, isSealed ? "sealed" : "open", String(epoch)],
        ...[String(batchCount), String(readingCount)],
      ]);
      const names = ["stream", "name", "kind", "epoch", "batches", "readings"];
      await answer(online, { streams }, (columns) => formatTable(names, rows, columns));
    });
  addStreamReadCommands(stream, terminal);
}

async function declare(
  word: string,
  name: string,
  plain: readonly Metric[],
  options: DeclareOptions,
  terminal: Terminal,
): Promise<void> {
  const isSealed = options.sealed || options.keyGroups !== undefined;
  const groups =
    options.keyGroups === undefined ? plain.map(() => 0) : parseKeyGroups(options.keyGroups, plain);
  const metrics = plain.map((metric, m) => ({ ...metric, group: groups[m] ?? 0 }));
  const online = await connectToAct(options, terminal);
  const found = await findNamedDevice(online, word);
  const { deviceId } = found.device;
  const count = isSealed ? Math.max(...groups) + 1 : 0;
  const epochKeys = Array.from({ length: count }, () => systemRandom(32));
  const fields = { deviceId, name, metrics, ...(isSealed ? { epochKeys } : {}) };
  if (isSealed) {
    const owner = found.name ?? nameOfNumber(deviceId);
    const { epochKeyHashes } = declareStream.body(fields, online.acting);
    keepEpochKeys(online.connection.dataFolder, owner, epochKeys, epochKeyHashes);
  }
  await act(online, declareStream, {
    fields,
    describe: ({ streamId }) =>
      `Stream ${streamId} of device ${deviceId} is declared: ${name}, ` +
      `${isSealed ? "sealed" : "open"}, ${metrics.length} metrics.`,
  });
}

async function rotate(online: CommandActor, streamId: number): Promise<void> {
  const { client, connection } = online;
  const stream = await getStream(client, { streamId });
  const epochKeys = stream.epochKeyHashes.map(() => systemRandom(32));
  const fields = { streamId, epoch: stream.epoch + 1, epochKeys };
  const { epochKeyHashes } = rotateEpoch.body(fields, online.acting);
  const { deviceName } = requireEpochKeys(connection.dataFolder, stream, stream.epoch);
  keepEpochKeys(connection.dataFolder, deviceName, epochKeys, epochKeyHashes);
  await act(online, rotateEpoch, {
    fields,
    describe: ({ epoch }) =>
      `Stream ${streamId} is in epoch ${epoch}: earlier grants open nothing new.`,
  });
}

async function show(streamId: number, options: ReaderOptions, terminal: Terminal): Promise<void> {
  const { client } = await connect(options, terminal);
  const stream = await getStream(client, { streamId });
  if (options.json) return terminal.print(formatJson(stream));
  const { name, deviceId, isSealed, epoch, batchCount, readingCount, breakCount } = stream;
  await terminal.print(
    formatFields(
      [
        ["stream", `${streamId}, ${name}, of device ${deviceId}`],
        ["kind", isSealed ? `sealed, epoch ${epoch}` : "open"],
        [
          "readings",
          `${readingCount} in ${countOf(batchCount, "batch", "batches")}, ${countOf(breakCount, "break")}`,
        ],
      ],
      terminal.columns,
    ),
  );
  const rows = stream.metrics.map(({ name, unit, kind, scale, group }) => [
    ...[name, unit, kind === "text" ? "text" : String(scale), isSealed ? String(group) : ""],
  ]);
  await terminal.print(
    formatTable(["metric", "unit", "decimals", "key group"], rows, terminal.columns),
  );
}

function parseMetric(text: string): Metric {
  const at = text.lastIndexOf(":");
  const name = parseName(at <= 0 ? text : text.slice(0, at));
  const form = at <= 0 ? "2" : text.slice(at + 1);
  const base = {
    name,
    unit: "",
    kind: "text",
    scale: 0,
    minimum: 0,
    maximum: 0,
    group: 0,
  } as const;
  if (form === "text") return base;
  if (!/^\d+$/.test(form)) {
    throw new InvalidArgumentError(`Give a metric as NAME, NAME:SCALE or NAME:text, not ${text}.`);
  }
  const scale = parseWhole(0, SCALE_MAX)(form);
  const bounds = { minimum: -METRIC_VALUE_MAX, maximum: METRIC_VALUE_MAX };
  return { ...base, ...bounds, kind: "integer", scale, unit: inferUnit(name) };
}
