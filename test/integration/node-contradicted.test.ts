import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { readHead } from "../../node-client/chain/ask-chain.ts";
import { checkApplication } from "../../node-client/chain/check-contracts.ts";
import { submitClaim } from "../../node-client/chain/submit-claim.ts";
import type { EpochStatus } from "../../node-client/node/node-store.ts";
import { createRpcClaimChannel } from "../../node-client/node/rpc-claim-channel.ts";
import type { Hex } from "../../spec/outputs.ts";
import { buildStubGuest } from "./fixtures/start-stub-guest.ts";
import { EPOCH_LENGTH, startTestChain, type TestChain } from "./fixtures/test-chain.ts";
import { addInputs, deployApp, startGuest, TestNode } from "./fixtures/test-node.ts";

/** Two who claim for one application, and do not agree. */
let chain: TestChain;
let folder: string;
let node: TestNode | undefined;
let stub: string;

beforeAll(async () => {
  chain = await startTestChain();
  stub = await buildStubGuest();
});
afterAll(async () => {
  rmSync(dirname(stub), { recursive: true });
  await chain.stop();
});
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "tallyroll-claims-"));
});
afterEach(async () => {
  await node?.close();
  node = undefined;
  rmSync(folder, { recursive: true });
});

test("a node that finds another's claim accepted says so, and claims nothing on top of it", async () => {
  const app = await deployApp(chain);
  const contracts = await checkApplication(chain.client, app);
  await addInputs(chain, app, ["n"]);
  const { number } = await readHead(chain.client);
  const lastProcessedBlockNumber = (Math.floor(number / EPOCH_LENGTH) + 1) * EPOCH_LENGTH - 1;
  await chain.control.mine({ blocks: EPOCH_LENGTH });
  const wrong: Hex = `0x${"bd".repeat(32)}`;
  const claim = { ...contracts, lastProcessedBlockNumber, outputsMerkleRoot: wrong };
  expect((await submitClaim(chain.client, claim)).kind).toBe("sent");
  await addInputs(chain, app, ["n"]);
  await chain.control.mine({ blocks: EPOCH_LENGTH });

  let submissions = 0;
  node = await TestNode.start(chain, {
    ...{ app, rpcUrl: chain.anvil.rpcUrl, databasePath: join(folder, "node.sqlite") },
    startMachine: () => startGuest(stub),
    claims: (client, identity) => {
      const channel = createRpcClaimChannel(client, identity, { confirmations: 0 });
      return {
        ...channel,
        submit(epoch) {
          submissions += 1;
          return channel.submit(epoch);
        },
      };
    },
  });
  const { view, lines } = node;
  await node.until(
    () => lines.some((line) => line.includes("another claim")),
    () => `nobody was told: ${statusesOf()}`,
  );
  function statusesOf(): EpochStatus[] {
    return view.listEpochs({}, { limit: 9, offset: 0 }).items.map(({ status }) => status);
  }
  expect(statusesOf()).toEqual(["CLAIM_REJECTED", "CLAIM_COMPUTED"]);
  expect(submissions).toBe(0);
});
