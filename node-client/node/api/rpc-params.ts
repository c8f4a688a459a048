import type { Hex } from "../../../spec/outputs.ts";
import type { EpochStatus, Page } from "../node-store.ts";
import { RpcError } from "./json-rpc.ts";

/** Lists are cut to this many items, as the official node does without a word. */
const LIMIT_MAX = 10_000;
const LIMIT_DEFAULT = 50;
/** No index comes near it; larger ones are as absent as this one. */
const INDEX_MAX = Number.MAX_SAFE_INTEGER - 1;

const EPOCH_STATUSES: ReadonlySet<string> = new Set<EpochStatus>([
  "OPEN",
  "CLOSED",
  "INPUTS_PROCESSED",
  "CLAIM_COMPUTED",
  "CLAIM_SUBMITTED",
  "CLAIM_ACCEPTED",
  "CLAIM_REJECTED",
]);

/**
 * The parameters of one call, by name or by position. Unknown names are ignored: clients send
 * camelCase twins along. `null` is the same as absent.
 */
export class RpcParams {
  readonly #values: ReadonlyMap<string, unknown>;

  /**
   * @param names In the order of positional parameters.
   * @throws RpcError for anything but an object or a list of at most so many.
   */
  constructor(params: unknown, names: readonly string[]) {
    this.#values = new Map(toEntries(params, names).filter(([, value]) => value != null));
  }

  /**
   * The application's name or address, as it came.
   *
   * @throws RpcError when it could be neither.
   */
  getApplication(): string {
    const value = this.#values.get("application");
    const isName = typeof value === "string" && /^(0x[0-9a-f]{40}|[a-z0-9_-]{3,})$/i.test(value);
    if (!isName) throw createInvalid("application", "a name or an address");
    return value;
  }

  /** An index that has to be there. */
  requireIndex(name: string): number {
    const index = this.getIndex(name);
    if (index === undefined) throw createInvalid(name, "a hexadecimal number");
    return index;
  }

  getIndex(name: string): number | undefined {
    const value = this.#get(name, "a hexadecimal number", /^0x[0-9a-f]{1,16}$/);
    return value === undefined ? undefined : Math.min(Number(BigInt(value)), INDEX_MAX);
  }

  getAddress(name: string): Hex | undefined {
    return this.#get(name, "an address of 20 bytes", /^0x[0-9a-f]{40}$/) as Hex | undefined;
  }

  getSelector(name: string): Hex | undefined {
    return this.#get(name, "a selector of 4 bytes", /^0x[0-9a-f]{8}$/) as Hex | undefined;
  }

  getEpochStatus(name: string): EpochStatus | undefined {
    const value = this.#values.get(name);
    if (value === undefined) return undefined;
    if (typeof value === "string" && EPOCH_STATUSES.has(value)) return value as EpochStatus;
    throw createInvalid(name, `one of ${[...EPOCH_STATUSES].join(", ")}`);
  }

  getPage(): Required<Page> {
    const descending = this.#values.get("descending") ?? false;
    if (typeof descending !== "boolean") throw createInvalid("descending", "true or false");
    const limit = this.#getCount("limit") || LIMIT_DEFAULT;
    return { limit: Math.min(limit, LIMIT_MAX), offset: this.#getCount("offset"), descending };
  }

  #getCount(name: string): number {
    const value = this.#values.get(name) ?? 0;
    if (typeof value === "number" && Number.isSafeInteger(value) && value >= 0) return value;
    throw createInvalid(name, "a count");
  }

  /** A text that matches in lower case. */
  #get(name: string, what: string, pattern: RegExp): string | undefined {
    const value = this.#values.get(name);
    if (value === undefined) return undefined;
    const text = typeof value === "string" ? value.toLowerCase() : "";
    if (!pattern.test(text)) throw createInvalid(name, what);
    return text;
  }
}

function toEntries(params: unknown, names: readonly string[]): [string, unknown][] {
  if (params === undefined || params === null) return [];
  if (Array.isArray(params)) {
    if (params.length > names.length) {
      throw new RpcError("invalid_params", `At most ${names.length} parameters are understood.`);
    }
    return params.map((value, i) => [names[i]!, value]);
  }
  if (typeof params !== "object") {
    throw new RpcError("invalid_params", "Parameters are an object or a list.");
  }
  return Object.entries(params);
}

function createInvalid(name: string, what: string): RpcError {
  return new RpcError("invalid_params", `Invalid parameters: "${name}" is ${what}.`);
}
