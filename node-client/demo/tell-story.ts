import { checkHistory } from "./check-history.ts";
import type { ChosenReadings } from "./choose-readings.ts";
import type { Stage } from "./open-stage.ts";
import { payByChannel } from "./pay-by-channel.ts";
import { payByRelay } from "./pay-by-relay.ts";
import { payOut } from "./pay-out.ts";
import { proveOnChain } from "./prove-on-chain.ts";
import { sellByEscrow } from "./sell-by-escrow.ts";
import { sellReadings } from "./sell-readings.ts";
import { submitReadings } from "./submit-readings.ts";

/** What the demo has shown, for `--json`. */
export interface DemoFacts {
  readonly verified: true;
  readonly durationSec: number;
  readonly dataGenerated: boolean;
  readonly app: string;
  readonly readings: number;
  readonly readingsPerSec: number;
  readonly bytesPerReading: number;
  readonly gasPerReading: number;
  readonly sealedReadingsOpened: number;
  readonly strangersRefused: number;
  readonly transfersRelayed: number;
  readonly escrowsReleased: number;
  readonly paymentsRedeemed: number;
  readonly vouchersExecuted: number;
  readonly readingsProvedOnChain: number;
  readonly inputs: number;
  readonly claims: number;
  readonly root: string;
  readonly outputsMerkleRoot: string;
  readonly tamperedInput: number;
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
 * @throws DemoError when a step does not hold, and what actions throw.
 */
export async function tellStory(stage: Stage, options: StoryOptions): Promise<DemoFacts> {
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
  const facts: DemoFacts = {
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
    ...{ transfersRelayed, escrowsReleased, paymentsRedeemed, vouchersExecuted },
    readingsProvedOnChain,
    inputs: history.inputs,
    claims: history.claims,
    root: history.root,
    outputsMerkleRoot: history.outputsMerkleRoot,
    tamperedInput: history.tamperedInput,
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
