/** How the notice of a batch is found among all of an application's outputs. */
import { afterEach, describe, expect, test } from "vitest";
import { findSubmission } from "../../node-client/client/actions/batch-actions.ts";
import { createTallyrollClient } from "../../node-client/client/actions/tallyroll-client.ts";
import { encodeNotice } from "../../spec/notices.ts";
import { encodeOutput, type Hex } from "../../spec/outputs.ts";
import { page, type StandInScript, startStandInNode } from "./fixtures/stand-in-node.ts";

const HASH: Hex = `0x${"cd".repeat(32)}`;
const number = (value: number): Hex => `0x${value.toString(16)}`;
const hexOf = (bytes: Uint8Array): Hex => `0x${Buffer.from(bytes).toString("hex")}`;
const revoked = (deviceId: number) =>
  encodeOutput(encodeNotice("DeviceRevoked", [BigInt(deviceId)]));
const notice = (raw: Uint8Array, index: number) => ({
  ...{ index: number(index), input_index: number(index), epoch_index: "0x0" },
  ...{ raw_data: hexOf(raw), output_hashes_siblings: null, execution_transaction_hash: null },
});

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

async function connect(script: StandInScript) {
  const node = await startStandInNode(script);
  closing.push(() => node.close());
  const { nodeUrl, inspectUrl } = node;
  const app = `0x${"aa".repeat(20)}`;
  return { node, client: await createTallyrollClient({ app, chainId: 1, nodeUrl, inspectUrl }) };
}

describe("the notice of a batch, among all notices", () => {
  const submission = (batchId: number) =>
    encodeOutput(
      encodeNotice("SubmissionAccepted", [
        ...([BigInt(batchId), 1n, 0n, 0n, 2n, 10n, 20n, false, HASH, HASH, HASH] as const),
      ]),
    );

  /** Batches 1, 2, … with gaps of other notices between them. */
  function build(gaps: readonly number[]) {
    const raws = gaps.flatMap((gap, i) => [
      ...Array.from({ length: gap }, () => revoked(i)),
      submission(i + 1),
    ]);
    return [...raws, revoked(0)].map(notice);
  }

  test.each([
    ["next to each other", Array.from({ length: 400 }, () => 0)],
    ["with one other between", Array.from({ length: 200 }, () => 1)],
    ["with long stretches between", [0, 130, 0, 0, 260, 1, 70, 0]],
    ["behind everything else", [500]],
    ["before everything else", [0]],
  ])("%s: every one is found", async (_, gaps) => {
    const outputs = build(gaps);
    const { client } = await connect({ rpc: (asked) => page(outputs, asked) });
    const step = Math.ceil(gaps.length / 12);
    for (let batchId = 1; batchId <= gaps.length; batchId += step) {
      const found = await findSubmission(client, { batchId });
      expect(found?.batch.batchId).toBe(batchId);
      expect(outputs[found!.output.outputIndex]!.raw_data).toBe(found!.output.raw);
    }
    expect(await findSubmission(client, { batchId: gaps.length + 1 })).toBeUndefined();
    expect(await findSubmission(client, { batchId: 0 })).toBeUndefined();
  });

  test("at the edges of pages", async () => {
    const outputs = build(Array.from({ length: 120 }, () => 0));
    const { client } = await connect({ rpc: (asked) => page(outputs, asked) });
    for (const batchId of [1, 49, 50, 51, 52, 99, 100, 101, 120]) {
      expect((await findSubmission(client, { batchId }))?.batch.batchId).toBe(batchId);
    }
  });

  test("in a few requests, however many there are", async () => {
    const outputs = build(Array.from({ length: 20_000 }, () => 1));
    const { node, client } = await connect({ rpc: (asked) => page(outputs, asked) });
    expect((await findSubmission(client, { batchId: 13_377 }))?.batch.batchId).toBe(13_377);
    expect(node.asked.length).toBeLessThan(20);
  });

  test("of an application without notices: none", async () => {
    const { client } = await connect({ rpc: (asked) => page([], asked) });
    expect(await findSubmission(client, { batchId: 1 })).toBeUndefined();
  });
});
