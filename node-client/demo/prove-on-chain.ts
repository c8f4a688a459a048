import { formatScaled } from "../../spec/decimal.ts";
import {
  deployClaimedReading,
  proveClaimedReading,
  readClaimedReading,
} from "../chain/claimed-reading.ts";
import { ContractReverted } from "../chain/contract-errors.ts";
import { proveReading } from "../client/actions/batch-actions.ts";
import { requireWallet } from "../client/actions/tallyroll-client.ts";
import type { ChosenReadings } from "./choose-readings.ts";
import { check, refused } from "./demo-error.ts";
import type { Stage } from "./open-stage.ts";
import type { Streams } from "./submit-readings.ts";

const SHOWN_SEQUENCE = 200;
const TEMPERATURE = 0;

/**
 * A contract is shown one reading of the open stream, and believes it by the claim alone.
 *
 * @returns How many readings were proved.
 * @throws DemoError unless the contract reads what the file says, and refuses a changed reading.
 */
export async function proveOnChain(
  { gateway, say }: Stage,
  { open }: Streams,
  weather: ChosenReadings,
): Promise<number> {
  const { streamId, metrics } = open;
  const sequence = Math.min(SHOWN_SEQUENCE, weather.cells.length - 1);
  const wallet = requireWallet(gateway);
  await deployClaimedReading(wallet);
  const proven = await proveReading(gateway, { streamId, sequence });
  const proof = { ...proven, metrics: [TEMPERATURE] };
  const { values, gasUsed, ...place } = await proveClaimedReading(wallet, proof);
  const [value] = values;
  check(place.streamId === streamId && place.sequence === sequence, "the reading is that one");
  check(value != null, "the reading has a temperature");
  const { scale, name } = metrics[TEMPERATURE]!;
  const text = formatScaled(Number(value), scale);
  check(text === weather.cells[sequence]![TEMPERATURE], "the contract reads what the file says");
  const pathLength = proven.proof.readingPath.length + proven.proof.groupPath.length;
  await say(
    `reading ${sequence} of stream ${streamId}: ${name} ${text}, believed by a contract, ` +
      `${gasUsed} gas`,
  );
  await say(
    `its proof: ${pathLength} hashes to the batch's commitment, ${proven.notice.siblings.length} ` +
      `from notice ${proven.notice.outputIndex} to the claimed root`,
  );

  const leaf = proven.proof.leaf.slice();
  leaf[leaf.length - 1]! ^= 1;
  const revert = await refused(ContractReverted, "a changed reading is refused", () =>
    readClaimedReading(gateway.publicClient, { ...proof, proof: { ...proven.proof, leaf } }),
  );
  check(revert.errorName === "ReadingNotCommitted", "the contract names why");
  await say(`the same proof with one bit of the reading changed: refused (${revert.errorName})`);
  return 1;
}
