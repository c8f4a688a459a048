import { describe, expect, test } from "vitest";
import type { ChainDivergence } from "../node-client/replay/judge-chain.ts";
import type { Divergence } from "../node-client/replay/replay-history.ts";
import { judgeChain, judgeHistory, type Verdict } from "../node-client/replay/verdict.ts";

/**
 * Every way to a replay's exit code, once something was replayed; what cannot be read at all is an
 * error, and 2. Under another machine key every root is another: a difference is somebody's lie only
 * where the key is proved, and no difference verifies only what that key had a part in.
 */

/** What differs first in a file's replay, and at which input. */
const inFile = (subject: Divergence["subject"], inputIndex: number): Divergence => ({
  ...{ subject, inputIndex, expected: "0x01", actual: "0x02" },
});

describe("a file", () => {
  type Row = readonly [string, Divergence | undefined, proved: Verdict, unproved: Verdict];
  const rows: readonly Row[] = [
    ["nothing differs", undefined, 0, 2],
    ["the genesis root differs", inFile("genesisRoot", -1), 2, 2],
    ["a claimed state root differs", inFile("root", 4), 1, 2],
    ["a claimed outputs root differs", inFile("outputsMerkleRoot", 0), 1, 2],
    ["the scan gives another root", inFile("rescannedRoot", 4), 1, 2],
    ["a claim is of an input that the file has not", inFile("missingInput", 9), 2, 2],
  ];
  test.each(rows)("%s: %j", (_, divergence, proved, unproved) => {
    const claims = [{}];
    expect(judgeHistory({ divergence, claims, isKeyProved: true })).toBe(proved);
    expect(judgeHistory({ divergence, claims, isKeyProved: false })).toBe(unproved);
  });

  test("without claims there is nothing that another key could differ in", () => {
    const none = { claims: [], isKeyProved: false };
    expect(judgeHistory({ divergence: undefined, ...none })).toBe(0);
    expect(judgeHistory({ divergence: inFile("rescannedRoot", 4), ...none })).toBe(2);
  });
});

const onChain = (
  subject: ChainDivergence["subject"],
  inputIndex: number | undefined,
  blockNumber = 10 + (inputIndex ?? 0),
): ChainDivergence => ({ subject, inputIndex, blockNumber, expected: "0x01", actual: "0x02" });
const claim = (acceptedCount: number, holds = true, lastInputIndex?: number) => ({
  ...{ lastInputIndex, acceptedCount, holds },
});
const OF_NOTHING = claim(0);

describe("a chain", () => {
  type Row = readonly [string, readonly ChainDivergence[], proved: Verdict, unproved: Verdict];
  const rows: readonly Row[] = [
    ["a claim differs", [onChain("claim", 4)], 1, 2],
    ["an executed output differs", [onChain("executedOutput", 4)], 1, 2],
    ["the scan gives another root", [onChain("rescannedRoot", 4)], 1, 2],
    ["an empty claim differs", [onChain("claim", undefined)], 1, 1],
    ["an output was executed before any input", [onChain("executedOutput", undefined)], 1, 1],
    ["an input is not the InputBox's", [onChain("inputHash", 4)], 1, 1],
    ["doubtful first, certain later", [onChain("claim", 4, 11), onChain("inputHash", 5, 12)], 1, 1],
  ];
  test.each(rows)("%s", (_, divergences, proved, unproved) => {
    const lies = [claim(4, false, 9), claim(0, true, 3), OF_NOTHING];
    const byTemplate = judgeChain(divergences, lies, true);
    expect(byTemplate).toMatchObject({ verdict: proved, isKeyProved: true });
    // A claim that holds proves the key for what was claimed before it, too.
    const byClaim = judgeChain(divergences, [...lies, claim(1, true, 4)], false);
    expect(byClaim).toMatchObject({ verdict: proved, isKeyProved: true });
    const byNothing = judgeChain(divergences, lies, false);
    expect(byNothing).toMatchObject({ verdict: unproved, isKeyProved: false });
  });

  test.each<[string, ReturnType<typeof claim>[], proved: boolean, Verdict]>([
    ["by the template hash, no claim", [], true, 0],
    ["by the template hash, claims hold", [claim(4, true, 9)], true, 0],
    ["by a claim over an accepted input", [claim(1, true, 3)], false, 0],
    ["not at all: there is no claim", [], false, 0],
    ["not at all: the claims are of no input", [OF_NOTHING], false, 0],
    // Another key might have opened them, and paid.
    ["not at all: the claims are of refused inputs", [claim(0, true, 3)], false, 2],
  ])("nothing differs, and the key is proved %s", (_, claims, isTemplateOurs, verdict) => {
    expect(judgeChain([], claims, isTemplateOurs).verdict).toBe(verdict);
  });

  test("names what the chain says first, and what is certain rather than what is not", () => {
    const [late, early] = [onChain("inputHash", 5, 12), onChain("executedOutput", 4, 11)];
    expect(judgeChain([late, early], [], true).divergence).toBe(early);
    expect(judgeChain([late, early], [], false).divergence).toBe(late);
    expect(judgeChain([early], [], false).divergence).toBe(early);
  });
});
