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
  "process",
  "readme-stories",
  "cli-upload",
  "demo",
  "package",
  "export-chain",
  "cli-start",
  "node-machine",
  "node-start",
  "node-chain",
];

class LongFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    // A process is shared by files that follow each other only, so those that share come last.
    const rank = ({ moduleId, project }: TestSpecification): number => {
      const index = LONG_FIRST.findIndex((name) =>
        moduleId.match(new RegExp(`/(simulation|integration)/${name}\\.(property\\.)?test\\.ts$`)),
      );
      const place = index === -1 ? LONG_FIRST.length : index;
      return project.name === "apart" ? place : LONG_FIRST.length + 1 + place;
    };
    return (await super.sort(files)).sort((a, b) => rank(a) - rank(b));
  }
}

/** They put modules, clocks or globals of their own in place, so each gets a process to itself. */
const APART = ["test/simulation/**/*.test.ts", "test/vectors/check-order.test.ts"];

export default defineConfig({
  test: {
    projects: [
      { extends: true, test: { name: "apart", include: APART } },
      // All the others share processes: loading the engine for each file took longer than the tests.
      {
        extends: true,
        test: {
          name: "together",
          include: ["test/**/*.test.ts"],
          exclude: APART,
          isolate: false,
        },
      },
    ],
    // Only what hangs shall end by it: how long a test takes depends on what else the machine does.
    testTimeout: process.env.TALLYROLL_LONG === "1" ? 3_600_000 : 600_000,
    hookTimeout: 600_000,
    // One more than CI has cores: most integration tests wait for blocks and processes half the time.
    maxWorkers: 3,
    sequence: { sequencer: LongFirst },
  },
});
