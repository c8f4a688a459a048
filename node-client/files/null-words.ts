/** Words that stand where a value is missing, as loggers, databases and home automations write them. */
const NULL_WORDS = [
  ...["unavailable", "unknown", "NaN", "nan", "NAN", "None", "none", "null", "NULL", "Null", "nil"],
  ...["-", "--", "---", "N/A", "n/a", "NA", "#N/A", "#NA", "undefined", "<null>", "(null)", "\\N"],
  ...["Infinity", "-Infinity", "+Infinity", "inf", "-inf", "+inf", "Inf", "-Inf", "+Inf"],
  ...["∞", "-∞", "+∞", "−∞"],
];

/** The words of a file: the well-known ones and those of an option, exactly as they stand. */
export const listNullWords = (more: readonly string[] = []): ReadonlySet<string> =>
  new Set([...NULL_WORDS, ...more.map((word) => word.trim())]);
