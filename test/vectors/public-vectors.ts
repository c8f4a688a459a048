/**
 * Where the public test vectors are (Wycheproof of C2SP, ed25519-speccheck of Novi; both
 * Apache-2.0): not in this repository, but in `TALLYROLL_VECTORS` or beside it. Tests that read
 * them are skipped, and say so, where they are not.
 */

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../", import.meta.url));
const folder = process.env.TALLYROLL_VECTORS ?? join(root, "../shared/vectors");

/** Fields that all the Wycheproof files used here share; the others come by type parameter. */
export type WycheproofCase<Fields extends string> = Readonly<Record<Fields, string>> & {
  readonly tcId: number;
  readonly comment: string;
  readonly flags: readonly string[];
  readonly result: "valid" | "invalid" | "acceptable";
};
export interface WycheproofGroup<Fields extends string> {
  readonly tests: readonly WycheproofCase<Fields>[];
}

/** False prints, once a file of tests, that its cases are skipped and what would run them. */
export const hasPublicVectors = existsSync(join(folder, "ed25519_test.json"));
if (!hasPublicVectors) {
  process.stdout.write(
    `skipped: no public test vectors at ${folder} (set TALLYROLL_VECTORS to a folder of ` +
      "Wycheproof's *_test.json and ed25519_speccheck.json)\n",
  );
}

/** The parsed file, or `[]` in place of its groups when the vectors are absent. */
export function readGroups<Group>(name: string): readonly Group[] {
  return hasPublicVectors ? (readPublicVectors(name) as { testGroups: Group[] }).testGroups : [];
}

export function readPublicVectors(name: string): unknown {
  return JSON.parse(readFileSync(join(folder, name), "utf8"));
}

export const fromHex = (hex: string): Uint8Array => new Uint8Array(Buffer.from(hex, "hex"));
export const toHex = (bytes: Uint8Array | undefined): string | undefined =>
  bytes && Buffer.from(bytes).toString("hex");
