import { createNodeCrypto } from "../../dapp/crypto/node-crypto.ts";
import type { HistoryInput } from "../../node-client/history/history-lines.ts";
import { computeEpochKeyHash } from "../../spec/grant-keys.ts";
import type { BodyOf } from "../../spec/operations.ts";
import { integers, metric, openEngine, refusalsOf, World } from "./world.ts";

/** The streams keep bodies for so long, and rows twice as long. */
export const RETENTION_SEC = 1_000;
export const READING = [metric("t")];
export const HIDDEN = [metric("a"), metric("b", { group: 1 })];

/**
 * Ada's streams 1 (open) and 2 (sealed) keep bodies for 1,000 seconds. Each gets a batch of two
 * readings in one input, round after round, 100 seconds apart: the odd batches are stream 1's.
 */
export async function openArchivedState(roundCount: number) {
  const crypto = await createNodeCrypto();
  const world = new World("archived", crypto);
  const engine = await openEngine(world);
  const [ada, cleo] = [world.person("ada"), world.person("cleo")];
  const device = world.device();
  const epochKeys = [world.random(32), world.random(32)];
  const happens = (input: HistoryInput): HistoryInput => {
    const result = engine.apply(input);
    if (result.reports.length > 0) throw new Error(`it is refused: ${refusalsOf(result)}`);
    return input;
  };
  const declare = (name: string, sealing: Pick<BodyOf<"declare_stream">, "isSealed" | "metrics">) =>
    ({
      kind: "declare_stream" as const,
      ...{ deviceId: 1, name, retentionSec: RETENTION_SEC, ...sealing },
      epochKeyHashes: sealing.isSealed
        ? epochKeys.map((key) => computeEpochKeyHash(crypto, key))
        : [],
    }) satisfies BodyOf<"declare_stream">;
  happens(
    world.bySender(
      ada,
      world.registerDevice(ada, device),
      declare("open", { isSealed: false, metrics: READING }),
      declare("sealed", { isSealed: true, metrics: HIDDEN }),
    ),
  );
  const open = world.writer(device, { deviceId: 1, streamId: 1, metrics: READING });
  const sealed = world.writer(device, { deviceId: 1, streamId: 2, metrics: HIDDEN, epochKeys });
  const startSec = world.timestampSec;
  /** The inputs of the rounds: operation 0 is stream 1's batch, operation 1 stream 2's. */
  const inputs: HistoryInput[] = [];
  const batches = [];
  for (let round = 0; round < roundCount; round++) {
    world.timestampSec = startSec + 100 * round;
    const times = Float64Array.of(world.timestampSec, world.timestampSec + 1);
    const [first, second] = [
      open.write(times, [integers(round, -round)]),
      sealed.write(times, [integers(round, 1), integers(2, 3)]),
    ];
    batches.push([first.batch, second.batch] as const);
    inputs.push(happens(world.send(cleo, first.operation, second.operation)));
  }
  /** Nothing but time, and what it brings. */
  const passTo = (sec: number): HistoryInput => {
    world.timestampSec = startSec + sec;
    return happens(world.depositEther(cleo, 1n));
  };
  return { crypto, world, engine, ada, cleo, inputs, batches, passTo, happens, open, epochKeys };
}
