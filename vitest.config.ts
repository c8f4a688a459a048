import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // Two cores in CI: more workers only compete with the processes that the tests start.
    maxWorkers: 2,
  },
});
