import type { BodyOf, SignableBody } from "../../../spec/operations.ts";
import {
  type Acting,
  type Action,
  defineAction,
  type OwnFields,
  readOwn,
} from "./define-action.ts";

/** Makes the fields of an operation of native options. */
type BuildFields<Kind extends SignableBody["kind"]> = (
  options: never,
  acting: Acting,
) => Omit<BodyOf<Kind>, "kind">;

/**
 * An action of one kind of operation, which gives the fields of the operation's own notice.
 *
 * @example
 * const revokeDevice = ownAction("revoke_device", ({ deviceId }: RevokeDeviceOptions) => ({ deviceId }));
 */
export function ownAction<Kind extends SignableBody["kind"], Build extends BuildFields<Kind>>(
  kind: Kind,
  toFields: Build,
): Action<(...given: Parameters<Build>) => BodyOf<Kind>, OwnFields<Kind>> {
  return defineAction({
    // A kind and its fields are its body, which no compiler sees of a kind that it does not know.
    body: (options: never, acting) => ({ kind, ...toFields(options, acting) }) as never,
    read: (told) => readOwn(kind, told),
  });
}
