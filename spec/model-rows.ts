import type { ModelRowOf } from "./table-columns.ts";
import type { STATE } from "./tables.ts";

/**
 * The rows of every table as the model sees them: columns by their SQL names, so that a row can be
 * laid beside the spec and beside SQL. Bytes are hexadecimal, amounts bigints.
 */

type State = typeof STATE;

export type Rows = { [Key in keyof State as State[Key]["name"]]: ModelRowOf<State[Key]> };
export type TableName = keyof Rows;
export type Row<Name extends TableName> = Rows[Name];
