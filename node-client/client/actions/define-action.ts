import type { Crypto } from "../../../spec/crypto.ts";
import { OPERATIONS, type OperationKind, type SignableBody } from "../../../spec/operations.ts";
import type { Hex } from "../../../spec/outputs.ts";
import { type NativeFields, type NoticeFields, toNativeFields } from "../decoding/decode-notice.ts";
import { listOutcomes, NoticeMissing, OperationRefused, type Told } from "./operation-outcomes.ts";
import { sendAndWait } from "./send-and-wait.ts";
import { type RelayOptions, type SendableOperation, signRelayed } from "./send-operations.ts";
import { requireWallet, type TallyrollClient } from "./tallyroll-client.ts";
import type { AppliedAt, WaitOptions } from "./wait-for-input.ts";

/** What every action that sends one operation takes beside the operation's own fields. */
export interface ApplyOptions extends WaitOptions {
  /** Somebody else's operation: they sign, the client's account sends and pays the gas. */
  readonly relay?: RelayOptions;
  /** The machine's X25519 public key: hides the operation from the public chain. */
  readonly seal?: Uint8Array | undefined;
}

/** One applied operation: where, and all that it led to, in order: low balances come last. */
export type Applied = AppliedAt & Told;

/**
 * Sends one operation of the client's account, or of the one that it relays for, and waits for its
 * verdict.
 *
 * @throws OperationRefused with the rule that it broke, InputFailed, NoticeMissing, SentNotConfirmed
 * where its verdict could not be found out, and what `signRelayed` and `sendOperations` throw.
 */
export async function applyOperation(
  client: TallyrollClient,
  body: SignableBody,
  { relay, ...options }: ApplyOptions,
): Promise<Applied> {
  const operation: SendableOperation =
    relay === undefined
      ? { authorization: { by: "sender" }, body }
      : await signRelayed(client, { body, ...relay });
  return await applyAuthorized(client, operation, options);
}

/** The same for an operation that carries its authorization already, such as a device's batch. */
export async function applyAuthorized(
  client: TallyrollClient,
  operation: SendableOperation,
  options: Omit<ApplyOptions, "relay">,
): Promise<Applied> {
  const sent = `The operation ${operation.body.kind} was sent`;
  const sending = { ...options, operations: [operation] };
  const { at, result } = await sendAndWait(client, sent, sending);
  const [outcome] = listOutcomes(result, 1);
  if (outcome?.status === "refused") throw new OperationRefused(at.inputIndex, outcome.refused);
  if (outcome === undefined) throw new NoticeMissing(at.inputIndex, "StateCommitted");
  return { ...outcome, ...at };
}

/** What a body may need beside its own options: whose act it is, and where. */
export interface Acting {
  /** Whom the operation speaks for: whoever signs it, else whoever sends it. */
  readonly account: Hex;
  readonly crypto: Crypto;
  /** Chain and application. */
  readonly at: TallyrollClient["at"];
}

/** Makes an operation's body of native options, and of no more of `Acting` than it says. */
export type BuildBody = (options: never, acting: Acting) => SignableBody;

/** One operation: called, it sends it and reads what it did; its parts do the one or the other. */
export interface Action<Build extends (...given: never) => SignableBody, Result> {
  /**
   * Sends the operation alone, waits for its verdict, and reads what it did.
   *
   * @throws OperationRefused with the rule that it broke, and what `applyOperation` throws.
   */
  (
    client: TallyrollClient,
    options: Parameters<Build>[0] & ApplyOptions,
  ): Promise<AppliedAt & Result>;
  /** The operation, for an input of several, a relay or another sender. Asks and sends nothing. */
  readonly body: Build;
  /**
   * What it did, from its own outputs: those of its input, or what `listOutcomes` says are its.
   *
   * @throws NoticeMissing where they are not of such an operation.
   */
  readonly read: (told: Told) => Result;
}

/** What an action gives where it is called. */
export type ActionResult<Defined extends { readonly read: (told: Told) => unknown }> = AppliedAt &
  ReturnType<Defined["read"]>;

/**
 * An action of how its operation is built and read.
 *
 * @example
 * const revokeDevice = defineAction({
 *   body: ({ deviceId }: RevokeDeviceOptions) => ({ kind: "revoke_device", deviceId }),
 *   read: (told) => readOwn("revoke_device", told),
 * });
 */
export function defineAction<Build extends BuildBody, Result>({
  body,
  read,
}: {
  readonly body: Build;
  readonly read: (told: Told) => Result;
}): Action<Build, Result> {
  const send = async (client: TallyrollClient, options: ApplyOptions) => {
    // `Action` asks its callers for the body's own options, too.
    const built = body(options as never, actingOf(client, options.relay));
    return await applyAndRead(client, built, read, options);
  };
  return Object.assign(send, { body, read });
}

/**
 * Sends a body alone and reads what it did.
 *
 * @throws What `applyOperation` throws.
 */
export async function applyAndRead<Result>(
  client: TallyrollClient,
  body: SignableBody,
  read: (told: Told) => Result,
  options: ApplyOptions,
): Promise<AppliedAt & Result> {
  const { notices, vouchers, ...at } = await applyOperation(client, body, options);
  return { ...at, ...read({ inputIndex: at.inputIndex, notices, vouchers }) };
}

/** Who acts where a client sends: its account, or the one that it relays for. */
export function actingOf(client: TallyrollClient, relay: RelayOptions | undefined): Acting {
  const { crypto, at } = client;
  return { account: relay?.signer.address ?? requireWallet(client).account.address, crypto, at };
}

/** The fields of a kind's own notice, in native types. */
export type OwnFields<Kind extends OperationKind> = NativeFields<
  NoticeFields<(typeof OPERATIONS)[Kind]["notices"][number]>
>;

/**
 * The fields of an operation's own notice.
 *
 * @throws NoticeMissing where it has left none.
 */
export function readOwn<Kind extends OperationKind>(
  kind: Kind,
  { inputIndex, notices }: Told,
): OwnFields<Kind> {
  const names: readonly string[] = OPERATIONS[kind].notices;
  // The operation's own comes after those of what had lapsed before it.
  const own = notices.filter(({ name }) => names.includes(name)).at(-1);
  if (own === undefined) throw new NoticeMissing(inputIndex, names.join(" or "));
  return toNativeFields(own.args) as OwnFields<Kind>;
}
