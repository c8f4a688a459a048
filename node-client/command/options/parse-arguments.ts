import { InvalidArgumentError } from "commander";
import { isAddress } from "viem";
import { NAME_BYTES_MAX } from "../../../spec/limits.ts";
import type { Hex } from "../../../spec/outputs.ts";
import { PORTALS } from "../../../spec/portals.ts";
import { parseInstant } from "../../files/parse-time.ts";
import type { SharedOptions } from "./declared-command.ts";

/**
 * Parsers of option values. Each throws commander's `InvalidArgumentError`, whose message follows
 * "option '--x <x>' argument 'y' is invalid.".
 */

/** A whole number within bounds, in decimal digits. */
export const parseWhole =
  (minimum: number, maximum: number) =>
  (text: string): number => {
    const value = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
    if (value >= minimum && value <= maximum) return value;
    throw new InvalidArgumentError(`Give a whole number from ${minimum} to ${maximum}.`);
  };

/** An index of inputs, outputs, epochs: a counter of the protocol. */
export const parseIndex = parseWhole(0, Number.MAX_SAFE_INTEGER);

/** Bytes of a fixed length as hexadecimal digits, with or without 0x. */
export const parseBytes =
  (length: number, what: string) =>
  (text: string): Uint8Array => {
    const match = /^(?:0x)?((?:[0-9a-fA-F]{2})*)$/.exec(text);
    if (match?.[1]?.length === 2 * length) return Uint8Array.from(Buffer.from(match[1], "hex"));
    throw new InvalidArgumentError(`Give ${what}: ${2 * length} hexadecimal digits.`);
  };

/** An address of 20 bytes. Where it mixes cases, its checksum (EIP-55) has to be right. */
export function parseAddress(text: string): Uint8Array {
  const digits = /^0x([0-9a-fA-F]{40})$/.exec(text)?.[1];
  if (digits === undefined) {
    throw new InvalidArgumentError("Give an address: 0x and 40 hexadecimal digits.");
  }
  const isMixed = digits !== digits.toLowerCase() && digits !== digits.toUpperCase();
  if (isMixed && !isAddress(text)) {
    throw new InvalidArgumentError("The address has a typing error: its checksum is wrong.");
  }
  return Uint8Array.from(Buffer.from(digits, "hex"));
}

/** An address of the command line, lower case. */
export const parseAddressHex = (text: string): Hex =>
  `0x${Buffer.from(parseAddress(text)).toString("hex")}`;

/** Parses, and says in other words why a text cannot be. */
export function parseOr<Value>(
  parse: (text: string) => Value,
  text: string,
  say: (why: string) => string,
): Value {
  try {
    return parse(text);
  } catch (cause) {
    if (!(cause instanceof InvalidArgumentError)) throw cause;
    throw new InvalidArgumentError(say(cause.message));
  }
}

/** The address of somebody who sends inputs. A portal's inputs are deposits, whatever they hold. */
export function parseSender(text: string): Uint8Array {
  const address = parseAddress(text);
  if ((Object.values(PORTALS) as string[]).includes(Buffer.from(address).toString("hex"))) {
    throw new InvalidArgumentError("The address is a portal's: its inputs are taken as deposits.");
  }
  return address;
}

/** The name of a stream or metric: 1 to 64 bytes of printable text. */
export function parseName(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it refuses.
  const isPrintable = !/^\ufeff|[\u0000-\u001f\u007f]/.test(text);
  if (text !== "" && isPrintable && Buffer.byteLength(text, "utf8") <= NAME_BYTES_MAX) return text;
  throw new InvalidArgumentError("Give 1 to 64 bytes of printable text.");
}

/** The address of a server that speaks HTTP. */
export function parseUrl(text: string): string {
  if (URL.canParse(text) && /^https?:$/.test(new URL(text).protocol)) return text;
  throw new InvalidArgumentError("Give a URL such as http://127.0.0.1:8545.");
}

/** `NAME=VALUE`; the name may hold further equals signs. */
export function splitPair(text: string, form: string): readonly [name: string, value: string] {
  const at = text.lastIndexOf("=");
  if (at > 0) return [text.slice(0, at), text.slice(at + 1)];
  throw new InvalidArgumentError(`Give ${form}.`);
}

/**
 * Splits at every separator that no backslash stands before. Backslashes stay, so that the parts
 * can be split further.
 */
export function splitList(text: string, separator: string): string[] {
  const parts = [""];
  for (let i = 0; i < text.length; i++) {
    if (text[i] === separator) parts.push("");
    else {
      const piece = text[i] === "\\" ? text.slice(i, ++i + 1) : text[i];
      parts.push(`${parts.pop()}${piece}`);
    }
  }
  return parts;
}

/** A name as it stands in a list: without its white space and the backslashes before characters. */
export const unescapeName = (text: string): string => text.trim().replace(/\\(.)/gs, "$1");

/** `--json`, which every command has. */
export const addJsonOption: SharedOptions<{ readonly json: boolean }> = (command) =>
  command.option("--json", "print one JSON object on the last line", false);

/** `--json` of a command that prints an object for each reading that comes. */
export const printsJsonLines: SharedOptions<object> = (command) => {
  const option = command.options.find(({ long }) => long === "--json");
  if (option !== undefined) option.description = "print one JSON object a line, one a reading";
  return command;
};

/** `--data-folder`, of every command that keeps something, or reads what another has kept. */
export const addDataFolderOption: SharedOptions<{ readonly dataFolder?: string }> = (command) =>
  command.option(
    "--data-folder <folder>",
    "where keys, uploads, payments and the local rollup are kept (default: $TALLYROLL_HOME, else " +
      "$XDG_DATA_HOME/tallyroll, else ~/.local/share/tallyroll)",
  );

/** A time of the command line in Unix seconds; a day alone is its first second in UTC. */
export function parseMoment(text: string): number {
  const isDay = /^\d{4}-\d{2}-\d{2}$/.test(text);
  const time = parseInstant(isDay ? `${text} 00:00:00` : text);
  if (time !== undefined) return time;
  throw new InvalidArgumentError(
    "Give Unix seconds or YYYY-MM-DD, with or without HH:MM:SS, in UTC.",
  );
}
