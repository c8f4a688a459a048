import { formatEther } from "viem";
import type { Hex } from "../../spec/outputs.ts";
import { mintTestToken } from "../chain/deploy-token.ts";
import { depositErc20, depositEther } from "../client/actions/deposit-actions.ts";
import { grant, registerEncryptionKey } from "../client/actions/grant-actions.ts";
import { readSealedStream, StreamNotGranted } from "../client/actions/read-sealed-stream.ts";
import { requireWallet } from "../client/actions/tallyroll-client.ts";
import {
  listReadings,
  SealedReadError,
  type UnsealedReading,
} from "../client/buyer/read-sealed.ts";
import { systemRandom } from "../client/device/device-signer.ts";
import type { ChosenReadings } from "./choose-readings.ts";
import { check, refused } from "./demo-error.ts";
import { addressOf, expectBalances, type Stage } from "./open-stage.ts";
import type { Streams } from "./submit-readings.ts";

export const DEPOSIT_WEI = 2n * 10n ** 18n;
/** Base units of the test token. */
export const DEPOSIT_TOKENS = 500n * 10n ** 18n;
/** Far enough in the future for any clock. */
const GRANT_EXPIRES_AT_SEC = 4_102_444_800;
const SOLD_GROUP = 0;
const SHOWN = 100;

/**
 * A buyer brings money, is granted one key group of the sealed stream, and reads it; the other group
 * stays hidden from the buyer, and everything from everybody else.
 *
 * @returns How many sealed readings the buyer has opened, and how many others were refused.
 * @throws DemoError when money or readings differ, or somebody reads who must not.
 */
export async function sellReadings(
  stage: Stage,
  { sealed }: Streams,
  environment: ChosenReadings,
): Promise<{ readonly opened: number; readonly refused: number }> {
  const { buyer, say } = stage;
  await bringMoney(stage);
  await say(
    `the buyer deposits ${formatEther(DEPOSIT_WEI)} Ether and ${formatEther(DEPOSIT_TOKENS)} TEST ` +
      "through the portals",
  );

  const secret = systemRandom(32);
  const account = addressOf(buyer);
  await registerEncryptionKey(buyer, { key: buyer.crypto.x25519PublicKey(secret) });
  await grant(stage.gateway, {
    streamId: sealed.streamId,
    epoch: 0,
    buyer: account,
    epochKeys: new Map([[SOLD_GROUP, sealed.epochKeys[SOLD_GROUP]!]]),
    expiresAtSec: GRANT_EXPIRES_AT_SEC,
    relay: { signer: stage.ownerB },
  });
  await say("owner B grants the buyer the first key group of the sealed stream");

  const readings = await readAll(stage, sealed, { account, secret });
  const { metrics } = sealed;
  const expected = environment.cells.map((cells) =>
    cells.map((cell, m) => (metrics[m]!.group === SOLD_GROUP ? cell : undefined)),
  );
  check(readings.length === expected.length, "the buyer reads every row");
  readings.forEach(({ values }, row) => {
    check(
      values.every((value, m) => value === expected[row]![m]),
      `row ${row} is what the file says of what was granted, and hidden otherwise`,
    );
  });
  const shown = Math.min(SHOWN, readings.length - 1);
  const words = metrics.map(({ name }, m) => {
    const value = readings[shown]!.values[m];
    return `${name} ${value === undefined ? "hidden" : (value ?? "none")}`;
  });
  await say(
    `the buyer opens ${readings.length} readings, each equal to the file's; reading ${shown}:`,
  );
  await say(`  ${words.join(", ")}`);
  return { opened: readings.length, refused: await refuseOthers(stage, sealed, account) };
}

/** Somebody without a grant, and somebody with the buyer's grant but without the buyer's secret. */
async function refuseOthers(stage: Stage, sealed: Streams["sealed"], buyer: Hex): Promise<number> {
  const { say, ownerA } = stage;
  const secret = systemRandom(32);
  const account = addressOf(ownerA);
  const ungranted = await refused(StreamNotGranted, "a stranger reads nothing", () =>
    readAll(stage, sealed, { account, secret }),
  );
  await say(`a stranger: ${ungranted.shortMessage}`);
  const unopened = await refused(SealedReadError, "a grant opens by the buyer's secret only", () =>
    readAll(stage, sealed, { account: buyer, secret }),
  );
  await say(`with the buyer's grant and another secret: ${unopened.shortMessage}`);
  return 2;
}

/** Ether and tokens, from the chain into the application. */
async function bringMoney(stage: Stage): Promise<void> {
  const { buyer, gateway, rollup } = stage;
  const account = addressOf(buyer);
  // Two accounts: their transactions find room in one block.
  await Promise.all([
    depositEther(buyer, { amountWei: DEPOSIT_WEI }),
    mintTestToken(requireWallet(gateway), account, DEPOSIT_TOKENS),
  ]);
  await depositErc20(buyer, { token: rollup.token, amount: DEPOSIT_TOKENS, approve: true });
  await expectBalances(stage, account, DEPOSIT_WEI, DEPOSIT_TOKENS);
}

/** The whole sealed stream, through the eyes of somebody. */
async function readAll(
  { buyer: client }: Stage,
  { streamId, metrics }: Streams["sealed"],
  buyer: { readonly account: Hex; readonly secret: Uint8Array },
): Promise<UnsealedReading[]> {
  const readings: UnsealedReading[] = [];
  for await (const batch of readSealedStream(client, { streamId, buyer })) {
    readings.push(...listReadings(batch, metrics));
  }
  return readings;
}
