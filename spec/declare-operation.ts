import { recordLayout } from "./field-layout.ts";
import type { NoticeName } from "./notices.ts";
import type { Fields } from "./wire-fields.ts";

/** What is said of an operation beside its number and its fields. */
interface OperationFacts {
  /** The notices that say what it did itself; it leaves at least one of them. */
  readonly notices: readonly [NoticeName, ...NoticeName[]];
  /** Whose signature authorizes it, where it is not an account's (spec §1.5). */
  readonly by?: "device";
  /** The party that the rules let do it, as the protocol's table names it. */
  readonly party?: string;
}

/**
 * All that is known of a kind of operation. Its type, decoder, encoder, EIP-712 struct and the
 * tests' bodies follow from here, and its row in the protocol's text:
 * `TALLYROLL_WRITE_TABLES=1 npx vitest run test/vectors/operation-tables.test.ts` writes it.
 *
 * @param code Its number on the wire: never renumber, never reuse.
 * @param read Reads the body, fields in the order of the wire: an object literal's are.
 * @example
 * transfer: declareOperation(1, { notices: ["Transferred"] }, (f) => ({
 *   kind: "transfer",
 *   token: f.address(),
 *   to: f.address(),
 *   amount: f.amount(),
 * })),
 */
export function declareOperation<
  const Body extends { readonly kind: string },
  const Facts extends OperationFacts,
>(code: number, facts: Facts, read: (fields: Fields) => Body) {
  return { code, ...facts, read, layout: recordLayout(read) };
}

/** The body of a kind, or of one of several, as one of a subject's declarations reads it. */
export type DeclaredBody<Declarations, Kind extends keyof Declarations> = {
  [K in Kind]: Declarations[K] extends { readonly read: (fields: Fields) => infer Body }
    ? Readonly<Body>
    : never;
}[Kind];
