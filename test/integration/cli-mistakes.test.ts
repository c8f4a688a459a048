import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { generatePrivateKey } from "viem/accounts";
import { afterAll, beforeAll, expect, test } from "vitest";
import { getDevelopmentAccount } from "../../node-client/chain/chain-client.ts";
import { writeLocalRollup } from "../../node-client/command/connection/local-rollup-file.ts";
import { createDeviceKey } from "../../node-client/command/device/device-files.ts";
import { OnlineCli } from "./fixtures/online-cli.ts";
import { SMALL_CSV } from "./fixtures/run-cli.ts";

/** A newcomer's mistakes: one clear line each, exit code 2, nothing half done. */

const OWNER = ["--dev-account", "0"];
let cli: OnlineCli;
let csv: string;
beforeAll(async () => {
  cli = await OnlineCli.start();
  csv = cli.folder.file("small.csv", SMALL_CSV);
});
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
    'line 2, column "sky", cell "Clear": This is not a decimal number',
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

test("one word among a column's numbers is told, and nothing is declared as text", async () => {
  const before = await inputCount();
  const rows = ["device_id,timestamp,level", "x,1700000000,1.5", "x,1700000060,warm"];
  const words = [
    "submit",
    "--csv",
    cli.folder.file("word.csv", [...rows, "x,1700000120,2", ""].join("\n")),
  ];
  const said = await fail([...words, ...OWNER]);
  expect(said).toContain('line 3, column "level", cell "warm": This is not a decimal number, as 2');
  expect(said).toContain("--text level");
  expect(await inputCount()).toBe(before);
  const { streams } = await cli.ask(...words, "--text", "level", ...OWNER);
  const [{ streamId }] = streams as [{ streamId: number }];
  expect(await cli.ask("stream", "show", String(streamId))).toMatchObject({
    metrics: [{ name: "level", kind: "text" }],
  });
});

test("a stream that is not there, and an argument that is none", async () => {
  expect(await fail(["stream", "latest", "99"])).toBe(
    'tallyroll: The query "stream" (stream_id=99) cannot be answered: no such stream. ' +
      "Check its number: `tallyroll stream list DEVICE` shows those of a device.",
  );
  expect(await fail(["stream", "latest", "roof"])).toContain("<stream> 'roof' is invalid. Give a");
  expect(await fail(["balance"])).toContain("Nothing says whose things are meant. Name the");
});

test("with --json an error is an object on the last line of standard output, too", async () => {
  for (const [words, name] of [
    [["deposit", "1"], "NoAccount"],
    [["deposit", "1e18", ...OWNER], "AmountError"],
    [["stream", "show", "99"], "QueryRefused"],
    [["stream", "latest", "x"], "UsageError"],
    [["depositt"], "UsageError"],
    [["submit", "--csv", "nowhere.csv", ...OWNER], "ClientError"],
  ] as const) {
    const { code, out, err } = await cli.run([...words, "--json"]);
    const { error } = JSON.parse(out);
    expect([code, error.name]).toEqual([2, name]);
    expect(err.trimEnd().split("\n").at(-1)).toBe(`tallyroll: ${error.message} ${error.whatToDo}`);
  }
});

test("an existing key is registered once, and never after another took its place", async () => {
  const key = cli.folder.file("seed.txt", `${"7a".repeat(32)}\n`);
  const register = (name: string) =>
    ["device", "register", name, "--key", key, "--key-type", "p256", ...OWNER] as const;
  const { did, deviceId } = await cli.ask(...register("gauge"));
  expect(await cli.ask("device", "show", "gauge")).toMatchObject({
    ...{ did, deviceId: Number(deviceId) },
  });
  const kept = join(cli.home, "devices", "gauge.json");
  expect(JSON.parse(readFileSync(kept, "utf8"))).toMatchObject({ did, key_type: "p256" });
  const path = join(cli.home, "devices", "twin.json");
  const refused = async (words: string) => {
    expect(await fail([...register("twin")])).toContain(`is device ${deviceId}'s, ${words}`);
    expect(existsSync(path)).toBe(false);
  };
  await refused("which is registered already, to 0x");
  await cli.ask("device", "rotate", "gauge", ...OWNER);
  await refused("which has had another one since: no key comes back");
  await cli.ask("device", "revoke", "gauge", ...OWNER);
  await refused("which is revoked: a key of it never comes back");
});

test("a rotation by somebody else makes no key, and a name stays one device's", async () => {
  const { deviceId } = await cli.ask("device", "register", "mast", ...OWNER);
  const rotate = ["device", "rotate", "mast", "--dev-account", "3"];
  expect(await fail(rotate)).toContain(`Device ${deviceId} belongs to 0x`);
  expect(existsSync(join(cli.home, "devices", "mast.key-1.json"))).toBe(false);
  createDeviceKey(cli.home, "mast", "ed25519");
  const register = ["device", "register", "mast", ...OWNER];
  expect(await fail(register)).toContain(`"mast" is device ${deviceId} already.`);
});

test("a data folder that cannot be, and one whose rollup runs already", async () => {
  const file = cli.folder.file("a-file", "");
  expect(await fail(["start"], { TALLYROLL_HOME: file })).toContain(
    "cannot be made: it is a file.",
  );
  expect(await fail(["start", "--data-folder", "/proc/x/y"])).toContain(
    "cannot be made: no folder can be made there.",
  );
  const home = cli.folder.file("running");
  writeLocalRollup(home, cli.local);
  const said = await fail(["start"], {
    TALLYROLL_HOME: home,
    TALLYROLL_MACHINE_KEY: "5e".repeat(32),
  });
  expect(said).toContain(`runs already, at ${cli.local.nodeUrl}.`);
});

test("whoever has no CSV file gets one that can be sent", async () => {
  const { code, out } = await cli.run(["sample", "--of", "environment"]);
  expect([code, out.split("\n").length]).toEqual([0, 2_002]);
  const stdin = `${out.split("\n").slice(0, 20).join("\n")}\n`;
  const sent = await cli.run(["submit", "--csv", "-", "--json", ...OWNER], { stdin });
  expect(JSON.parse(sent.out)).toMatchObject({ readings: 19 });
});

test("more than the balance, by the token's units, before anything is sent", async () => {
  const before = await inputCount();
  const words = ["withdraw", "5", "--dev-account", "4"];
  expect(await fail(words)).toContain("has 0 ETH in the application, which is less than 5 ETH");
  expect(await inputCount()).toBe(before);
});

test("test tokens: none, then made, then no allowance, then deposited", async () => {
  const buyer = ["--dev-account", "5"];
  const deposit = ["deposit", "2", "--token", "local", ...buyer];
  const poor = await fail(deposit);
  expect(poor).toContain(`holds 0 TEST of the token ${cli.local.token}, which is less than`);
  expect(poor).toContain("the deposit's 2 TEST; nothing was sent. ");
  expect(poor).toContain("`tallyroll mint AMOUNT --dev-account 5`");
  expect((await cli.run(["mint", "5", ...buyer])).out).toContain("5 TEST made for 0x");
  const barred = await fail(deposit);
  expect(barred).toContain(`may take 0 TEST of the token ${cli.local.token} from the account`);
  expect(barred).toContain("Add --approve");
  expect(await cli.ask(...deposit, "--approve")).toMatchObject({ balance: "2000000000000000000" });
});

test("vouchers of tokens and Ether say amount, token and payee, where execute sends to", async () => {
  const buyer = ["--dev-account", "5"];
  const { token } = cli.local;
  const ofTokens = await cli.ask("withdraw", "0.5", "--token", "local", ...buyer);
  await cli.ask("deposit", "0.25", ...buyer);
  const to = `0x${"77".repeat(20)}`;
  const ofEther = await cli.ask("withdraw", "0.125", "--to", to, ...buyer);
  expect(await fail(["execute", "0", ...OWNER])).toContain("`tallyroll outputs --kind voucher`");
  const { out } = await cli.run(["outputs", "--kind", "voucher"]);
  const [, ...rows] = out.trimEnd().split("\n");
  const payee = getDevelopmentAccount(5).address.toLowerCase();
  expect(rows.map((row) => row.replace(/^ *(\d+) .*(voucher: .*)$/, "$1 $2"))).toEqual([
    `${ofEther.outputIndex} voucher: 0.125 ETH to ${to}`,
    `${ofTokens.outputIndex} voucher: 0.5 TEST (${token}) to ${payee}`,
  ]);
  const newest = await cli.ask("outputs", "--kind", "voucher", "--limit", "1");
  expect(newest).toMatchObject({ outputs: [{ outputIndex: Number(ofEther.outputIndex) }] });
  const notices = await cli.run(["outputs", "--notice", "Withdrawn"]);
  expect(notices.out).toContain("amount=0.125 ETH\n");
  expect(notices.out).toContain(`amount=0.5 TEST (${token})\n`);
});

test("an output that is not there: how many there are, and what lists them", async () => {
  const { outputs } = await cli.ask("outputs", "--limit", "1");
  const [{ outputIndex }] = outputs as [{ outputIndex: number }];
  const said =
    `tallyroll: There is no output 9999; there are 0 to ${outputIndex}. ` +
    "`tallyroll outputs` lists them; the node may also lag the chain.";
  expect(await fail(["outputs", "9999"])).toBe(said);
  expect(await fail(["execute", "9999", ...OWNER])).toBe(said);
});

test("Ether that the account does not have is told with what it has", async () => {
  const before = await inputCount();
  const said = await fail(["deposit", "100000000", "--dev-account", "6"]);
  expect(said).toMatch(
    /has 10000 ETH on the chain, which is less than the deposit's 100000000 ETH and its gas; nothing/,
  );
  expect(await inputCount()).toBe(before);
  const much = "9".repeat(86);
  expect(await fail(["deposit", much, ...OWNER])).toContain(`${much} ETH is too much.`);
});

test("a wrong variable is shown, and an unknown reading told with those there are", async () => {
  const said = await fail(["balance", ...OWNER], { TALLYROLL_RPC: "localhost:8545" });
  expect(said).toBe(
    'tallyroll: The variable TALLYROLL_RPC is "localhost:8545". ' +
      "Give a URL such as http://127.0.0.1:8545. Or unset the variable.",
  );
  const key = generatePrivateKey();
  const secret = await fail(["balance", ...OWNER], { TALLYROLL_APP: key });
  expect(secret).toContain("The variable TALLYROLL_APP is a secret, it seems.");
  expect(secret).not.toContain(key.slice(2));
  expect(await fail(["submit", "--csv", "", ...OWNER])).toContain(
    'Cannot read "": there is no such file.',
  );
  expect(await fail(["prove", "1", "99999"])).toMatch(
    /Stream 1 has no reading 99999; it has \d+, of sequences up to \d+\. Name .*stream readings 1`/,
  );
});

test("names that nothing has are told, with those that there are", async () => {
  expect(await fail(["outputs", "--notice", "withdrawn"])).toContain("Its name is Withdrawn.");
  expect(await fail(["outputs", "--notice", "Nope"])).toContain("Give one of StateCommitted, ");
  expect(await fail(["inspect", "latest", "stream_id=1", "foo=2"])).toContain(
    'The query latest has no field "foo": it takes stream_id, device_id, name, limit.',
  );
  expect(await fail(["inspect", "root", "foo=2"])).toContain('no field "foo": it takes none.');
  expect(await fail(["discover", "Weather"])).toContain("<tag> 'Weather' is invalid. A tag has 1");
});

test("a discovery that finds nothing says what was looked for, and how to look wider", async () => {
  const words = ["discover", "nothing", "--mode", "pubsub", "--token", "local", "--ceiling", "2"];
  const { code, err } = await cli.run(words);
  expect(err).toBe(
    "No service has the tag nothing, the mode pubsub and a price in TEST, at most 2: " +
      "try a higher --ceiling, --mode pull, --token or another tag.\n",
  );
  const asJson = await cli.run(["discover", "nothing", "--json"]);
  expect([code, JSON.parse(asJson.out)]).toEqual([0, { tag: "nothing", services: [] }]);
});

test("a sealed stream read as an open one prints nothing but where to read it", async () => {
  const words = ["submit", "--csv", csv, "--sealed", "--stream-name", "sold", ...OWNER];
  const { streams } = await cli.ask(...words);
  const [{ streamId }] = streams as [{ streamId: number }];
  for (const how of ["latest", "readings"]) {
    const said = await fail(["stream", how, String(streamId)]);
    expect(said).toContain(`\`tallyroll stream read ${streamId}\``);
  }
});
