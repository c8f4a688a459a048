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

/** Units that people write by their own sign; the letters' case counts: mW is not MW. */
const OWN_SIGNS: readonly string[] = [
  ...["K", "%", "%RH", "deg", "V", "mV", "A", "mA", "W", "kW", "MW", "VA", "kVA", "var"],
  ...["kvar", "Wh", "kWh", "J", "Hz", "kHz", "MHz", "m", "mm", "cm", "km", "m2", "m3", "m3/h"],
  ...["l", "l/min", "m/s", "km/h", "mm/h", "hPa", "mbar", "bar", "kPa", "Pa", "dB", "dBm"],
  ...["lx", "W/m2", "ppm", "ug/m3", "mg/L", "g", "kg", "t", "N", "s", "ms", "min", "h"],
];

/** By unit: the signs that people write for it in brackets or after a number. */
const OTHER_SIGNS: Readonly<Record<string, readonly string[]>> = {
  Cel: ["°C", "ºC", "˚C", "℃", "degC", "C"],
  "[degF]": ["°F", "ºF", "degF", "F"],
  "%RH": ["% RH"],
  deg: ["°"],
  kW: ["Kw", "KW"],
  kWh: ["KWh", "kwh"],
  "MW.h": ["MWh"],
  m2: ["m²"],
  m3: ["m³"],
  "m3/h": ["m³/h"],
  l: ["L"],
  "l/min": ["L/min"],
  "m/s": ["Meters/second"],
  "km/h": ["kmh"],
  "[mi_i]/h": ["mph"],
  "[psi]": ["psi"],
  "[in_i'Hg]": ["inHg"],
  dB: ["dB(A)"],
  lx: ["lux"],
  "W/m2": ["W/m²"],
  "[ppb]": ["ppb"],
  "ug/m3": ["µg/m³", "μg/m³", "µg/m3"],
  "mg/L": ["mg/l"],
  "[NTU]": ["NTU"],
  "uS/cm": ["µS/cm"],
  "N.m": ["Nm"],
  s: ["sec"],
  "/min": ["rpm", "1/min"],
  Ohm: ["Ω"],
  "beat/min": ["bpm"],
};

const SIGNS: ReadonlyMap<string, string> = new Map([
  ...OWN_SIGNS.map((unit) => [unit, unit] as const),
  ...Object.entries(OTHER_SIGNS).flatMap(([unit, signs]) =>
    signs.map((sign) => [sign, unit] as const),
  ),
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
