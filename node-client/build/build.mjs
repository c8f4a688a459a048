/**
 * Builds what is run outside the repository, with esbuild:
 *
 * - `dist/dapp/index.cjs`: the dApp, one self-contained file for the machine. Equal sources give
 *   equal bytes in whatever folder, because the machine's template hash depends on them.
 * - `dist/tallyroll.js`: the command, and beside it the worker that its replay starts.
 * - `dist/open-ahead-worker.js`: the second thread of `tallyroll replay`.
 * - `dist/machine-worker.js`: the thread in which the node runs the engine.
 * - `dist/bench/replay-run.js`: one timed replay; `file-run.js`: one timed reading of a file.
 * - `dist/bench/empty-dapp.cjs`: the guest that measures the bare rollup HTTP API.
 * - `dist/package/`: what programs import, one module an entry of `node-client/entry/`, with shared
 *   parts beside them; `dist/types/`: the declarations.
 *
 * Use: node node-client/build/build.mjs
 */
import { execFileSync } from "node:child_process";
import { chmodSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { isBuiltin } from "node:module";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const REPOSITORY = resolve(dirname(fileURLToPath(import.meta.url)), "../..");

/** Binaries and compilers that the command finds in `node_modules`, or does without. */
const COMMAND_EXTERNALS = ["solc", "bufferutil", "utf-8-validate", "@photostructure/sqlite"];

/**
 * Modules written for CommonJS still ask for `require` and `__dirname`, which an ES module lacks.
 * The paths go by names of our own, put in only where a module has not declared its own.
 */
const COMMAND_BANNER = `
import { createRequire as tallyrollCreateRequire } from "node:module";
import { dirname as tallyrollDirname } from "node:path";
import { fileURLToPath as tallyrollFileURLToPath } from "node:url";
const require = tallyrollCreateRequire(import.meta.url);
const tallyrollFile = tallyrollFileURLToPath(import.meta.url);
const tallyrollFolder = tallyrollDirname(tallyrollFile);`;

/** sql.js with its WebAssembly inside: the stock entry reads a file beside itself. */
const sqlJsInline = {
  name: "sql.js inline",
  setup(context) {
    context.onResolve({ filter: /^sql\.js$/ }, ({ path, resolveDir, kind }) =>
      context.resolve(`${path}/dist/sql-wasm-inline.js`, { resolveDir, kind }),
    );
  },
};

/** tiny-secp256k1 with its WebAssembly inside: its loader, too, reads a file beside itself. */
const secp256k1Inline = {
  name: "tiny-secp256k1 inline",
  setup(context) {
    const filter = /[\\/]tiny-secp256k1[\\/]lib[\\/]wasm_loader\.js$/;
    context.onLoad({ filter }, ({ path }) => {
      const reading = 'readFileSync(path("secp256k1.wasm"))';
      const source = readFileSync(path, "utf8");
      if (!source.includes(reading)) throw new Error(`${path} loads its module in another way now`);
      const contents = source
        .replace(reading, "embeddedModule")
        .replace(/^import .* from "(fs|\.\/wasm_path\.js)";$/gm, "")
        .concat('import embeddedModule from "./secp256k1.wasm";');
      return { contents, loader: "js", resolveDir: dirname(path) };
    });
  },
};

/** What all bundles share. Names stay, so that stack traces and error names can be read. */
const COMMON = {
  bundle: true,
  // A linked node_modules would put its own place into the bundle.
  preserveSymlinks: true,
  platform: "node",
  target: "node20",
  minifySyntax: true,
  minifyWhitespace: true,
  legalComments: "none",
  logLevel: "warning",
  metafile: true,
  define: { "process.env.NODE_ENV": '"production"' },
  loader: { ".wasm": "binary" },
  plugins: [sqlJsInline, secp256k1Inline],
};

const toBundle = ({ root = REPOSITORY, entry, outfile }) => ({
  ...COMMON,
  absWorkingDir: realpathSync(root),
  entryPoints: [entry],
  outfile,
});

/**
 * Bundles one entry into a CommonJS file that needs nothing but Node.
 *
 * @param {{ root?: string, entry: string, outfile: string }} options `entry` is relative to `root`,
 *   the repository by default.
 */
export async function buildGuest(options) {
  const { metafile } = await build({ ...toBundle(options), format: "cjs" });
  requireSelfContained(metafile);
}

/** Bundles the command as an executable ES module. Options as in `buildGuest`. */
export async function buildCommand(options) {
  const { root = REPOSITORY, entry, outfile } = options;
  // esbuild keeps an entry's own first line in front of the banner.
  const hasShebang = readFileSync(resolve(root, entry), "utf8").startsWith("#!");
  await build({
    ...toBundle(options),
    format: "esm",
    external: COMMAND_EXTERNALS,
    define: { ...COMMON.define, __filename: "tallyrollFile", __dirname: "tallyrollFolder" },
    banner: { js: (hasShebang ? "" : "#!/usr/bin/env node") + COMMAND_BANNER },
  });
  chmodSync(resolve(root, outfile), 0o755);
}

const ADDON = /msgpackr[\\/]node-index|msgpackr-extract|\.node$/;

/** Throws when a bundle would look for a file or a package where it runs. */
function requireSelfContained({ inputs, outputs }) {
  for (const { imports } of Object.values(outputs)) {
    const missing = imports.find(({ external, path }) => external && !isBuiltin(path));
    if (missing) throw new Error(`the bundle would look for ${missing.path} where it runs`);
  }
  requireNoAddon(inputs);
}

function requireNoAddon(inputs) {
  // An addon would make the results depend on what is installed, and the machine has none. The
  // main entry of msgpackr looks for its own; msgpackr/pack and msgpackr/unpack do not.
  const addon = Object.keys(inputs).find((path) => ADDON.test(path));
  if (addon) throw new Error(`the bundle would load a native addon: ${addon}`);
}

const ENTRY_FOLDER = "node-client/entry";
const PACKAGE_ENTRIES = readdirSync(join(REPOSITORY, ENTRY_FOLDER)).filter((name) =>
  name.endsWith(".ts"),
);

/** Each bundle's place, what it begins at, and how it is made. */
const BUNDLES = [
  ["dist/dapp/index.cjs", "dapp/main.ts", buildGuest],
  ["dist/tallyroll.js", "node-client/command/main.ts", buildCommand],
  ["dist/open-ahead-worker.js", "node-client/replay/open-ahead-worker.ts", buildCommand],
  ["dist/machine-worker.js", "node-client/node/machine/machine-worker.ts", buildCommand],
  ["dist/bench/file-run.js", "node-client/bench/file-run.ts", buildCommand],
  ["dist/bench/replay-run.js", "node-client/bench/replay-run.ts", buildCommand],
  ["dist/bench/empty-dapp.cjs", "node-client/bench/empty-dapp-guest.ts", buildGuest],
];

/**
 * Bundles what programs import. What the package depends on stays outside, the rest goes in; all
 * entries share their parts, so that each class of an error exists once.
 */
async function buildPackage() {
  const { dependencies, peerDependencies } = JSON.parse(
    readFileSync(join(REPOSITORY, "package.json"), "utf8"),
  );
  const outdir = "dist/package";
  rmSync(join(REPOSITORY, outdir), { recursive: true, force: true });
  const { metafile } = await build({
    absWorkingDir: REPOSITORY,
    metafile: true,
    bundle: true,
    preserveSymlinks: true,
    splitting: true,
    format: "esm",
    target: "es2022",
    platform: "neutral",
    legalComments: "none",
    entryPoints: PACKAGE_ENTRIES.map((name) => `${ENTRY_FOLDER}/${name}`),
    external: ["node:*", ...Object.keys(dependencies), ...Object.keys(peerDependencies)],
    // The portable build of msgpackr, which looks for no addon.
    conditions: ["browser"],
    outdir,
    logLevel: "warning",
  });
  requireNoAddon(metafile.inputs);
  buildDeclarations();
}

/** The compiler keeps `.ts` in declarations, which only its own resolution would take for `.d.ts`. */
function buildDeclarations() {
  const outdir = join(REPOSITORY, "dist/types");
  rmSync(outdir, { recursive: true, force: true });
  const compiler = join(REPOSITORY, "node_modules/typescript/bin/tsc");
  execFileSync(process.execPath, [compiler, "-p", ENTRY_FOLDER], {
    ...{ cwd: REPOSITORY, stdio: "inherit" },
  });
  for (const name of readdirSync(outdir, { recursive: true })) {
    if (!name.endsWith(".d.ts")) continue;
    const path = join(outdir, name);
    const text = readFileSync(path, "utf8");
    writeFileSync(path, text.replace(/(from |import\()"(\.[^"]*)\.ts"/g, '$1"$2.js"'));
  }
}

if (
  process.argv[1] !== undefined &&
  realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)
) {
  for (const [outfile, entry, bundle] of BUNDLES) await bundle({ entry, outfile });
  await buildPackage();
}
