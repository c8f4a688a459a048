/**
 * Compiles the repository's own Solidity contracts to the creation code that is checked in beside
 * them, so that nobody needs a compiler to deploy them. A test compiles them again and compares.
 *
 * Use: node node-client/build/compile-contracts.mjs
 */
import { readFileSync, realpathSync, writeFileSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import solc from "solc";

const REPOSITORY = resolve(dirname(fileURLToPath(import.meta.url)), "../..");

/** Paths without ending: `.sol` is compiled to `.json`. */
const CONTRACT_PATHS = ["spec/ClaimedReading", "node-client/chain/TestToken"];

/** An EVM that every chain has; no metadata, so that a comment does not change the code. */
const SETTINGS = {
  optimizer: { enabled: true },
  evmVersion: "paris",
  metadata: { bytecodeHash: "none", appendCBOR: false },
  outputSelection: { "*": { "*": ["abi", "evm.bytecode.object"] } },
};

/**
 * Compiles one contract, named as its file, with what it imports from its own folder.
 *
 * @param {string} path One of `CONTRACT_PATHS`.
 * @returns {{ abi: unknown[], artifact: string }} The interface, and the text of the checked-in file.
 */
export function compileContract(path) {
  const folder = join(REPOSITORY, dirname(path));
  const name = basename(path);
  const readSource = (file) => readFileSync(join(folder, file), "utf8");
  const input = {
    language: "Solidity",
    sources: { [`${name}.sol`]: { content: readSource(`${name}.sol`) } },
    settings: SETTINGS,
  };
  const find = (file) => ({ contents: readSource(file) });
  const output = JSON.parse(solc.compile(JSON.stringify(input), { import: find }));
  if (output.errors !== undefined) {
    throw new Error(output.errors.map((error) => error.formattedMessage).join("\n"));
  }
  const { abi, evm } = output.contracts[`${name}.sol`][name];
  const artifact = {
    contract: name,
    compiler: solc.version(),
    creation: `0x${evm.bytecode.object}`,
  };
  return { abi, artifact: `${JSON.stringify(artifact, null, 2)}\n` };
}

if (
  process.argv[1] !== undefined &&
  realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)
) {
  for (const path of CONTRACT_PATHS) {
    writeFileSync(join(REPOSITORY, `${path}.json`), compileContract(path).artifact);
  }
}
