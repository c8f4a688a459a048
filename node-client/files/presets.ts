import type { ReadOptions } from "./read-options.ts";

/** Options of exports that many people have, under a short name; options beside it win. */
export const PRESETS = {
  "home-assistant": { format: "csv", long: ["entity_id", "state"], timeColumns: ["last_changed"] },
  influxdb: { format: "influx" },
  thingspeak: { format: "csv", timeColumns: ["created_at"] },
  davis: { format: "csv", timeColumns: ["Date & Time"], timeFormat: "month-first", nulls: ["--"] },
  "sensor-community": {
    ...{ format: "csv", separator: ";", decimal: ".", deviceColumn: "sensor_id" },
    timeColumns: ["timestamp"],
  },
} as const satisfies Readonly<Record<string, ReadOptions>>;

export type PresetName = keyof typeof PRESETS;

/** The options of a preset, with others over them. */
export function applyPreset(name: PresetName | undefined, options: ReadOptions): ReadOptions {
  if (name === undefined) return options;
  const given = Object.fromEntries(
    Object.entries(options).filter(([, value]) => value !== undefined),
  );
  const preset: ReadOptions = PRESETS[name];
  // Whoever says which device a row is of has said it in place of the preset.
  const saysDevice = ["device", "deviceColumn", "long"].some((option) => option in given);
  const others = { ...preset, ...(saysDevice && { deviceColumn: undefined, long: undefined }) };
  return { ...others, ...given };
}
