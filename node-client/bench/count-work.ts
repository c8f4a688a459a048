import initSqlJs from "sql.js";
import { createApplication } from "../../dapp/engine/create-application.ts";
import { openStore } from "../../dapp/store/sql-store.ts";
import type { Crypto } from "../../spec/crypto.ts";
import { type BenchHistory, MACHINE_SECRET } from "./bench-history.ts";

/** What one batch of 128 readings asks for: calls of each primitive, statements, HTTP calls. */
type WorkCounts = Readonly<Record<string, number>>;

/**
 * Counts what one warm input costs: every call of the `Crypto` interface, the SHA-256 hashes inside
 * the Merkle tree, SQL statements stepped, and HTTP calls (one `/finish`, one an output).
 */
export async function countWork(crypto: Crypto, history: BenchHistory): Promise<WorkCounts> {
  const counts: Record<string, number> = {};
  const count = (name: string, times = 1): void => {
    counts[name] = (counts[name] ?? 0) + times;
  };
  const counting = new Proxy(crypto, {
    get(target, name: keyof Crypto) {
      const call = target[name] as (...args: never[]) => unknown;
      return (...args: never[]) => {
        count(`crypto_${name}`);
        if (name === "merkleRoot") {
          const leafCount = (args[1] as unknown as Uint32Array).length - 1;
          count("merkle_hashes", 2 * leafCount - 1);
        }
        return call(...args);
      };
    },
  });
  const store = await openStore(counting);
  const application = createApplication(store, counting, MACHINE_SECRET);
  const [warmUp, measured] = history.batches;
  if (warmUp === undefined || measured === undefined) throw new Error("two batches are needed");
  for (const { at, payload } of [...history.setup, warmUp]) application.advance(at, payload);

  for (const name of Object.keys(counts)) delete counts[name];
  const restore = await watchStatements(() => count("sql_statements"));
  const { outputs } = application.advance(measured.at, measured.payload);
  restore();
  store.close();
  return { ...counts, http_calls: outputs.length + 1 };
}

/** Calls back for every statement that sql.js starts; gives the way to stop it. */
async function watchStatements(onStart: () => void): Promise<() => void> {
  const { Database } = await initSqlJs();
  const database = new Database();
  // sql.js does not export the class; any statement leads to it.
  const prototype = Object.getPrototypeOf(database.prepare("SELECT 1")) as { reset(): void };
  database.close();
  const original = prototype.reset;
  // Every use of a prepared statement ends with one reset.
  prototype.reset = function (this: unknown) {
    onStart();
    return original.call(this as never);
  };
  return () => {
    prototype.reset = original;
  };
}
