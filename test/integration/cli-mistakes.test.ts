import { readFileSync } from "node:fs";
import { join } from "node:path";
import { generatePrivateKey } from "viem/accounts";
import { afterAll, beforeAll, expect, test } from "vitest";
import { writeLocalRollup } from "../../node-client/cli/local-rollup-file.ts";
import { OnlineCli } from "./fixtures/online-cli.ts";
import { SMALL_CSV } from "./fixtures/run-cli.ts";

/** A newcomer's mistakes: one clear line each, exit code 2, nothing half done. */

const OWNER = ["--dev-account", "0"];
let cli: OnlineCli;
let csv: string;
beforeAll(async () => {
  cli = await OnlineCli.start();
  csv = cli.folder.file("small.csv", SMALL_CSV);
}, 60_000);
afterAll(() => cli?.close());

/** Runs what has to fail, and gives its one line. */
async function fail(words: readonly string[], env: Record<string, string> = {}): Promise<string> {
  const { code, out, err } = await cli.run(words, { env });
  const lines = err.trimEnd().split("\n");
  expect([code, out]).toEqual([2, ""]);
  expect(lines.at(-1)).toMatch(/^tallyroll: .+[.)] .+\.$/);
  expect(err).not.toContain("    at ");
  return lines.at(-1) ?? "";
}

const inputCount = async (): Promise<number> =>
  Number(
    (
      await (
        await cli.stack.connect()
      ).requestNode("cartesi_getProcessedInputCount", {
        application: cli.local.app,
      })
    ).data,
  );

test("no application named, and none started here", async () => {
  const home = cli.folder.file("nowhere");
  const said = await fail(["balance", ...OWNER], { TALLYROLL_HOME: home });
  expect(said).toContain("Nothing says which application is meant");
  expect(said).toContain("tallyroll start");
});

test("no key, a wrong key, a key as an argument", async () => {
  expect(await fail(["deposit", "1"])).toContain("There is no account to sign with.");
  const wrong = await fail(["deposit", "1"], { TALLYROLL_PRIVATE_KEY: "0x1234" });
  expect(wrong).toContain("TALLYROLL_PRIVATE_KEY holds no private key.");
  expect(wrong).not.toContain("1234");
  const key = generatePrivateKey();
  for (const words of [["--private-key", key], ["--keystore", key], [key], [`--pk=${key}`]]) {
    const said = await fail(["deposit", "1", ...words]);
    expect(said).toContain("A secret is never an argument");
    expect(said).not.toContain(key);
  }
});

test("a development account anywhere else than on the local chain", async () => {
  const said = await fail(["deposit", "1", "--app", `0x${"12".repeat(20)}`, ...OWNER]);
  expect(said).toContain("signs on the local development chain only");
});

test("an address without contracts, and a chain that is another", async () => {
  const key = { TALLYROLL_PRIVATE_KEY: generatePrivateKey() };
  const nobody = ["--app", `0x${"12".repeat(20)}`, "--rpc", cli.local.rpcUrl];
  const { nodeUrl } = cli.local;
  expect(await fail(["deposit", "1", ...nobody, "--node", nodeUrl], key)).toMatch(
    /no contract|no code/,
  );
  const home = cli.folder.file("other");
  writeLocalRollup(home, { ...cli.local, chainId: 1 });
  expect(await fail(["stream", "show", "1"], { TALLYROLL_HOME: home })).toContain(
    "is 31337, but the local rollup's is 1.",
  );
});

test("a chain or node that does not answer", async () => {
  const dead = "http://127.0.0.1:9";
  const { app, nodeUrl } = cli.local;
  const chain = await fail(["stream", "show", "1", "--rpc", dead, "--app", app, "--node", nodeUrl]);
  expect(chain).toContain(dead);
  const node = await fail(["stream", "show", "1", "--node", `${dead}/rpc`]);
  expect(node).toContain(dead);
});

test("no funds: nothing is sent, and it says what is in", async () => {
  const before = await inputCount();
  const key = { TALLYROLL_PRIVATE_KEY: generatePrivateKey() };
  expect(await fail(["deposit", "1", ...[]], key)).toMatch(/Ether|funds/i);
  const upload = await fail(["submit", "--csv", csv], key);
  expect(upload).toContain("0 of 5 readings are in.");
  expect(upload).toContain("Run the same command again: it goes on there.");
  expect(await inputCount()).toBe(before);
});

test("a CSV with a missing column or text in a number sends nothing", async () => {
  const before = await inputCount();
  expect(await fail(["submit", "--csv", csv, "--columns", "rain", ...OWNER])).toContain(
    'column "rain": There is no such column',
  );
  expect(await fail(["submit", "--csv", csv, "--scale", "sky=1", ...OWNER])).toContain(
    'line 2, column "sky", cell "Clear": This is no decimal number',
  );
  expect(await inputCount()).toBe(before);
});

test("the device of somebody else, and a stream that was declared otherwise", async () => {
  await cli.ask("submit", "--csv", csv, ...OWNER);
  expect(await fail(["submit", "--csv", csv, "--dev-account", "3"])).toContain("belongs to 0x");
  const otherwise = await fail(["submit", "--csv", csv, "--scale", "temperature=1", ...OWNER]);
  expect(otherwise).toContain("was declared otherwise: open, temperature (scale 2)");
});

test("another machine's key", async () => {
  const words = ["submit", "--csv", csv, "--machine-public-key", "09".repeat(32), ...OWNER];
  expect(await fail(words)).toContain("nothing was sent");
});

test("what the application refuses is told by its rule", async () => {
  const said = await fail(["transfer", "5", `0x${"77".repeat(20)}`, "--dev-account", "4"]);
  expect(said).toContain("balance_too_low");
  expect(await fail(["execute", "0", ...OWNER])).toContain("tallyroll outputs --kind voucher");
  const grant = await fail(["grant", "give", "1", `0x${"77".repeat(20)}`, ...OWNER]);
  expect(grant).toContain("is open: it has no keys");
});

test("the files of secrets stay whole where an operation is refused", async () => {
  await fail(["device", "register", "poor"], { TALLYROLL_PRIVATE_KEY: generatePrivateKey() });
  const path = join(cli.home, "devices", "poor.json");
  const kept = readFileSync(path, "utf8");
  const { did } = await cli.ask("device", "register", "poor", ...OWNER);
  expect(JSON.parse(kept)).toMatchObject({ did });
  expect(readFileSync(path, "utf8")).toBe(kept);
});
