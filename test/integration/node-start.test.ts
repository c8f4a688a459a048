import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { writeContract } from "viem/actions";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { APPLICATION_ABI } from "../../node-client/chain/contracts.ts";
import { waitForReceipt } from "../../node-client/chain/find-receipt.ts";
import type { Hex } from "../../spec/outputs.ts";
import { NodeProcess, type NodeProcessOptions } from "./fixtures/node-process.ts";
import { startTestChain, type TestChain } from "./fixtures/test-chain.ts";
import { addInputs, deployApp } from "./fixtures/test-node.ts";

/** What keeps a node from starting or going on: one line each, and exit code 2. */
let chain: TestChain;
let folder: string;
let app: Hex;
const nodes: NodeProcess[] = [];

beforeAll(async () => {
  chain = await startTestChain();
});
afterAll(() => chain.stop());
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "tallyroll-node-"));
  app = await deployApp(chain);
});
afterEach(async () => {
  for (const node of nodes.splice(0)) await node.kill();
  rmSync(folder, { recursive: true });
});

function start(options: Partial<NodeProcessOptions> = {}): NodeProcess {
  const { rpcUrl } = chain.anvil;
  const machineSecret = "07".repeat(32);
  const node = new NodeProcess({ rpcUrl, app, dataFolder: folder, machineSecret, ...options });
  nodes.push(node);
  return node;
}

async function expectRefusal(node: NodeProcess, line: RegExp): Promise<void> {
  const { code, err } = await node.ended;
  expect(err.trimEnd().split("\n")).toEqual([expect.stringMatching(line)]);
  expect(code).toBe(2);
}

test("a second node on the same file", async () => {
  const first = start();
  await first.facts();
  await expectRefusal(
    start(),
    /^tallyroll: Another node has .*node-0x.*\.sqlite open\. Stop that node first/,
  );
  expect(await first.isReady()).toBe(true);
});

test("a node killed a moment ago is in nobody's way", async () => {
  await start().facts();
  await nodes[0]?.kill();
  expect((await start().facts()).inputs).toBe(0);
});

test("another machine key than the file was made with", async () => {
  const first = start();
  await first.facts();
  expect((await first.stop()).code).toBe(0);
  await expectRefusal(
    start({ machineSecret: "08".repeat(32) }),
    /belongs to another machine key: 0x\w{64}, not 0x\w{64}\. Start with another --data-folder/,
  );
});

test("an application that left its consensus meanwhile: inoperable, and its reads go on", async () => {
  const first = start();
  await first.facts();
  await first.stop();
  await addInputs(chain, app, ["n"]);
  const hash = await writeContract(chain.client, {
    address: app,
    abi: APPLICATION_ABI,
    functionName: "migrateToOutputsMerkleRootValidator",
    args: [chain.contracts.consensus],
  });
  await waitForReceipt(chain.client, hash);
  const { nodeUrl, healthUrl } = await start().facts();
  const call = async (method: string) => {
    const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method, params: [app] });
    const response = await fetch(nodeUrl, { method: "POST", body });
    return ((await response.json()) as { result: { data: unknown } }).result.data;
  };
  expect(await call("cartesi_getApplication")).toMatchObject({
    ...{ state: "INOPERABLE", reason: expect.stringContaining("another consensus") },
    consensus_type: "AUTHORITY",
  });
  const ready = await fetch(`${healthUrl}/readyz`);
  expect([ready.status, await ready.text()]).toEqual([503, expect.stringMatching(/^Inoperable: /)]);
  // The input came before it left: it is there.
  await expect.poll(() => call("cartesi_getProcessedInputCount"), { timeout: 20_000 }).toBe("0x1");
});

test("an account that may not claim", async () => {
  // Development account 1; the Authority belongs to account 0.
  const claimerKey = "0x59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d";
  await expectRefusal(
    start({ claimerKey }),
    /may not claim: the consensus 0x[0-9a-f]{40} takes claims of its owner, 0xf39F.*--no-claims/i,
  );
});

test("a chain of another id under the same address", async () => {
  const { app: sameApp } = chain.contracts;
  const first = start({ app: sameApp });
  await first.facts();
  await first.stop();
  const other = await startTestChain({ chainId: 31_338 });
  try {
    expect(other.contracts.app).toBe(sameApp);
    await expectRefusal(
      start({ app: sameApp, rpcUrl: other.anvil.rpcUrl }),
      /belongs to another chain id: 31337, not 31338\./,
    );
  } finally {
    await other.stop();
  }
});

test("a file that cannot be opened for writing", async () => {
  mkdirSync(join(folder, `node-${app}.sqlite`));
  await expectRefusal(start(), /node-0x.*\.sqlite cannot be (made|opened for writing)\. Check/);
});

const isRoot = process.platform === "linux" && process.getuid?.() === 0;

test.skipIf(!isRoot)(
  "a disk that is full stops it, and what was kept is whole",
  async (context) => {
    try {
      execFileSync("mount", ["-t", "tmpfs", "-o", "size=1m", "tmpfs", folder], { stdio: "ignore" });
    } catch {
      return context.skip("no file system may be mounted here");
    }
    try {
      const node = start();
      await node.facts();
      const kilobytes = Buffer.alloc(30_000, 0x55);
      let hasEnded = false;
      const ended = node.ended.finally(() => {
        hasEnded = true;
      });
      for (let i = 0; i < 40 && !hasEnded; i++) await addInputs(chain, app, [kilobytes]);
      // A slow chain may have been told of before.
      const { code, err } = await ended;
      expect([code, err.trimEnd().split("\n").at(-1)]).toEqual([
        2,
        expect.stringMatching(
          /^tallyroll: There is no room left to write .*node-0x.*\.sqlite\. Make room on that disk/,
        ),
      ]);
      execFileSync("mount", ["-o", "remount,size=64m", folder]);
      const again = start();
      expect((await again.facts()).inputs).toBeLessThan(40);
      await expect.poll(() => again.isReady(), { timeout: 90_000 }).toBe(true);
      await again.stop();
    } finally {
      for (const node of nodes) await node.kill();
      execFileSync("umount", [folder]);
    }
  },
);
