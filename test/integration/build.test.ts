import { execFileSync } from "node:child_process";
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, expect, test } from "vitest";

/**
 * The bundle of the machine, with all the packages that would rather read files or load addons. A
 * stub entry stands for the dApp, so that the test does not depend on its state.
 */

const repository = resolve(import.meta.dirname, "../..");
const folder = mkdtempSync(join(tmpdir(), "tallyroll-build-"));
afterAll(() => rmSync(folder, { recursive: true }));

const { buildGuest, buildCommand } = await import(
  /* @vite-ignore */ join(repository, "node-client/build/build.mjs")
);

/** A copy of the entry in a folder of its own, as if the repository lay there. */
function makeRoot(name: string): string {
  const root = join(folder, name);
  mkdirSync(root, { recursive: true });
  copyFileSync(
    join(import.meta.dirname, "fixtures/bundled-packages.ts"),
    join(root, "bundled-packages.ts"),
  );
  symlinkSync(join(repository, "node_modules"), join(root, "node_modules"));
  return root;
}

const EXPECTED = "sqlite 42\nmsgpack 010203\nsecp256k1 031b84c5567b1264\n";

test("equal sources in different folders give equal bytes", async () => {
  const bundles: Buffer[] = [];
  for (const root of [makeRoot("one"), makeRoot("two/deeper")]) {
    await buildGuest({ root, entry: "bundled-packages.ts", outfile: "out.cjs" });
    bundles.push(readFileSync(join(root, "out.cjs")));
  }
  expect(bundles[0]!.equals(bundles[1]!)).toBe(true);
  expect(bundles[0]!.includes(folder)).toBe(false);
  expect(bundles[0]!.includes(repository)).toBe(false);
});

test.each([
  ["the guest", buildGuest, "alone.cjs"],
  ["the command", buildCommand, "alone.mjs"],
])("%s runs with nothing beside it", async (name, bundle, file) => {
  const root = makeRoot(name);
  const alone = join(folder, file);
  await bundle({ root, entry: "bundled-packages.ts", outfile: alone });
  expect(execFileSync(process.execPath, [alone], { cwd: tmpdir(), encoding: "utf8" })).toBe(
    EXPECTED,
  );
});

test("a package that would load its native addon fails the build", async () => {
  const root = makeRoot("addon");
  writeFileSync(join(root, "entry.ts"), 'import { pack } from "msgpackr"; console.log(pack(1));');
  const building = buildGuest({ root, entry: "entry.ts", outfile: join(root, "out.cjs") });
  await expect(building).rejects.toThrow("native addon");
});
