/**
 * The decimal text of a scaled integer: exact, no exponent, `scale` digits after the point.
 *
 * @example
 * formatScaled(-5, 2) // "-0.05"
 */
export function formatScaled(value: number, scale: number): string {
  if (scale === 0) return String(value);
  const digits = String(Math.abs(value)).padStart(scale + 1, "0");
  const point = digits.length - scale;
  return `${value < 0 ? "-" : ""}${digits.slice(0, point)}.${digits.slice(point)}`;
}
