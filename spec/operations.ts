import { CHANNEL_OPERATIONS } from "./channel-operations.ts";
import { CORE_OPERATIONS } from "./core-operations.ts";
import type { DeclaredBody } from "./declare-operation.ts";
import { ESCROW_OPERATIONS } from "./escrow-operations.ts";
import { SERVICE_OPERATIONS } from "./service-operations.ts";
import type { Fields } from "./wire-fields.ts";

/** Every declaration under the kind that it reads. */
const joined = <
  All extends { readonly [K in keyof All]: { read: (f: Fields) => { readonly kind: K } } },
>(
  all: All,
): All => all;

/** All that the protocol knows of operations (spec §1.4): everything else follows from here. */
export const OPERATIONS = joined({
  ...CORE_OPERATIONS,
  ...CHANNEL_OPERATIONS,
  ...SERVICE_OPERATIONS,
  ...ESCROW_OPERATIONS,
});

export type OperationKind = keyof typeof OPERATIONS;
type Bodies = { readonly [K in OperationKind]: DeclaredBody<typeof OPERATIONS, K> };
export type BodyOf<Kind extends OperationKind> = Bodies[Kind];
export type OperationBody = Bodies[OperationKind];

/** The kinds that an account can sign: all but a device's submissions. */
type SignableKind = {
  [K in OperationKind]: (typeof OPERATIONS)[K] extends { readonly by: "device" } ? never : K;
}[OperationKind];
export type SignableBody = Bodies[SignableKind];

export const OPERATION_KINDS = Object.keys(OPERATIONS) as readonly OperationKind[];

/** Who answers for an operation (spec §1.5). */
export type Authorization =
  | { readonly by: "sender" }
  | { readonly by: "device"; readonly signature: Uint8Array }
  | {
      readonly by: "account";
      readonly account: Uint8Array;
      /** Sequential from 0; a refused operation consumes none. */
      readonly nonce: number;
      /** Valid in blocks with a timestamp below it. */
      readonly deadlineSec: number;
      /** r ‖ s ‖ v over the operation's EIP-712 digest. */
      readonly signature: Uint8Array;
    };

export interface Operation {
  readonly authorization: Authorization;
  readonly body: OperationBody;
}
