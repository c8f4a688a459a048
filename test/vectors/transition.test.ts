/**
 * The transition vectors of `spec/vectors/transition` (their README says what they hold), run
 * through the engine under both implementations of the cryptography. Nothing here knows how the
 * vectors were made.
 */

import { readFileSync } from "node:fs";
import initSqlJs from "sql.js";
import { describe, expect, test } from "vitest";
import { createNodeCrypto } from "../../dapp/crypto/node-crypto.ts";
import type { Crypto } from "../../spec/crypto.ts";
import { nobleCrypto } from "../../spec/crypto-noble.ts";
import { openEnvelope } from "../../spec/envelope.ts";
import { NOTICES_ABI } from "../../spec/notices.ts";
import { decodeOperation } from "../../spec/operation-codec.ts";
import { OPERATION_KINDS, type Operation } from "../../spec/operations.ts";
import { findPortal, PORTALS } from "../../spec/portals.ts";
import { isRefused, REFUSALS, type Refusal } from "../../spec/refusals.ts";
import {
  describeOutput,
  fromHex,
  readTransitionFiles,
  type TransitionFile,
  type TransitionVector,
  toHex,
  toHistoryInput,
} from "./transition-vectors.ts";
import { openVectorEngine } from "./vector-engine.ts";

const SQL = await initSqlJs();
const nodeCrypto = await createNodeCrypto();
const files = readTransitionFiles();
const vectors = files.flatMap((file) => file.vectors.map((vector) => ({ file, vector })));
const IMPLEMENTATIONS: readonly [string, Crypto][] = [
  ["node", nodeCrypto],
  ["noble", nobleCrypto],
];

describe.each(IMPLEMENTATIONS)("%s", (_, crypto) => {
  describe.each(files)("$subject", (file) => {
    const engine = openVectorEngine(file, crypto);
    test.each(file.vectors)("$id: $comment", async (vector) => {
      const { application, store, goTo } = await engine;
      goTo(vector.history);
      const before = toHex(store.getRoot());
      const { at, payload } = toHistoryInput(file, vector.input, vector.history.length);
      const result = application.advance(at, payload);

      const reports = result.reports.map((report) =>
        JSON.parse(Buffer.from(fromHex(report)).toString()),
      );
      const expected = vector.refusals.map((refused) => ({
        ...refused,
        code: REFUSALS[refused.refusal as Refusal],
        detail: expect.any(String),
        values: expect.any(Object),
      }));
      expect(reports).toEqual(expected);
      expect(result.status).toBe(vector.status);
      expect(result.outputs.map(describeOutput)).toEqual(vector.outputs ?? []);
      expect(toHex(store.getRoot())).toBe(vector.root ?? before);
      expect(store.rescanRoot()).toEqual(store.getRoot());
      if (vector.status === "accepted") expectConservation(store.snapshot());
    });
  });
});

/** For every token: deposited = withdrawn + what is held, and each place adds up to its total. */
function expectConservation(snapshot: Uint8Array): void {
  const database = new SQL.Database(snapshot);
  const select = (sql: string) => (database.exec(sql)[0]?.values ?? []) as Uint8Array[][];
  const sumUp = (sql: string): Map<string, bigint> => {
    const sums = new Map<string, bigint>();
    for (const [token, amount] of select(sql)) {
      const name = toHex(token!);
      sums.set(name, (sums.get(name) ?? 0n) + BigInt(toHex(amount!)));
    }
    return sums;
  };
  const balances = sumUp("SELECT token, amount FROM balances");
  const channels = sumUp("SELECT token, value FROM channels");
  const escrows = sumUp("SELECT token, held FROM escrows JOIN escrow_terms USING (escrow_number)");
  const bonds = sumUp("SELECT zeroblob(20), locked FROM bonds");
  for (const [token, amount] of sumUp("SELECT zeroblob(20), released FROM bonds")) {
    bonds.set(token, bonds.get(token)! + amount);
  }
  const columns = "token, deposited, withdrawn, in_balances, in_channels, in_escrows, in_bonds";
  const totals = select(`SELECT ${columns} FROM tokens`);
  for (const [token, ...amounts] of totals) {
    const name = toHex(token!);
    const [deposited, withdrawn, ...held] = amounts.map((amount) => BigInt(toHex(amount)));
    expect(deposited).toBe(held.reduce((sum, amount) => sum + amount, withdrawn!));
    expect(held).toEqual([balances, channels, escrows, bonds].map((sums) => sums.get(name) ?? 0n));
    balances.delete(name);
  }
  // A balance may be there before its token.
  expect([...balances.values()].every((amount) => amount === 0n)).toBe(true);
  database.close();
}

/** The operations of a vector that applied. */
function listApplied(file: TransitionFile, vector: TransitionVector): Operation[] {
  if (vector.status === "rejected") return [];
  const { at, payload } = toHistoryInput(file, vector.input, vector.history.length);
  if (findPortal(at.sender) !== undefined) return [];
  const secret = fromHex(file.machine_secret);
  const list = openEnvelope(nodeCrypto, payload, secret, nodeCrypto.x25519PublicKey(secret), at);
  if (isRefused(list)) throw new Error(`${vector.id} is accepted and does not open`);
  const refused = new Set(vector.refusals.map(({ operation }) => operation));
  return list.flatMap((item, index) => {
    const operation = decodeOperation(item);
    return refused.has(index) || isRefused(operation) ? [] : [operation];
  });
}

describe("the vectors", () => {
  const applied = vectors.flatMap(({ file, vector }) => listApplied(file, vector));

  test("show every refusal, and none that there is not", () => {
    const shown = new Set(vectors.flatMap(({ vector }) => vector.refusals.map((r) => r.refusal)));
    expect([...shown].sort()).toEqual(Object.keys(REFUSALS).sort());
  });

  test("show every kind of operation applied", () => {
    const shown = new Set(applied.map(({ body }) => body.kind));
    expect([...shown].sort()).toEqual([...OPERATION_KINDS].sort());
  });

  test("show every kind that an account can sign relayed, and by its sender", () => {
    const signable = OPERATION_KINDS.filter((kind) => kind !== "submit");
    for (const by of ["account", "sender"]) {
      const shown = applied.filter(({ authorization }) => authorization.by === by);
      const kinds = new Set(shown.map(({ body }) => body.kind));
      expect(
        signable.filter((kind) => !kinds.has(kind as "transfer")),
        by,
      ).toEqual([]);
    }
  });

  test("show every notice of Notices.sol, and none that there is not", () => {
    const outputs = vectors.flatMap(({ vector }) => vector.outputs ?? []);
    const shown = new Set(outputs.flatMap(({ notice }) => notice ?? []));
    expect([...shown].sort()).toEqual(NOTICES_ABI.map(({ name }) => name).sort());
    const solidity = readFileSync(new URL("../../spec/Notices.sol", import.meta.url), "utf8");
    const declared = [...solidity.matchAll(/function (\w+)\(/g)].map(([, name]) => name);
    expect([...shown].sort()).toEqual(declared.sort());
  });

  test("show a deposit of every portal, every kind of voucher and both envelopes", () => {
    const accepted = vectors.filter(({ vector }) => vector.status === "accepted");
    const portals = accepted.map(({ vector }) => findPortal(fromHex(vector.input.msg_sender)));
    expect([...new Set(portals)].filter(Boolean).sort()).toEqual(Object.keys(PORTALS).sort());
    const kinds = accepted.flatMap(({ vector }) => vector.outputs!.map(({ kind }) => kind));
    expect([...new Set(kinds)].sort()).toEqual(["delegate_call_voucher", "notice", "voucher"]);
    const versions = accepted.map(({ vector }) => vector.input.payload.slice(0, 4));
    expect(versions).toContain("0x01");
    expect(versions).toContain("0x02");
  });

  test("are named by their subject, once, and cite a section that there is", () => {
    const specification = readFileSync(new URL("../../spec/README.md", import.meta.url), "utf8");
    const ids = vectors.map(({ vector }) => vector.id);
    expect(ids).toEqual([...new Set(ids)]);
    for (const { file, vector } of vectors) {
      expect(vector.id).toMatch(new RegExp(`^${file.subject}/[a-z0-9_]+$`));
      expect(vector.comment).toMatch(/^[A-Z0-9].*\.$/);
      expect(specification).toContain(`**${vector.spec}`);
    }
  });

  test.each(files)("of $subject use every input of their history", ({ inputs, vectors }) => {
    const used = new Set(vectors.flatMap(({ history }) => history));
    expect([...used].sort()).toEqual(Object.keys(inputs).sort());
  });
});
