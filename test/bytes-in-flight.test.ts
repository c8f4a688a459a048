import { afterEach, describe, expect, test, vi } from "vitest";
import { BytesInFlight, SMALL_BYTES } from "../node-client/node/api/bytes-in-flight.ts";

const SOON = () => performance.now() + 60_000;

test("what is free goes to who waits longest, and to nobody twice", async () => {
  const inFlight = new BytesInFlight(100);
  const holding = inFlight.hold(60);
  holding.grow(20);
  expect(inFlight.left).toBe(20);
  const order: number[] = [];
  const waiting = [50, 10, 90].map(async (bytes, i) => {
    const giveBack = await inFlight.reserve(bytes, SOON());
    order.push(i);
    return giveBack;
  });
  await new Promise(setImmediate);
  expect(order).toEqual([]);
  holding.release();
  holding.release();
  const [first, second] = await Promise.all([waiting[0], waiting[1]]);
  expect(order).toEqual([0, 1]);
  expect(inFlight.left).toBe(40);
  first?.();
  second?.();
  await waiting[2];
  expect(inFlight.left).toBe(10);
});

test("who waits too long gets nothing, and holds up nobody", async () => {
  const inFlight = new BytesInFlight(100);
  inFlight.hold(80);
  const [much, little] = [inFlight.reserve(50, performance.now()), inFlight.reserve(10, SOON())];
  expect(await much).toBeUndefined();
  expect(await little).toBeTypeOf("function");
});

test("there is always room for what is small", () => {
  const inFlight = new BytesInFlight(2 * SMALL_BYTES);
  expect(inFlight.hasRoom(2 * SMALL_BYTES)).toBe(true);
  inFlight.hold(3 * SMALL_BYTES);
  expect(inFlight.left).toBe(0);
  expect(inFlight.hasRoom(SMALL_BYTES)).toBe(true);
  expect(inFlight.hasRoom(SMALL_BYTES + 1)).toBe(false);
});

describe("while somebody was refused what he wanted", () => {
  const FULL = 4 * SMALL_BYTES;
  afterEach(() => vi.useRealTimers());

  test("who sends nothing more lets go of it; what has come whole, or is small, stays", () => {
    vi.useFakeTimers({ toFake: ["setInterval", "clearInterval", "performance"] });
    const inFlight = new BytesInFlight(FULL);
    const dropped: string[] = [];
    const hold = (name: string, bytes: number) => {
      const holding = inFlight.hold(0, () => {
        dropped.push(name);
        holding.release();
      });
      holding.grow(bytes);
      holding.note(bytes);
      return holding;
    };
    const silent = [hold("silent", 2 * SMALL_BYTES), hold("small", SMALL_BYTES)];
    hold("whole", 2 * SMALL_BYTES).keep();
    expect(silent).toHaveLength(2);
    vi.advanceTimersByTime(60_000);
    expect(dropped).toEqual([]);
    expect(inFlight.hasRoom(2 * SMALL_BYTES)).toBe(false);
    vi.advanceTimersByTime(500);
    expect(dropped).toEqual(["silent"]);
    expect(inFlight.left).toBe(SMALL_BYTES);
    // Nobody wants anything any more: nobody is looked at.
    vi.advanceTimersByTime(60_000);
    expect(vi.getTimerCount()).toBe(0);
  });

  test("who goes on sending stays, as long as it is not too slow", () => {
    vi.useFakeTimers({ toFake: ["setInterval", "clearInterval", "performance"] });
    const inFlight = new BytesInFlight(FULL);
    let isDropped = false;
    const holding = inFlight.hold(0, () => {
      isDropped = true;
    });
    for (let second = 0; second < 30; second++) {
      holding.grow(2 * SMALL_BYTES);
      holding.note(2 * SMALL_BYTES);
      inFlight.hasRoom(FULL);
      vi.advanceTimersByTime(1_000);
    }
    expect(isDropped).toBe(false);
    for (let second = 0; second < 60; second++) {
      holding.note(1);
      inFlight.hasRoom(FULL);
      vi.advanceTimersByTime(1_000);
    }
    expect(isDropped).toBe(true);
  });
});
