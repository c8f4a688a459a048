import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { StoredResult } from "../../node-client/node/store/node-store.ts";
import { openNodeStore } from "../../node-client/node/store/open-node-store.ts";
import { encodeOutput, type Hex, type Output } from "../../spec/outputs.ts";
import { hexOf } from "../arbitraries/node-store-model.ts";
import { createInput, IDENTITY } from "../arbitraries/node-store-steps.ts";
import { runs, seed } from "../seed.ts";

/** What the guest does with one input. */
interface Plan {
  readonly isAccepted: boolean;
  readonly outputs: readonly Output[];
}

const bytes = (length: number): fc.Arbitrary<Hex> =>
  fc
    .uint8Array({ minLength: length === 20 ? 20 : 0, maxLength: length })
    .map((array): Hex => `0x${Buffer.from(array).toString("hex")}`);
const output: fc.Arbitrary<Output> = fc.oneof(
  fc.record({ kind: fc.constant("notice" as const), payload: bytes(400) }),
  fc.record({
    kind: fc.constant("voucher" as const),
    destination: bytes(20),
    value: fc.bigInt({ min: 0n, max: 2n ** 256n - 1n }),
    payload: bytes(100),
  }),
  fc.record({
    kind: fc.constant("delegate_call_voucher" as const),
    destination: bytes(20),
    payload: bytes(100),
  }),
);
const plans: fc.Arbitrary<Plan[]> = fc.array(
  fc.record({ isAccepted: fc.boolean(), outputs: fc.array(output, { maxLength: 9 }) }),
  { minLength: 1, maxLength: 12 },
);

/** What libcmt left beside the inputs. */
function runLibcmt(folder: string, plan: readonly Plan[]): (name: string) => Buffer | undefined {
  plan.forEach((_, i) => {
    writeFileSync(join(folder, `input-${i}.bin`), createInput(i, 6).blob);
  });
  const replacer = (_: string, value: unknown) =>
    typeof value === "bigint" ? hexOf(value) : value;
  execFileSync(process.execPath, [join(import.meta.dirname, "fixtures/libcmt-guest.mjs")], {
    cwd: folder,
    input: JSON.stringify(plan, replacer),
    env: { ...process.env, CMT_INPUTS: plan.map((_, i) => `0:input-${i}.bin`).join(",") },
    stdio: ["pipe", "pipe", "pipe"],
  });
  return (name) => {
    const path = join(folder, name);
    return existsSync(path) ? readFileSync(path) : undefined;
  };
}

test("libcmt gives the same output bytes and, after every accepted input, the same root", () => {
  fc.assert(
    fc.property(plans, (plan) => {
      const folder = mkdtempSync(join(tmpdir(), "tallyroll-libcmt-"));
      const store = openNodeStore(join(folder, "node.sqlite"), IDENTITY);
      try {
        const readFile = runLibcmt(folder, plan);
        const inputs = plan.map((_, i) => createInput(i, 6));
        const head = { number: 6, hash: hexOf(6) };
        store.appendSegment({ head, inputs, claims: [], executions: [] });
        store.commitResults(
          plan.map(({ isAccepted, outputs }, index): StoredResult => {
            const encoded = isAccepted ? outputs.map(encodeOutput) : [];
            return {
              index,
              status: isAccepted ? "ACCEPTED" : "REJECTED",
              outputs: encoded,
              reports: [],
            };
          }),
        );
        plan.forEach(({ isAccepted, outputs }, i) => {
          if (!isAccepted) return;
          outputs.forEach((one, j) => {
            expect(Buffer.from(encodeOutput(one))).toEqual(readFile(`input-${i}.output-${j}.bin`));
          });
          const root = readFile(`input-${i}.outputs_merkle_root.bin`);
          expect(store.getInput(i)?.outputsMerkleRoot).toBe(`0x${root?.toString("hex")}`);
        });
      } finally {
        store.close();
        rmSync(folder, { recursive: true });
      }
    }),
    { seed: seed("libcmt"), numRuns: runs(200) },
  );
});
