import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { HttpMachine } from "../../node-client/node/machine/http-machine.ts";
import { MACHINE_SECRET } from "../arbitraries/shared-keys.ts";

const REPOSITORY = new URL("../../", import.meta.url);
const BUNDLE = fileURLToPath(new URL("dist/dapp/index.cjs", REPOSITORY));

/**
 * The built dApp as a process of its own, on an empty state. The bundle is the one that the build
 * wrote last: after a change of the sources, build before these tests, as `npm test` does.
 */
export async function startBundle(): Promise<HttpMachine> {
  if (!existsSync(BUNDLE)) await import(new URL("node-client/build/build.mjs", REPOSITORY).href);
  const env = { TALLYROLL_MACHINE_KEY: Buffer.from(MACHINE_SECRET).toString("hex") };
  return HttpMachine.start({ guest: { command: process.execPath, args: [BUNDLE], env } });
}
