import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemRandom } from "../client/device/device-signer.ts";
import type { SamplePlaces } from "../files/sample-data.ts";
import { findFreePort } from "../node/anvil/free-port.ts";
import { LocalChainEnded, type LocalRollup, startLocalRollup } from "../node/local-rollup.ts";
import { chooseEnvironment, chooseWeather } from "./choose-readings.ts";
import { DemoInterrupted, DemoRollupEnded } from "./demo-error.ts";
import { openStage } from "./open-stage.ts";
import { type DemoFacts, tellStory } from "./tell-story.ts";

/** Short, so that a claim comes soon: nobody waits for more than a few blocks. */
const EPOCH_LENGTH = 5;
const BLOCK_TIME_SEC = 1;

interface DemoOptions {
  /** Where the readings are, and the built programs. */
  readonly places: SamplePlaces;
  /** Path of an anvil of one's own. */
  readonly anvilBinary: string | undefined;
  /** Aborted when somebody ends the demo. */
  readonly interrupted: AbortSignal;
  /** Takes one line after the other. */
  print(line: string): Promise<void>;
}

/**
 * The way of a reading, on a chain: starts a rollup of its own on free ports, tells the story
 * there step by step, and leaves nothing behind, however it ends.
 *
 * @throws DemoError when a step does not hold, DemoInterrupted, DemoRollupEnded, ClientError when
 * the sample data cannot be read, and what `startLocalRollup` throws, such as AnvilMissing.
 * @example
 * const print = async (line: string): Promise<void> => console.log(line);
 * await runDemo({ places, anvilBinary: undefined, interrupted: signal, print });
 */
export async function runDemo({ print, ...options }: DemoOptions): Promise<DemoFacts> {
  const beganMs = performance.now();
  // First of all: a file that cannot be read shall not cost the time of a start.
  const weather = chooseWeather(options.places);
  const environment = chooseEnvironment(options.places);
  const dataFolder = mkdtempSync(join(tmpdir(), "tallyroll-demo-"));
  const end = new AbortController();
  const interrupt = (): void => end.abort(new DemoInterrupted());
  options.interrupted.addEventListener("abort", interrupt, { once: true });
  let rollup: LocalRollup | undefined;
  try {
    await print("1. A rollup on this computer");
    const machineSecret = systemRandom(32);
    rollup = await startLocalRollup({
      ...{ dataFolder, machineSecret },
      projectRoot: options.places.projectRoot,
      driver: "worker",
      anvilPort: await findFreePort(),
      anvilBinary: options.anvilBinary,
      blockTimeSec: BLOCK_TIME_SEC,
      epochLength: EPOCH_LENGTH,
      api: { ports: { rpc: 0, inspect: 0, health: 0 } },
      log: () => {},
    });
    rollup.failed.then((cause) => end.abort(new DemoRollupEnded(cause)));
    const say = async (line: string): Promise<void> => {
      end.signal.throwIfAborted();
      await print(line);
    };
    const stage = await openStage(rollup, say, end.signal);
    return await tellStory(stage, { weather, environment, machineSecret, beganMs, print: say });
  } catch (error) {
    if (error instanceof LocalChainEnded) throw new DemoRollupEnded(error);
    // A request may find out that the chain has died a moment before its end is told.
    if ((await rollup?.anvil.findExit()) !== undefined) await rollup?.failed;
    // What fails because the demo is over says less than why it is over.
    throw end.signal.aborted ? end.signal.reason : error;
  } finally {
    options.interrupted.removeEventListener("abort", interrupt);
    end.abort();
    await rollup?.close();
    rmSync(dataFolder, { recursive: true, force: true });
  }
}
