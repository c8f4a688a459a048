/** What goes wrong on a real chain, and the words it is told in. */
import {
  BaseError,
  createClient,
  encodeErrorResult,
  encodeFunctionData,
  http,
  parseEther,
  toHex,
  zeroHash,
} from "viem";
import { generatePrivateKey, privateKeyToAccount } from "viem/accounts";
import {
  call,
  getBlockNumber,
  getChainId,
  readContract,
  sendTransaction,
  simulateContract,
  writeContract,
} from "viem/actions";
import { foundry, mainnet } from "viem/chains";
import { assertCurrentChain } from "viem/utils";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { connectChain, getDevelopmentAccount } from "../../node-client/chain/chain-client.ts";
import {
  ChainBusy,
  ChainRefused,
  ChainUnreachable,
  ContractMissing,
  ContractReverted,
  NoFunds,
  NonceTaken,
  toClientError,
  WrongChain,
} from "../../node-client/chain/contract-errors.ts";
import {
  APPLICATION_ABI,
  CONTRACTS,
  ERC20_ABI,
  ERRORS_ABI,
  INPUT_BOX_ABI,
  PORTAL_ABI,
} from "../../node-client/chain/contracts.ts";
import { deployToken, mintTestToken, TEST_TOKEN } from "../../node-client/chain/deploy-token.ts";
import { waitForReceipt } from "../../node-client/chain/find-receipt.ts";
import { REVERT_ADVICE } from "../../node-client/chain/revert-advice.ts";
import { SentNotConfirmed } from "../../node-client/chain/sent-not-confirmed.ts";
import { createTallyrollClient } from "../../node-client/client/actions/tallyroll-client.ts";
import type { ClientError } from "../../node-client/errors.ts";
import { PAYLOAD_BYTES_MAX } from "../../spec/limits.ts";
import type { Hex } from "../../spec/outputs.ts";
import { type LyingProvider, startLyingProvider } from "./fixtures/lying-provider.ts";
import { startTestChain, type TestChain } from "./fixtures/test-chain.ts";
import { takeTestPort } from "./fixtures/test-port.ts";

let chain: TestChain;
let provider: LyingProvider;

beforeAll(async () => {
  chain = await startTestChain();
  provider = await startLyingProvider(chain.anvil.rpcUrl);
  await deployToken(chain.client);
});

afterAll(async () => {
  await provider.close();
  await chain.stop();
});

const context = { action: "try it" };

async function errorOf(acting: Promise<unknown>): Promise<ClientError> {
  const error = await acting.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error === undefined) throw new Error("it went well");
  return toClientError(error, context);
}

const nameOf = (error: ClientError): string | undefined =>
  error instanceof ContractReverted ? error.errorName : error.name;

describe("contracts' refusals", () => {
  const deposit = (value: bigint, client = chain.client) =>
    simulateContract(client, {
      address: CONTRACTS.erc20Portal,
      abi: PORTAL_ABI,
      functionName: "depositERC20Tokens",
      args: [TEST_TOKEN, chain.contracts.app, value, "0x"],
      account: client.account,
    });

  test("an allowance that is missing is named, with what to approve", async () => {
    await mintTestToken(chain.client, chain.client.account.address, 10n);
    const error = await errorOf(deposit(5n));
    expect(nameOf(error)).toBe("ERC20InsufficientAllowance");
    expect(error.shortMessage).toContain("may move 0 base units of your token and needs 5");
    expect(error.whatToDo).toMatch(/^Approve first/);
  });

  test("a balance that is too small is named", async () => {
    const poor = await connectChain(chain.anvil.rpcUrl, getDevelopmentAccount(4));
    const approved = await writeContract(poor, {
      address: TEST_TOKEN,
      abi: ERC20_ABI,
      functionName: "approve",
      args: [CONTRACTS.erc20Portal, 2n ** 256n - 1n],
    });
    await waitForReceipt(poor, approved);
    expect(nameOf(await errorOf(deposit(7n, poor)))).toBe("ERC20InsufficientBalance");
  });

  test("an input that is too large is named, with both sizes", async () => {
    const add = (size: number) =>
      simulateContract(chain.client, {
        address: CONTRACTS.inputBox,
        abi: INPUT_BOX_ABI,
        functionName: "addInput",
        args: [chain.contracts.app, toHex(new Uint8Array(size))],
      });
    const error = await errorOf(add(PAYLOAD_BYTES_MAX + 1));
    expect(nameOf(error)).toBe("InputTooLarge");
    expect(error.shortMessage).toContain("65536");
    await expect(add(PAYLOAD_BYTES_MAX)).resolves.toBeDefined();
  });

  test("an output of an epoch without a claim is told to wait", async () => {
    const proof = {
      outputIndex: 0n,
      outputHashesSiblings: Array.from({ length: 63 }, () => zeroHash),
    };
    const error = await errorOf(
      simulateContract(chain.client, {
        address: chain.contracts.app,
        abi: APPLICATION_ABI,
        functionName: "executeOutput",
        args: ["0x237a816f", proof],
      }),
    );
    expect(nameOf(error)).toBe("InvalidOutputsMerkleRoot");
    expect(error.whatToDo).toMatch(/^Wait until/);
  });

  test("a refusal that comes with the sending is named as well", async () => {
    const args = [CONTRACTS.safeErc20Transfer, 1n] as const;
    const data = encodeFunctionData({ abi: ERC20_ABI, functionName: "transfer", args });
    const stranger = await connectChain(chain.anvil.rpcUrl, getDevelopmentAccount(5));
    const error = await errorOf(sendTransaction(stranger, { to: TEST_TOKEN, data }));
    expect(nameOf(error)).toBe("ERC20InsufficientBalance");
  });

  test("an address without a contract is no refusal", async () => {
    const reading = readContract(chain.client, {
      address: `0x${"0e".repeat(20)}`,
      abi: APPLICATION_ABI,
      functionName: "getTemplateHash",
    });
    expect(await errorOf(reading)).toBeInstanceOf(ContractMissing);
  });

  test.each(ERRORS_ABI.map((item) => [item.name, item] as const))(
    "%s has a sentence of what happened and one of what to do",
    async (name, item) => {
      const samples = {
        address: `0x${"ab".repeat(20)}`,
        uint256: 5n,
        bytes32: zeroHash,
        bytes: "0x12",
      };
      const args = item.inputs.map(({ type }) => samples[type]);
      const data = encodeErrorResult({ abi: [item], args } as never);
      provider.lie = {
        refuse: ({ method }) =>
          method === "eth_call"
            ? { error: { code: 3, message: "execution reverted", data } }
            : undefined,
      };
      const client = createClient({ chain: foundry, transport: http(provider.url) });
      const error = await errorOf(call(client, { to: CONTRACTS.inputBox, data: "0x" }));
      provider.lie = {};
      expect(nameOf(error)).toBe(name);
      expect(error.shortMessage).toMatch(/^[A-Z0].*\.$/);
      expect(error.whatToDo).toMatch(/^[A-Z].*\.$/);
      expect(error.message).not.toContain("undefined");
    },
  );

  test("every sentence belongs to an error", () => {
    expect(Object.keys(REVERT_ADVICE).sort()).toEqual(ERRORS_ABI.map(({ name }) => name).sort());
  });

  test("an unknown error keeps its bytes, a text its words", async () => {
    const client = createClient({ chain: foundry, transport: http(provider.url) });
    const answer = (data: Hex) => {
      provider.lie = {
        refuse: () => ({ error: { code: 3, message: "execution reverted", data } }),
      };
      return errorOf(call(client, { to: CONTRACTS.inputBox, data: "0x" }));
    };
    const unknown = await answer("0xdeadbeef");
    expect(unknown).toBeInstanceOf(ContractReverted);
    expect(unknown.shortMessage).toContain("0xdeadbeef");
    provider.lie = {};
  });
});

describe("accounts' troubles", () => {
  test("an account without ether is told how to get on", async () => {
    const poor = await connectChain(chain.anvil.rpcUrl, privateKeyToAccount(generatePrivateKey()));
    const error = await errorOf(
      writeContract(poor, {
        address: CONTRACTS.inputBox,
        abi: INPUT_BOX_ABI,
        functionName: "addInput",
        args: [chain.contracts.app, "0x"],
      }),
    );
    expect(error).toBeInstanceOf(NoFunds);
    expect(
      await errorOf(sendTransaction(poor, { to: CONTRACTS.inputBox, value: parseEther("1") })),
    ).toBeInstanceOf(NoFunds);
  });

  test("a nonce that is used up is named", async () => {
    const to = getDevelopmentAccount(1).address;
    await sendTransaction(chain.client, { to, value: 1n });
    const again = sendTransaction(chain.client, { to, value: 2n, nonce: 0, gas: 21_000n });
    expect(await errorOf(again)).toBeInstanceOf(NonceTaken);
  });

  test("another chain than the client was made for is named", async () => {
    // For accounts that sign here viem does not look by itself: `checkChain` does.
    const asking = async () =>
      assertCurrentChain({ chain: mainnet, currentChainId: await getChainId(chain.client) });
    expect(await errorOf(asking())).toBeInstanceOf(WrongChain);
  });
});

describe("connections' troubles", () => {
  const ask = (url: string, timeout = 10_000) =>
    errorOf(getBlockNumber(createClient({ transport: http(url, { timeout, retryCount: 0 }) })));

  test("nobody there: the URL is named, and how to start a chain", async () => {
    const url = `http://127.0.0.1:${await takeTestPort()}`;
    const error = await ask(url);
    expect(error).toBeInstanceOf(ChainUnreachable);
    expect(error.message).toMatch(/nothing answers at http:\/\/127\.0\.0\.1:\d+/);
    expect(error.whatToDo).toContain("tallyroll start");
    await expect(connectChain(url, undefined, { retryCount: 0 })).rejects.toThrow(ChainUnreachable);
  });

  test.each([
    ["429", { status: 429, body: "{}" }, ChainBusy],
    ["401", { status: 401, body: "{}" }, ChainUnreachable],
    ["a web page", { status: 200, body: "<html>" }, ChainUnreachable],
  ])("%s", async (_, answer, kind) => {
    provider.lie = { http: () => answer };
    expect(await ask(provider.url)).toBeInstanceOf(kind);
    provider.lie = {};
  });

  test("a limit in JSON-RPC's words, and silence", async () => {
    provider.lie = { refuse: () => ({ error: { code: -32_005, message: "limit exceeded" } }) };
    expect(await ask(provider.url)).toBeInstanceOf(ChainBusy);
    provider.lie = { silent: () => true };
    expect(await ask(provider.url, 300)).toBeInstanceOf(ChainBusy);
    provider.lie = {};
  });

  test("a client waits once for a chain that is silent, and asks one again that is busy", async () => {
    let asked = 0;
    const options = { app: CONTRACTS.inputBox, chain: { rpcUrl: provider.url } };
    provider.lie = {
      silent: () => {
        asked += 1;
        return true;
      },
    };
    const waiting = createTallyrollClient({ ...options, timeouts: { requestMs: 1_000 } });
    expect(await errorOf(waiting)).toBeInstanceOf(ChainBusy);
    expect(asked).toBe(1);
    asked = 0;
    provider.lie = {
      http: () => {
        asked += 1;
        return asked <= 2 ? { status: 503, body: "{}" } : undefined;
      },
    };
    expect(await createTallyrollClient(options)).toMatchObject({ chainId: 31_337 });
    expect(asked).toBe(3);
    provider.lie = {};
  });

  test("a receipt is awaited past a provider that is busy, and not past one that is gone", async () => {
    const gone = await startLyingProvider(chain.anvil.rpcUrl);
    const account = getDevelopmentAccount(5);
    const client = await connectChain(gone.url, account, { retryCount: 0 });
    let looks = 0;
    gone.lie = {
      refuse: ({ method }) => {
        if (method !== "eth_getTransactionReceipt") return undefined;
        looks += 1;
        if (looks > 3) return undefined;
        return { error: { code: -32_005, message: "limit exceeded" } };
      },
    };
    await mintTestToken(client, account.address, 1n);
    expect(looks).toBe(4);

    let closing: Promise<void> | undefined;
    gone.lie = {
      before({ method }) {
        if (method === "eth_getTransactionReceipt") closing ??= gone.close();
      },
    };
    const error = await errorOf(mintTestToken(client, account.address, 1n));
    // It was sent before: the error says so, and why no more is known.
    expect(error).toBeInstanceOf(SentNotConfirmed);
    expect(error.cause).toBeInstanceOf(ChainUnreachable);
    expect(error.shortMessage).toMatch(
      /^The making of test tokens was sent \(transaction 0x\w{64}\), .*: Could not read a receipt: nothing answers at /,
    );
    await closing;
  });

  test("anything else is told in the RPC's own words", async () => {
    provider.lie = { refuse: () => ({ error: { code: -32_000, message: "the moon is full" } }) };
    const error = await ask(provider.url);
    expect(error).toBeInstanceOf(ChainRefused);
    expect(error.shortMessage).toBe("Could not try it: the moon is full");
    provider.lie = {};
  });

  test("a bug of ours is not taken for the chain's fault", () => {
    const bug = new TypeError("undefined is not a function");
    expect(() => toClientError(bug, context)).toThrow(bug);
    expect(toClientError(new BaseError("odd"), context)).toBeInstanceOf(ChainRefused);
    const known = new NoFunds("none", { whatToDo: "Earn." });
    expect(toClientError(known, context)).toBe(known);
  });
});
