import { METRIC_VALUE_MAX } from "../../../spec/limits.ts";
import type { Predicate } from "../../../spec/predicate.ts";
import type { Metric } from "../../../spec/readings.ts";
import { ClientError } from "../../errors.ts";

/** A text says no predicate, or names a metric that is not known. */
export class PredicateError extends ClientError {
  override readonly name = "PredicateError";
}

type Range = Extract<Predicate, { readonly kind: "range" }>;
type Place = Pick<Range, "name" | "unit" | "scale">;

const TOKEN =
  /\s*(?:"([^"]*)"|(<=|>=|<|>|\(|\)|\{|\}|\[|\]|,)|(-?\d+(?:\.\d+)?)(?![\p{L}_])|([\p{L}_][\p{L}\p{N}_]*))/uy;

interface Token {
  readonly kind: "name" | "sign" | "number" | "word";
  readonly text: string;
}

/**
 * A predicate as people write it: ranges of metrics under `and` and `or`, with parentheses.
 *
 * @param metrics Of the stream that is judged. Where it is not known yet, as in an intent, each
 * metric says its unit and scale: `temperature{Cel,2}`.
 * @throws PredicateError for anything else.
 * @example
 * parsePredicate("temperature in [25, 43) and humidity <= 80", metrics);
 * parsePredicate('"wind speed"{m/s,1} < 20 or rain{,0} > 0');
 */
export function parsePredicate(text: string, metrics?: readonly Metric[]): Predicate {
  const reader = new PredicateText(tokenize(text), metrics);
  const predicate = reader.readOr();
  reader.requireEnd();
  return predicate;
}

function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  TOKEN.lastIndex = 0;
  for (let at = 0; text.slice(at).trim() !== ""; at = TOKEN.lastIndex) {
    TOKEN.lastIndex = at;
    const match = TOKEN.exec(text);
    if (match === null) throw fail(`${JSON.stringify(text.slice(at).trim())} is not understood`);
    const [, name, sign, number, word] = match;
    if (name !== undefined) tokens.push({ kind: "name", text: name });
    else if (sign !== undefined) tokens.push({ kind: "sign", text: sign });
    else if (number !== undefined) tokens.push({ kind: "number", text: number });
    else tokens.push({ kind: "word", text: word ?? "" });
  }
  return tokens;
}

class PredicateText {
  #at = 0;
  readonly #tokens: readonly Token[];
  readonly #metrics: readonly Metric[] | undefined;

  constructor(tokens: readonly Token[], metrics: readonly Metric[] | undefined) {
    this.#tokens = tokens;
    this.#metrics = metrics;
  }

  readOr(): Predicate {
    return this.#readParts("or", () => this.#readParts("and", () => this.#readTerm()));
  }

  requireEnd(): void {
    const token = this.#tokens[this.#at];
    if (token !== undefined) throw fail(`${JSON.stringify(token.text)} is not expected`);
  }

  #readParts(kind: "and" | "or", readPart: () => Predicate): Predicate {
    const parts = [readPart()];
    while (this.#skip(kind)) parts.push(readPart());
    const [only] = parts;
    return parts.length === 1 && only !== undefined ? only : { kind, parts };
  }

  #readTerm(): Predicate {
    if (this.#skip("(")) {
      const inner = this.readOr();
      this.#require(")");
      return inner;
    }
    const place = this.#readMetric();
    const widest = { minimum: -METRIC_VALUE_MAX, maximum: METRIC_VALUE_MAX };
    const range = { kind: "range", ...place, ...widest } as const;
    for (const sign of ["<=", "<", ">=", ">"]) {
      if (!this.#skip(sign)) continue;
      const bound = this.#readBound(place.scale, sign === "<" || sign === ">=" ? "up" : "down");
      if (sign === "<=" || sign === "<") {
        return { ...range, maximum: sign === "<" ? bound - 1 : bound };
      }
      return { ...range, minimum: sign === ">" ? bound + 1 : bound };
    }
    this.#require("in");
    this.#require("[");
    const minimum = this.#readBound(place.scale, "up");
    this.#require(",");
    const isOpen = this.#tokens[this.#at + 1]?.text === ")";
    const bound = this.#readBound(place.scale, isOpen ? "up" : "down");
    const maximum = isOpen ? bound - 1 : bound;
    if (!this.#skip(isOpen ? ")" : "]")) throw fail('a range ends with "]" or ")"');
    if (minimum > maximum) throw fail(`no value of ${place.name} is in the range`);
    return { ...range, minimum, maximum };
  }

  #readMetric(): Place {
    const token = this.#tokens[this.#at++];
    if (token === undefined || (token.kind !== "word" && token.kind !== "name")) {
      throw fail("a metric's name is missing");
    }
    const name = token.text;
    if (this.#skip("{")) {
      let unit = "";
      while (!this.#skip(",")) {
        const part = this.#tokens[this.#at++];
        if (part === undefined) throw fail(`the unit and scale of ${name} are missing`);
        unit += part.text;
      }
      const scale = Number(this.#tokens[this.#at++]?.text);
      this.#require("}");
      if (!Number.isInteger(scale) || scale < 0) throw fail(`the scale of ${name} is not a number`);
      return { name, unit, scale };
    }
    if (this.#metrics === undefined) {
      throw fail(
        `without a stream nothing says the unit and scale of ${name}`,
        "Leave the predicate out where no stream is sold; an intent's predicate names them, as in " +
          `${name}{Cel,2}.`,
      );
    }
    const metric = this.#metrics.find((one) => one.name === name && one.kind === "integer");
    if (metric !== undefined) return { name, unit: metric.unit, scale: metric.scale };
    const known = this.#metrics.filter(({ kind }) => kind === "integer").map((one) => one.name);
    if (known.length === 0) {
      throw fail("the stream has no numeric metric", "Leave the predicate out: it judges numbers.");
    }
    throw fail(
      `the stream has no numeric metric ${JSON.stringify(name)}, but ${known.join(", ")}`,
      "Name one of those.",
    );
  }

  /** A bound as a stored integer; one that is finer than the scale moves inwards. */
  #readBound(scale: number, round: "up" | "down"): number {
    const token = this.#tokens[this.#at++];
    if (token?.kind !== "number") throw fail("a bound is not a number");
    const [whole = "0", fraction = ""] = token.text.replace("-", "").split(".");
    const digits = fraction.padEnd(scale, "0");
    const magnitude = Number(whole + digits.slice(0, scale));
    const isCut = /[1-9]/.test(digits.slice(scale));
    const isNegative = token.text.startsWith("-");
    const isOutwards = isCut && isNegative === (round === "down");
    const value = (isNegative ? -1 : 1) * (isOutwards ? magnitude + 1 : magnitude);
    if (Math.abs(value) <= METRIC_VALUE_MAX) return value === 0 ? 0 : value;
    throw fail(`the bound ${token.text} is too large`);
  }

  #skip(text: string): boolean {
    const token = this.#tokens[this.#at];
    if (token === undefined || token.kind === "name" || token.text !== text) return false;
    this.#at += 1;
    return true;
  }

  #require(text: string): void {
    if (!this.#skip(text)) throw fail(`${JSON.stringify(text)} is missing`);
  }
}

const HOW_TO_WRITE = 'Write ranges such as "temperature in [25, 43) and humidity <= 80".';

const fail = (problem: string, whatToDo = HOW_TO_WRITE): PredicateError =>
  new PredicateError(`This is not a predicate: ${problem}.`, { whatToDo });
