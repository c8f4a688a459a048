import { EPOCH_STATUSES } from "../../chain/epoch-status.ts";
import type { EpochFilter, InputFilter, OutputFilter } from "../store/node-store.ts";
import type { Page } from "../store/row-kinds.ts";
import { RpcError } from "./json-rpc.ts";

/** Lists are cut to this many items, as the official node does without a word. */
export const LIMIT_MAX = 10_000;
const LIMIT_DEFAULT = 50;
/** No index comes near it; larger ones are as absent as this one. */
const INDEX_MAX = Number.MAX_SAFE_INTEGER - 1;

/** A kind of parameter: its name in errors, its JSON Schema, and whether a value is of it. */
interface ParameterKind {
  readonly what: string;
  readonly schema: object;
  readonly has: (value: unknown) => boolean;
}

const text = (what: string, pattern: string): ParameterKind => {
  const expression = new RegExp(pattern);
  const has = (value: unknown) => typeof value === "string" && expression.test(value);
  return { what, schema: { type: "string", pattern }, has };
};

const NAME_OR_ADDRESS = text("a name or an address", "^(0x[0-9a-fA-F]{40}|[a-zA-Z0-9_-]{3,})$");
const INDEX = text("a hexadecimal number", "^0[xX][0-9a-fA-F]{1,16}$");
const ADDRESS = text("an address of 20 bytes", "^0[xX][0-9a-fA-F]{40}$");
const SELECTOR = text("a selector of 4 bytes", "^0[xX][0-9a-fA-F]{8}$");
const HASH = text("a hash of 32 bytes", "^0[xX][0-9a-fA-F]{64}$");
const FLAG: ParameterKind = {
  what: "true or false",
  schema: { type: "boolean" },
  has: (value) => typeof value === "boolean",
};
const COUNT: ParameterKind = {
  what: "a count",
  schema: { type: "integer", minimum: 0 },
  has: (value) => typeof value === "number" && Number.isSafeInteger(value) && value >= 0,
};
const STATUS: ParameterKind = {
  what: `one of ${EPOCH_STATUSES.join(", ")}`,
  schema: { type: "string", enum: EPOCH_STATUSES },
  has: (value) => EPOCH_STATUSES.some((status) => status === value),
};

/** Every parameter of the API: one name is the same thing in every method. */
export const PARAMETERS = {
  application: NAME_OR_ADDRESS,
  epoch_index: INDEX,
  input_index: INDEX,
  output_index: INDEX,
  report_index: INDEX,
  level: INDEX,
  /** The least index of what is listed, and the largest, both inclusive. */
  from: INDEX,
  to: INDEX,
  sender: ADDRESS,
  voucher_address: ADDRESS,
  address: ADDRESS,
  tournament_address: ADDRESS,
  parent_tournament_address: ADDRESS,
  output_type: SELECTOR,
  executed: FLAG,
  status: STATUS,
  id_hash: HASH,
  parent: HASH,
  commitment: HASH,
  parent_match_id_hash: HASH,
  limit: COUNT,
  offset: COUNT,
  descending: FLAG,
} as const satisfies Record<string, ParameterKind>;

export type ParameterName = keyof typeof PARAMETERS;
type NameOf<Kind extends ParameterKind> = {
  [Name in ParameterName]: (typeof PARAMETERS)[Name] extends Kind ? Name : never;
}[ParameterName];

/** The parameters that a method takes; the required ones come first. */
interface MethodParameters {
  readonly required: readonly ParameterName[];
  readonly optional: readonly ParameterName[];
}

/**
 * The parameters of one call, by name or by position; `null` is the same as absent. Each is of its
 * kind, and there is no other: what would be ignored is refused, so that nobody takes the answer for
 * a filtered one. The official clients' camelCase twins of parameters that are there are no others.
 */
export class RpcParams {
  readonly #values: ReadonlyMap<string, unknown>;

  /**
   * @param method What it takes, in the order of positional parameters.
   * @throws RpcError that names the first parameter that is unknown, not of its kind, or missing.
   */
  constructor(params: unknown, { required, optional }: MethodParameters) {
    const names = [...required, ...optional];
    const entries = toEntries(params, names).filter(([, value]) => value !== undefined);
    const values = new Map(entries);
    for (const [name, value] of entries) {
      if (!names.some((known) => known === name)) {
        const twin = toSnakeCase(name);
        if (twin !== name && names.some((known) => known === twin) && values.get(twin) != null) {
          continue;
        }
        throw createUnknown(name, names);
      }
      const { what, has } = PARAMETERS[name as ParameterName];
      if (value !== null && !has(value)) throw createInvalid(name, what);
    }
    const missing = required.find((name) => values.get(name) == null);
    if (missing !== undefined) throw createInvalid(missing, PARAMETERS[missing].what);
    this.#values = new Map(entries.filter(([, value]) => value !== null));
  }

  /** The application's name or address, as it came. */
  getApplication(): string | undefined {
    return this.#values.get("application") as string | undefined;
  }

  getIndex(name: NameOf<typeof INDEX>): number | undefined {
    const value = this.#values.get(name) as string | undefined;
    return value === undefined
      ? undefined
      : Math.min(Number(BigInt(value.toLowerCase())), INDEX_MAX);
  }

  /** What is asked of a list, as far as its method knows it; only what was given. */
  getFilter(): EpochFilter & InputFilter & OutputFilter {
    const lower = (name: "sender" | "voucher_address" | "output_type"): string | undefined =>
      (this.#values.get(name) as string | undefined)?.toLowerCase();
    const filter = {
      from: this.getIndex("from"),
      to: this.getIndex("to"),
      status: this.#values.get("status"),
      epochIndex: this.getIndex("epoch_index"),
      inputIndex: this.getIndex("input_index"),
      sender: lower("sender"),
      outputType: lower("output_type"),
      voucherAddress: lower("voucher_address"),
      executed: this.#values.get("executed"),
    };
    return Object.fromEntries(Object.entries(filter).filter(([, value]) => value !== undefined));
  }

  getPage(): Required<Page> {
    const limit = ((this.#values.get("limit") ?? 0) as number) || LIMIT_DEFAULT;
    return {
      limit: Math.min(limit, LIMIT_MAX),
      offset: (this.#values.get("offset") ?? 0) as number,
      descending: (this.#values.get("descending") ?? false) as boolean,
    };
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

const toSnakeCase = (name: string): string =>
  name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

function createInvalid(name: string, what: string): RpcError {
  return new RpcError("invalid_params", `Invalid parameters: "${name}" is ${what}.`);
}

function createUnknown(name: string, names: readonly string[]): RpcError {
  const known = names.length === 0 ? "no parameters" : names.join(", ");
  const shown = JSON.stringify(name.slice(0, 64));
  return new RpcError(
    "invalid_params",
    `Invalid parameters: ${shown} is not known here; the method takes ${known}.`,
  );
}
