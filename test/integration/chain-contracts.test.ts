/** The line's contracts: where they are, how they get there, and what else may be in their place. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type AbiItem, getContractAddress, zeroHash } from "viem";
import { getCode, readContract, writeContract } from "viem/actions";
import { formatAbiItem } from "viem/utils";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { connectChain, getDevelopmentAccount } from "../../node-client/chain/chain-client.ts";
import {
  ApplicationAbsent,
  ContractsAbsent,
  ContractsOfAnotherLine,
  checkApplication,
  checkChain,
  isRuntimeCode,
  NEEDED_CONTRACTS,
} from "../../node-client/chain/check-contracts.ts";
import { CLAIMED_READING_ABI } from "../../node-client/chain/claimed-reading.ts";
import { WrongChain } from "../../node-client/chain/contract-errors.ts";
import {
  CONTRACTS,
  ERC20_ABI,
  encodeDataAvailability,
  FACTORIES_ABI,
} from "../../node-client/chain/contracts.ts";
import { DeploymentFailed, deployByCreate2, hasContract } from "../../node-client/chain/create2.ts";
import {
  CONTRACT_NAMES,
  deployApplication,
  deployContracts,
  getCreationCode,
} from "../../node-client/chain/deploy-contracts.ts";
import { deployToken, mintTestToken, TEST_TOKEN } from "../../node-client/chain/deploy-token.ts";
import { waitForReceipt } from "../../node-client/chain/find-receipt.ts";
import { type Anvil, startAnvil } from "../../node-client/node/anvil/anvil.ts";
import type { Hex } from "../../spec/outputs.ts";
import {
  EPOCH_LENGTH,
  startTestChain,
  TEMPLATE_HASH,
  type TestChain,
} from "./fixtures/test-chain.ts";
import { takeTestPort } from "./fixtures/test-port.ts";

const ROOT = join(import.meta.dirname, "../..");
const { compileContract } = (await import(
  /* @vite-ignore */ join(ROOT, "node-client/build/compile-contracts.mjs")
)) as { compileContract(path: string): { abi: AbiItem[]; artifact: string } };

describe("the line's addresses", () => {
  test.each(CONTRACT_NAMES)("follow from the creation code: %s", (name) => {
    const address = getContractAddress({
      opcode: "CREATE2",
      from: "0x4e59b44847b379578588920ca78fbf26c0b4956c",
      salt: zeroHash,
      bytecode: getCreationCode(name),
    });
    expect(address.toLowerCase()).toBe(CONTRACTS[name]);
  });
});

describe("our own contracts", () => {
  test.each(["spec/ClaimedReading", "node-client/chain/TestToken"])(
    "are checked in as the compiler makes them: %s",
    (path) => {
      expect(readFileSync(join(ROOT, `${path}.json`), "utf8")).toBe(compileContract(path).artifact);
    },
  );

  test.each([
    ["spec/ClaimedReading", CLAIMED_READING_ABI],
    ["node-client/chain/TestToken", ERC20_ABI],
  ])("have the interface that the client calls: %s", (path, abi) => {
    // Errors that a contract beneath raises are not in the compiler's list, and names of unnamed
    // results are ours.
    const describeItem = (item: AbiItem) => formatAbiItem(item, { includeName: false });
    const ours = new Set((abi as readonly AbiItem[]).map(describeItem));
    const theirs = compileContract(path).abi.filter(({ type }) => type !== "constructor");
    expect(theirs.filter((item) => !ours.has(describeItem(item)))).toEqual([]);
  });
});

describe("on an empty chain", () => {
  let anvil: Anvil;
  beforeAll(async () => {
    anvil = await startAnvil({ port: await takeTestPort() });
  });
  afterAll(() => anvil.stop());

  test("the contracts are missed by name, then deployed once, whatever was there before", async () => {
    const client = await connectChain(anvil.rpcUrl, getDevelopmentAccount(0));
    const failure = await checkChain(client).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(ContractsAbsent);
    expect((failure as ContractsAbsent).shortMessage).toContain("inputBox, etherPortal");

    // As after an interruption: two are there, another one is on its way.
    await deployByCreate2(client, CONTRACT_NAMES.slice(0, 2).map(getCreationCode));
    const [first, second] = await Promise.all([
      deployContracts(await connectChain(anvil.rpcUrl, getDevelopmentAccount(1))),
      deployContracts(await connectChain(anvil.rpcUrl, getDevelopmentAccount(2))),
    ]);
    expect(first).toBeLessThanOrEqual(CONTRACT_NAMES.length - 2);
    expect(second).toBeLessThanOrEqual(CONTRACT_NAMES.length - 2);
    expect(await deployContracts(client)).toBe(0);
    for (const name of NEEDED_CONTRACTS) {
      const code = (await getCode(client, { address: CONTRACTS[name] })) as Hex;
      expect([name, isRuntimeCode(name, code)]).toEqual([name, true]);
    }
    expect(await checkChain(client, { chainId: 31_337 })).toBe(31_337);
  });

  test("one that another deploys meanwhile is left to him", async () => {
    const client = await connectChain(anvil.rpcUrl, getDevelopmentAccount(0));
    const other = await connectChain(anvil.rpcUrl, getDevelopmentAccount(1));
    // Contracts that return different words: they have never been here.
    const [first, second] = ["11", "22"].map((byte): Hex => `0x60${byte}60005260206000f3`);
    let isLate = false;
    const late = {
      ...client,
      async request(asked: { readonly method: string }) {
        if (!isLate && /^eth_(fillTransaction|estimateGas)$/.test(asked.method)) {
          isLate = true;
          await deployByCreate2(other, [first!]);
        }
        return await (client.request as (asked: unknown) => Promise<unknown>)(asked);
      },
    } as unknown as typeof client;
    const { addresses, missingCount } = await deployByCreate2(late, [first!, second!]);
    expect([isLate, missingCount]).toEqual([true, 2]);
    for (const address of addresses) expect(await getCode(client, { address })).not.toBe("0x");
  });

  test("without the CREATE2 deployer it is said that nothing can be deployed", async () => {
    const client = await connectChain(anvil.rpcUrl, getDevelopmentAccount(0));
    const address = "0x4e59b44847b379578588920ca78fbf26c0b4956c";
    const code = await getCode(client, { address });
    await client.request({ method: "anvil_setCode", params: [address, "0x"] } as never);
    await expect(deployToken(client)).rejects.toThrow(DeploymentFailed);
    await client.request({ method: "anvil_setCode", params: [address, code] } as never);
  });
});

describe("on a chain with an application", () => {
  let chain: TestChain;
  beforeAll(async () => {
    chain = await startTestChain();
  });
  afterAll(() => chain.stop());

  test("what the chain says of the application is what it was made of", async () => {
    const { client, contracts } = chain;
    const facts = await checkApplication(
      client,
      contracts.app.toUpperCase().replace("0X", "0x") as Hex,
    );
    expect(facts).toEqual({
      ...contracts,
      templateHash: TEMPLATE_HASH,
      epochLength: EPOCH_LENGTH,
      deploymentBlock: expect.any(Number),
    });
    const before = BigInt(facts.deploymentBlock - 1);
    expect(await getCode(client, { address: contracts.app, blockNumber: before })).toBeUndefined();
  });

  test("another salt makes another application, the same one does not", async () => {
    const plan = { templateHash: TEMPLATE_HASH, epochLength: EPOCH_LENGTH };
    const same = await deployApplication(chain.client, { ...plan, salt: zeroHash });
    expect(same).toEqual({
      app: chain.contracts.app,
      consensus: chain.contracts.consensus,
      isNew: false,
    });
    const salt: Hex = `0x${"01".repeat(32)}`;
    const other = await deployApplication(chain.client, { ...plan, salt });
    expect(other.isNew).toBe(true);
    expect(other.app).not.toBe(same.app);
  });

  test("a wrong chain is named", async () => {
    await expect(checkChain(chain.client, { chainId: 1 })).rejects.toThrow(WrongChain);
    await expect(checkChain(chain.client, { chainId: 1 })).rejects.toThrow(
      /chain 31337, not of chain 1/,
    );
  });

  test("an address without a contract is not taken for an application", async () => {
    const nowhere: Hex = `0x${"ab".repeat(20)}`;
    await expect(checkApplication(chain.client, nowhere)).rejects.toThrow(ApplicationAbsent);
  });

  test.each(["inputBox", "erc20Portal", "safeErc20Transfer"] as const)(
    "a contract that is not an application is not taken for one: %s",
    async (name) => {
      const reading = checkApplication(chain.client, CONTRACTS[name]);
      await expect(reading).rejects.toThrow(ContractsOfAnotherLine);
    },
  );

  test("an application with another InputBox is of another line", async () => {
    const { client, contracts } = chain;
    const call = {
      address: CONTRACTS.applicationFactory,
      abi: FACTORIES_ABI,
      args: [
        contracts.consensus,
        client.account.address,
        TEMPLATE_HASH,
        encodeDataAvailability(`0x${"0b".repeat(20)}`),
        zeroHash,
      ],
    } as const;
    const app = await readContract(client, {
      ...call,
      functionName: "calculateApplicationAddress",
    });
    const hash = await writeContract(client, { ...call, functionName: "newApplication" });
    await waitForReceipt(client, hash);
    await expect(checkApplication(client, app)).rejects.toThrow(ContractsOfAnotherLine);
  });

  test("other code at a contract's address is of another line", async () => {
    const { client } = chain;
    const address = CONTRACTS.erc20Portal;
    const code = (await getCode(client, { address })) as Hex;
    const setCode = (bytes: Hex) =>
      client.request({ method: "anvil_setCode", params: [address, bytes] } as never);
    // One bit, outside the immutables.
    await setCode(
      `${code.slice(0, -1)}${(Number.parseInt(code.slice(-1), 16) ^ 1).toString(16)}` as Hex,
    );
    await expect(checkChain(client)).rejects.toThrow(ContractsOfAnotherLine);
    await setCode(code);
    expect(await checkChain(client)).toBe(31_337);
  });

  test("the test token is where it always is, and anybody makes more of it", async () => {
    const { client } = chain;
    expect(await deployToken(client)).toBe(TEST_TOKEN);
    expect(await deployToken(client)).toBe(TEST_TOKEN);
    expect(await hasContract(client, TEST_TOKEN)).toBe(true);
    const holder = getDevelopmentAccount(3).address.toLowerCase() as Hex;
    await mintTestToken(client, holder, 5n);
    const token = { address: TEST_TOKEN, abi: ERC20_ABI } as const;
    expect(
      await readContract(client, { ...token, functionName: "balanceOf", args: [holder] }),
    ).toBe(5n);
    expect(await readContract(client, { ...token, functionName: "totalSupply" })).toBe(5n);
    expect(await readContract(client, { ...token, functionName: "decimals" })).toBe(18);
  });
});
