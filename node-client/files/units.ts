/**
 * Units by the names and signs that people write. SenML's registry first (RFC 8428 §12.1: Cel, %RH,
 * %, dB, lx; RFC 8798: mm, km, km/h, hPa, kWh), UCUM where SenML has none (deg, [degF], mg/L).
 */

/** By the last word of a metric's name. */
const WORDS: ReadonlyMap<string, string> = new Map([
  ["celsius", "Cel"],
  ["fahrenheit", "[degF]"],
  ["percent", "%"],
  ["db", "dB"],
  ["lux", "lx"],
  ["mm", "mm"],
  ["km", "km"],
  ["kmh", "km/h"],
  ["hpa", "hPa"],
  ["degrees", "deg"],
  ["mgl", "mg/L"],
  ["kwh", "kWh"],
]);

/** By what stands in brackets or after a number; the letters' case counts: mW is not MW. */
const SIGNS: ReadonlyMap<string, string> = new Map([
  ["°C", "Cel"],
  ["ºC", "Cel"],
  ["˚C", "Cel"],
  ["℃", "Cel"],
  ["degC", "Cel"],
  ["C", "Cel"],
  ["°F", "[degF]"],
  ["ºF", "[degF]"],
  ["degF", "[degF]"],
  ["F", "[degF]"],
  ["K", "K"],
  ["%", "%"],
  ["%RH", "%RH"],
  ["% RH", "%RH"],
  ["°", "deg"],
  ["deg", "deg"],
  ["V", "V"],
  ["mV", "mV"],
  ["A", "A"],
  ["mA", "mA"],
  ["W", "W"],
  ["kW", "kW"],
  ["Kw", "kW"],
  ["KW", "kW"],
  ["MW", "MW"],
  ["VA", "VA"],
  ["kVA", "kVA"],
  ["var", "var"],
  ["kvar", "kvar"],
  ["Wh", "Wh"],
  ["kWh", "kWh"],
  ["KWh", "kWh"],
  ["kwh", "kWh"],
  ["MWh", "MW.h"],
  ["J", "J"],
  ["Hz", "Hz"],
  ["kHz", "kHz"],
  ["MHz", "MHz"],
  ["m", "m"],
  ["mm", "mm"],
  ["cm", "cm"],
  ["km", "km"],
  ["m²", "m2"],
  ["m2", "m2"],
  ["m³", "m3"],
  ["m3", "m3"],
  ["m³/h", "m3/h"],
  ["m3/h", "m3/h"],
  ["l", "l"],
  ["L", "l"],
  ["l/min", "l/min"],
  ["L/min", "l/min"],
  ["m/s", "m/s"],
  ["Meters/second", "m/s"],
  ["km/h", "km/h"],
  ["kmh", "km/h"],
  ["mm/h", "mm/h"],
  ["mph", "[mi_i]/h"],
  ["hPa", "hPa"],
  ["mbar", "mbar"],
  ["bar", "bar"],
  ["kPa", "kPa"],
  ["Pa", "Pa"],
  ["psi", "[psi]"],
  ["inHg", "[in_i'Hg]"],
  ["dB", "dB"],
  ["dBm", "dBm"],
  ["dB(A)", "dB"],
  ["lx", "lx"],
  ["lux", "lx"],
  ["W/m²", "W/m2"],
  ["W/m2", "W/m2"],
  ["ppm", "ppm"],
  ["ppb", "[ppb]"],
  ["µg/m³", "ug/m3"],
  ["μg/m³", "ug/m3"],
  ["ug/m3", "ug/m3"],
  ["µg/m3", "ug/m3"],
  ["mg/L", "mg/L"],
  ["mg/l", "mg/L"],
  ["NTU", "[NTU]"],
  ["µS/cm", "uS/cm"],
  ["g", "g"],
  ["kg", "kg"],
  ["t", "t"],
  ["N", "N"],
  ["Nm", "N.m"],
  ["s", "s"],
  ["sec", "s"],
  ["ms", "ms"],
  ["min", "min"],
  ["h", "h"],
  ["rpm", "/min"],
  ["1/min", "/min"],
  ["Ω", "Ohm"],
  ["bpm", "beat/min"],
]);

/** The unit of a sign such as `°C`, or `undefined` where nobody knows it. */
export const findUnitSign = (text: string): string | undefined => SIGNS.get(text.trim());

/**
 * Whether two units, or signs of units, are one: %RH is % of relative humidity, so a number is the
 * same in both.
 */
export function isSameUnit(one: string, other: string): boolean {
  const [a, b] = [one, other].map((unit) => findUnitSign(unit) ?? unit.trim());
  return a === b || (a === "%" && b === "%RH") || (a === "%RH" && b === "%");
}

/**
 * The unit that a metric's name tells by its last word, or "" when it tells none.
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
  const unit = WORDS.get(words[words.length - 1] ?? "") ?? "";
  return unit === "%" && words.includes("humidity") ? "%RH" : unit;
}

const BRACKETED = /^(.*\S)\s*(?:\(([^()]*(?:\([^()]*\))?)\)|\[([^[\]]*)\])$/;

/**
 * A column's name without the unit that stands in brackets at its end, and that unit; the name as
 * it is, and the unit of its last word, where the brackets hold something else.
 *
 * @example
 * splitUnit("Temp (°C)"); // { name: "Temp", unit: "Cel" }
 * splitUnit("Energy (day)"); // { name: "Energy (day)", unit: "" }
 */
export function splitUnit(column: string): { readonly name: string; readonly unit: string } {
  const match = BRACKETED.exec(column);
  const sign = (match?.[2] ?? match?.[3] ?? "").trim().replace(/^(?:en|in) /i, "");
  const unit = findUnitSign(sign);
  if (match === null || unit === undefined) return { name: column, unit: inferUnit(column) };
  const name = match[1] ?? column;
  const isHumidity = unit === "%" && /humid|feuchte/i.test(name);
  return { name, unit: isHumidity ? "%RH" : unit };
}
