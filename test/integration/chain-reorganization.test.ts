/** Reading the logs of a chain that is reorganised, before and in the middle of it. */
import { createClient, http, toHex } from "viem";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { isCanonical, readHead } from "../../node-client/chain/ask-chain.ts";
import type { BlockReference } from "../../node-client/chain/chain-input.ts";
import { ChainReadError } from "../../node-client/chain/chain-read-error.ts";
import { decodeEvmAdvance } from "../../node-client/chain/decode-evm-advance.ts";
import { createReadingPace, readSegment } from "../../node-client/chain/read-segment.ts";
import { type LyingProvider, startLyingProvider } from "./fixtures/lying-provider.ts";
import { startTestChain, type TestChain } from "./fixtures/test-chain.ts";

interface Position {
  readonly from?: BlockReference;
  readonly inputCount?: number;
}

const connect = (url: string) => createClient({ transport: http(url, { retryCount: 0 }) });

async function faultOf(reading: Promise<unknown>): Promise<string | undefined> {
  const error = await reading.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  return error instanceof ChainReadError ? error.fault : undefined;
}

describe("a chain that moves", () => {
  let moving: TestChain;
  let between: LyingProvider;

  beforeAll(async () => {
    moving = await startTestChain();
    between = await startLyingProvider(moving.anvil.rpcUrl);
  });

  afterAll(async () => {
    await between.close();
    await moving.stop();
  });

  const readMoving = async (position: Position = {}) => {
    const client = connect(between.url);
    const pace = createReadingPace();
    const top = await readHead(client);
    const request = { from: undefined, firstBlock: 0, inputCount: 0, head: top, pace };
    return readSegment(client, moving.contracts, { ...request, ...position });
  };

  /** The chain's own way to reorganise: so many blocks are replaced by empty ones. */
  const reorganize = (depth: number) =>
    moving.client.request({ method: "anvil_reorg", params: [depth, []] } as never);

  test("is told apart block by block, and read again as it is now", async () => {
    await moving.addInputs(["0x01", "0x02", "0x03"]);
    const before = await readMoving();
    expect(before.inputs).toHaveLength(3);
    const middle = { number: before.inputs[0]!.blockNumber, hash: before.inputs[0]!.blockHash };
    await reorganize(2);
    const client = connect(between.url);
    expect(await isCanonical(client, before.head)).toBe(false);
    expect(await isCanonical(client, middle)).toBe(true);
    expect((await readMoving({ from: middle, inputCount: 1 })).inputs).toEqual([]);
    await moving.addInputs(["0x04"]);
    const after = await readMoving({ from: middle, inputCount: 1 });
    expect(after.inputs.map(({ blob }) => toHex(decodeEvmAdvance(blob).payload))).toEqual(["0x04"]);
    expect(after.inputs[0]?.index).toBe(1);
  });

  test.each(["eth_getLogs", "eth_call"])("is noticed when it moves before %s", async (method) => {
    await moving.addInputs(["0x05", "0x06"]);
    let hasMoved = false;
    between.lie = {
      async before(call) {
        if (call.method !== method || hasMoved) return;
        hasMoved = true;
        await reorganize(1);
      },
    };
    expect(await faultOf(readMoving())).toBe("chain_moved");
    between.lie = {};
    const now = await readMoving();
    expect(now.inputs.map(({ index }) => index)).toEqual(now.inputs.map((_, i) => i));
  });

  test("is noticed when the block that reading went on from is gone", async () => {
    await moving.addInputs(["0x07"]);
    const { head: from, inputs } = await readMoving();
    await reorganize(1);
    await moving.addInputs(["0x08"]);
    await moving.addInputs(["0x09"]);
    const reading = readMoving({ from, inputCount: inputs.length });
    expect(await faultOf(reading)).toBe("chain_moved");
  });
});
