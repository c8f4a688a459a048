import { type Command, InvalidArgumentError } from "commander";
import { METRIC_VALUE_MAX, SCALE_MAX } from "../../../spec/limits.ts";
import type { Metric } from "../../../spec/readings.ts";
import { declareStream, pokeRetention, rotateEpoch } from "../../client/actions/device-actions.ts";
import { getStream, listStreams } from "../../client/actions/stream-queries.ts";
import { systemRandom } from "../../client/device/device-signer.ts";
import { formatDuration } from "../../client/escrow/terms-text.ts";
import { countOf } from "../../count-of.ts";
import { inferUnit } from "../../files/units.ts";
import { keepEpochKeys } from "../device/device-files.ts";
import { nameOfNumber, requireEpochKeys } from "../device/epoch-keys.ts";
import { findNamedDevice } from "../device/find-device.ts";
import { parseKeyGroups } from "../device/key-groups.ts";
import { answer, answerTable } from "../money/money-json.ts";
import { act } from "../operation/act.ts";
import { CommandGroup } from "../operation/command-group.ts";
import { parseIndex, parseName, parseWhole } from "../options/parse-arguments.ts";
import { parseRetention, RETENTION_ABOUT } from "../options/parse-duration.ts";
import { formatFields, formatTable } from "../terminal/format-table.ts";
import { collect } from "../terminal/io.ts";
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
  $ tallyroll stream declare roof recent temperature --retention 30d --dev-account 0
  $ tallyroll stream list roof
  $ tallyroll stream show 1
  $ tallyroll stream latest 1 --limit 5
  $ tallyroll stream readings 1 > readings.csv
  $ tallyroll stream statistics 1 temperature --from 2024-05-01 --to 2024-05-08 --bucket day
  $ tallyroll stream rotate 2 --dev-account 0
  $ tallyroll stream read 2 --dev-account 1 > bought.csv`;

export function addStreamCommand(program: Command, terminal: Terminal): void {
  const about = "declare streams, show and read them";
  const stream = new CommandGroup(program, terminal).group("stream", about, HELP);
  addDeclareCommand(stream);
  addRotateCommand(stream);
  addPokeCommand(stream);
  addShowCommands(stream);
  addStreamReadCommands(stream);
}

function addDeclareCommand(stream: CommandGroup): void {
  stream
    .operation("declare", "declare what a device measures")
    .argument("<device>", "name, number or did:key")
    .argument("<name>", "of the stream, unique on the device", parseName)
    .argument("<metrics...>", "NAME, NAME:SCALE or NAME:text")
    .flag("--sealed", "hide the values from all but buyers, under one key")
    .option("--key-groups <groups>", "seal, under one key for each of these groups of metrics")
    .option("--retention <time>", RETENTION_ABOUT, parseRetention, 0, "for ever")
    .check(({ keyGroups }, _device, _name, words) => {
      const plain = words.map(parseMetric);
      const groups = keyGroups === undefined ? [] : parseKeyGroups(keyGroups, plain);
      return plain.map((metric, m) => ({ ...metric, group: groups[m] ?? 0 }));
    })
    .run(async (online, word, name) => {
      const { found: metrics, options } = online;
      const isSealed = options.sealed || options.keyGroups !== undefined;
      const known = await findNamedDevice(online, word);
      const { deviceId } = known.device;
      const count = isSealed ? Math.max(...metrics.map(({ group }) => group)) + 1 : 0;
      const epochKeys = Array.from({ length: count }, () => systemRandom(32));
      const { retention: retentionSec } = options;
      const sealing = isSealed ? { epochKeys } : {};
      const fields = { deviceId, name, metrics, retentionSec, ...sealing };
      if (isSealed) {
        const owner = known.name ?? nameOfNumber(deviceId);
        const { epochKeyHashes } = declareStream.body(fields, online.acting);
        keepEpochKeys(online.connection.dataFolder, owner, epochKeys, epochKeyHashes);
      }
      await act(online, declareStream, {
        fields,
        describe: ({ streamId }) =>
          `Stream ${streamId} of device ${deviceId} is declared: ${name}, ` +
          `${isSealed ? "sealed" : "open"}, ${metrics.length} metrics.`,
      });
    });
}

function addPokeCommand(stream: CommandGroup): void {
  stream
    .operation("poke", "have archived what is due of streams that keep readings for a time")
    .examples("stream poke --dev-account 2")
    .run(async (online) => {
      await act(online, pokeRetention, {
        fields: {},
        describe: ({ archivedCount, foldedCount }) =>
          `Beyond what its own input did: ${countOf(archivedCount, "batch", "batches")} archived, ` +
          `${foldedCount} folded.`,
      });
    });
}

function addRotateCommand(stream: CommandGroup): void {
  stream
    .operation("rotate", "begin a sealed stream's next epoch, under new keys")
    .argument("<stream>", "its number", parseIndex)
    .run(async (online, streamId) => {
      const { dataFolder } = online.connection;
      const known = await getStream(online.client, { streamId });
      const epochKeys = known.epochKeyHashes.map(() => systemRandom(32));
      const fields = { streamId, epoch: known.epoch + 1, epochKeys };
      const { epochKeyHashes } = rotateEpoch.body(fields, online.acting);
      const { deviceName } = requireEpochKeys(dataFolder, known, known.epoch);
      keepEpochKeys(dataFolder, deviceName, epochKeys, epochKeyHashes);
      await act(online, rotateEpoch, {
        fields,
        describe: ({ epoch }) =>
          `Stream ${streamId} is in epoch ${epoch}: earlier grants open nothing new.`,
      });
    });
}

function addShowCommands(stream: CommandGroup): void {
  stream
    .reader("show", "show a stream and its metrics")
    .argument("<stream>", "its number", parseIndex)
    .run(async (online, streamId) => {
      const info = await getStream(online.client, { streamId });
      const { name, deviceId, isSealed, epoch, batchCount, readingCount, breakCount } = info;
      const batches = countOf(batchCount, "batch", "batches");
      const { retentionSec, keptFrom } = info;
      const keptText = `for ${formatDuration(retentionSec)}, from sequence ${keptFrom} on`;
      const fields = [
        ["stream", `${streamId}, ${name}, of device ${deviceId}`],
        ["kind", isSealed ? `sealed, epoch ${epoch}` : "open"],
        ...(retentionSec > 0 ? [["kept", keptText]] : []),
        ["readings", `${readingCount} in ${batches}, ${countOf(breakCount, "break")}`],
      ];
      const rows = info.metrics.map(({ name, unit, kind, scale, group }) => {
        return [name, unit, kind === "text" ? "text" : scale, isSealed ? group : ""];
      });
      await answer(online, info, (columns) => {
        const table = formatTable(["metric", "unit", "decimals", "key group"], rows, columns);
        return formatFields(fields, columns) + table;
      });
    });
  stream
    .reader("list", "list a device's streams")
    .argument("<device>", "name, number or did:key")
    .run(async (online, word) => {
      const { device } = await findNamedDevice(online, word);
      const streams = await collect(listStreams(online.client, device));
      const names = ["stream", "name", "kind", "epoch", "batches", "readings"];
      await answerTable(online, { streams }, names, streams, (one) => {
        const kind = one.isSealed ? "sealed" : "open";
        return [one.streamId, one.name, kind, one.epoch, one.batchCount, one.readingCount];
      });
    });
}

function parseMetric(word: string): Metric {
  const at = word.lastIndexOf(":");
  const name = parseName(at <= 0 ? word : word.slice(0, at));
  const form = at <= 0 ? "2" : word.slice(at + 1);
  const text = {
    name,
    unit: "",
    kind: "text",
    scale: 0,
    minimum: 0,
    maximum: 0,
    group: 0,
  } as const;
  if (form === "text") return text;
  if (!/^\d+$/.test(form)) {
    throw new InvalidArgumentError(`Give a metric as NAME, NAME:SCALE or NAME:text, not ${word}.`);
  }
  const scale = parseWhole(0, SCALE_MAX)(form);
  const bounds = { minimum: -METRIC_VALUE_MAX, maximum: METRIC_VALUE_MAX };
  return { ...text, ...bounds, kind: "integer", scale, unit: inferUnit(name) };
}
