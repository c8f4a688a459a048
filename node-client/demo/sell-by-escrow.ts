import { formatEther, hexToBytes, zeroAddress } from "viem";
import type { EscrowBody } from "../../spec/escrow-operations.ts";
import { discoverServices } from "../client/actions/discover-services.ts";
import { getEscrow } from "../client/actions/get-escrow.ts";
import { getRoot } from "../client/actions/get-root.ts";
import { getStream } from "../client/actions/get-stream.ts";
import { nameEscrow } from "../client/actions/open-escrow.ts";
import { toServiceOffer } from "../client/actions/publish-service.ts";
import { requireWallet } from "../client/actions/tallyroll-client.ts";
import { systemRandom } from "../client/device/random-source.ts";
import { StreamWriter } from "../client/device/stream-writer.ts";
import { type EscrowIdText, toEscrowIdBytes } from "../client/escrow/escrow-id-text.ts";
import { toEscrowTerms } from "../client/escrow/escrow-terms.ts";
import { parsePredicate } from "../client/escrow/predicate-text.ts";
import { signReceipt } from "../client/escrow/receipt.ts";
import { sliceReadings } from "../files/read-readings.ts";
import { applyAll, type Told } from "./apply-all.ts";
import type { ChosenReadings } from "./choose-readings.ts";
import { check } from "./demo-error.ts";
import type { Stage } from "./open-stage.ts";
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
 * Owner A sells his open stream by the unit and a live feed by the session; the buyer takes one of
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
  const deliver = (id: EscrowIdText, batchId: number): EscrowBody => {
    const commitment = new Uint8Array(0);
    return { kind: "deliver_unit", escrowId: toEscrowIdBytes(id), unit, batchId, commitment };
  };
  const start = (id: EscrowIdText): EscrowBody => {
    return { kind: "start_session", escrowId: toEscrowIdBytes(id), unit };
  };
  const [judged] = await applyAll(ownerA, [
    deliver(escrows.judged, batchIds[0]!),
    deliver(escrows.wanted, batchIds[1]!),
    ...[start(escrows.live), start(escrows.wantedLive)],
  ]);
  check(
    judged?.some(({ name }) => name === "UnitsReleased") === true,
    "the machine finds the readings in the range",
  );
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
    receipts.map(({ escrowId, messageCount, validCount, signature }) => ({
      ...{ kind: "redeem_receipt", escrowId: toEscrowIdBytes(escrowId), unit, batchId: 0 },
      ...{ messageCount, validCount, signature: hexToBytes(signature) },
    })),
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
  const provider = hexToBytes(requireWallet(ownerA).account.address);
  const offer = (more: Pick<Parameters<typeof toServiceOffer>[0], "mode" | "price" | "streamId">) =>
    toServiceOffer({ tags: [TAG], ...more }, provider);
  const unit = offer({ mode: "pull", price: PULL_WEI, streamId });
  const session = offer({ mode: "pubsub", price: SESSION_WEI });
  await applyAll(ownerA, [
    { kind: "publish_service", name: "weather-by-the-unit", offer: unit },
    { kind: "publish_service", name: "weather-live", offer: session },
  ]);
  const query = { tag: TAG, mode: "pull", token: zeroAddress, priceMax: PULL_WEI } as const;
  const found: string[] = [];
  for await (const { name } of discoverServices(buyer, query)) found.push(name);
  check(found.join() === "weather-by-the-unit", "the buyer finds what is within his price");
  await say(`owner A publishes two services; the buyer discovers ${found[0]} by its tag and price`);
}

async function openEscrows(
  { buyer }: Stage,
  metrics: Streams["open"]["metrics"],
): Promise<Escrows> {
  const judgedTerms = toEscrowTerms({ predicate: parsePredicate(PREDICATE, metrics) });
  const pullTerms = toEscrowTerms({});
  const liveTerms = toEscrowTerms({ session: { ...SESSION, autoRenew: false } });
  const token = hexToBytes(zeroAddress);
  const wanted = { kind: "open_intent", tag: TAG, token, providers: [] } as const;
  const acceptTimeSec = 3_600;
  const told = await applyAll(buyer, [
    { kind: "open_escrow", serviceId: 1, version: 1, amount: PULL_WEI, terms: judgedTerms },
    { kind: "open_escrow", serviceId: 2, version: 1, amount: SESSION_WEI, terms: liveTerms },
    {
      ...{ ...wanted, mode: "pull", ceiling: PULL_WEI, amount: PULL_WEI },
      ...{ acceptTimeSec, terms: pullTerms },
    },
    {
      ...{ ...wanted, mode: "pubsub", ceiling: SESSION_WEI, amount: SESSION_WEI },
      ...{ acceptTimeSec, terms: liveTerms },
    },
  ]);
  const [judged, live, anyUnit, anySession] = told.map(nameOpened);
  return { judged: judged!, live: live!, wanted: anyUnit!, wantedLive: anySession! };
}

function nameOpened(notices: Told): EscrowIdText {
  for (const { name, args } of notices) {
    if (name === "EscrowOpened") return nameEscrow("standard", args).escrowId;
    if (name === "IntentOpened") return nameEscrow("intent", args).escrowId;
  }
  throw new RangeError("no escrow was opened");
}

/** Owner A takes the intents; his station sends two more batches in the same input. */
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
  const take = (id: EscrowIdText, serviceId: number): EscrowBody => {
    return { kind: "accept_intent", escrowId: toEscrowIdBytes(id), serviceId, version: 1 };
  };
  const told = await applyAll(ownerA, [take(wanted, 1), take(wantedLive, 2)], batches);
  return told
    .flat()
    .flatMap(({ name, args }) => (name === "SubmissionAccepted" ? [Number(args.batchId)] : []));
}
