import { bytesToHex, hexToBytes } from "@noble/hashes/utils.js";
import { decodeWire } from "../../spec/codec.ts";
import { encodePlainEnvelope } from "../../spec/envelope.ts";
import { decodeOperation } from "../../spec/operation-codec.ts";
import type { Operation } from "../../spec/operations.ts";
import type { Hex } from "../../spec/outputs.ts";
import { ClientError } from "../errors.ts";

const FORMAT = "tallyroll operation 1";

/** A signed operation on its way to whoever relays it. */
export interface RelayedOperation {
  readonly chainId: number;
  /** Lower case. */
  readonly app: Hex;
  readonly operation: Operation;
}

/** A file holds no signed operation of this application. */
export class RelayFileError extends ClientError {
  override readonly name = "RelayFileError";
}

/**
 * A signed operation as a file: the payload that carries it alone, and in words what it is.
 *
 * @example
 * createFile("transfer.json", formatRelayFile({ chainId: 31_337, app, operation }), io);
 */
export function formatRelayFile({ chainId, app, operation }: RelayedOperation): string {
  const { authorization, body } = operation;
  const signed =
    authorization.by === "account"
      ? {
          account: `0x${bytesToHex(authorization.account)}`,
          nonce: authorization.nonce,
          deadline: new Date(authorization.deadlineSec * 1000).toISOString(),
        }
      : {};
  const payload = `0x${bytesToHex(encodePlainEnvelope([operation]))}`;
  const file = { format: FORMAT, chain_id: chainId, app, kind: body.kind, ...signed, payload };
  return `${JSON.stringify(file, null, 2)}\n`;
}

/**
 * Reads a file that `formatRelayFile` wrote. Only the payload counts: the words beside it are not
 * signed.
 *
 * @param name The file's name, for messages.
 * @throws RelayFileError when it is none, or of another application than `expected`.
 */
export function parseRelayFile(
  text: string,
  name: string,
  expected: { readonly chainId: number; readonly app: Hex },
): Operation {
  let fields: Record<string, unknown>;
  try {
    fields = JSON.parse(text);
  } catch (cause) {
    throw none(name, cause);
  }
  const { format, chain_id: chainId, app, payload } = fields ?? {};
  if (format !== FORMAT || !/^0x01([0-9a-f]{2})+$/.test(String(payload))) throw none(name);
  if (chainId !== expected.chainId || app !== expected.app) {
    throw new RelayFileError(`${name} is for ${app} on chain ${chainId}.`, {
      whatToDo: `Relay it there with --app and --rpc; this is ${expected.app} on chain ${expected.chainId}.`,
    });
  }
  const list = decodeWire(hexToBytes(String(payload).slice(4)));
  const [wire, ...others] = Array.isArray(list) ? list : [];
  const operation = wire === undefined ? undefined : decodeOperation(wire);
  if (operation === undefined || "refusal" in operation || others.length > 0) throw none(name);
  return operation;
}

const none = (name: string, cause?: unknown): RelayFileError =>
  new RelayFileError(`${name} holds no signed operation.`, {
    whatToDo: "Name files that a command has written with --relay-out.",
    cause,
  });
