import type { Operation } from "../../../spec/operations.ts";
import { declareStream, registerDevice } from "../../client/actions/device-actions.ts";
import { listOutcomes, OperationRefused } from "../../client/actions/operation-outcomes.ts";
import { systemRandom } from "../../client/device/device-signer.ts";
import { countOf } from "../../count-of.ts";
import type { StoredReadings } from "../../files/slice-readings.ts";
import { groupOperations } from "../../history/group-operations.ts";
import { createDeviceKey, keepEpochKeys } from "../device/device-files.ts";
import { errorKind } from "../terminal/io.ts";
import { type FoundStream, findStreams } from "./find-streams.ts";
import type { InputSender } from "./input-sender.ts";
import type { DeclaredStream } from "./plan-upload.ts";
import { findKeyGroups } from "./reading-options.ts";
import type { Uploader } from "./submit-options.ts";

/** Each checks a proof of possession or writes some rows: so many stay far within an input. */
const SETUP_OPERATIONS_PER_INPUT = 32;

/** Two make one round each; the others are for blocks that are reorganised away meanwhile. */
const ROUNDS_MAX = 10;

/** Set-up operations are accepted, and then not in the state. */
const SetupLost = errorKind("SetupLost");

/** One registration or declaration, and the name by which the journal knows it. */
interface SetupStep {
  readonly operation: Operation;
  readonly label: string;
}

/**
 * Registers the devices and declares the streams that are missing. Secrets are on the disk before
 * anybody hears of them, and what an earlier run has sent is waited for, not sent again.
 *
 * @throws OperationRefused, and what `findStreams` and `InputSender.apply` throw.
 */
export async function prepareStreams(
  uploader: Uploader,
  readings: readonly StoredReadings[],
  sender: InputSender,
): Promise<DeclaredStream[]> {
  for (let round = 0; round < ROUNDS_MAX; round++) {
    const found = await findStreams(uploader, readings);
    if (found.every(isDeclared)) return found;
    await setUp(sender, planSetup(uploader, found));
  }
  throw new SetupLost("What was registered or declared is not in the state, again and again.", {
    whatToDo: "See whether the chain keeps its blocks and the node follows it.",
  });
}

/** The devices first: a declaration names its device by the number that it was given. */
function planSetup(uploader: Uploader, found: readonly FoundStream[]): SetupStep[] {
  const { options, terminal } = uploader;
  const strangers = found.filter(({ device }) => device === undefined);
  if (strangers.length > 0) {
    const devices = countOf(strangers.length, "device");
    terminal.note(`Registering ${devices}; the secrets are kept in the data folder.`);
    return strangers.map((stranger) => toRegistration(uploader, stranger));
  }
  const undeclared = found.filter(({ stream }) => stream === undefined);
  const kind = findKeyGroups(options) === undefined ? "open stream" : "sealed stream";
  const streams = countOf(undeclared.length, kind);
  terminal.note(`Declaring ${streams} named ${JSON.stringify(options.streamName)}.`);
  return undeclared.map((missing) => toDeclaration(uploader, missing));
}

const isDeclared = (found: FoundStream): found is DeclaredStream =>
  found.key !== undefined && found.device !== undefined && found.stream !== undefined;

async function setUp(sender: InputSender, steps: readonly SetupStep[]): Promise<void> {
  const { journal } = sender;
  let left = steps;
  // After a crash the journal has what was sent or about to be; its verdict may still be coming.
  for (const input of journal.inputs.filter(({ setup }) => setup.length > 0)) {
    const isOurs = ({ label }: SetupStep): boolean => input.setup.includes(label);
    if (!left.some(isOurs)) continue;
    const { refusals } = await sender.apply(input);
    const refused = new Set(refusals.map(({ operation }) => operation));
    if (refused.has(null)) continue;
    const applied = new Set(input.setup.filter((_, position) => !refused.has(position)));
    left = left.filter(({ label }) => !applied.has(label));
  }
  const toOperation = ({ operation }: SetupStep): Operation => operation;
  for (const group of groupOperations(left, SETUP_OPERATIONS_PER_INPUT, toOperation)) {
    const setup = group.map(({ label }) => label);
    const input = journal.addInput(group.map(toOperation), { setup });
    const result = await sender.apply(input);
    for (const outcome of listOutcomes(result, group.length)) {
      if (outcome.status === "refused")
        throw new OperationRefused(result.inputIndex, outcome.refused);
    }
  }
}

function toRegistration(
  { client, connection, address: account, options }: Uploader,
  { readings, key: kept }: FoundStream,
): SetupStep {
  const key = kept ?? createDeviceKey(connection.dataFolder, readings.deviceName, options.keyType);
  const body = registerDevice.body({ device: key.signer }, { account, at: client.at });
  return { operation: { authorization: { by: "sender" }, body }, label: `register ${key.did}` };
}

function toDeclaration(
  { client, connection, options }: Uploader,
  { readings, device }: FoundStream,
): SetupStep {
  if (device === undefined) throw new RangeError("a stream is declared after its device");
  const { deviceId } = device;
  const { streamName: name, retention: retentionSec } = options;
  const isSealed = findKeyGroups(options) !== undefined;
  const { metrics, deviceName } = readings;
  const groupCount = isSealed ? Math.max(...metrics.map(({ group }) => group)) + 1 : 0;
  const epochKeys = Array.from({ length: groupCount }, () => systemRandom(32));
  const sealing = isSealed ? { epochKeys } : {};
  const declaration = { deviceId, name, metrics, retentionSec, ...sealing };
  const body = declareStream.body(declaration, client);
  if (isSealed) keepEpochKeys(connection.dataFolder, deviceName, epochKeys, body.epochKeyHashes);
  return {
    operation: { authorization: { by: "sender" }, body },
    label: `declare ${deviceId} ${name}`,
  };
}
