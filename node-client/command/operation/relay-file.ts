import { bytesToHex, hexToBytes } from "@noble/hashes/utils.js";
import { decodePaddedWire, type Wire } from "../../../spec/codec.ts";
import { encodePlainEnvelope } from "../../../spec/envelope.ts";
import { PAYLOAD_BYTES_MAX } from "../../../spec/limits.ts";
import { decodeOperation, KINDS_BY_CODE } from "../../../spec/operation-codec.ts";
import type { Operation } from "../../../spec/operations.ts";
import type { TallyrollClient } from "../../client/actions/tallyroll-client.ts";
import { describeBodyFault, findBodyFault } from "../../client/signing/require-body.ts";
import {
  NotRelayable,
  type RelayableOperation,
  verifyRelayable,
} from "../../client/signing/verify-relayable.ts";
import { ClientError } from "../../errors.ts";
import { escapeText } from "../../escape-text.ts";
import { escapeValue } from "../../escape-value.ts";

const FORMAT = "tallyroll operation 1";
const PLAIN = "0x01";
const SEALED = "0x02";

/** A file with the operation that was found in it. */
export interface RelayedFile {
  /** As it was given on the command line. */
  readonly file: string;
  readonly operation: RelayableOperation;
}

/** Why a file is not relayed. */
type RelayFault =
  | "not_a_file"
  | "other_application"
  | NotRelayable["reason"]
  | "words_differ"
  | "nonce_spent"
  | "nonce_ahead"
  | "expired";

/** A file holds no signed operation that may be sent to this application now. */
export class RelayFileError extends ClientError {
  override readonly name = "RelayFileError";
  readonly reason: RelayFault;

  constructor(
    reason: RelayFault,
    message: string,
    options: { readonly whatToDo: string; readonly cause?: unknown },
  ) {
    super(message, options);
    this.reason = reason;
  }
}

/** A signed operation as a file: the payload that carries it alone, and in words what it is. */
export function formatRelayFile(
  { chainId, app }: Pick<TallyrollClient, "chainId" | "app">,
  operation: RelayableOperation,
): string {
  const payload = `0x${bytesToHex(encodePlainEnvelope([operation]))}`;
  const file = { format: FORMAT, chain_id: chainId, app, ...wordsOf(operation), payload };
  return `${JSON.stringify(file, null, 2)}\n`;
}

/** What a file says of its payload; the payload alone is signed. */
function wordsOf({ authorization, body }: RelayableOperation) {
  return {
    kind: body.kind,
    account: `0x${bytesToHex(authorization.account)}`,
    nonce: authorization.nonce,
    deadline: new Date(authorization.deadlineSec * 1000).toISOString(),
  };
}

/**
 * Reads a file that `formatRelayFile` wrote, perhaps a stranger's: exactly one operation, signed by
 * the account that it names, for this application. Whether its turn has come is another question:
 * `requireTurns` asks it.
 *
 * @param name The file's name, for messages.
 * @throws RelayFileError with the reason: an operation that is authorized by its sender would be
 * the relayer's own, and is refused like any other that is not signed by an account.
 */
export function parseRelayFile(
  text: string,
  name: string,
  client: Pick<TallyrollClient, "crypto" | "at" | "chainId" | "app">,
): RelayableOperation {
  const called = escapeText(name);
  const fields = readFields(text, called);
  const { format, chain_id: chainId, app, payload } = fields;
  if (format !== FORMAT) throw none(called, `its format is ${escapeValue(format)}`);
  if (chainId !== client.chainId || app !== client.app) {
    throw new RelayFileError(
      "other_application",
      `${called} is for ${escapeValue(app)} on chain ${escapeValue(chainId)}.`,
      {
        whatToDo: `Relay it there with --app and --rpc; this is ${client.app} on chain ${client.chainId}.`,
      },
    );
  }
  const operation = verify(decodePayload(payload, called), called, client);
  for (const [field, value] of Object.entries(wordsOf(operation))) {
    if (fields[field] === value) continue;
    const said = `says ${escapeValue(fields[field])} where its payload has ${escapeValue(value)}`;
    throw new RelayFileError("words_differ", `The ${field} of ${called} ${said}.`, {
      whatToDo: "Ask its signer for the file as it was written, and for what it is meant to do.",
    });
  }
  return operation;
}

function readFields(text: string, called: string): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw none(called, "it is not JSON", cause);
  }
  if (typeof value === "object" && value !== null && !Array.isArray(value)) {
    return value as Record<string, unknown>;
  }
  throw none(called, "it is not a JSON object");
}

function decodePayload(payload: unknown, called: string): Operation {
  if (typeof payload !== "string") throw none(called, "it has no payload");
  if (payload.startsWith(SEALED)) {
    const why = "it is sealed to the machine, so that nobody can see whose it is";
    throw none(called, `its payload cannot be verified: ${why}`);
  }
  const isPlain = payload.startsWith(PLAIN) && /^0x01(?:[0-9a-f]{2})+$/.test(payload);
  if (!isPlain || payload.length > 2 + 2 * PAYLOAD_BYTES_MAX) {
    throw none(called, `its payload is not ${PLAIN} and up to ${PAYLOAD_BYTES_MAX} bytes in hex`);
  }
  const list = decodePaddedWire(hexToBytes(payload.slice(PLAIN.length)));
  if (!Array.isArray(list)) throw none(called, "its payload is not a list of operations");
  if (list.length !== 1) throw none(called, `its payload has ${list.length} operations, not 1`);
  const operation = decodeOperation(list[0]);
  const fault = describeWire(list[0]!);
  if (!("refusal" in operation) && fault === undefined) return operation;
  throw none(called, fault ?? escapeText("detail" in operation ? operation.detail : ""));
}

/** The field at which an operation's body cannot be read; `undefined` where it is not the body. */
function describeWire(wire: Wire): string | undefined {
  const [code, , body] = Array.isArray(wire) ? wire : [];
  const kind = KINDS_BY_CODE.get(code)?.kind;
  const fault = kind && findBodyFault(kind, body, true);
  return fault && describeBodyFault(kind, fault).replace(/\.$/, "");
}

function verify(
  operation: Operation,
  called: string,
  client: Pick<TallyrollClient, "crypto" | "at">,
): RelayableOperation {
  try {
    return verifyRelayable(client, operation, called);
  } catch (cause) {
    if (!(cause instanceof NotRelayable)) throw cause;
    const { reason, shortMessage, whatToDo } = cause;
    throw new RelayFileError(reason, shortMessage, { whatToDo, cause });
  }
}

const none = (called: string, why: string, cause?: unknown): RelayFileError =>
  new RelayFileError("not_a_file", `${called} holds no signed operation: ${why}.`, {
    whatToDo: "Name files that a command has written with --relay-out.",
    cause,
  });
