import { expect, test } from "vitest";
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
