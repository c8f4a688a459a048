/** Claims handed to real consensus contracts, repeated, replaced and contradicted. */
import { zeroHash } from "viem";
import { getTransactionCount, readContract, sendTransaction, writeContract } from "viem/actions";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { readHead } from "../../node-client/chain/ask-chain.ts";
import {
  type ChainWriter,
  connectChain,
  getDevelopmentAccount,
} from "../../node-client/chain/chain-client.ts";
import { readConsensusKind } from "../../node-client/chain/consensus-kind.ts";
import { ContractReverted } from "../../node-client/chain/contract-errors.ts";
import {
  CONTRACTS,
  encodeDataAvailability,
  FACTORIES_ABI,
} from "../../node-client/chain/contracts.ts";
import { waitForReceipt } from "../../node-client/chain/find-receipt.ts";
import { createReadingPace, readSegment } from "../../node-client/chain/read-segment.ts";
import { type EpochClaim, submitClaim } from "../../node-client/chain/submit-claim.ts";
import type { Hex } from "../../spec/outputs.ts";
import {
  EPOCH_LENGTH,
  startTestChain,
  TEMPLATE_HASH,
  type TestChain,
} from "./fixtures/test-chain.ts";

const root = (byte: string): Hex => `0x${byte.repeat(32)}`;

let chain: TestChain;
beforeAll(async () => {
  chain = await startTestChain();
});
afterAll(() => chain.stop());

/** A claim for the epoch that has just ended. */
async function claimOfEnded(
  outputsMerkleRoot: Hex,
  contracts: { app: Hex; consensus: Hex } = chain.contracts,
): Promise<EpochClaim> {
  await chain.control.mine({ blocks: EPOCH_LENGTH });
  const { number } = await readHead(chain.client);
  const lastProcessedBlockNumber = number - (number % EPOCH_LENGTH) - 1;
  return { ...contracts, lastProcessedBlockNumber, outputsMerkleRoot };
}

const mined = (hash: Hex) => waitForReceipt(chain.client, hash);

async function readClaims() {
  const head = await readHead(chain.client);
  const request = {
    from: undefined,
    firstBlock: 0,
    inputCount: 0,
    head,
    pace: createReadingPace(),
  };
  return (await readSegment(chain.client, chain.contracts, request)).claims;
}

describe("an Authority", () => {
  beforeEach(() => chain.control.setAutomine(true));

  test("accepts a claim, which is then in the logs, and is not sent it again", async () => {
    const claim = await claimOfEnded(root("01"));
    const outcome = await submitClaim(chain.client, claim);
    if (outcome.kind !== "sent") throw new Error(outcome.kind);
    const { blockNumber } = await mined(outcome.transactionHash);
    expect((await readClaims()).at(-1)).toEqual({
      blockNumber: Number(blockNumber),
      transactionHash: outcome.transactionHash,
      lastProcessedBlockNumber: claim.lastProcessedBlockNumber,
      outputsMerkleRoot: claim.outputsMerkleRoot,
    });
    expect(await submitClaim(chain.client, claim)).toEqual({ kind: "accepted" });
  });

  test("is told from a Quorum, and from what is neither", async () => {
    expect(await readConsensusKind(chain.client, chain.contracts.consensus)).toBe("AUTHORITY");
    expect(await readConsensusKind(chain.client, CONTRACTS.inputBox)).toBeUndefined();
  });

  test("is never sent a second transaction while the first one waits", async () => {
    const claim = await claimOfEnded(root("02"));
    const { address } = chain.client.account;
    await chain.control.setAutomine(false);
    const before = await getTransactionCount(chain.client, { address, blockTag: "pending" });
    const first = await submitClaim(chain.client, claim);
    expect(first.kind).toBe("sent");
    for (let i = 0; i < 3; i++)
      expect(await submitClaim(chain.client, claim)).toEqual({ kind: "pending" });
    expect(await getTransactionCount(chain.client, { address, blockTag: "pending" })).toBe(
      before + 1,
    );
    await chain.control.mine({ blocks: 1 });
    expect(await submitClaim(chain.client, claim)).toEqual({ kind: "accepted" });
  });

  test("is not sent a claim behind other transactions of the account either", async () => {
    const claim = await claimOfEnded(root("0c"));
    const { address } = chain.client.account;
    await chain.control.setAutomine(false);
    const before = await getTransactionCount(chain.client, { address, blockTag: "pending" });
    await sendTransaction(chain.client, { to: address, value: 1n });
    expect(await submitClaim(chain.client, claim)).toEqual({ kind: "pending" });
    const after = await getTransactionCount(chain.client, { address, blockTag: "pending" });
    expect(after).toBe(before + 1);
    await chain.control.mine({ blocks: 1 });
    expect((await submitClaim(chain.client, claim)).kind).toBe("sent");
    await chain.control.mine({ blocks: 1 });
  });

  test("that accepted another root is told from one that accepted ours", async () => {
    const claim = await claimOfEnded(root("03"));
    const outcome = await submitClaim(chain.client, claim);
    if (outcome.kind === "sent") await mined(outcome.transactionHash);
    const other = { ...claim, outputsMerkleRoot: root("04") };
    expect(await submitClaim(chain.client, other)).toEqual({ kind: "conflicting" });
  });

  test("whose epoch has not ended is not sent anything", async () => {
    const { number } = await readHead(chain.client);
    const lastProcessedBlockNumber = number - (number % EPOCH_LENGTH) + 10 * EPOCH_LENGTH - 1;
    const claim = { ...chain.contracts, lastProcessedBlockNumber, outputsMerkleRoot: root("05") };
    expect(await submitClaim(chain.client, claim)).toEqual({ kind: "too_early" });
  });

  test("of somebody else refuses by name", async () => {
    const stranger = await connectChain(chain.anvil.rpcUrl, getDevelopmentAccount(5));
    const failure = await submitClaim(stranger, await claimOfEnded(root("06"))).catch(
      (error: unknown) => error,
    );
    expect(failure).toBeInstanceOf(ContractReverted);
    expect((failure as ContractReverted).errorName).toBe("OwnableUnauthorizedAccount");
  });
});

describe("a Quorum of three", () => {
  let validators: ChainWriter[];
  let contracts: { app: Hex; consensus: Hex };

  beforeAll(async () => {
    const { client, anvil } = chain;
    validators = await Promise.all(
      [6, 7, 8].map((i) => connectChain(anvil.rpcUrl, getDevelopmentAccount(i))),
    );
    const addresses = validators.map(({ account }) => account.address);
    const quorum = {
      address: CONTRACTS.quorumFactory,
      abi: FACTORIES_ABI,
      args: [addresses, BigInt(EPOCH_LENGTH), zeroHash],
    } as const;
    const consensus = await readContract(client, {
      ...quorum,
      functionName: "calculateQuorumAddress",
    });
    await mined(await writeContract(client, { ...quorum, functionName: "newQuorum" }));
    const application = {
      address: CONTRACTS.applicationFactory,
      abi: FACTORIES_ABI,
      args: [
        consensus,
        client.account.address,
        TEMPLATE_HASH,
        encodeDataAvailability(CONTRACTS.inputBox),
        zeroHash,
      ],
    } as const;
    const app = await readContract(client, {
      ...application,
      functionName: "calculateApplicationAddress",
    });
    await mined(await writeContract(client, { ...application, functionName: "newApplication" }));
    contracts = { app: app.toLowerCase() as Hex, consensus: consensus.toLowerCase() as Hex };
  });

  test("says that it is one", async () => {
    expect(await readConsensusKind(chain.client, contracts.consensus)).toBe("QUORUM");
  });

  test("has our vote once, and accepts when the majority agrees", async () => {
    const claim = await claimOfEnded(root("0a"), contracts);
    const [first, second] = validators as [ChainWriter, ChainWriter, ChainWriter];
    const vote = await submitClaim(first, claim);
    if (vote.kind !== "sent") throw new Error(vote.kind);
    await mined(vote.transactionHash);
    expect(await submitClaim(first, claim)).toEqual({ kind: "voted" });
    const deciding = await submitClaim(second, claim);
    if (deciding.kind !== "sent") throw new Error(deciding.kind);
    await mined(deciding.transactionHash);
    expect(await submitClaim(first, claim)).toEqual({ kind: "accepted" });
  });
});
