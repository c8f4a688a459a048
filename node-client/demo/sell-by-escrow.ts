import { formatEther, hexToBytes } from "viem";
import { getRoot } from "../client/actions/account-queries.ts";
import { submitBatch } from "../client/actions/batch-actions.ts";
import {
  deliverEscrowUnit,
  redeemEscrowReceipt,
  startEscrowSession,
} from "../client/actions/escrow-actions.ts";
import {
  acceptEscrowIntent,
  openEscrow,
  openEscrowIntent,
} from "../client/actions/escrow-opening-actions.ts";
import { getEscrow } from "../client/actions/escrow-queries.ts";
import { ETHER } from "../client/actions/ether.ts";
import { publishService } from "../client/actions/service-actions.ts";
import { discoverServices } from "../client/actions/service-queries.ts";
import { getStream } from "../client/actions/stream-queries.ts";
import { requireWallet } from "../client/actions/tallyroll-client.ts";
import { systemRandom } from "../client/device/device-signer.ts";
import { StreamWriter } from "../client/device/stream-writer.ts";
import type { EscrowIdText } from "../client/escrow/escrow-id-text.ts";
import { parsePredicate } from "../client/escrow/predicate-text.ts";
import { signReceipt } from "../client/escrow/receipt.ts";
import { sliceReadings } from "../files/read-readings.ts";
import { applyAll } from "./apply-all.ts";
import type { ChosenReadings } from "./choose-readings.ts";
import { check } from "./demo-error.ts";
import { addressOf, type Stage } from "./open-stage.ts";
import type { Streams } from "./submit-readings.ts";

const PULL_WEI = 10n ** 16n;
const SESSION_WEI = 4n * 10n ** 16n;
/** What the four escrows bring the provider. */
export const ESCROWS_WEI = 2n * PULL_WEI + 2n * SESSION_WEI;
const TAG = "weather";
/** A unit of the stream: what the station measured since the last one. */
const UNIT_READINGS = 64;
const SESSION = { durationSec: 60, expectedMsgs: 15, minMsgCount: 10, minValidRatio: 0.75 };
const PREDICATE = "temperature_celsius in [-60, 60)";

/** The four escrows, opened by their buyer. */
interface Escrows {
  readonly judged: EscrowIdText;
  readonly live: EscrowIdText;
  readonly wanted: EscrowIdText;
  readonly wantedLive: EscrowIdText;
}

/**
 * Owner A sells an open stream by the unit and a live feed by the session; the buyer takes one of
 * each by name and one of each by intent. The machine judges the first; receipts settle the others.
 *
 * @returns How many escrows were paid.
 * @throws DemoError unless each is released, and pays its price.
 */
export async function sellByEscrow(
  stage: Stage,
  { open }: Streams,
  weather: ChosenReadings,
): Promise<number> {
  const { ownerA, buyer, say } = stage;
  await publish(stage, open.streamId);
  const escrows = await openEscrows(stage, open.metrics);
  await say(
    `the buyer opens two escrows and two intents, ${formatEther(ESCROWS_WEI)} Ether in all`,
  );

  const batchIds = await measureMore(stage, open, weather, escrows);
  const unit = 1;
  const [judged] = await applyAll(ownerA, [
    deliverEscrowUnit.body({ escrowId: escrows.judged, unit, batchId: batchIds[0]! }),
    deliverEscrowUnit.body({ escrowId: escrows.wanted, unit, batchId: batchIds[1]! }),
    startEscrowSession.body({ escrowId: escrows.live, unit }),
    startEscrowSession.body({ escrowId: escrows.wantedLive, unit }),
  ]);
  const { change } = deliverEscrowUnit.read(judged!);
  check(change.released !== undefined, "the machine finds the readings in the range");
  await say(`owner A delivers; the machine judges one unit itself (${PREDICATE}): paid`);

  const account = requireWallet(buyer).account;
  const receipts = await Promise.all(
    [escrows.wanted, escrows.live, escrows.wantedLive].map((escrowId) => {
      const counts = escrowId === escrows.wanted ? [0, 0] : [15, 14];
      const [messageCount = 0, validCount = 0] = counts;
      return signReceipt(account, buyer.at, { escrowId, unit, messageCount, validCount });
    }),
  );
  await applyAll(
    ownerA,
    receipts.map((receipt) => redeemEscrowReceipt.body({ receipt })),
  );
  for (const escrowId of Object.values(escrows)) {
    const { status, held } = await getEscrow(buyer, { escrowId });
    check(status === "released" && held === 0n, `${escrowId} is released`);
  }
  await say(
    "the buyer signs three receipts off chain, owner A redeems them: all four are released",
  );
  return Object.keys(escrows).length;
}

async function publish({ ownerA, buyer, say }: Stage, streamId: number): Promise<void> {
  const acting = { account: addressOf(ownerA) };
  const tags = [TAG];
  const byTheUnit = { name: "weather-by-the-unit", tags, price: PULL_WEI, streamId } as const;
  await applyAll(ownerA, [
    publishService.body({ ...byTheUnit, mode: "pull" }, acting),
    publishService.body({ name: "weather-live", tags, mode: "pubsub", price: SESSION_WEI }, acting),
  ]);
  const query = { tag: TAG, mode: "pull", token: ETHER, priceMax: PULL_WEI } as const;
  const found: string[] = [];
  for await (const { name } of discoverServices(buyer, query)) found.push(name);
  check(found.join() === "weather-by-the-unit", "the buyer finds what is within the price");
  await say(`owner A publishes two services; the buyer discovers ${found[0]} by its tag and price`);
}

async function openEscrows(
  { buyer }: Stage,
  metrics: Streams["open"]["metrics"],
): Promise<Escrows> {
  const predicate = parsePredicate(PREDICATE, metrics);
  const session = { ...SESSION, autoRenew: false };
  const wanted = { tag: TAG, token: ETHER, acceptTimeSec: 3_600 };
  const unit = { mode: "pull", ceiling: PULL_WEI, amount: PULL_WEI } as const;
  const live = { mode: "pubsub", ceiling: SESSION_WEI, amount: SESSION_WEI, session } as const;
  const [first, second, third, fourth] = await applyAll(buyer, [
    openEscrow.body({ serviceId: 1, version: 1, amount: PULL_WEI, predicate }),
    openEscrow.body({ serviceId: 2, version: 1, amount: SESSION_WEI, session }),
    openEscrowIntent.body({ ...wanted, ...unit }),
    openEscrowIntent.body({ ...wanted, ...live }),
  ]);
  return {
    judged: openEscrow.read(first!).escrowId,
    live: openEscrow.read(second!).escrowId,
    wanted: openEscrowIntent.read(third!).escrowId,
    wantedLive: openEscrowIntent.read(fourth!).escrowId,
  };
}

/** Owner A takes the intents; the station sends two more batches in the same input. */
async function measureMore(
  { ownerA }: Stage,
  open: Streams["open"],
  { readings }: ChosenReadings,
  { wanted, wantedLive }: Escrows,
): Promise<readonly number[]> {
  const { machineKey } = await getRoot(ownerA);
  const { nextSequence, lastBatchHash } = await getStream(ownerA, { streamId: open.streamId });
  check(lastBatchHash !== undefined, "the stream has batches");
  const writer = new StreamWriter(ownerA.crypto, open.signer, machineKey, systemRandom, {
    ...{ ...ownerA.at, ...open, nextSequence },
    previousHash: hexToBytes(lastBatchHash!),
  });
  const batches = [0, UNIT_READINGS].map((from) => {
    const { times, columns } = sliceReadings(readings, from, from + UNIT_READINGS);
    return writer.write(times, columns).operation;
  });
  const [, , ...taken] = await applyAll(
    ownerA,
    [
      acceptEscrowIntent.body({ escrowId: wanted, serviceId: 1, version: 1 }),
      acceptEscrowIntent.body({ escrowId: wantedLive, serviceId: 2, version: 1 }),
    ],
    batches,
  );
  return taken.map((told) => submitBatch.read(told).batchId);
}
