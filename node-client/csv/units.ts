/**
 * Units by the last word of a metric's name. SenML's registry first (RFC 8428 §12.1: Cel, %RH, %,
 * dB, lx; RFC 8798: mm, km, km/h, hPa), UCUM where SenML has none (deg, mg/L).
 */
const UNITS: ReadonlyMap<string, string> = new Map([
  ["celsius", "Cel"],
  ["percent", "%"],
  ["db", "dB"],
  ["lux", "lx"],
  ["mm", "mm"],
  ["km", "km"],
  ["kmh", "km/h"],
  ["hpa", "hPa"],
  ["degrees", "deg"],
  ["mgl", "mg/L"],
]);

/**
 * The unit that a metric's name tells, or "" when it tells none.
 *
 * @example
 * inferUnit("wind_speed_kmh"); // "km/h"
 * inferUnit("humidity_percent"); // "%RH"
 * inferUnit("ph_level"); // ""
 */
export function inferUnit(metricName: string): string {
  const words = metricName.toLowerCase().split("_");
  // A bare "mm" or "percent" names a metric that we do not know, not the unit of one.
  if (words.length === 1) return "";
  const unit = UNITS.get(words[words.length - 1] ?? "") ?? "";
  return unit === "%" && words.includes("humidity") ? "%RH" : unit;
}
