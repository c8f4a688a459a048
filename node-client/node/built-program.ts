import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { createNodeCrypto } from "../../dapp/crypto/node-crypto.ts";
import { encodeHex } from "../../dapp/rollup/rollup-request.ts";
import { computeGenesisRoot, computeTemplateHash } from "../../spec/genesis.ts";
import type { Hex } from "../../spec/outputs.ts";
import { ClientError } from "../errors.ts";
import type { MachineDriver } from "./start-node.ts";

/** The project was not built. */
class BuildMissing extends ClientError {
  override readonly name = "BuildMissing";
}

/**
 * Where the built program of a driver is.
 *
 * @throws BuildMissing when it is not there.
 */
export function findMachine(driver: MachineDriver["driver"], projectRoot: string): MachineDriver {
  return driver === "worker"
    ? { driver, workerUrl: pathToFileURL(findBuilt(projectRoot, "machine-worker.js")) }
    : { driver, bundlePath: findBuilt(projectRoot, "dapp/index.cjs") };
}

function findBuilt(projectRoot: string, name: string): string {
  const path = resolve(projectRoot, "dist", name);
  if (existsSync(path)) return path;
  throw new BuildMissing(`${path} is not there.`, { whatToDo: "Build it: npm run build." });
}

/**
 * What an application of the built dApp under this key is deployed with (spec §6.8): it says which
 * program and which key are meant, and is not a machine hash.
 */
export async function computeLocalTemplate(
  projectRoot: string,
  machineSecret: Uint8Array,
): Promise<{ readonly templateHash: Hex; readonly machineKey: Hex }> {
  const crypto = await createNodeCrypto();
  const program = readFileSync(findBuilt(projectRoot, "dapp/index.cjs"));
  const key = crypto.x25519PublicKey(machineSecret);
  const hash = computeTemplateHash(crypto, program, computeGenesisRoot(crypto, key));
  return { templateHash: encodeHex(hash), machineKey: encodeHex(key) };
}
