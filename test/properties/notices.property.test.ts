import fc from "fast-check";
import { type Abi, encodeFunctionData } from "viem";
import { expect, test } from "vitest";
import { encodeNotice, NOTICES_ABI } from "../../spec/notices.ts";
import { runs, seed } from "../seed.ts";

const hexOf = (byteCount: number) =>
  fc
    .uint8Array({ minLength: byteCount, maxLength: byteCount })
    .map((bytes) => `0x${Buffer.from(bytes).toString("hex")}`);

const ARBITRARIES: Record<string, fc.Arbitrary<unknown>> = {
  uint256: fc.bigInt({ min: 0n, max: 2n ** 256n - 1n }),
  bool: fc.boolean(),
  address: hexOf(20),
  bytes16: hexOf(16),
  bytes32: hexOf(32),
  bytes: fc
    .uint8Array({ maxLength: 100 })
    .map((bytes) => `0x${Buffer.from(bytes).toString("hex")}`),
  "bytes32[]": fc.array(hexOf(32), { maxLength: 4 }),
  string: fc.string({ unit: "binary", maxLength: 80 }),
};

test("every notice encodes as viem encodes the call", () => {
  for (const item of NOTICES_ABI) {
    const args = fc.tuple(...item.inputs.map(({ type }) => ARBITRARIES[type]!));
    fc.assert(
      fc.property(args, (values) => {
        const notice = encodeNotice(item.name, values as never);
        const abi: Abi = [item];
        const call = encodeFunctionData({ abi, functionName: item.name, args: values });
        expect(notice).toEqual({ kind: "notice", payload: call });
      }),
      { seed: seed(`notice ${item.name}`), numRuns: runs(1_000) },
    );
  }
});
