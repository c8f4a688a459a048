/** Clock times around the night in which clocks are put back are read to the instants they show. */
import { expect, test } from "vitest";
import { DataFileError } from "../../node-client/files/data-file-error.ts";
import { readReadings } from "../../node-client/files/read-readings.ts";
import { SeededRng } from "../arbitraries/seeded-rng.ts";
import { runs, seed } from "../seed.ts";

/** Zones and the instant at which their clocks went back, by how many minutes. */
const NIGHTS = [
  ["Europe/Amsterdam", "2024-10-27T01:00:00Z", 60],
  ["America/New_York", "2024-11-03T06:00:00Z", 60],
  ["America/St_Johns", "2024-11-03T04:30:00Z", 60],
  ["Australia/Lord_Howe", "2024-04-06T15:00:00Z", 30],
] as const;
const STEPS_MINUTES = [1, 5, 10, 15, 20, 30, 60];

function makeNight(rng: SeededRng) {
  const [zone, change, backMinutes] = rng.pick(NIGHTS);
  const format = new Intl.DateTimeFormat("sv-SE", {
    ...{ timeZone: zone, dateStyle: "short", timeStyle: "medium" },
  });
  const changeSec = Date.parse(change) / 1_000;
  const backSec = backMinutes * 60;
  const stepSec = rng.pick(STEPS_MINUTES.filter((step) => step <= backMinutes)) * 60;
  const startSec = changeSec - rng.below(3 * backSec);
  const times = Array.from({ length: rng.between(1, 300) }, (_, i) => startSec + i * stepSec);
  if (rng.chance(2)) times.reverse();
  const text = `time,v\n${times.map((sec) => `${format.format(sec * 1_000)},1\n`).join("")}`;
  /** 0 for a time that was once; else which of the two it is of. */
  const hours = times.map((sec) =>
    sec >= changeSec - backSec && sec < changeSec
      ? 1
      : sec >= changeSec && sec < changeSec + backSec
        ? 2
        : 0,
  );
  return { zone, times, text, hours };
}

test("times at a steady pace are read to their instants, or asked for at a file's begin", () => {
  const first = seed("read-clocks");
  let refused = 0;
  for (let run = 0; run < runs(2_000); run++) {
    const { zone, times, text, hours } = makeNight(new SeededRng(first + run));
    const read = (timeZone: string) => [
      ...(readReadings(text, { device: "d", timeZone })[0]?.times ?? []),
    ];
    try {
      expect(read(zone), `run ${run}, ${zone}\n${text}`).toEqual(times);
    } catch (error) {
      if (!(error instanceof DataFileError)) throw error;
      refused += 1;
      // Only a file that begins in the repeated hour may leave it open.
      expect(hours[0], `run ${run}, ${zone}\n${text}`).not.toBe(0);
      // Two rows of one time and no others may be one hour or two; all else the first row's tells.
      if (hours.length === 2 && hours[0] !== hours[1] && hours[1] !== 0) continue;
      const timeZone = `${zone},${hours[0] === 1 ? "first" : "second"}`;
      expect(read(timeZone), `run ${run}, ${timeZone}\n${text}`).toEqual(times);
    }
  }
  expect(refused).toBeGreaterThan(0);
}, 600_000);
