import { loadSampleData, type SamplePlaces } from "../csv/sample-data.ts";
import { DemoWorld } from "./demo-world.ts";
import { relayTransfer } from "./relay-transfer.ts";
import { proveOpenReading, readAsBuyer, refuseStranger } from "./show-readings.ts";
import { findTampering, replayAll } from "./show-replay.ts";
import { submitReadings } from "./submit-readings.ts";

/** What the demo has shown, for `--json`. */
export interface DemoFacts {
  readonly data: string;
  readonly dataGenerated: boolean;
  readonly inputs: number;
  readonly readings: number;
  readonly root: string;
  readonly outputsMerkleRoot: string;
  readonly openReadingsProved: number;
  readonly sealedReadingsOpened: number;
  readonly strangerRefused: boolean;
  readonly transfersRelayed: number;
  readonly tamperedInput: number;
  readonly verified: boolean;
}

/**
 * The way of a reading, step by step: a device seals it, the application takes it in, a proof shows
 * one, a buyer opens what he bought, money moves, and a replay finds the same state or the lie.
 *
 * @param print Takes one line after the other.
 * @throws DemoError when a step does not hold, ClientError when the sample data cannot be read.
 */
export async function runDemo(
  places: SamplePlaces,
  print: (line: string) => Promise<void> | void,
): Promise<DemoFacts> {
  const sample = loadSampleData("weather", places);
  const world = await DemoWorld.open();
  try {
    await print(`1. Readings: ${sample.source}${sample.generated ? " (no real data found)" : ""}`);
    const scene = submitReadings(world, sample);
    for (const line of scene.story) await print(`   ${line}`);

    await print("2. One open reading, proved against its batch's commitment");
    for (const line of proveOpenReading(world, scene)) await print(`   ${line}`);

    await print("3. A sealed stream, read by the buyer and by nobody else");
    const read = readAsBuyer(world, scene);
    for (const line of read.story) await print(`   ${line}`);
    await print(`   ${refuseStranger(world, scene)}`);

    await print("4. A payment without Ether for gas");
    for (const line of await relayTransfer(world, scene)) await print(`   ${line}`);

    await print("5. Replay: the whole history again, from nothing");
    const replay = await replayAll(world);
    for (const line of replay.story) await print(`   ${line}`);

    await print("6. Tampering: one byte of one batch changed");
    const tampering = await findTampering(world, scene.firstBatchInput + 1);
    for (const line of tampering.story) await print(`   ${line}`);

    const facts: DemoFacts = {
      data: sample.source,
      dataGenerated: sample.generated,
      inputs: replay.inputs,
      readings: scene.readingCount,
      root: replay.root,
      outputsMerkleRoot: replay.outputsMerkleRoot,
      openReadingsProved: 1,
      sealedReadingsOpened: read.readingCount,
      strangerRefused: true,
      transfersRelayed: 1,
      tamperedInput: tampering.inputIndex,
      verified: true,
    };
    await print(
      `verified: ${facts.inputs} inputs and their roots, 1 open reading proved, ` +
        `${facts.sealedReadingsOpened} sealed readings opened by their buyer only, ` +
        `1 transfer relayed, tampering found at input ${facts.tamperedInput}`,
    );
    return facts;
  } finally {
    world.store.close();
  }
}
