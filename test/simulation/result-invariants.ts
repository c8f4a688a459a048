import assert from "node:assert/strict";
import { bytesToHex } from "@noble/hashes/utils.js";
import { balanceOf } from "../../dapp/engine/balances.ts";
import type { HistoryInput } from "../../node-client/history/history-lines.ts";
import { encodeEvmAdvance } from "../../spec/evm-advance.ts";
import { encodeNotice, NOTICES_ABI } from "../../spec/notices.ts";
import { decodeOutcomes } from "../../spec/outcomes.ts";
import type { AdvanceResult, Hex, Output } from "../../spec/outputs.ts";
import { REFUSALS } from "../../spec/refusals.ts";
import { TOKENS } from "../arbitraries/expected-state.ts";
import { crypto, PEOPLE } from "../arbitraries/shared-keys.ts";
import type { Engine } from "../arbitraries/world.ts";

const CODES = new Map<string, number>(Object.entries(REFUSALS));
const SELECTORS = new Set(NOTICES_ABI.map(({ name }) => selectorOf(name)));
const STATE_COMMITTED = selectorOf("StateCommitted");

/** One refusal of a report. */
export interface ReportedRefusal {
  readonly refusal: string;
  readonly operation: number | null;
}

/** Reads a report, which must carry a refusal of the table and nothing else. */
export function readReport(report: Hex): ReportedRefusal {
  const { refusal, code, operation, detail, values, ...rest } = JSON.parse(
    Buffer.from(report.slice(2), "hex").toString("utf8"),
  );
  assert.equal(CODES.get(refusal), code, `a report carries a refusal of the table: ${refusal}`);
  assert.ok(operation === null || (Number.isInteger(operation) && operation < 256));
  assert.equal(typeof detail, "string");
  assert.equal(typeof values, "object");
  assert.deepEqual(rest, {});
  return { refusal, operation };
}

/**
 * What must hold after every input, whatever it was: asserted by looking from outside at results,
 * roots and a few rows, cheaply enough for a million inputs.
 */
export class ResultInvariants {
  readonly #engine: Engine;
  #root: Hex;
  #nonces: readonly number[] = [];
  #nextSequences: readonly number[] = [];

  constructor(engine: Engine) {
    this.#engine = engine;
    this.#root = this.#readRoot();
  }

  /** Checks one result; `isDeep` also rescans all rows. */
  observe({ at, payload }: HistoryInput, result: AdvanceResult, isDeep = false): void {
    const before = this.#root;
    this.#root = this.#readRoot();
    const refusals = result.reports.map(readReport);
    if (result.status === "rejected") {
      assert.equal(this.#root, before, "a rejected input leaves no trace");
      assert.equal(result.outputs.length, 0, "a rejected input has no outputs");
      assert.ok(refusals.length > 0, "a rejected input says why");
    } else {
      const inputHash: Hex = `0x${bytesToHex(crypto.keccak256(encodeEvmAdvance(at, payload)))}`;
      const outcomes = readOutcomes(result.outputs.at(-1));
      const words = [BigInt(at.inputIndex), inputHash, before, this.#root, outcomes] as const;
      assert.deepEqual(result.outputs.at(-1), encodeNotice("StateCommitted", words));
      const told = decodeOutcomes(outcomes);
      const counts = told.map((one) => (one.status === "applied" ? one.outputCount : 0));
      const total = counts.reduce((sum, count) => sum + count, 0);
      assert.equal(total, result.outputs.length - 1, "every output is one operation's");
      const refused = told.flatMap((one, operation) =>
        one.status === "refused" ? [{ refusal: one.refusal, operation }] : [],
      );
      const reported = refusals.map((one) => ({ ...one, operation: one.operation ?? 0 }));
      assert.deepEqual(refused, reported, "outcomes and reports are of one mind");
      for (const output of result.outputs.slice(0, -1)) {
        if (output.kind !== "notice") continue;
        const selector = output.payload.slice(0, 10);
        assert.ok(SELECTORS.has(selector) && selector !== STATE_COMMITTED, "a known notice");
      }
      this.#checkCounters();
      this.checkTotals();
    }
    if (isDeep) this.rescan();
  }

  rescan(): void {
    const scanned = bytesToHex(this.#engine.store.rescanRoot());
    assert.equal(`0x${scanned}`, this.#root, "a scan of all rows gives the root");
  }

  /** deposited = what is inside + withdrawn; what people hold is no more than is in balances. */
  checkTotals(): void {
    const { store } = this.#engine;
    for (const token of TOKENS) {
      const row = store.tokens.get(token);
      if (row === undefined) continue;
      const inside = row.inBalances + row.inChannels + row.inEscrows + row.inBonds;
      assert.equal(row.deposited, inside + row.withdrawn, "money is conserved");
      const held = PEOPLE.reduce((sum, who) => sum + balanceOf(store, who.address, token), 0n);
      assert.ok(held <= row.inBalances, "nobody holds what was not deposited");
    }
  }

  /** Nonces and sequences only ever rise. */
  #checkCounters(): void {
    const { store } = this.#engine;
    const nonces = PEOPLE.map((who) => store.accounts.get(who.address)?.nonce ?? 0);
    const streamCount = Math.min(store.streams.nextId() - 1, 64);
    const nextSequences = Array.from(
      { length: streamCount },
      (_, i) => store.streams.get(i + 1)!.nextSequence,
    );
    this.#nonces.forEach((nonce, i) => {
      assert.ok(nonces[i]! >= nonce, "a nonce never goes down");
    });
    this.#nextSequences.forEach((sequence, i) => {
      assert.ok(nextSequences[i]! >= sequence, "a sequence never goes down");
    });
    this.#nonces = nonces;
    this.#nextSequences = nextSequences;
  }

  #readRoot(): Hex {
    return `0x${bytesToHex(this.#engine.store.getRoot())}`;
  }
}

/** The bytes that `StateCommitted` ends with: 4 words, their place and their length before them. */
function readOutcomes(output: Output | undefined): Hex {
  assert.ok(output?.kind === "notice");
  const words = output.payload.slice(10);
  const length = Number.parseInt(words.slice(5 * 64, 6 * 64), 16);
  return `0x${words.slice(6 * 64, 6 * 64 + 2 * length)}`;
}

function selectorOf(name: (typeof NOTICES_ABI)[number]["name"]): string {
  // Any arguments will do: they stand behind the selector.
  const args = NOTICES_ABI.find((item) => item.name === name)!.inputs.map(({ type }) => {
    if (type.endsWith("[]")) return [];
    if (type === "address") return `0x${"00".repeat(20)}`;
    if (type === "bytes32") return `0x${"00".repeat(32)}`;
    if (type === "bytes") return "0x";
    if (type === "bytes16") return `0x${"00".repeat(16)}`;
    return type === "bool" ? false : type === "string" ? "" : 0n;
  });
  const { payload } = encodeNotice(name, args as never) as { payload: Hex };
  return payload.slice(0, 10);
}
