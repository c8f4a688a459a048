import { connectChain } from "../chain/chain-client.ts";
import type { ChainInput } from "../chain/chain-input.ts";
import { decodeEvmAdvance } from "../chain/decode-evm-advance.ts";
import { atBlock } from "../replay/at-block.ts";
import { findWrongInput } from "../replay/check-input-hashes.ts";
import { openApplication } from "../replay/open-application.ts";
import { type ChainPlace, readChain } from "../replay/read-chain.ts";
import { type ChainReplay, type ReplayedApplication, replayChain } from "../replay/replay-chain.ts";
import { replayHistory } from "../replay/replay-history.ts";
import { check } from "./demo-error.ts";
import type { Stage } from "./open-stage.ts";

/** Only inputs with batches are so large. */
const BATCHES_BYTES = 4_096;
const nothing = (): void => {};

/**
 * Re-executes the whole history from the chain alone, then a copy of it with one bit changed.
 *
 * @param machineSecret The machine's X25519 secret: whoever replays needs it.
 * @throws DemoError unless the first is verified and the second is found out.
 */
export async function checkHistory(stage: Stage, machineSecret: Uint8Array) {
  const { rollup, say } = stage;
  const client = await connectChain(rollup.rpcUrl, undefined);
  const contracts = rollup.running.identity;
  const { replay, place } = await atBlock(client, undefined, nothing, async (block) => {
    const place = { client, contracts, block };
    const replay = await inNewState(machineSecret, (local) => replayChain(local, place, nothing));
    return { replay, place };
  });
  const { verdict, claims, executed, unclaimedEpochs, inputs, root, outputsMerkleRoot } = replay;
  check(verdict === "verified", "the replay from the chain finds no difference");
  check(claims.length > 0 && claims.every(({ holds }) => holds), "every claim holds");
  check(executed.length > 0 && executed.every(({ holds }) => holds), "every payout was due");
  check(unclaimedEpochs.length === 0, "every epoch with inputs is claimed");
  await say(
    `${inputs} inputs re-executed, their hashes the InputBox's; ${claims.length} claimed ` +
      `roots and ${executed.length} executed vouchers hold`,
  );
  await say(`state root ${root}, which a scan of all rows gives too`);

  const tamperedInput = await findTampering(stage, machineSecret, place, replay);
  return { inputs, claims: claims.length, root, outputsMerkleRoot, tamperedInput };
}

/** One bit of one batch changed: the InputBox's hash names the input, a claim does not come out. */
async function findTampering(
  { gateway, say }: Stage,
  machineSecret: Uint8Array,
  place: ChainPlace,
  { claims }: ChainReplay,
): Promise<number> {
  const { crypto } = gateway;
  const inputs: ChainInput[] = [];
  for await (const segment of readChain(place, crypto)) inputs.push(...segment.inputs);
  const changed = inputs.findIndex(({ blob }) => blob.length > BATCHES_BYTES);
  check(changed >= 0, "there is an input with batches");
  // The middle of so large an input is inside a batch.
  const blob = inputs[changed]!.blob.slice();
  blob[blob.length >> 1]! ^= 1;
  inputs[changed] = { ...inputs[changed]!, blob };

  const wrong = await findWrongInput(place.client, crypto, place.contracts, inputs, place.block);
  check(wrong?.inputIndex === changed, "the InputBox's hash names the changed input");
  const claimed = claims.flatMap(({ lastInputIndex: inputIndex, outputsMerkleRoot }) =>
    inputIndex === undefined ? [] : [{ inputIndex, outputsMerkleRoot }],
  );
  const { divergence } = await inNewState(machineSecret, ({ application, store }) => {
    const history = inputs.map((input) => decodeEvmAdvance(input.blob));
    return replayHistory(crypto, application, store, history, claimed);
  });
  check(divergence !== undefined && divergence.inputIndex >= changed, "a claim is not met");
  await say(
    `a copy with one bit of input ${changed} changed: the InputBox has another hash of it,`,
  );
  await say(`  and the root claimed after input ${divergence.inputIndex} does not come out`);
  return changed;
}

/** Does work with an application over an empty state, which is forgotten afterwards. */
async function inNewState<Result>(
  machineSecret: Uint8Array,
  work: (local: ReplayedApplication) => Promise<Result> | Result,
): Promise<Result> {
  const local = await openApplication(machineSecret);
  try {
    return await work(local);
  } finally {
    await local.close();
  }
}
