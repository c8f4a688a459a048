import { QUERY_ERRORS, type QueryErrorName } from "../../../spec/query-errors.ts";
import { ClientError } from "../../errors.ts";

/** A query by its name with its fields (spec §9). */
export interface Query {
  readonly query: string;
  /** An object is the cursor of a list with two keys, as the page before it gave it. */
  readonly [field: string]: string | number | object | undefined;
}

/** The application could not answer a query: the asker's fault, as it says (spec §9). */
export class QueryRefused extends ClientError {
  override readonly name = "QueryRefused";
  /** What was asked. */
  readonly asked: Query;
  /** Why; `undefined` for a reason that this version does not know. */
  readonly reason: QueryErrorName | undefined;
  readonly code: number | undefined;
  /** What the application says, for people. */
  readonly detail: string;
  /** What the detail names. */
  readonly values: Readonly<Record<string, unknown>>;

  /** @param answer The application's answer, which has an `error`. */
  constructor(asked: Query, answer: Readonly<Record<string, unknown>>) {
    const { query, ...fields } = asked;
    const { error, code, reason, ...values } = answer;
    const given = Object.entries(fields).filter(([, value]) => value !== undefined);
    const words = given.map(([name, value]) => `${name}=${String(value).slice(0, 80)}`).join(" ");
    super(`The query "${query}"${words && ` (${words})`} cannot be answered: ${error}.`, {
      whatToDo: "Correct its fields; spec §9 and `tallyroll inspect --help` list them.",
    });
    this.asked = asked;
    this.reason = isReason(reason) && QUERY_ERRORS[reason] === code ? reason : undefined;
    this.code = typeof code === "number" ? code : undefined;
    this.detail = String(error);
    this.values = values;
  }
}

/**
 * What a query finds, or `undefined` where the application says that it is not there.
 *
 * @throws What the query throws for any other reason.
 * @example
 * const device = await unlessNotFound(getDevice(client, { did }), "device_not_found");
 */
export async function unlessNotFound<Found>(
  asked: Promise<Found>,
  reason: QueryErrorName,
): Promise<Found | undefined> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof QueryRefused && error.reason === reason) return undefined;
    throw error;
  }
}

const isReason = (value: unknown): value is QueryErrorName =>
  typeof value === "string" && Object.hasOwn(QUERY_ERRORS, value);
