import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { TRANSITION_FOLDER } from "./transition-vectors.ts";
import { composeTransitionVectors } from "./write-transition-vectors.ts";

/**
 * With TALLYROLL_WRITE_VECTORS=1 this writes the files, without it they are compared. The vectors
 * themselves are run in `transition.test.ts`, which knows nothing of the stories behind them.
 */
const isWriting = process.env.TALLYROLL_WRITE_VECTORS === "1";

test("the stories give the transition vectors to the byte", async () => {
  const files = await composeTransitionVectors();
  if (isWriting) {
    mkdirSync(TRANSITION_FOLDER, { recursive: true });
    for (const [name, text] of files) writeFileSync(new URL(name, TRANSITION_FOLDER), text);
  }
  const names = readdirSync(TRANSITION_FOLDER).filter((name) => name.endsWith(".json"));
  expect(names.sort()).toEqual([...files.keys()].sort());
  // Not toEqual: its comparison of long lines takes longer than everything else here.
  const changed = names.filter(
    (name) => readFileSync(new URL(name, TRANSITION_FOLDER), "utf8") !== files.get(name),
  );
  expect(changed).toEqual([]);
});
