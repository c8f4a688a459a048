import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { OPERATION_KINDS } from "../spec/operations.ts";

/** Rules of the house that no compiler or linter checks. */
const root = resolve(dirname(fileURLToPath(import.meta.url)), "..");
const ROOMS = ["spec", "dapp", "node-client", "test"];
const LINES_MAX = 350;

function listFiles(folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? listFiles(path) : [path];
  });
}

const sources = ROOMS.flatMap(listFiles).filter((path) => /\.(ts|mjs)$/.test(path));
const read = (path: string): string => readFileSync(join(root, path), "utf8");
const isPure = (path: string): boolean => /^(spec|dapp\/engine)\//.test(path);
/** Code without comments and the texts of strings: what runs. */
const strip = (code: string): string =>
  code
    .replace(/\/\*[\s\S]*?\*\//g, "")
    .replace(/\/\/.*$/gm, "")
    .replace(/"(?:[^"\\\n]|\\.)*"/g, '""');

function findOffenders(paths: readonly string[], pattern: RegExp, text = read): string[] {
  return paths.filter((path) => pattern.test(text(path)));
}

test("no source file outgrows one subject", () => {
  const long = sources.filter((path) => read(path).split("\n").length > LINES_MAX);
  expect(long.filter((path) => !path.startsWith("test/"))).toEqual([]);
});

test("the pure rooms call nothing that differs between machines or runs", () => {
  const banned =
    /\bDate\b|Math\.(random|sin|cos|tan|asin|acos|atan2?|sinh|cosh|tanh|exp|expm1|log|log2|log10|log1p|pow|cbrt|hypot)\b|\bIntl\b|toLocale|localeCompare|\bprocess\b|\bsetTimeout\b|\bperformance\b|\bfetch\b/;
  const pure = sources.filter(isPure);
  expect(pure.length).toBeGreaterThan(40);
  expect(findOffenders(pure, banned, (path) => strip(read(path)))).toEqual([]);
});

test("no SQL asks for the time or for randomness", () => {
  const store = sources.filter((path) => path.startsWith("dapp/store/"));
  const banned = /\b(random|randomblob|datetime|date|strftime|julianday|unixepoch)\s*\(|CURRENT_/i;
  expect(store.length).toBeGreaterThan(5);
  expect(findOffenders(store, banned)).toEqual([]);
});

test("every SELECT of many rows is ordered by a key", () => {
  const store = sources.filter((path) => path.startsWith("dapp/store/"));
  const unordered = store.flatMap((path) =>
    [...read(path).matchAll(/SELECT[^`"]*\bLIMIT\b[^`"]*/g)]
      .filter(([sql]) => !/ORDER BY/.test(sql))
      .map(([sql]) => `${path}: ${sql}`),
  );
  expect(unordered).toEqual([]);
});

test("balances and totals are written through their door", () => {
  const engine = sources.filter((path) => path.startsWith("dapp/engine/"));
  const writers = /\b(balances|tokens)\.(put|insert|update|remove)\(/;
  expect(findOffenders(engine, writers)).toEqual(["dapp/engine/balances.ts"]);
});

test("only dapp/main.ts reads the environment inside the dApp", () => {
  const dapp = sources.filter((path) => path.startsWith("dapp/") && path !== "dapp/main.ts");
  expect(findOffenders(dapp, /process\.env/, (path) => strip(read(path)))).toEqual([]);
});

test("what a command writes goes through its terminal, which escapes it", () => {
  const cli = sources.filter((path) => path.startsWith("node-client/command/"));
  const doors = /\/(terminal|ask-person|run|main)\.ts$/;
  const others = cli.filter((path) => !doors.test(path));
  expect(findOffenders(others, /\bstd(out|err)\.write|\bconsole\./)).toEqual([]);
  // JSON of other people's texts is `formatJson`'s: plain JSON lets marks of direction through.
  expect(findOffenders(cli, /print(Line)?\([^;]*JSON\.stringify/)).toEqual([]);
});

test("commands build no operation: its action does", () => {
  const commands = sources.filter((path) => path.startsWith("node-client/command/"));
  const literal = new RegExp(`\\bkind: "(${OPERATION_KINDS.join("|")})"`);
  expect(literal.test('const body = { kind: "transfer", amount };')).toBe(true);
  expect(findOffenders(commands, literal)).toEqual([]);
});

test("money has one door: nothing else writes a balance or a token's totals", () => {
  const engine = sources.filter((path) => path.startsWith("dapp/engine/"));
  const writes = /\b(balances|tokens)\s*\.(put|insert|update|remove)\(/;
  expect(findOffenders(engine, writes)).toEqual(["dapp/engine/balances.ts"]);
});

test("kept files are written through their door", () => {
  const client = sources.filter((path) =>
    /^node-client\/(?!bench|build|kept\/kept-file)/.test(path),
  );
  const journal = "node-client/command/upload/upload-journal.ts";
  // These go with their process.
  const temporary = [
    "node-client/command/terminal/open-data-file.ts",
    "node-client/files/reading-store.ts",
  ];
  const writers = /\b(writeSync|writeFileSync|appendFileSync)\b/;
  expect(findOffenders(client, writers, (path) => strip(read(path)))).toEqual([
    temporary[0],
    journal,
    temporary[1],
  ]);
});

test("no code reads a sentence of ours: what it needs is a field", () => {
  const told = String.raw`\b(?:detail|shortMessage|message|whatToDo|reason)\b[!)]?\s*`;
  const methods =
    "(?:startsWith|endsWith|includes|match(?:All)?|replace(?:All)?|search|split|indexOf)";
  const reads = [
    new RegExp(String.raw`${told}\??\.${methods}\(`),
    new RegExp(String.raw`\.(?:test|exec)\(\s*[\w.?!]*${told}\)`),
    // A name has no space, a sentence has.
    new RegExp(String.raw`${told}[!=]==\s*["\x60][^"\x60]* `),
  ];
  const code = sources.filter((path) => !path.startsWith("test/"));
  const offenders = reads.flatMap((pattern) => findOffenders(code, pattern));
  // The one shows a name in words, the other mends the sentences of a library.
  const known = ["dapp/store/snapshot.ts", "node-client/command/operation/report-error.ts"];
  expect([...new Set(offenders)].sort()).toEqual(known);
});

test("arrows between the rooms point inwards", () => {
  const offenders: string[] = [];
  for (const path of sources) {
    for (const [, target = ""] of read(path).matchAll(/from "(\.[^"]+)"/g)) {
      const to = relative(root, resolve(root, dirname(path), target));
      const room = path.split("/")[0];
      const targetRoom = to.split("/")[0];
      const isAllowed =
        room === "test" ||
        room === targetRoom ||
        targetRoom === "spec" ||
        to === "package.json" ||
        (room === "node-client" && targetRoom === "dapp");
      const isEngineArrow =
        !path.startsWith("dapp/engine/") || /^(spec|dapp\/(engine|application))/.test(to);
      if (!isAllowed || !isEngineArrow) offenders.push(`${path} → ${to}`);
    }
  }
  expect(offenders).toEqual([]);
});

test("no barrels, no drawers, no dead files", () => {
  const names = sources.map((path) => path.split("/").at(-1));
  expect(names.filter((name) => /^(index|utils?|helpers?|misc)\.ts$/.test(name ?? ""))).toEqual([]);
  const entries =
    /(main|\.test|-worker|-guest|\.d)\.ts$|\.mjs$|^test\/|\/entry\/|run-bench\.ts$|(replay|file)-run\.ts$/;
  const imported = new Set(
    sources.flatMap((path) =>
      [...read(path).matchAll(/(?:from|import)\s*\(?\s*"(\.[^"]+)"/g)].map(([, target = ""]) =>
        relative(root, resolve(root, dirname(path), target)),
      ),
    ),
  );
  expect(sources.filter((path) => !entries.test(path) && !imported.has(path))).toEqual([]);
});

const importsOf = (path: string): string[] =>
  [...read(path).matchAll(/(?:from|import)\s*\(?\s*"(\.[^"]+\.ts)"/g)].map(([, target = ""]) =>
    relative(root, resolve(root, dirname(path), target)),
  );

/** A file and all that it imports, whatever it takes of it. */
function listReached(path: string, reached = new Set<string>()): Set<string> {
  if (reached.has(path)) return reached;
  reached.add(path);
  for (const target of importsOf(path)) listReached(target, reached);
  return reached;
}

test("what runs in a browser needs nothing of Node", () => {
  const names = ["tallyroll", "actions", "device", "spec"];
  const portable = new Set(
    names.flatMap((name) => [...listReached(`node-client/entry/${name}.ts`)]),
  );
  expect(portable.size).toBeGreaterThan(150);
  expect(findOffenders([...portable], /"node:/)).toEqual([]);
  const banned = /(?<![#.\w])(Buffer|process|require|setImmediate)\b[.(]/;
  expect(findOffenders([...portable], banned, (path) => strip(read(path)))).toEqual([]);
});

/** What actions are made of: none of it is an action itself. */
const INSIDE_ACTIONS = ["call-chain", "own-action", "query-action", "read-pages"]
  .concat("request-node", "send-and-wait")
  .map((name) => `node-client/client/actions/${name}.ts`);

test("every action and every module of the protocol can be imported from the package", () => {
  const exported = ["tallyroll", "actions", "spec"].flatMap((name) =>
    importsOf(`node-client/entry/${name}.ts`),
  );
  const missing = sources.filter(
    (path) =>
      /^(node-client\/client\/actions|spec)\/(?!model-|globals)[\w-]+\.ts$/.test(path) &&
      !exported.includes(path),
  );
  expect(missing.sort()).toEqual(INSIDE_ACTIONS);
});

test("dependencies are pinned to exact versions", () => {
  const { dependencies, devDependencies, optionalDependencies } = JSON.parse(read("package.json"));
  const versions = Object.entries({ ...dependencies, ...devDependencies, ...optionalDependencies });
  expect(
    versions.filter(([, version]) => !/^\d+\.\d+\.\d+(-alpha\.\d+)?$/.test(String(version))),
  ).toEqual([]);
});
