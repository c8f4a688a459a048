import { describe, expect, test } from "vitest";
import { poll, WaitTimeout } from "../node-client/chain/poll.ts";
import { ClientError } from "../node-client/errors.ts";

const GONE = new ClientError("Nothing answers.", { whatToDo: "Start it." });
const awaited = (): string => "The block";
const isTransient = (error: unknown): boolean => error === GONE;

/** Looks that come to these results, the last one again and again. */
function looks(...results: readonly (string | Error | undefined)[]) {
  let count = 0;
  const look = async (): Promise<string | undefined> => {
    const result = results[Math.min(count, results.length - 1)];
    count += 1;
    if (result instanceof Error) throw result;
    return result;
  };
  return { look, getCount: () => count };
}

describe("waiting by asking again", () => {
  test("goes on over failures that pass", async () => {
    const { look } = looks(undefined, GONE, GONE, "found");
    const options = { pollMs: 1, timeoutMs: 60_000, awaited, isTransient };
    expect(await poll(look, options)).toBe("found");
  });

  test("ends at once by a failure that does not pass", async () => {
    const bug = new TypeError("a bug");
    const { look, getCount } = looks(GONE, bug);
    const options = { pollMs: 1, timeoutMs: 60_000, awaited, isTransient };
    await expect(poll(look, options)).rejects.toBe(bug);
    expect(getCount()).toBe(2);
  });

  test("ends by the failure itself when nothing else comes, however long it would wait", async () => {
    const { look, getCount } = looks(undefined, GONE);
    const options = { pollMs: 5, timeoutMs: 3_600_000, patienceMs: 500, awaited, isTransient };
    await expect(poll(look, options)).rejects.toBe(GONE);
    // One that finds nothing, and two failures: the first cannot be the last, however slow all is.
    expect(getCount()).toBeGreaterThan(2);
  });

  test("counts failures in a row only", async () => {
    const rounds = Array.from({ length: 20 }, () => [GONE, undefined]).flat();
    const { look } = looks(...rounds, "found");
    const options = { pollMs: 5, timeoutMs: 60_000, patienceMs: 40, awaited, isTransient };
    expect(await poll(look, options)).toBe("found");
  });

  test("says with the time that ran out what was in the way", async () => {
    const options = { pollMs: 5, timeoutMs: 20, awaited, isTransient };
    const silent = poll(looks(undefined).look, options);
    await expect(silent).rejects.toBeInstanceOf(WaitTimeout);
    await expect(silent).rejects.toThrow(/^The block did not come within 0\.02 s\.\n/);
    const gone = poll(looks(GONE).look, options);
    await expect(gone).rejects.toBeInstanceOf(WaitTimeout);
    await expect(gone).rejects.toThrow(
      /^The block did not come within 0\.02 s\. Nothing answers\./,
    );
  });
});
