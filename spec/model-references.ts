import { demand, ID_NAMES, type ModelMade } from "./model-act.ts";
import { bytes } from "./model-state.ts";
import type { Operation, OperationBody } from "./operations.ts";
import type { Hex } from "./outputs.ts";
import { findReference } from "./references.ts";

/** Spec §1.7, by the names that identifiers have in bodies. */

const NAMES = new Set(ID_NAMES.values());

/** The body with identifiers in the place of references, or a refusal. */
export function resolveBody(
  { body, authorization }: Operation,
  actor: Hex,
  made: ReadonlyMap<number, ModelMade>,
): OperationBody {
  const resolve = (name: string, value: unknown): unknown => {
    if (NAMES.has(name)) {
      const place = findReference(value as number | Uint8Array);
      if (place === undefined) return value;
      demand(authorization.by !== "account", "reference_signed");
      const thing = made.get(place);
      demand(thing?.name === name && thing.actor === actor, "reference_not_made");
      return typeof thing.id === "number" ? thing.id : bytes(thing.id);
    }
    if (Array.isArray(value)) return value.map((one) => resolve("", one));
    if (typeof value !== "object" || value === null || value instanceof Uint8Array) return value;
    return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, resolve(key, one)]));
  };
  return resolve("", body) as OperationBody;
}
