import { hexToBytes } from "viem";
import { listGroups, wrapEpochKeys } from "../../../spec/grant-keys.ts";
import type { Hex } from "../../../spec/outputs.ts";
import { ClientError } from "../../errors.ts";
import { systemRandom } from "../device/random-source.ts";
import { type AppliedAt, type ApplyOptions, applyOperation } from "./apply-operation.ts";
import { getAccount } from "./get-account.ts";
import type { TallyrollClient } from "./tallyroll-client.ts";

export interface GrantOptions extends ApplyOptions {
  readonly streamId: number;
  readonly epoch: number;
  readonly buyer: Hex;
  /** The epoch's keys by key group. Only those given are granted. */
  readonly epochKeys: ReadonlyMap<number, Uint8Array>;
  /** Unix seconds. */
  readonly expiresAtSec: number;
}

export interface GrantResult extends AppliedAt {
  readonly grantId: number;
  readonly streamId: number;
  readonly epoch: number;
  /** Key groups, ascending. */
  readonly groups: readonly number[];
  readonly buyer: Hex;
  readonly expiresAtSec: number;
}

/** Nothing can be wrapped to a buyer who has not registered an encryption key. */
export class BuyerWithoutKey extends ClientError {
  override readonly name = "BuyerWithoutKey";

  constructor(buyer: Hex) {
    super(`The buyer ${buyer} has no encryption key registered.`, {
      whatToDo: "Let the buyer call registerEncryptionKey first.",
    });
  }
}

/**
 * Wraps epoch keys to a buyer's registered encryption key, so that he reads those key groups of
 * that epoch.
 *
 * @throws BuyerWithoutKey; OperationRefused: stream_not_sealed, device_sender_not_owner, grant_….
 * @example
 * await grant(client, { streamId: 2, epoch: 0, buyer, epochKeys: new Map([[0, key]]), expiresAtSec });
 */
export async function grant(
  client: TallyrollClient,
  { streamId, epoch, buyer, epochKeys, expiresAtSec, ...options }: GrantOptions,
): Promise<GrantResult> {
  const { encryptionKey } = await getAccount(client, { account: buyer });
  if (encryptionKey === undefined) throw new BuyerWithoutKey(buyer);
  const keys: Uint8Array[] = [];
  for (const [group, key] of epochKeys) keys[group] = key;
  const groups = [...epochKeys.keys()].reduce((mask, group) => mask | (1 << group), 0);
  const place = { streamId, epoch, buyer: hexToBytes(buyer) };
  const wrappedKeys = wrapEpochKeys(
    client.crypto,
    { ...client.at, ...place, buyerKey: hexToBytes(encryptionKey) },
    groups,
    keys,
    systemRandom(32),
  );
  const body = { kind: "grant", ...place, groups, expiresAtSec, wrappedKeys } as const;
  const { at, fields } = await applyOperation(client, body, "Granted", options);
  return {
    ...at,
    grantId: Number(fields.grantId),
    streamId: Number(fields.streamId),
    epoch: Number(fields.epoch),
    groups: listGroups(Number(fields.groups)),
    buyer: fields.buyer,
    expiresAtSec: Number(fields.expiresAt),
  };
}
