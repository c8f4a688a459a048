/** The local chain: started, ended, killed and taken up again as it happens to people. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createTestClient, http, parseEther, publicActions, walletActions } from "viem";
import { mnemonicToAccount } from "viem/accounts";
import { foundry } from "viem/chains";
import { afterEach, describe, expect, test } from "vitest";
import { DEVELOPMENT_MNEMONIC } from "../../node-client/chain/chain-client.ts";
import {
  type Anvil,
  AnvilFailed,
  type AnvilOptions,
  startAnvil,
} from "../../node-client/node/anvil/anvil.ts";
import { AnvilMissing, findAnvil } from "../../node-client/node/anvil/anvil-binary.ts";
import { PortTaken } from "../../node-client/node/anvil/free-port.ts";
import { takeTestPort } from "./fixtures/test-port.ts";

const folders: string[] = [];
const chains: Anvil[] = [];

afterEach(async () => {
  await Promise.all(chains.splice(0).map((chain) => chain.stop()));
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

function makeFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "tallyroll-anvil-"));
  folders.push(folder);
  return folder;
}

async function start(options: Partial<AnvilOptions> = {}): Promise<Anvil> {
  const chain = await startAnvil({ port: await takeTestPort(), ...options });
  chains.push(chain);
  return chain;
}

const connect = ({ rpcUrl }: Anvil) =>
  createTestClient({
    mode: "anvil",
    chain: foundry,
    transport: http(rpcUrl),
    account: mnemonicToAccount(DEVELOPMENT_MNEMONIC),
    pollingInterval: 20,
  })
    .extend(publicActions)
    .extend(walletActions);

/** Emits one log: the init code is LOG0 over nothing. */
async function emitLog(chain: Anvil) {
  const client = connect(chain);
  const hash = await client.sendTransaction({ data: "0x60006000a0", to: null });
  return client.waitForTransactionReceipt({ hash });
}

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

describe("a local chain", () => {
  test("mines for the public accounts, under the chain id it was given", async () => {
    const client = connect(await start({ chainId: 4242 }));
    expect(await client.getChainId()).toBe(4242);
    const address = mnemonicToAccount(DEVELOPMENT_MNEMONIC).address;
    expect(await client.getBalance({ address })).toBe(parseEther("10000"));
  });

  test("mines in intervals with the gas limit it was given", async () => {
    const client = connect(await start({ blockTimeSec: 1, gasLimit: 300_000_000 }));
    const block = await client.getBlock();
    expect(block.gasLimit).toBe(300_000_000n);
    await expect
      .poll(() => client.getBlockNumber({ cacheTime: 0 }), { timeout: 60_000 })
      .toBeGreaterThan(1n);
  });

  test("finalises two blocks behind the head", async () => {
    const client = connect(await start());
    await client.mine({ blocks: 5 });
    const finalized = await client.getBlock({ blockTag: "finalized" });
    expect(finalized.number).toBe(3n);
  });

  test("stops for good, and twice is once", async () => {
    const chain = await start();
    // It listens for requests a moment before it listens for signals.
    await connect(chain).getBlockNumber();
    const [first, second] = await Promise.all([chain.stop(), chain.stop()]);
    expect(first).toEqual(second);
    expect(first.code).toBe(0);
    await expect(fetch(chain.rpcUrl)).rejects.toThrow();
    expect(isAlive(chain.pid)).toBe(false);
  });

  test("tells when it ended without being asked", async () => {
    const chain = await start();
    process.kill(-chain.pid, "SIGKILL");
    expect((await chain.exited).signal).toBe("SIGKILL");
  });

  test("finds out that it has ended from its silence, before its end is told", async () => {
    const chain = await start();
    expect(await chain.findExit()).toBeUndefined();
    process.kill(-chain.pid, "SIGKILL");
    expect((await chain.findExit())?.signal).toBe("SIGKILL");
  });
});

describe("a chain in a file", () => {
  test("has its blocks, transactions, receipts, logs and accounts after a restart", async () => {
    const stateFile = join(makeFolder(), "deep", "state.json");
    const before = await start({ stateFile });
    const receipt = await emitLog(before);
    const head = await connect(before).getBlock();
    await before.stop();
    const after = connect(await start({ stateFile }));
    expect((await after.getBlock()).hash).toBe(head.hash);
    expect((await after.getTransactionReceipt({ hash: receipt.transactionHash })).logs).toEqual(
      receipt.logs,
    );
    const logs = await after.getLogs({ fromBlock: 0n, toBlock: "latest" });
    expect(logs.map((log) => log.transactionHash)).toEqual([receipt.transactionHash]);
    expect(await after.getTransactionCount({ address: receipt.from })).toBe(1);
    expect((await after.getBlock({ blockNumber: 0n })).number).toBe(0n);
  });

  test("loses no more than an interval when it is killed", async () => {
    const stateFile = join(makeFolder(), "state.json");
    const before = await start({ stateFile, stateIntervalSec: 1 });
    const receipt = await emitLog(before);
    await expect
      .poll(() => existsSync(stateFile) && readFileSync(stateFile, "utf8"), { timeout: 60_000 })
      .toContain(receipt.transactionHash.slice(2));
    process.kill(-before.pid, "SIGKILL");
    await before.exited;
    const after = connect(await start({ stateFile }));
    expect((await after.getTransactionReceipt({ hash: receipt.transactionHash })).status).toBe(
      "success",
    );
  });

  test("outlives a kill in the middle of a writing: the whole state before is taken", async () => {
    const stateFile = join(makeFolder(), "state.json");
    const before = await start({ stateFile });
    const receipt = await emitLog(before);
    await before.stop();
    const whole = readFileSync(stateFile, "utf8");
    writeFileSync(`${stateFile}.next`, whole.slice(0, whole.lastIndexOf("}")));
    const after = connect(await start({ stateFile }));
    expect((await after.getTransactionReceipt({ hash: receipt.transactionHash })).status).toBe(
      "success",
    );
    expect(existsSync(`${stateFile}.next`)).toBe(false);
  });

  test("says what anvil said about a damaged file", async () => {
    const stateFile = join(makeFolder(), "state.json");
    writeFileSync(stateFile, "{}");
    const failure = await start({ stateFile }).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(AnvilFailed);
    expect((failure as AnvilFailed).shortMessage).toMatch(/it said: .*state/s);
  });

  test("ends with its starter's death, writes its state, and lets the next one in", async () => {
    const folder = makeFolder();
    const stateFile = join(folder, "state.json");
    const port = await takeTestPort();
    const script = join(folder, "start.mjs");
    // Bundled, because Node runs no TypeScript: the starter must be a process that can be killed.
    const { build } = await import("esbuild");
    await build({
      stdin: {
        contents: `import { startAnvil } from "./anvil.ts";
          const anvil = await startAnvil(${JSON.stringify({ port, stateFile, binary: findAnvil(undefined, process.env) })});
          console.log(anvil.rpcUrl);`,
        resolveDir: join(import.meta.dirname, "../../node-client/node/anvil"),
        loader: "ts",
      },
      outfile: script,
      bundle: true,
      format: "esm",
      platform: "node",
    });
    const starter = spawn(process.execPath, [script], { stdio: ["ignore", "pipe", "inherit"] });
    await once(starter.stdout, "data");
    const receipt = await emitLog({ rpcUrl: `http://127.0.0.1:${port}` } as Anvil);
    starter.kill("SIGKILL");
    await once(starter, "exit");
    const after = connect(await start({ port, stateFile }));
    expect((await after.getTransactionReceipt({ hash: receipt.transactionHash })).status).toBe(
      "success",
    );
  });
});

describe("a chain that cannot start", () => {
  test("refuses a port that is taken, naming it", async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as { port: number };
    const failure = await start({ port }).catch((error: unknown) => error);
    await new Promise((resolve) => server.close(resolve));
    expect(failure).toBeInstanceOf(PortTaken);
    expect((failure as PortTaken).shortMessage).toContain(String(port));
  });

  test("repeats the words of an anvil that dies", async () => {
    const binary = join(makeFolder(), "anvil");
    writeFileSync(binary, "#!/bin/sh\necho 'wrong libc' >&2\nexit 3\n");
    chmodSync(binary, 0o755);
    await expect(start({ binary })).rejects.toThrow(/it said: wrong libc/);
  });

  test("says what to do without a binary", async () => {
    await expect(start({ binary: "/nowhere/anvil" })).rejects.toThrow(AnvilMissing);
    await expect(start({ binary: "/nowhere/anvil" })).rejects.toThrow(/--rpc URL/);
  });
});
