import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemRandom } from "../client/device/device-signer.ts";
import type { SamplePlaces } from "../files/sample-data.ts";
import { findFreePort } from "../node/anvil/free-port.ts";
import { LocalChainEnded, type LocalRollup, startLocalRollup } from "../node/local-rollup.ts";
import { checkHistory } from "./check-history.ts";
import { type ChosenReadings, chooseReadings, ENVIRONMENT, WEATHER } from "./choose-readings.ts";
import { DemoInterrupted, DemoRollupEnded } from "./demo-error.ts";
import { openStage, type Stage } from "./open-stage.ts";
import { payByChannel } from "./pay-by-channel.ts";
import { payByRelay } from "./pay-by-relay.ts";
import { payOut } from "./pay-out.ts";
import { proveOnChain } from "./prove-on-chain.ts";
import { sellByEscrow } from "./sell-by-escrow.ts";
import { sellReadings } from "./sell-readings.ts";
import { submitReadings } from "./submit-readings.ts";

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
export async function runDemo({ print, ...options }: DemoOptions) {
  const beganMs = performance.now();
  // First of all: a file that cannot be read shall not cost the time of a start.
  const weather = chooseReadings("weather", options.places, WEATHER);
  const environment = chooseReadings("environment", options.places, ENVIRONMENT);
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

interface StoryOptions {
  readonly weather: ChosenReadings;
  readonly environment: ChosenReadings;
  readonly machineSecret: Uint8Array;
  /** When the demo began, by `performance.now()`. */
  readonly beganMs: number;
  print(line: string): Promise<void>;
}

/**
 * The steps of the demo once the rollup is there, each of which checks what it shows.
 *
 * @returns What it has shown, for `--json`.
 * @throws DemoError when a step does not hold, and what actions throw.
 */
async function tellStory(stage: Stage, options: StoryOptions) {
  const { weather, environment, machineSecret, beganMs, print } = options;
  const elapsedSec = (): number => (performance.now() - beganMs) / 1_000;
  // The first step began before there was a stage.
  let step = 1;
  const open = (title: string): Promise<void> =>
    print(`${++step}. ${title} (after ${elapsedSec().toFixed(1)} s)`);

  await sayWhere(stage);
  await open("Two owners, two devices, signed batches");
  const streams = await submitReadings(stage, weather, environment);
  await open("A buyer: deposits, a grant, sealed readings");
  const { opened, refused } = await sellReadings(stage, streams, environment);
  await open("A payment without Ether");
  const transfersRelayed = await payByRelay(stage);
  await open("Back to the chain: a claim and two vouchers");
  const paidOut = await payOut(stage);
  await open("Escrows of each kind and mode");
  const escrowsReleased = await sellByEscrow(stage, streams, weather);
  await open("A thousand payments off chain");
  const { payments: paymentsRedeemed, vouchers } = await payByChannel(stage);
  const vouchersExecuted = paidOut + vouchers;
  await open("One reading, proved to a contract");
  const readingsProvedOnChain = await proveOnChain(stage, streams, weather);
  await open("Replay from the chain alone");
  const history = await checkHistory(stage, machineSecret);

  const { costs, readingCount } = streams;
  const facts = {
    verified: true,
    durationSec: Number(elapsedSec().toFixed(1)),
    dataGenerated: weather.isGenerated || environment.isGenerated,
    app: stage.rollup.app,
    readings: readingCount,
    readingsPerSec: Math.round(readingCount / costs.durationSec),
    bytesPerReading: Number((costs.payloadBytes / readingCount).toFixed(2)),
    gasPerReading: Number(costs.gas / BigInt(readingCount)),
    sealedReadingsOpened: opened,
    strangersRefused: refused,
    transfersRelayed,
    escrowsReleased,
    paymentsRedeemed,
    vouchersExecuted,
    readingsProvedOnChain,
    ...history,
  };
  await print(
    `verified: ${facts.inputs} inputs and ${facts.claims} claims from the chain alone, ` +
      `${facts.readings} readings, ${opened} sealed ones opened by their buyer only, ` +
      `${transfersRelayed} transfers relayed, ${escrowsReleased} escrows released, ` +
      `${paymentsRedeemed} channel payments redeemed, ${vouchersExecuted} vouchers executed, ` +
      `${readingsProvedOnChain} reading proved on chain, tampering found at input ` +
      `${facts.tamperedInput}`,
  );
  return facts;
}

async function sayWhere({ rollup, say }: Stage): Promise<void> {
  const { chainId, rpcUrl, app, token, running } = rollup;
  const { epochLength } = running.identity;
  await say(
    `chain ${chainId} (anvil) at ${rpcUrl}, a block a second, an epoch ${epochLength} blocks`,
  );
  await say(`Cartesi's contracts, application ${app}`);
  await say(`test token TEST ${token}`);
  await say(`the node answers at ${running.urls.rpc} and ${running.urls.inspect}`);
}
