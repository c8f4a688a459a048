import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import vm from "node:vm";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { findAnvil } from "../../node-client/node/anvil/anvil-binary.ts";
import { MACHINE_SECRET, REPOSITORY } from "./fixtures/run-cli.ts";
import { takeTestPort } from "./fixtures/test-port.ts";

/**
 * The package as others get it: packed, installed into a folder of its own, checked by their
 * compilers, run by Node and in what a browser has. Needs a registry, or npm's cache.
 */

const EXAMPLE = join(import.meta.dirname, "fixtures/example-project");
const TOOLS = join(REPOSITORY, "node_modules");
/** Anvil's third development account: public knowledge, worthless anywhere else. */
const KEY = "0x5de4111afa1a4b94908f83103eb1f1706367c2e68ca870fc3fb9a804cdab365a";

const folder = mkdtempSync(join(tmpdir(), "tallyroll-package-"));
const project = join(folder, "project");
/** No anvil is in reach, and nothing of this process's own settings. */
const env = {
  PATH: `${dirname(process.execPath)}:/usr/bin:/bin`,
  HOME: process.env.HOME,
  TALLYROLL_HOME: join(folder, "home"),
  TALLYROLL_MACHINE_KEY: MACHINE_SECRET,
};
let tarball: string;
let rollup: ChildProcess | undefined;

/** What a program prints. Where it fails, all that it said is in the error. */
function runIn(cwd: string, file: string, ...words: string[]): string {
  const { status, stdout, stderr } = spawnSync(file, words, { cwd, env, encoding: "utf8" });
  if (status === 0) return stdout;
  throw new Error(`${file} ${words.join(" ")} ended with ${status}:\n${stdout}${stderr}`);
}
const npx = (...words: string[]): string => runIn(project, "npx", "--no-install", ...words);

beforeAll(() => {
  // What `npm run build` wrote: building now would pull it away under other tests.
  const pack = ["pack", "--ignore-scripts", "--json", "--pack-destination", folder];
  const [packed] = JSON.parse(runIn(REPOSITORY, "npm", ...pack)) as { filename: string }[];
  tarball = join(folder, packed!.filename);
  cpSync(EXAMPLE, project, { recursive: true });
  const options = ["--prefer-offline", "--no-audit", "--no-fund"];
  runIn(project, "npm", "install", ...options, tarball);
}, 600_000);

afterAll(async () => {
  if (rollup !== undefined && rollup.exitCode === null) {
    const ended = new Promise((resolve) => rollup!.once("close", resolve));
    rollup.kill("SIGTERM");
    await ended;
  }
  rmSync(folder, { recursive: true });
});

test("publint and attw find nothing wrong with the packed package", () => {
  runIn(folder, process.execPath, join(TOOLS, ".bin/publint"), tarball, "--strict");
  runIn(folder, process.execPath, join(TOOLS, ".bin/attw"), tarball, "--profile", "esm-only");
});

test("an installation brings no native addon of msgpackr, no anvil and one viem", () => {
  const lock = JSON.parse(readFileSync(join(project, "package-lock.json"), "utf8"));
  const names = Object.keys(lock.packages as object);
  expect(names.filter((name) => /msgpackr|anvil|tallyroll\/node_modules/.test(name))).toEqual([]);
  expect(names).toContain("node_modules/viem");
});

const compile = (config: string): string =>
  runIn(project, process.execPath, join(TOOLS, "typescript/bin/tsc"), "-p", config);

test("a strict compiler takes it as a bundler resolves it", () => {
  compile("tsconfig.bundler.json");
});

test("Node imports every entry, and an error's class is one", () => {
  const script = `
    const names = ["tallyroll", "tallyroll/actions", "tallyroll/device", "tallyroll/replay", "tallyroll/spec"];
    const [{ ClientError }, actions, device, replay] = await Promise.all(names.map((name) => import(name)));
    const errors = [actions.OperationRefused, device.BatchNotSigned, replay.BlockUnsteady];
    console.log(errors.map(({ prototype }) => prototype instanceof ClientError).join());`;
  const words = ["--input-type=module", "-e", script];
  expect(runIn(project, process.execPath, ...words)).toBe("true,true,true\n");
});

test("npx tallyroll is the command, and says what is missing where there is no anvil", () => {
  const { version } = JSON.parse(readFileSync(join(REPOSITORY, "package.json"), "utf8"));
  expect(npx("tallyroll", "--version").trim()).toBe(version);
  expect(() => npx("tallyroll", "start", "--port", "1")).toThrow("npm install @foundry-rs/anvil");
});

/** What `tallyroll start --json` says. */
interface Places {
  readonly app: `0x${string}`;
  readonly rpcUrl: string;
  readonly nodeUrl: string;
  readonly inspectUrl: string;
}

/** Starts the installed command's own rollup. */
async function startRollup(): Promise<Places> {
  const ports = ["--port", String(await takeTestPort()), "--rpc-port", "0", "--inspect-port", "0"];
  const words = ["start", ...ports, "--health-port", "0", "--epoch-length", "5", "--json"];
  const anvil = findAnvil(process.env.TALLYROLL_ANVIL, process.env);
  rollup = spawn(join(project, "node_modules/.bin/tallyroll"), words, {
    ...{ cwd: project, env: { ...env, TALLYROLL_ANVIL: anvil } },
    stdio: ["ignore", "pipe", "inherit"],
  });
  let text = "";
  for await (const chunk of rollup.stdout!) {
    text += chunk;
    if (text.endsWith("\n")) break;
  }
  const { inspectUrl, ...places } = JSON.parse(text) as Places;
  return { ...places, inspectUrl: new URL(inspectUrl).origin };
}

/** The account and the places of a rollup, in the words of the example's own file of them. */
function fillIn(places: Places): void {
  const path = join(project, "places.ts");
  const given: Readonly<Record<string, string>> = { ...places };
  const lines = readFileSync(path, "utf8")
    .replace(/^(export const (\w+)(?:: Hex)? = )".*";$/gm, (_, head, name) => {
      return `${head}${JSON.stringify(given[name])};`;
    })
    .replace(/`0x\$\{.*`/, JSON.stringify(KEY))
    .replace("new Uint8Array(32)", `new Uint8Array(32).fill(0x${MACHINE_SECRET.slice(0, 2)})`);
  writeFileSync(path, lines);
}

test("the README's program is the example", () => {
  const [, code] = /^```ts\n([\s\S]*?)^```$/m.exec(
    readFileSync(join(REPOSITORY, "README.md"), "utf8"),
  )!;
  expect(code).toBe(readFileSync(join(EXAMPLE, "main.ts"), "utf8"));
});

describe("against a rollup that the installed command runs", () => {
  let places: Places;
  beforeAll(async () => {
    places = await startRollup();
  }, 120_000);

  test("the README's program pays, is paid and verifies", { timeout: 300_000 }, () => {
    fillIn(places);
    // As Node resolves it, and strictly too.
    compile("tsconfig.json");
    const said = runIn(project, process.execPath, "out/main.js").trimEnd().split("\n");
    expect(said).toEqual(["900000000000000000n", expect.stringMatching(/^\d+n$/), "verified"]);
  });

  test("a page's bundle needs nothing of Node", { timeout: 120_000 }, async () => {
    const code = await bundleForBrowser("page.ts");
    const page = vm.runInNewContext(`${code};page`, { ...BROWSER });
    const said: readonly string[] = await page.visit({ places, key: KEY, fetch });
    expect([...said]).toEqual([
      "5 deposited",
      "2 paid",
      "device registered",
      "crypto noble",
      "query refused",
    ]);
  });
});

test("all of the client and its actions, bundled for a browser, and its size", async () => {
  writeFileSync(
    join(project, "all.ts"),
    'export * from "tallyroll";\nexport * from "tallyroll/actions";\n',
  );
  const code = await bundleForBrowser("all.ts");
  const kilobytes = (bytes: Uint8Array): string => `${Math.round(bytes.length / 1_000)} kB`;
  const raw = Buffer.from(code);
  console.log(`client and actions: ${kilobytes(raw)}, by gzip ${kilobytes(gzipSync(raw))}`);
  expect(vm.runInNewContext(`${code};typeof page.depositEther`, { ...BROWSER })).toBe("function");
});

/** What every browser has beyond the language, and nothing that Node alone has. */
const BROWSER = {
  ...{ AbortController, AbortSignal, TextDecoder, TextEncoder, URL },
  ...{ clearTimeout, crypto, performance, setTimeout },
};

/** A script that sets `page`. */
async function bundleForBrowser(entry: string): Promise<string> {
  const { outputFiles, metafile } = await build({
    ...{ absWorkingDir: project, entryPoints: [entry], bundle: true, write: false },
    ...{ platform: "browser", format: "iife", globalName: "page", target: "es2022" },
    ...{ minify: true, metafile: true, logLevel: "warning" },
  });
  const imported = Object.values(metafile.inputs).flatMap(({ imports }) => imports);
  expect(imported.filter(({ path }) => path.startsWith("node:"))).toEqual([]);
  return outputFiles[0]!.text;
}
