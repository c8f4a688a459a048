/**
 * A node that is killed at any moment, on a chain that is reorganised at any moment, under load
 * from several senders, claims and executions: in the end it holds what an undisturbed one holds,
 * and every voucher was paid once.
 */
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { TOPICS } from "../../node-client/chain/contracts.ts";
import { deployToken, TEST_TOKEN } from "../../node-client/chain/deploy-token.ts";
import type { Hex } from "../../spec/outputs.ts";
import { SeededRng } from "../arbitraries/seeded-rng.ts";
import { World } from "../arbitraries/world.ts";
import { COMMAND, NodeProcess } from "../integration/fixtures/node-process.ts";
import {
  EPOCH_LENGTH,
  startTestChain,
  type TestChain,
} from "../integration/fixtures/test-chain.ts";
import { runs, seed } from "../seed.ts";
import { ChaosChain } from "./chaos-chain.ts";
import { ChaosSender, RECIPIENTS, readPayout, toHex } from "./chaos-load.ts";
import { type DumpedRow, dumpNode, listAll, type NodeDump } from "./node-dump.ts";

const SENDERS = 4;
/** Blocks that count as settled; reorganisations are at most this deep, as on a chain that is not broken. */
const SETTLEMENT = 8;
const BLOCK_MS = 150;
/** Once only claims and executions are waited for. */
const SETTLING_BLOCK_MS = 50;
/** The first development account: it owns the Authority. */
const CLAIMER_KEY: Hex = "0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80";
const VOUCHER_TYPES = ["0x237a816f", "0x10321e8b"];
const NOBODY: Hex = "0x0000000000000000000000000000000000000000";

/** The parts of one run, and the node that is alive at the moment. */
class Chaos {
  readonly folder = mkdtempSync(join(tmpdir(), "tallyroll-chaos-"));
  readonly rng: SeededRng;
  readonly world: World;
  readonly test: TestChain;
  readonly chain: ChaosChain;
  readonly senders: readonly ChaosSender[];
  node: NodeProcess;
  #isLoaded = true;
  readonly #reorgDepths: number[] = [];

  constructor(testChain: TestChain, seedNumber: number) {
    this.test = testChain;
    this.rng = new SeededRng(seedNumber);
    this.world = new World(`chaos ${seedNumber}`);
    this.world.at.app = Buffer.from(this.app.slice(2), "hex");
    this.senders = Array.from(
      { length: SENDERS },
      (_, i) => new ChaosSender(this.world, new SeededRng(this.rng.next()), this.app, i + 1),
    );
    this.chain = new ChaosChain(testChain, this.senders);
    this.node = this.startNode("node", true);
  }

  get app(): Hex {
    return this.test.contracts.app;
  }

  startNode(name: string, isClaimer: boolean): NodeProcess {
    return new NodeProcess({
      rpcUrl: this.test.anvil.rpcUrl,
      app: this.app,
      dataFolder: join(this.folder, name),
      machineSecret: Buffer.from(this.world.machineSecret).toString("hex"),
      settlement: SETTLEMENT,
      ...(isClaimer ? { claimerKey: CLAIMER_KEY } : {}),
    });
  }

  /** Blocks, load, executions and the reorganisations that are asked for, until `isOver`. */
  async runChain(isOver: () => boolean): Promise<void> {
    while (!isOver() || this.#reorgDepths.length > 0) {
      for (const sender of this.senders) {
        if (!this.#isLoaded) continue;
        for (let count = this.rng.below(4); count > 0; count--) await sender.act();
      }
      const depth = this.#reorgDepths.shift();
      if (depth !== undefined) await this.chain.reorganise(depth);
      if (this.rng.chance(4)) {
        await this.chain.execute(await this.listVouchers().catch(ignoreDeadNode));
      }
      await this.chain.mine();
      await sleep(BLOCK_MS);
    }
  }

  /** The kills and reorganisations, in an order and at moments that the seed decides. */
  async disturb(kills: number, reorganisations: number): Promise<void> {
    let [killsLeft, reorganisationsLeft] = [kills, reorganisations];
    while (killsLeft + reorganisationsLeft > 0) {
      // Every other time it gets to serve first; else it may die while it starts.
      if (this.rng.chance(2)) await this.node.serving;
      await sleep(this.rng.below(900));
      if (this.rng.below(killsLeft + reorganisationsLeft) < killsLeft) {
        const { code, err } = await this.node.kill();
        if (code !== null) throw new Error(`the node had ended by itself, ${code}: ${err}`);
        this.node = this.startNode("node", true);
        killsLeft -= 1;
      } else {
        this.#reorgDepths.push(this.rng.between(1, SETTLEMENT));
        reorganisationsLeft -= 1;
      }
    }
    this.#isLoaded = false;
  }

  /** Until everything sent is in blocks, every epoch is claimed and every voucher executed. */
  async settle(): Promise<void> {
    const deadline = Date.now() + 300_000;
    for (;;) {
      const isMined = await this.chain.mine();
      const vouchers = await this.listVouchers();
      const epochs = await listAll(this.node, this.app, "listEpochs");
      const isPaid = vouchers.every((voucher) => voucher.execution_transaction_hash !== null);
      const isClaimed = epochs.every(({ status }) => status === "CLAIM_ACCEPTED");
      if (isMined && isPaid && isClaimed && (await this.node.isReady())) return;
      if (Date.now() > deadline) {
        const words = JSON.stringify({ isMined, isPaid, epochs: epochs.slice(-3) });
        throw new Error(`it does not settle: ${words}; the node says: ${this.node.words}`);
      }
      await this.chain.execute(vouchers);
      await sleep(SETTLING_BLOCK_MS);
    }
  }

  async listVouchers(): Promise<DumpedRow[]> {
    const lists = VOUCHER_TYPES.map((type) =>
      listAll(this.node, this.app, "listOutputs", { output_type: type }),
    );
    return (await Promise.all(lists)).flat();
  }

  async close(): Promise<void> {
    await this.node.kill();
    await this.test.stop();
    rmSync(this.folder, { recursive: true });
  }
}

/** It was killed a moment ago: nothing to execute in this block. */
function ignoreDeadNode(error: unknown): DumpedRow[] {
  const isDead = /fetch failed|the node ended|terminated|aborted/.test(String(error));
  if (isDead) return [];
  throw error;
}

async function waitUntilReady(node: NodeProcess): Promise<void> {
  while (!(await node.isReady())) await sleep(50);
}

const kills = runs(100);
const reorganisations = runs(50);

test(`${kills} kills and ${reorganisations} reorganisations change nothing`, {
  timeout: 900_000,
}, async () => {
  const testChain = await startTestChain({ gasLimit: 300_000_000 });
  const chaos = new Chaos(testChain, seed("node chaos"));
  try {
    await deployToken(testChain.client);
    await testChain.control.setAutomine(false);
    for (const sender of chaos.senders) {
      await sender.setUp();
      while (!(await chaos.chain.mine()));
    }
    // The set-up gave numbers to devices and streams: it stays.
    for (let block = 0; block < SETTLEMENT; block++) await chaos.chain.mine();
    const firstClaim = await chaos.chain.countMined(testChain.client.account.address);

    let isOver = false;
    const disturbing = chaos.disturb(kills, reorganisations).finally(() => {
      isOver = true;
    });
    await Promise.all([disturbing, chaos.runChain(() => isOver)]);
    await chaos.settle();
    // What is compared is what the file says after one more death.
    await chaos.node.kill();
    chaos.node = chaos.startNode("node", true);
    await waitUntilReady(chaos.node);
    const fresh = chaos.startNode("fresh", false);
    await waitUntilReady(fresh);
    const dump = await dumpNode(chaos.node, chaos.app);
    expect(dump).toEqual(await dumpNode(fresh, chaos.app));
    await fresh.stop();
    // Enough has happened between the deaths for them to matter.
    expect(dump.inputs.length).toBeGreaterThan(5 * kills);

    expect(dump.inputs.every(({ status }) => status === "ACCEPTED" || status === "REJECTED")).toBe(
      true,
    );
    await requireClaims(chaos, dump);
    const claimerNonce = await chaos.chain.countMined(testChain.client.account.address);
    // Nothing was spent on claims that came too late or twice.
    expect(claimerNonce - firstClaim).toBe(dump.epochs.length);
    await requirePayouts(chaos);
    await requireReplay(chaos, dump);
  } finally {
    await chaos.close();
  }
});

/** One accepted claim for each epoch with inputs, and for no other. */
async function requireClaims(chaos: Chaos, { epochs }: NodeDump): Promise<void> {
  const { consensus } = chaos.test.contracts;
  const events = await chaos.chain.listEvents(consensus, TOPICS.claimAccepted);
  const claimed = events.map(({ data }) => [
    (Number(data.slice(0, 66)) + 1) / EPOCH_LENGTH - 1,
    `0x${data.slice(66)}`,
  ]);
  const known = epochs.map(({ index, outputs_merkle_root }) => [
    Number(index),
    outputs_merkle_root,
  ]);
  // One that a reorganisation took back may come behind the next epoch's.
  expect(claimed.sort(([a], [b]) => Number(a) - Number(b))).toEqual(known);
  expect(epochs.length).toBeGreaterThan(1);
}

/** Each voucher was executed once; what left the contract is what the ledger says, no more. */
async function requirePayouts(chaos: Chaos): Promise<void> {
  const vouchers = await chaos.listVouchers();
  const events = await chaos.chain.listEvents(chaos.app, TOPICS.outputExecuted);
  const executed = events.map(({ data }) => Number(data.slice(0, 66))).sort((a, b) => a - b);
  expect(executed).toEqual(vouchers.map(({ index }) => Number(index)).sort((a, b) => a - b));
  expect(executed.length).toBeGreaterThan(0);

  const payouts = vouchers.map(({ raw_data }) => readPayout(raw_data as Hex));
  for (const isEther of [true, false]) {
    const token = isEther ? NOBODY : TEST_TOKEN;
    const ledger = await chaos.node.query(chaos.app, { query: "token", token });
    const [deposited, withdrawn, held] = ["deposited", "withdrawn", "in_balances"].map((name) =>
      BigInt(String(ledger[name])),
    );
    expect(deposited).toBe(withdrawn! + held!);
    expect(await getBalance(chaos, isEther, chaos.app)).toBe(held);
    for (const recipient of RECIPIENTS.map((bytes) => toHex(bytes))) {
      const paid = payouts
        .filter((payout) => payout.isEther === isEther && payout.recipient === recipient)
        .reduce((sum, { amount }) => sum + amount, 0n);
      expect(await getBalance(chaos, isEther, recipient)).toBe(paid);
    }
  }
}

async function getBalance(chaos: Chaos, isEther: boolean, account: Hex): Promise<bigint> {
  if (isEther) return BigInt(await chaos.chain.call<Hex>("eth_getBalance", [account, "latest"]));
  const data = `0x70a08231${account.slice(2).padStart(64, "0")}`;
  return BigInt(await chaos.chain.call<Hex>("eth_call", [{ to: TEST_TOKEN, data }, "latest"]));
}

/** The chain alone says the same, to somebody who asks no node. */
async function requireReplay(chaos: Chaos, dump: NodeDump): Promise<void> {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [COMMAND, "replay", "--rpc", chaos.test.anvil.rpcUrl, "--app", chaos.app, "--json"],
    { env: { TALLYROLL_MACHINE_KEY: Buffer.from(chaos.world.machineSecret).toString("hex") } },
  );
  const { verified, inputs, root } = JSON.parse(stdout);
  expect({ verified, inputs, root }).toEqual({
    verified: true,
    inputs: dump.inputs.length,
    root: dump.root,
  });
}
