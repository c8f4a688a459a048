import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createNodeCrypto } from "../../dapp/crypto/node-crypto.ts";
import { createApplication } from "../../dapp/engine/create-application.ts";
import { openStore, type SqlStore } from "../../dapp/store/sql-store.ts";
import { checkApplication } from "../../node-client/chain/check-contracts.ts";
import {
  countExceptions,
  type ReplayException,
  ReplayUnsteady,
  replayWithout,
} from "../../node-client/replay/count-exceptions.ts";
import { type ChainReplay, replayChain } from "../../node-client/replay/replay-chain.ts";
import { replayHistory } from "../../node-client/replay/replay-history.ts";
import type { Application } from "../../spec/application.ts";
import type { InputContext } from "../../spec/input.ts";
import { World } from "../arbitraries/world.ts";
import { ReplayedChain } from "./fixtures/replayed-chain.ts";
import { MACHINE_SECRET } from "./fixtures/run-cli.ts";

/** Inputs that stop the application: the replay goes on as the rollup does, and says so. */

const crypto = await createNodeCrypto();
const SECRET = Uint8Array.from(Buffer.from(MACHINE_SECRET, "hex"));
const ACCOUNT = new Uint8Array(20).fill(7);

/** Where a bug strikes while input `inputIndex` is applied. */
type Bug = "before it writes" | "within its transaction" | "behind its commit" | "once";

/** The real application with a bug in it. */
function withBug(application: Application, store: SqlStore, inputIndex: number, bug: Bug) {
  let strikes = 0;
  const advance: Application["advance"] = (at, payload) => {
    if (at.inputIndex !== inputIndex) return application.advance(at, payload);
    strikes += 1;
    if (bug === "once" && strikes > 1) return application.advance(at, payload);
    if (bug === "within its transaction") {
      store.begin();
      store.openSavepoint();
      store.balances.put({ account: ACCOUNT, token: ACCOUNT, amount: 5n });
    } else if (bug === "behind its commit") application.advance(at, payload);
    throw new Error("a bug");
  };
  return { ...application, advance };
}

describe("over a chain with a claim of somebody who counts exceptions, too", () => {
  let chain: ReplayedChain;
  beforeAll(async () => {
    chain = await ReplayedChain.start();
    await chain.send(...chain.encodeDevices());
  });
  afterAll(async () => await chain?.stop());

  /** `skipped`: left out from the beginning, by nobody's fault. */
  async function replay(
    bug: Bug,
    inputIndex: number,
    skipped: readonly ReplayException[] = [],
  ): Promise<ChainReplay & { told: readonly ReplayException[] }> {
    const contracts = await checkApplication(chain.client, chain.app);
    const place = { client: chain.client, contracts, block: await chain.readHead() };
    return await replayWithout(async (known) => {
      const store = await openStore(crypto);
      const broken = withBug(createApplication(store, crypto, SECRET), store, inputIndex, bug);
      const { application, exceptions } = countExceptions(broken, store, [...skipped, ...known]);
      const local = {
        crypto,
        application,
        store,
        ahead: undefined,
      };
      const result = await replayChain(local, place, () => {});
      store.close();
      return { ...result, told: exceptions };
    });
  }

  test.each<Bug>(["before it writes", "within its transaction", "behind its commit"])(
    "%s: rejected, the state before it, the rest verified",
    async (bug) => {
      const result = await replay(bug, 2);
      expect(result.told).toEqual([{ inputIndex: 2, message: "Error: a bug" }]);
      // The batch behind it has no predecessor any more: a declared break, and it is accepted.
      expect(result).toMatchObject({ inputs: 4, accepted: 3, rejected: 1, divergence: undefined });
      const { told: _, ...without } = await replay(bug, 2, [{ inputIndex: 2, message: "" }]);
      expect(result).toMatchObject(without);
    },
  );

  test("that stops it only once is nobody's verdict", async () => {
    await expect(replay("once", 1)).rejects.toThrow(ReplayUnsteady);
  });

  test("a claim over it holds as the node computes it, and not otherwise", async () => {
    const { outputsMerkleRoot } = await replay("within its transaction", 3);
    await chain.claim(outputsMerkleRoot);
    expect((await replay("within its transaction", 3)).claims).toMatchObject([{ holds: true }]);
    expect((await replay("before it writes", 2)).divergence).toMatchObject({ subject: "claim" });
  });
});

test("what a rollback leaves wrong beside the rows is read from them anew, before its root is judged", () => {
  const rows = Uint8Array.of(1);
  let believed: Uint8Array = rows;
  const state = {
    getRoot: () => believed,
    rollback: () => {},
    snapshot: () => rows,
    restore: (snapshot: Uint8Array) => {
      believed = snapshot;
    },
  };
  const broken: Application = {
    inspect: () => [],
    advance: () => {
      believed = Uint8Array.of(2);
      throw new Error("a bug");
    },
  };
  const { application, exceptions } = countExceptions(broken, state);
  const at = { inputIndex: 0 } as InputContext;
  expect(application.advance(at, rows)).toMatchObject({ status: "rejected", outputs: [] });
  expect(exceptions).toHaveLength(1);
});

test("a replay that does not ask for this still stops: a bug never looks like a refusal", async () => {
  const world = new World("exceptions", crypto);
  const store = await openStore(crypto);
  const broken = withBug(createApplication(store, crypto, SECRET), store, 0, "before it writes");
  const history = [world.depositEther(world.person("ada"), 5n)];
  expect(() => replayHistory(crypto, broken, store, history)).toThrow("a bug");
  store.close();
});
