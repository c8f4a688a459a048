import { chmodSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { getDevelopmentAccount } from "../../node-client/chain/chain-client.ts";
import { formatBytes } from "../../node-client/command/connection/data-folder-usage.ts";
import { writeLocalRollup } from "../../node-client/command/connection/local-rollup-file.ts";
import { checkNodeVersion, type Finding } from "../../node-client/command/node/doctor-command.ts";
import { MACHINE_SECRET as STACK_SECRET } from "./fixtures/client-stack.ts";
import { OnlineCli } from "./fixtures/online-cli.ts";
import { Folder, lastJson, MACHINE_SECRET, runCli } from "./fixtures/run-cli.ts";

/** Where a user stands: `status`, `doctor` and `wallet statement`. */

const OWN_KEY = Buffer.from(STACK_SECRET).toString("hex");
const SILENT_RPC = "http://127.0.0.1:1";
let cli: OnlineCli;
beforeAll(async () => {
  cli = await OnlineCli.start();
}, 60_000);
afterAll(() => cli?.close());

describe("status", () => {
  test("shows chain, node, claims, disk and what an account has in and outside", async () => {
    await cli.ask("deposit", "0.5", "--dev-account", "1");
    const status = await cli.ask("status", "--dev-account", "1");
    expect(status).toMatchObject({
      app: cli.local.app,
      chain: { chainId: 31_337, inputCount: 1 },
      node: { state: "ENABLED", processedInputCount: 1, rejectedClaimCount: 0 },
      account: {
        account: getDevelopmentAccount(1).address.toLowerCase(),
        balances: [
          { symbol: "ETH", decimals: 18, amount: "500000000000000000" },
          { token: cli.local.token, amount: "0" },
        ],
      },
    });
    const { code, out } = await cli.run(["status", "--dev-account", "1"]);
    expect(code).toBe(0);
    expect(out).toContain("inputs        1 processed, 0 waiting\n");
    expect(out).toContain("balance       0.5 ETH inside\n");
    expect(out.split("\n").filter((line) => line.length > 80)).toEqual([]);
  });

  test("needs no account to show the rest", async () => {
    const { code, out } = await cli.run(["status"]);
    expect(code).toBe(0);
    expect(out).not.toContain("account");
  });

  test("refuses an account that is none", async () => {
    const error = await cli.fail(["status"], { env: { TALLYROLL_PRIVATE_KEY: "0x12" } });
    expect(error).toContain("TALLYROLL_PRIVATE_KEY holds no private key");
  });

  test("names a chain that is silent, shows the node, and exits with 2", async () => {
    const words = ["status", "--app", cli.local.app, "--rpc", SILENT_RPC];
    const { code, out } = await cli.run([...words, "--node", cli.local.nodeUrl, "--json"]);
    expect(code).toBe(2);
    expect(lastJson(out)).toMatchObject({
      chain: { error: { name: "ChainUnreachable" } },
      node: { state: "ENABLED", processedInputCount: 1 },
    });
  });
});

describe("doctor", () => {
  const examine = async (words: string[], home = cli.home, key = OWN_KEY) => {
    const { code, out } = await cli.run(["doctor", ...words, "--json"], {
      env: { TALLYROLL_HOME: home, TALLYROLL_MACHINE_KEY: key },
    });
    const findings = lastJson(out).findings as Finding[];
    return { code, of: (check: string) => findings.find((finding) => finding.check === check) };
  };

  test("finds no fault where all belongs together", async () => {
    const { code, of } = await examine([]);
    expect(code).toBe(0);
    expect(of("node")?.found).toContain("1 of 1 inputs");
    expect(of("contracts")?.verdict).toBe("ok");
    expect(of("inspect API")?.verdict).toBe("ok");
  });

  test("finds the node and the chain of another rollup", async () => {
    const folder = new Folder();
    const foreign = { ...cli.local, chainId: 5, machineKey: `0x${"11".repeat(32)}` as const };
    writeLocalRollup(folder.path, foreign);
    const { code, of } = await examine([], folder.path);
    folder.remove();
    expect(code).toBe(2);
    expect(of("chain")).toMatchObject({ verdict: "fault" });
    expect(of("chain")?.found).toContain("the data folder's rollup is on chain 5");
    expect(of("inspect API")).toMatchObject({ verdict: "fault" });
  });

  test("finds a machine key that is not the application's", async () => {
    const { code, of } = await examine([], cli.home, "11".repeat(32));
    expect(code).toBe(2);
    expect(of("machine key")).toMatchObject({ verdict: "ok" });
    expect(of("inspect API")?.found).toContain("and the secret here gives 0x");
  });

  test("stops at a silent chain, and says how to get one", async () => {
    const { code, of } = await examine(["--app", cli.local.app, "--rpc", SILENT_RPC]);
    expect(code).toBe(2);
    expect(of("chain")).toMatchObject({ verdict: "fault" });
    expect(of("chain")?.whatToDo).toContain("--rpc");
    expect(of("node")).toBeUndefined();
  });

  test("warns of a machine key that others can read", async () => {
    const folder = new Folder();
    chmodSync(folder.file("machine-key", `${MACHINE_SECRET}\n`), 0o644);
    const { out } = await runCli(["doctor"], { env: { TALLYROLL_HOME: folder.path } });
    folder.remove();
    expect(out).toMatch(/^WARNING {2}machine key: .* can be read by others\n {9}Run: chmod 600 /m);
  });

  test("knows the versions of Node that it runs on", () => {
    const verdicts = ["18.20.0", "20.11.1", "20.12.0", "22.0.0"].map(
      (version) => checkNodeVersion(version).verdict,
    );
    expect(verdicts).toEqual(["fault", "fault", "ok", "ok"]);
  });
});

test("bytes are shown with three digits at most", () => {
  const sizes = [0, 1_023, 1_024, 1_536, 10 * 2 ** 20, 79.4 * 2 ** 30].map(formatBytes);
  expect(sizes).toEqual(["0 bytes", "1023 bytes", "1.0 KiB", "1.5 KiB", "10 MiB", "79 GiB"]);
});

describe("wallet statement", () => {
  const PAYER = ["--dev-account", "3"];
  const PAID = ["--dev-account", "4"];
  const addressOf = (index: number): string => getDevelopmentAccount(index).address.toLowerCase();

  test("lists every movement, and the state holds the sum", async () => {
    await cli.ask("deposit", "1", ...PAYER);
    await cli.ask("transfer", "0.1", addressOf(4), ...PAYER);
    await cli.ask("channel", "open", addressOf(4), "0.2", ...PAYER);
    const { out: payment } = await cli.run(["channel", "pay", "0", "0.05", ...PAYER]);
    await cli.ask("channel", "claim", cli.folder.file("payment.txt", payment), ...PAID);
    await cli.ask("withdraw", "0.02", ...PAID);

    const { code, out, err } = await cli.run(["wallet", "statement", ...PAID]);
    expect(code).toBe(0);
    const rows = out.trimEnd().split("\n");
    expect(rows[0]).toBe(
      "date,input,block,kind,amount,symbol,balance,counterparty,reference,token",
    );
    expect(rows.slice(1).map((row) => row.replace(/^[^,]*Z,\d+,\d+,/, ""))).toEqual([
      `transfer,0.1,ETH,0.1,${addressOf(3)},,`,
      `channel_claimed,0.05,ETH,0.15,${addressOf(3)},channel 0,`,
      "withdrawal,-0.02,ETH,0.13,,,",
    ]);
    expect(err).toContain("The state holds the same: 0.13 ETH.");

    const payer = await cli.ask("wallet", "statement", ...PAYER);
    expect(payer).toMatchObject({
      movements: [{ kind: "deposit" }, { kind: "transfer" }, { kind: "channel_opened" }],
      balances: [{ amount: "700000000000000000", unexplained: "0", symbol: "ETH", decimals: 18 }],
    });
  });

  test("takes a span of time", async () => {
    const { movements } = await cli.ask("wallet", "statement", ...PAYER, "--to", "2020-01-01");
    expect(movements).toEqual([]);
  });

  test("says nothing of an account that nobody knows", async () => {
    const { code, out } = await cli.run(["wallet", "statement", `0x${"77".repeat(20)}`]);
    expect(code).toBe(0);
    expect(out.trimEnd().split("\n")).toHaveLength(1);
  });
});
