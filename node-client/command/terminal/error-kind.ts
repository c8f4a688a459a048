import { ClientError } from "../../errors.ts";

/**
 * A kind of error that has nothing to say beside its sentences: a program knows it by its name.
 *
 * @example
 * const AmountError = errorKind("AmountError");
 */
export const errorKind = (kind: string) =>
  class extends ClientError {
    override readonly name: string = kind;
  };
