import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

/** The tests that take longest, first: begun last, each would keep one core busy alone. */
const LONG_FIRST = [
  "model-first-half",
  "model-second-half",
  "node-chaos",
  "hosts",
  "hostile",
  "determinism",
  "demo",
  "process",
  "package",
];

class LongFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification): number => {
      const index = LONG_FIRST.findIndex((name) =>
        moduleId.match(new RegExp(`/(simulation|integration)/${name}\\.(property\\.)?test\\.ts$`)),
      );
      return index === -1 ? LONG_FIRST.length : index;
    };
    return (await super.sort(files)).sort((a, b) => rank(a) - rank(b));
  }
}

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    // Only what hangs shall end by it: how long a test takes depends on what else the machine does.
    testTimeout: process.env.TALLYROLL_LONG === "1" ? 3_600_000 : 600_000,
    hookTimeout: 600_000,
    // One more than CI has cores: most integration tests wait for blocks and processes half the time.
    maxWorkers: 3,
    sequence: { sequencer: LongFirst },
  },
});
