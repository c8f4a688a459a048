import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Writable } from "node:stream";
import { inspect, isDeepStrictEqual } from "node:util";
import { afterAll, expect, test } from "vitest";
import { createNodeCrypto } from "../../dapp/crypto/node-crypto.ts";
import { PaymentBook } from "../../node-client/client/channel/payment-book.ts";
import { formatReceipt, parseReceipt } from "../../node-client/client/escrow/receipt.ts";
import {
  formatOpening,
  parseOpening,
} from "../../node-client/command/channel/channel-third-party-commands.ts";
import { readKeystore } from "../../node-client/command/connection/keystore.ts";
import {
  readLocalRollup,
  writeLocalRollup,
} from "../../node-client/command/connection/local-rollup-file.ts";
import { loadMachineSecret } from "../../node-client/command/connection/machine-key.ts";
import {
  createDeviceKey,
  findEpochKeys,
  keepEpochKeys,
  listDeviceKeys,
  listDeviceNames,
} from "../../node-client/command/device/device-files.ts";
import {
  createEncryptionKey,
  readEncryptionKey,
} from "../../node-client/command/device/encryption-key-file.ts";
import { reportError } from "../../node-client/command/operation/report-error.ts";
import { parseClaims } from "../../node-client/command/replay/claims-file.ts";
import type { Io } from "../../node-client/command/terminal/io.ts";
import { Terminal } from "../../node-client/command/terminal/terminal.ts";
import { findJournal, UploadJournal } from "../../node-client/command/upload/upload-journal.ts";
import { ClientError } from "../../node-client/errors.ts";
import { formatHistoryLine, parseHistory } from "../../node-client/history/history-lines.ts";
import { nobleCrypto } from "../../spec/crypto-noble.ts";
import { computeEpochKeyHash } from "../../spec/grant-keys.ts";
import { mutateJson, mutateText } from "../arbitraries/hostile-texts.ts";
import { SeededRng } from "../arbitraries/seeded-rng.ts";
import { Folder } from "../integration/fixtures/run-cli.ts";
import { runs, seed } from "../seed.ts";

/**
 * Files that a disk, an editor or somebody else has changed: what is read back is refused in the
 * user's words, or is what was written. Never another secret or amount, never a bug.
 */

const folder = new Folder();
afterAll(() => folder.remove());
const home = folder.file("home");
const APP = `0x${"ab".repeat(20)}` as const;
const HASH = `0x${"cd".repeat(32)}` as const;
const KEY = `0x${"09".repeat(32)}` as const;
const at = { chainId: 31_337n, app: new Uint8Array(20).fill(0xab) };

/** A terminal that remembers; each error has its own. */
function openTerminal(): { readonly io: Io; readonly terminal: Terminal; said(): string } {
  const written: string[] = [];
  const stream = new Writable({
    decodeStrings: false,
    write(chunk: string, _, done) {
      written.push(chunk);
      done();
    },
  });
  const io = { stdout: stream, stderr: stream, env: {}, cwd: folder.path } as unknown as Io;
  return { io, terminal: new Terminal(io), said: () => written.join("") };
}

const { io, terminal } = openTerminal();

/** A kept file and its reader. */
interface Target {
  readonly path: string;
  readonly read: () => unknown;
  /** Whether a change of what it says may go unseen: nothing in it says what it should be. */
  readonly isOpen?: boolean;
}

const text = (name: string, content: string, read: (text: string) => unknown): Target => {
  const path = folder.file(name, content);
  return { path, read: () => read(readFileSync(path, "utf8")), isOpen: true };
};

async function makeTargets(): Promise<Record<string, Target>> {
  const crypto = await createNodeCrypto();
  const device = createDeviceKey(home, "roof", "ed25519");
  const epochKeys = [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)];
  const hashes = epochKeys.map((key) => computeEpochKeyHash(nobleCrypto, key));
  keepEpochKeys(home, "sealed", epochKeys, hashes);
  const [epochFile = ""] = listEpochFiles();
  const { path: encryptionKey } = createEncryptionKey(crypto, join(home, "encryption.json"));
  const machineHome = folder.file("machine");
  loadMachineSecret(machineHome, terminal);
  const local = {
    chainId: 31_337,
    rpcUrl: "http://127.0.0.1:1",
    nodeUrl: "http://127.0.0.1:2/rpc",
  };
  const more = { inspectUrl: "http://127.0.0.1:3", app: APP, token: null, machineKey: KEY };
  const localPath = writeLocalRollup(home, { ...local, ...more });
  const identity = { chainId: 31_337, app: APP, owner: APP, machineKey: KEY };
  const file = { file: "/a.csv", fileHash: HASH, mapping: "{}" };
  const journal = findJournal(home, { ...identity, ...file }, false);
  journal.append({ kind: "begun", atSec: 1, earlier: [] });
  journal.append({
    kind: "input",
    input: 0,
    payload: "0x01aa",
    batches: [],
    setup: ["register x"],
  });
  journal.append({ kind: "transaction", input: 0, nonce: 7, hash: HASH, raw: "0x02f8" });
  journal.append({ kind: "finished" });
  journal.close();
  const lines = new Set(describeJournal(journal.path));
  const book = new PaymentBook(at);
  const signature = `0x${"1b".repeat(65)}` as const;
  book.noteOpening(3);
  book.put({ form: "eip712", channelId: 3, nonce: 1, amount: 700n, signature });
  book.put({ form: "lane", channelId: 3, generation: 0, lane: 2, cumulative: 90n, signature });
  const bookText = folder.file("payments.txt", book.format());
  const bytes = (length: number) => new Uint8Array(length).fill(7);
  const opening = {
    ...{ sender: bytes(20), recipient: bytes(20), signer: bytes(20), groupId: bytes(32) },
    ...{ token: bytes(20), value: 5n, expirationBlock: 9, payments: "both" as const, lanes: 4 },
    ...{ form: "eip712" as const, messageNonce: 1n, signature: bytes(65) },
  };
  const receipt = {
    ...{ escrowId: `standard:0x${"ab".repeat(16)}` as const, unit: 2 },
    ...{ messageCount: 3, validCount: 3, signature: `0x${"1b".repeat(65)}` as const },
  };
  const context = { ...at, sender: bytes(20), blockNumber: 1, timestampSec: 2, inputIndex: 0 };
  const input = { at: { ...context, prevRandao: bytes(32) }, payload: bytes(40) };
  return {
    device: {
      path: device.path,
      read: () => listDeviceKeys(home, "roof").map((k) => k.signer.secret),
    },
    names: { path: device.path, read: () => listDeviceNames(home), isOpen: true },
    epoch: { path: epochFile, read: () => findEpochKeys(home, "sealed", hashes) },
    encryption: {
      path: encryptionKey,
      // Five bits of an X25519 secret mean nothing (RFC 7748 §5): the key they stand for counts.
      read: () => crypto.x25519PublicKey(readEncryptionKey(crypto, encryptionKey).secret),
    },
    machine: {
      path: join(machineHome, "machine-key"),
      read: () => loadMachineSecret(machineHome, terminal).secret,
    },
    local: { path: localPath, read: () => readLocalRollup(home), isOpen: true },
    journal: {
      path: journal.path,
      // A crash may take the last lines; those that are there say what they said.
      read: () => describeJournal(journal.path).filter((line) => !lines.has(line)),
    },
    book: {
      path: bookText,
      read: () => PaymentBook.parse(at, readFileSync(bookText, "utf8")).format(),
    },
    keystore: { ...text("keystore.json", KEYSTORE, () => readKeystore("keystore.json", io)) },
    claims: text("claims.json", `{"input":3,"root":"${HASH}"}\n`, (it) => parseClaims(it, "it")),
    opening: text("opening.json", formatOpening(at, opening), (it) => parseOpening(at, it)),
    receipt: text("receipt.json", formatReceipt(at, receipt), (it) => parseReceipt(at, it)),
    history: text("history.jsonl", `${formatHistoryLine(input)}\n`, (it) => [...parseHistory(it)]),
  };
}

const KEYSTORE = JSON.stringify({
  ...{ version: 3, id: "x", address: "ab".repeat(20) },
  crypto: { kdf: "scrypt", kdfparams: { n: 262_144, r: 8, p: 1 }, ciphertext: "00", mac: "00" },
});

const listEpochFiles = (): string[] => {
  const hash = [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)].map((key) =>
    computeEpochKeyHash(nobleCrypto, key),
  );
  expect(findEpochKeys(home, "sealed", hash)).toBeDefined();
  return readdirSync(join(home, "devices"))
    .filter((name) => name.startsWith("sealed.epoch-"))
    .map((name) => join(home, "devices", name));
};

/** Every entry of a journal as it was read, a text each. */
function describeJournal(path: string): string[] {
  const journal = UploadJournal.read(path);
  if (journal === undefined) return [];
  const { head, beginning, inputs, transactions } = journal;
  return [head, ...inputs, ...transactions.values()]
    .map((entry) => JSON.stringify(entry))
    .concat(beginning === undefined ? [] : String(beginning.atSec));
}

/** Changes a file's text as text, or as the JSON that it or one of its lines is. */
function change(original: string, rng: SeededRng): string {
  if (rng.chance(2)) return mutateText(original, rng);
  const lines = original.trimEnd().split("\n");
  const at = original.startsWith("{\n") ? -1 : rng.below(lines.length);
  try {
    const mutated = JSON.stringify(mutateJson(JSON.parse(lines[at] ?? original), rng));
    if (at === -1) return mutated;
    return `${lines.map((line, i) => (i === at ? mutated : line)).join("\n")}\n`;
  } catch {
    return mutateText(mutateText(original, rng), rng);
  }
}

test("changed files are refused in words, or say what they said", {
  timeout: 3_600_000,
}, async () => {
  const rng = new SeededRng(seed("hostile kept files"));
  const targets = Object.entries(await makeTargets()).map(([name, target]) => {
    const original = readFileSync(target.path, "utf8");
    return { name, ...target, original, expected: target.read(), refused: 0 };
  });
  for (let i = 0; i < runs(100_000); i++) {
    const target = rng.pick(targets);
    const { name, path, read, original, expected, isOpen = false } = target;
    const changed = change(original, rng);
    // Another key in one case carries no checksum: it is taken as somebody's own.
    if (name === "machine" && /^(0x)?([0-9a-f]{64}|[0-9A-F]{64})$/.test(changed.trim())) continue;
    writeFileSync(path, changed);
    try {
      const value = read();
      // An empty journal is one that a crash has cut off before it was acted upon.
      if (!isOpen && !isDeepStrictEqual(value, expected))
        throw new Error(`reads ${inspect(value)}`);
    } catch (error) {
      if (!(error instanceof ClientError)) {
        throw new Error(`${name}: ${JSON.stringify(changed.slice(0, 4_000))}`, { cause: error });
      }
      target.refused += 1;
      const shown = openTerminal();
      await reportError(error, shown.terminal, shown.io, true);
      // Whatever stood in the file, a line for people and one for programs say it.
      expect(shown.said()).toMatch(
        /^tallyroll: [^\p{Cc}\p{Cf}\p{Cs}]+\n\{"error":[^\p{Cc}\p{Cf}\p{Cs}]+\n$/u,
      );
    }
    writeFileSync(path, original);
  }
  // Each of them was met often enough to be refused.
  expect(targets.filter(({ refused }) => refused === 0).map(({ name }) => name)).toEqual([]);
});
