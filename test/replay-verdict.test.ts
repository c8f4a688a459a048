import { describe, expect, test } from "vitest";
import type { ChainDivergence } from "../node-client/replay/judge-chain.ts";
import type { Divergence } from "../node-client/replay/replay-history.ts";
import { judgeChain, judgeHistory, type Verdict } from "../node-client/replay/verdict.ts";

/**
 * Every way to a replay's exit code, once something was replayed; what cannot be read at all is an
 * error, and 2. "Closed" is the first input with something sealed that did not open, while nothing
 * else has: input 3 here.
 */

const CLOSED = 3;

/** What differs first in a file's replay, and at which input. */
const inFile = (subject: Divergence["subject"], inputIndex: number): Divergence => ({
  ...{ subject, inputIndex, expected: "0x01", actual: "0x02" },
});

describe("a file", () => {
  const opened: readonly [string, Divergence | undefined, Verdict][] = [
    ["nothing differs, with claims or without", undefined, 0],
    ["a claimed state root differs", inFile("root", 4), 1],
    ["a claimed outputs root differs", inFile("outputsMerkleRoot", 0), 1],
    ["the scan gives another root", inFile("rescannedRoot", 4), 1],
    ["a claim is of an input that the file has not", inFile("missingInput", 9), 2],
  ];
  test.each(opened)("%s", (_, divergence, verdict) => {
    expect(judgeHistory(divergence, { closedInput: undefined })).toBe(verdict);
  });

  // All wrong keys agree on one root, which anybody may claim: a claim that holds proves no key.
  const closed: readonly [string, Divergence | undefined, Verdict][] = [
    ["nothing differs", undefined, 2],
    ["a claim differs before the closed input", inFile("root", 2), 1],
    ["a claim differs at the closed input", inFile("root", 3), 2],
    ["a claim differs after it", inFile("outputsMerkleRoot", 5), 2],
    ["the scan gives another root", inFile("rescannedRoot", 5), 2],
    ["a claim is beyond the file", inFile("missingInput", 9), 2],
  ];
  test.each(closed)("with a closed input: %s", (_, divergence, verdict) => {
    expect(judgeHistory(divergence, { closedInput: CLOSED })).toBe(verdict);
  });
});

const onChain = (
  subject: ChainDivergence["subject"],
  inputIndex: number | undefined,
  blockNumber = 10 + (inputIndex ?? 0),
): ChainDivergence => ({ subject, inputIndex, blockNumber, expected: "0x01", actual: "0x02" });
const covering = (lastInputIndex: number | undefined, holds = true) => ({ lastInputIndex, holds });

describe("a chain", () => {
  type Row = readonly [string, readonly ChainDivergence[], Verdict];
  const opened: readonly Row[] = [
    ["nothing differs, with claims or without", [], 0],
    ["a claim differs", [onChain("claim", 4)], 1],
    ["an empty claim differs", [onChain("claim", undefined)], 1],
    ["an executed output differs", [onChain("executedOutput", 4)], 1],
    ["an input is not the InputBox's", [onChain("inputHash", 4)], 1],
    ["the scan gives another root", [onChain("rescannedRoot", 4)], 1],
  ];
  test.each(opened)("%s", (_, divergences, verdict) => {
    expect(judgeChain(divergences, [], { closedInput: undefined }).verdict).toBe(verdict);
  });

  const closed: readonly Row[] = [
    ["a claim differs before the closed input", [onChain("claim", 2)], 1],
    ["an empty claim differs", [onChain("claim", undefined)], 1],
    ["a claim differs that covers it", [onChain("claim", 3)], 2],
    ["an executed output differs after it", [onChain("executedOutput", 4)], 2],
    ["an input is not the InputBox's, even after it", [onChain("inputHash", 4)], 1],
    ["the scan gives another root", [onChain("rescannedRoot", 4)], 2],
    ["doubtful first, certain later", [onChain("claim", 4, 11), onChain("claim", 1, 12)], 1],
  ];
  test.each(closed)("with a closed input: %s", (_, divergences, verdict) => {
    const claims = [covering(4, false)];
    expect(judgeChain(divergences, claims, { closedInput: CLOSED }).verdict).toBe(verdict);
  });

  test.each<[string, ReturnType<typeof covering>[], boolean, Verdict]>([
    ["a claim that covers it holds: the key is proved", [covering(3)], false, 0],
    ["the same, but there was no key", [covering(3)], true, 2],
    ["the claims that hold are all of before", [covering(2), covering(undefined)], false, 2],
    ["there is no claim", [], false, 2],
  ])("with a closed input, and nothing differs: %s", (_, claims, isKeyless, verdict) => {
    expect(judgeChain([], claims, { closedInput: CLOSED, isKeyless }).verdict).toBe(verdict);
  });

  test("names what the chain says first, and what is certain rather than what is not", () => {
    const [late, early] = [onChain("claim", 1, 12), onChain("executedOutput", 4, 11)];
    const none = { closedInput: undefined };
    expect(judgeChain([late, early], [], none).divergence).toBe(early);
    expect(judgeChain([late, early], [], { closedInput: CLOSED }).divergence).toBe(late);
    expect(judgeChain([early], [], { closedInput: CLOSED }).divergence).toBe(early);
  });
});
