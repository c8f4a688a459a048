import { readdirSync, readFileSync } from "node:fs";
import { basename, dirname, join, relative, resolve } from "node:path";
import { expect, test } from "vitest";

/** How the house is cut: arrows, names and sizes, read from the sources' own imports. */
const ROOT = resolve(import.meta.dirname, "..");
const LINES_MAX = 300;
const FUNCTION_LINES_MAX = 60;

interface Import {
  readonly to: string;
  /** What is named between the braces; undefined for everything (`*`, a bare or dynamic import). */
  readonly names: readonly string[] | undefined;
}

const listFiles = (folder: string): string[] =>
  readdirSync(join(ROOT, folder), { recursive: true })
    .map((name) => join(folder, String(name)))
    .filter((path) => /\.(ts|mjs)$/.test(path));

const production = ["spec", "dapp", "node-client"].flatMap(listFiles);
const everything = [...production, ...listFiles("test")];
const textOf = new Map(
  everything.map((path) => [path, readFileSync(join(ROOT, path), "utf8")] as const),
);
const read = (path: string): string => textOf.get(path) ?? "";

function listImports(path: string): Import[] {
  const toPath = (target: string): string => relative(ROOT, resolve(ROOT, dirname(path), target));
  const named = [...read(path).matchAll(/\b(?:import|export)\s([^;"']*?)\sfrom\s+"(\.[^"]+)"/g)];
  const others = [...read(path).matchAll(/\bimport\s*\(?\s*"(\.[^"]+)"/g)];
  return [
    ...named.map(([, clause = "", target = ""]) => ({
      to: toPath(target),
      names: clause.includes("*")
        ? undefined
        : clause
            .replace(/^type\s/, "")
            .replace(/[{}]/g, "")
            .split(",")
            .map((name) =>
              name
                .trim()
                .replace(/^type\s+/, "")
                .replace(/\s+as\s.*$/, ""),
            ),
    })),
    ...others.map(([, target = ""]) => ({ to: toPath(target), names: undefined })),
  ];
}

const importsOf = new Map(everything.map((path) => [path, listImports(path)] as const));
const targetsOf = (path: string): readonly Import[] => importsOf.get(path) ?? [];

/** Groups of nodes that reach each other (Tarjan): none in a house without circles. */
function findCircles(arrows: ReadonlyMap<string, ReadonlySet<string>>): string[][] {
  const order = new Map<string, number>();
  const lowest = new Map<string, number>();
  const open: string[] = [];
  const circles: string[][] = [];
  const visit = (node: string): void => {
    order.set(node, order.size);
    lowest.set(node, order.get(node)!);
    open.push(node);
    for (const next of arrows.get(node) ?? []) {
      if (!order.has(next)) visit(next);
      if (open.includes(next)) lowest.set(node, Math.min(lowest.get(node)!, lowest.get(next)!));
    }
    if (lowest.get(node) !== order.get(node)) return;
    const circle = open.splice(open.indexOf(node));
    if (circle.length > 1) circles.push(circle.sort());
  };
  for (const node of arrows.keys()) if (!order.has(node)) visit(node);
  return circles;
}

function drawArrows(place: (path: string) => string): Map<string, Set<string>> {
  const arrows = new Map<string, Set<string>>();
  for (const path of production) {
    const from = arrows.get(place(path)) ?? new Set<string>();
    arrows.set(place(path), from);
    for (const { to } of targetsOf(path)) {
      if (textOf.has(to) && place(to) !== place(path)) from.add(place(to));
    }
  }
  return arrows;
}

test("no circle of files, and none of rooms", () => {
  expect(findCircles(drawArrows((path) => path))).toEqual([]);
  expect(findCircles(drawArrows(dirname))).toEqual([]);
});

/** From the inside out: a room imports its own row and the rows above it. */
const LAYERS: readonly (readonly string[])[] = [
  ["spec"],
  ["dapp"],
  ["node-client"],
  ["node-client/kept", "node-client/chain", "node-client/files"],
  ["node-client/client"],
  ["node-client/history", "node-client/node"],
  ["node-client/replay"],
  ["node-client/demo", "node-client/bench"],
  ["node-client/command", "node-client/entry"],
  ["node-client/build"],
];
const layerOf = (path: string): number => {
  const places = LAYERS.flatMap((rooms, layer) => rooms.map((room) => ({ room, layer })));
  const inside = places.filter(({ room }) => path.startsWith(`${room}/`));
  return Math.max(...inside.map(({ layer }) => layer));
};

test("arrows between the client's rooms point inwards", () => {
  const outwards = production.flatMap((path) =>
    targetsOf(path)
      .filter(({ to }) => textOf.has(to) && layerOf(to) > layerOf(path))
      .map(({ to }) => `${path} → ${to}`),
  );
  expect(outwards).toEqual([]);
});

const EXPORTED =
  /^export (?:declare )?(?:async )?(?:abstract )?(?:const|function\*?|class|interface|type) (\w+)/gm;

test("no export that nobody imports", () => {
  const used = new Set(
    everything.flatMap((path) =>
      targetsOf(path).flatMap(({ to, names }) => (names ?? ["*"]).map((name) => `${to} ${name}`)),
    ),
  );
  const dead = production
    .flatMap((path) => [...read(path).matchAll(EXPORTED)].map(([, name]) => `${path} ${name}`))
    // Programs outside: the package's entries, and scripts that a test imports by their path.
    .filter((place) => !/^node-client\/(entry|build)\//.test(place))
    .filter((place) => !used.has(place) && !used.has(place.replace(/ \w+$/, " *")));
  expect(dead).toEqual([]);
});

test("no two files of one name", () => {
  const twins = production.filter((path) => {
    const same = production.filter((other) => basename(other) === basename(path));
    return same.length > 1 && basename(path) !== "main.ts";
  });
  expect(twins).toEqual([]);
});

test("no production file is longer than one subject", () => {
  const long = production.filter((path) => read(path).trimEnd().split("\n").length > LINES_MAX);
  expect(long).toEqual([]);
});

/** Longer functions, each with its reason. */
const LONG_FUNCTIONS: Readonly<Record<string, string>> = {
  "dapp/warm-up-inputs.ts: createWarmUpInputs":
    "one story in order: each input stands on those before",
  "dapp/engine/query-statistics.ts: getStatistics": "one pass over batches and buckets",
  "dapp/store/sql-store.ts: openStore": "closures over the parts of one store",
  "dapp/store/table-rows.ts: createReads": "closures over one table's statements",
  "dapp/store/transactions.ts: createTransactions": "closures over the state of one transaction",
  "node-client/files/json-table.ts: openJsonTable": "closures over the columns found so far",
  "node-client/node/start-node.ts: startNode":
    "the order of a start, with what each failure closes",
  "node-client/command/escrow/escrow-change-text.ts: formatChange": "a list, one entry a change",
};

/** Functions by where they begin and end in code that the formatter has indented. */
function* listFunctions(
  path: string,
): Generator<{ readonly name: string; readonly lines: number }> {
  const lines = read(path).split("\n");
  const begins =
    /^(\s*)(?:export )?(?:(?:async )?function\*? (\w+)|const (\w+) = (?:async )?(?:\(|\w+ =>)|(?:static |async |\*|get )*(#?\w+)\()/;
  for (const [at, line] of lines.entries()) {
    const [, indent = "", ...names] = begins.exec(line) ?? [];
    const name = names.find((each) => each !== undefined);
    if (name === undefined || /^(if|for|while|switch|return|catch)$/.test(name)) continue;
    if (/(=>|;)$/.test(line)) continue;
    // The head ends in its own line, or in one that is indented as the first.
    const head = lines.findIndex(
      (each, i) => i >= at && /(\{|=>|;|,|\))$/.test(each) && isHead(each, i),
    );
    if (head === -1 || !/(\{|=> \{)$/.test(lines[head] ?? "")) continue;
    const end = lines.findIndex((later, i) => i > head && later.startsWith(`${indent}}`));
    if (end !== -1) yield { name: `${path}: ${name}`, lines: end - at + 1 };

    function isHead(each: string, i: number): boolean {
      return i === at
        ? /\{$|;$|,$/.test(each)
        : each.startsWith(`${indent})`) && !each.startsWith(`${indent} `);
    }
  }
}

test("no function is longer than a page without a reason", () => {
  const functions = production.flatMap((path) => [...listFunctions(path)]);
  const long = functions.filter(({ lines }) => lines > FUNCTION_LINES_MAX).map(({ name }) => name);
  expect(functions.length).toBeGreaterThan(1_000);
  expect(long.filter((name) => LONG_FUNCTIONS[name] === undefined)).toEqual([]);
  // A reason that no function needs any more goes.
  expect(Object.keys(LONG_FUNCTIONS).filter((name) => !long.includes(name))).toEqual([]);
});
