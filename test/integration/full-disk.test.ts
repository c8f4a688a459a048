import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { PaymentBook } from "../../node-client/client/channel/payment-book.ts";
import {
  keepPayments,
  pathOfPayments,
} from "../../node-client/command/channel/channel-payments-file.ts";
import { keepEpochKeys, listDeviceNames } from "../../node-client/command/device/device-files.ts";
import { lockUploads } from "../../node-client/command/upload/run-submit.ts";
import { findJournal, UploadJournal } from "../../node-client/command/upload/upload-journal.ts";
import { ClientError } from "../../node-client/errors.ts";
import { toFileError } from "../../node-client/kept/file-error.ts";
import { createWholeFile, replaceKeptFile } from "../../node-client/kept/kept-file.ts";
import { runCli } from "./fixtures/run-cli.ts";
import { SmallDisk } from "./fixtures/small-disk.ts";
import { takeTestPort } from "./fixtures/test-port.ts";

/** Full and read-only disks: the old file stays whole, and the user hears which disk and why. */

const probe = SmallDisk.mount();
probe?.unmount();
const canMount = probe !== undefined;
const title = `on a small disk${canMount ? "" : " (skipped: this account may not mount one)"}`;
const APP = `0x${"ab".repeat(20)}` as const;
const at = { chainId: 31_337n, app: new Uint8Array(20).fill(0xab) };
const FULL = "the disk is full (ENOSPC)";

/** The error that something ends with. */
function fail(work: () => unknown): ClientError {
  try {
    work();
  } catch (error) {
    if (error instanceof ClientError) return error;
    throw error;
  }
  throw new Error("it did not fail");
}

/** Payments of so many channels: some 230 bytes each. */
function makeBook(count: number): PaymentBook {
  const book = new PaymentBook(at);
  const signature = `0x${"1b".repeat(65)}` as const;
  for (let channelId = 0; channelId < count; channelId++) {
    book.put({ form: "eip712", channelId, nonce: 0, amount: 7n, signature });
  }
  return book;
}

describe.skipIf(!canMount)(title, () => {
  let disk: SmallDisk;
  let home: string;
  beforeEach(() => {
    disk = SmallDisk.mount()!;
    home = join(disk.path, "home");
  });
  afterEach(() => disk.unmount());

  test.each([0, 4_096, 8_192])("payments stay whole with %i bytes left", (leave) => {
    const path = pathOfPayments(home, APP);
    keepPayments(path, makeBook(3));
    const before = readFileSync(path, "utf8");
    disk.fill(leave);
    const error = fail(() => keepPayments(path, makeBook(60)));
    expect(error).toMatchObject({ name: "PaymentsFileError" });
    expect(error.shortMessage).toContain(`cannot be kept at ${path}: ${FULL}`);
    expect(readFileSync(path, "utf8")).toBe(before);
    expect(readdirSync(join(home, "payments"))).toHaveLength(1);
  });

  test("a stream's epoch keys are there whole, or not at all", () => {
    mkdirSync(join(home, "devices"), { recursive: true });
    disk.fill(4_096);
    const keys = Array.from({ length: 50 }, (_, i) => new Uint8Array(32).fill(i));
    const error = fail(() => keepEpochKeys(home, "roof", keys, keys));
    expect(error.shortMessage).toContain(FULL);
    expect(error.shortMessage).toContain(join(home, "devices", "roof.epoch-"));
    expect(error.whatToDo).toContain("with room left");
    expect(readdirSync(join(home, "devices"))).toEqual([]);
    expect(listDeviceNames(home)).toEqual([]);
  });

  test("a journal goes on behind its last whole line once there is room", () => {
    const identity = {
      chainId: 1,
      app: APP,
      owner: APP,
      machineKey: `0x${"09".repeat(32)}`,
    } as const;
    const journal = findJournal(
      home,
      { ...identity, file: "/a.csv", fileHash: "0x01", mapping: "{}" },
      false,
    );
    disk.fill(4_096);
    const payload = `0x${"01".repeat(8_000)}` as const;
    const input = { kind: "input", input: 0, payload, batches: [], setup: ["x"] } as const;
    const error = fail(() => journal.append(input));
    expect(error.shortMessage).toContain(`${journal.path} cannot be written: ${FULL}`);
    disk.fill(32_768);
    journal.append(input);
    journal.append({ kind: "finished" });
    journal.close();
    expect(UploadJournal.read(journal.path)).toMatchObject({ inputs: [input], end: "finished" });
  });

  test("a machine's key is made whole, or not at all", async () => {
    mkdirSync(home);
    disk.fill();
    const stdin = "device_id,timestamp,a\nx,1700000000,1\n";
    const args = ["encode", "--csv", "-", "--batch", "1", "--data-folder", home];
    const { code, out, err } = await runCli(args, { stdin, env: {} });
    expect([code, out]).toEqual([2, ""]);
    expect(err).toContain(`No machine key can be made at ${join(home, "machine-key")}: ${FULL}`);
    expect(readdirSync(home)).toEqual([]);
  });

  test("what nothing else says is the disk's fault, not a bug", () => {
    replaceKeptFile(join(home, "x"), "old");
    disk.setReadOnly();
    for (const work of [
      () => replaceKeptFile(join(home, "x"), "new"),
      () => lockUploads(home, 1, APP),
    ]) {
      let thrown: unknown;
      try {
        work();
      } catch (error) {
        thrown = error;
      }
      const error = toFileError(thrown);
      expect(error).toMatchObject({
        code: "EROFS",
        problem: "nothing can be written on that disk",
      });
      expect(error?.path).toContain(home);
    }
  });

  test("start ends with its chain, by 2, where nothing can be kept", async () => {
    mkdirSync(home);
    const ports = ["--rpc-port", "0", "--inspect-port", "0", "--health-port", "0"];
    const env = { PATH: process.env.PATH ?? "", TALLYROLL_MACHINE_KEY: "5e".repeat(32) };
    const port = await takeTestPort();
    const start = () =>
      runCli(["start", "--data-folder", home, "--port", String(port), ...ports], { env });
    disk.fill();
    const full = await start();
    expect([full.code, full.err]).toEqual([
      2,
      expect.stringContaining(`${join(home, "anvil-state.json")} cannot be used: ${FULL}`),
    ]);
    // Nobody serves there any more.
    await expect(fetch(`http://127.0.0.1:${port}`, { method: "POST" })).rejects.toThrow();
    disk.fill(40_960);
    const later = await start();
    expect([later.code, later.err]).toEqual([
      2,
      expect.stringContaining(`There is no room left to write ${join(home, "node.sqlite")}`),
    ]);
    await expect(fetch(`http://127.0.0.1:${port}`, { method: "POST" })).rejects.toThrow();
    expect(existsSync(join(home, "anvil-state.json"))).toBe(false);
  });
});

test.skipIf(process.getuid?.() !== 0)(
  "what is in its place is no failure, where its folder may be written and not read",
  () => {
    const folder = mkdtempSync(join(tmpdir(), "tallyroll-unreadable-"));
    const path = join(folder, "kept");
    const NOBODY = 65_534;
    try {
      chownSync(folder, NOBODY, NOBODY);
      chmodSync(folder, 0o300);
      process.seteuid?.(NOBODY);
      expect(createWholeFile(path, "first")).toBe(true);
      replaceKeptFile(path, "second");
    } finally {
      process.seteuid?.(0);
    }
    expect(readFileSync(path, "utf8")).toBe("second");
    rmSync(folder, { recursive: true });
  },
);
