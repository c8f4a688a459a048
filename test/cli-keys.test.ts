import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { Readable, Writable } from "node:stream";
import { Wallet } from "@ethereumjs/wallet";
import { afterAll, describe, expect, test } from "vitest";
import { writeLocalRollup } from "../node-client/command/connection/local-rollup-file.ts";
import { refuseSecretArguments } from "../node-client/command/options/secret-arguments.ts";
import { readPassword } from "../node-client/command/terminal/ask-person.ts";
import { Terminal } from "../node-client/command/terminal/terminal.ts";
import { Folder, lastJson, runCli } from "./integration/fixtures/run-cli.ts";

/** Keys of accounts and buyers: made, kept, shown, never an argument. */

const folder = new Folder();
afterAll(() => folder.remove());
const home = folder.file("home");
const run = (words: readonly string[], env: Record<string, string> = {}) =>
  runCli(words, { cwd: folder.path, env: { TALLYROLL_HOME: home, ...env } });
const PASSWORD = { TALLYROLL_KEYSTORE_PASSWORD: "correct horse" };
const DEVELOPMENT = "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266";

describe("keystores", () => {
  test("a new one opens under its password, is its owner's alone, and is never replaced", async () => {
    const made = await run(["key", "new", "--keystore", "owner.json", "--json"], PASSWORD);
    expect(made.code).toBe(0);
    const { address, keystore } = lastJson(made.out) as { address: string; keystore: string };
    expect(statSync(keystore).mode & 0o777).toBe(0o600);
    const text = readFileSync(keystore, "utf8");
    expect(JSON.parse(text)).toMatchObject({ version: 3, crypto: { kdf: "scrypt" } });
    const wallet = await Wallet.fromV3(text, "correct horse");
    expect(wallet.getChecksumAddressString()).toBe(address);
    const again = await run(["key", "new", "--keystore", "owner.json"], PASSWORD);
    expect([again.code, readFileSync(keystore, "utf8")]).toEqual([2, text]);
    const shown = await run(["key", "address", "--keystore", "owner.json"]);
    expect(shown.out).toBe(`${address}\n`);
  });

  test("a password may be in a file; without one, nobody is asked in a script", async () => {
    const file = folder.file("password", "correct horse\nsecond line\n");
    const env = { TALLYROLL_KEYSTORE_PASSWORD_FILE: file };
    expect((await run(["key", "new", "--keystore", "two.json"], env)).code).toBe(0);
    const { code, err } = await run(["key", "new", "--keystore", "three.json"]);
    expect(code).toBe(2);
    expect(err).toContain("There is no password for the keystore");
  });

  test.each([
    ["no JSON", "{"],
    ["another version", '{"version":1}'],
    ["a cost beyond all memory", '{"version":3,"crypto":{"kdfparams":{"n":1073741824}}}'],
  ])("a file that is %s is told", async (_, text) => {
    folder.file("broken.json", text);
    const { code, err } = await run(["key", "address", "--keystore", "broken.json"], PASSWORD);
    expect(code).toBe(2);
    expect(err).toContain("is not a keystore of version 3");
  });

  test("a password typed on a terminal is not shown, and a new one is typed twice", async () => {
    const shown: string[] = [];
    const stderr = new Writable({
      decodeStrings: false,
      write(chunk: string, _, done) {
        shown.push(String(chunk));
        done();
      },
    });
    const ask = async (...lines: string[]): Promise<string> => {
      const stdin = Object.assign(new Readable({ read() {} }), { isTTY: true, setRawMode() {} });
      const io = {
        ...{ stdin, stdout: stderr, stderr, env: {}, cwd: folder.path },
        ...{ isTerminal: true, projectRoot: folder.path },
      };
      const answer = readPassword({ path: "x.json", isNew: lines.length > 1 }, new Terminal(io));
      answer.catch(() => {});
      for (const line of lines) {
        stdin.push(line);
        await new Promise((resolve) => setImmediate(resolve));
      }
      return await answer;
    };
    expect(await ask("hidden\n")).toBe("hidden");
    expect(await ask("hidden\n", "hidden\n")).toBe("hidden");
    await expect(ask("hidden\n", "other\n")).rejects.toThrow("The two passwords differ");
    expect(shown.join("")).not.toMatch(/hidden|other/);
  });
});

describe("accounts", () => {
  test("a private key comes from the environment; a development account from a local rollup", async () => {
    const key = `0x${"11".repeat(32)}`;
    const own = await run(["key", "address"], { TALLYROLL_PRIVATE_KEY: key });
    expect(own.out).toBe("0x19E7E376E7C213B7E7e7e46cc70A5dD086DAff2A\n");
    const url = "http://127.0.0.1:8545";
    const app = `0x${"ab".repeat(20)}` as const;
    const machineKey = `0x${"09".repeat(32)}` as const;
    const urls = { rpcUrl: url, nodeUrl: `${url}/rpc`, inspectUrl: url };
    writeLocalRollup(home, { chainId: 31_337, ...urls, app, token: null, machineKey });
    const development = await run(["key", "address", "--dev-account", "0"]);
    expect(development.out).toBe(`${DEVELOPMENT}\n`);
    expect(development.err).toContain("As development account 0, ");
    writeLocalRollup(home, { chainId: 1, ...urls, app, token: null, machineKey });
    const main = await run(["key", "address", "--dev-account", "0"]);
    expect(main.err).toContain("signs on the local development chain only");
  });

  test.each([
    [["deposit", "1", "--private-key", "x"]],
    [["deposit", "--private-key=x"]],
    [["deposit", "1", "--password", "x"]],
    [["deposit", "11".repeat(32)]],
    [["key", "address", "--keystore", `0x${"11".repeat(32)}`]],
    [[`--dev-account=${"11".repeat(32)}`]],
  ])("%j is refused as a secret", (words) => {
    expect(() => refuseSecretArguments(words)).toThrow("A secret is never an argument");
  });

  test("public keys and batch keys are no secrets of an account", () => {
    const hex = "11".repeat(32);
    refuseSecretArguments(["encode", "--machine-public-key", hex, "--seed", hex]);
    refuseSecretArguments(["challenge", "7", "--batch-key", `0x${hex}`]);
  });
});

test("an encryption key is kept in the data folder, once", async () => {
  const made = await run(["key", "encryption", "--json"]);
  const path = join(home, "encryption-key.json");
  expect(lastJson(made.out)).toMatchObject({ file: path });
  expect(statSync(path).mode & 0o777).toBe(0o600);
  const text = readFileSync(path, "utf8");
  const again = await run(["key", "encryption"]);
  expect([again.code, readFileSync(path, "utf8")]).toEqual([2, text]);
});
