import type { Layout } from "../../spec/field-layout.ts";
import { OPERATIONS, type OperationBody } from "../../spec/operations.ts";
import { type Entity, findReference } from "../../spec/references.ts";
import { type Refused, refuse } from "../../spec/refusals.ts";
import { equalBytes } from "../../spec/words.ts";
import type { Actor } from "./authorize.ts";
import type { MadeThings, OperationContext } from "./operation-context.ts";

/** Part of a commit: later operations of the input may refer to what this one makes. */
export function noteMade(
  { made, operationIndex, actor }: Pick<OperationContext, "made" | "operationIndex" | "actor">,
  entity: Entity,
  id: number | Uint8Array,
): void {
  made[operationIndex] = { entity, id, actor };
}

type Values = Readonly<Record<string, unknown>>;

/** Where identifiers stand in a body or a struct of it. */
interface IdPlace {
  readonly name: string;
  readonly entity?: Entity;
  /** Of the struct, or of each struct of the list, that stands there. */
  readonly inner?: readonly IdPlace[];
}

const listIdPlaces = ({ members }: Layout): readonly IdPlace[] =>
  members.flatMap(({ name, range }): IdPlace[] => {
    if (range.of === "id") return [{ name, entity: range.entity }];
    const within = range.of === "list" ? range.item.range : range;
    if (within.of === "id") throw new RangeError(`${name}: a list of plain identifiers`);
    const inner = within.of === "struct" ? listIdPlaces(within.struct) : [];
    return inner.length === 0 ? [] : [{ name, inner }];
  });

const ID_PLACES = new Map(
  Object.entries(OPERATIONS).map(([kind, { layout }]) => [kind, listIdPlaces(layout)]),
);

/** §1.7 The body with identifiers in the place of references; the same where there are none. */
export function resolveReferences<Body extends OperationBody>(
  body: Body,
  { account, consumesNonce }: Pick<Actor, "account" | "consumesNonce">,
  made: MadeThings,
): Body | Refused {
  const places = ID_PLACES.get(body.kind)!;
  if (!places.some((place) => refersIn(place, body))) return body;
  const resolving: Resolving = { account, consumesNonce, made, refused: undefined };
  const resolved = resolveIn(places, body, resolving);
  return resolving.refused ?? (resolved as Body);
}

/** Looked for first, so that the many bodies without a reference are not copied. */
function refersIn({ name, entity, inner }: IdPlace, values: Values): boolean {
  const value = values[name];
  if (entity !== undefined) return findReference(value as number | Uint8Array) !== undefined;
  if (!Array.isArray(value)) return inner!.some((place) => refersIn(place, value as Values));
  return value.some((one: Values) => inner!.some((place) => refersIn(place, one)));
}

interface Resolving extends Pick<Actor, "account" | "consumesNonce"> {
  readonly made: MadeThings;
  refused: Refused | undefined;
}

function resolveIn(places: readonly IdPlace[], values: Values, resolving: Resolving): Values {
  const resolved: Record<string, unknown> = { ...values };
  for (const { name, entity, inner } of places) {
    const value = values[name];
    if (entity !== undefined) {
      resolved[name] = resolve(entity, value as number | Uint8Array, resolving);
    } else if (Array.isArray(value)) {
      resolved[name] = value.map((one: Values) => resolveIn(inner!, one, resolving));
    } else resolved[name] = resolveIn(inner!, value as Values, resolving);
  }
  return resolved;
}

function resolve(entity: Entity, id: number | Uint8Array, resolving: Resolving) {
  const operation = findReference(id);
  if (operation === undefined) return id;
  if (resolving.consumesNonce) {
    const detail =
      "an account's signature covers no reference to the {entity} of operation {operation}";
    resolving.refused ??= refuse("reference_signed", detail, { operation, entity });
    return id;
  }
  const made = resolving.made[operation];
  if (made?.entity === entity && equalBytes(made.actor, resolving.account)) return made.id;
  const detail = "operation {operation} of this input made no {entity} of this actor";
  resolving.refused ??= refuse("reference_not_made", detail, { operation, entity });
  return id;
}
