import { hexToBytes, utf8ToBytes } from "@noble/hashes/utils.js";
import { type PrivateKeyAccount, privateKeyToAccount } from "viem/accounts";
import { createApplication } from "../../dapp/engine/create-application.ts";
import { openStore, type SqlStore } from "../../dapp/store/sql-store.ts";
import {
  createDeviceSigner,
  type DeviceSigner,
  type RandomSource,
} from "../../node-client/client/device/device-signer.ts";
import { StreamWriter } from "../../node-client/client/device/stream-writer.ts";
import type { HistoryInput } from "../../node-client/history/history-lines.ts";
import { signWithOpenSsl } from "../../node-client/history/openssl-signer.ts";
import { seededRandom } from "../../node-client/history/seed-history.ts";
import type { Application } from "../../spec/application.ts";
import type { Crypto } from "../../spec/crypto.ts";
import { nobleCrypto } from "../../spec/crypto-noble.ts";
import { type DeviceKeyType, encodePossessionMessage } from "../../spec/device-key.ts";
import { encodePlainEnvelope, encodeSealedEnvelope } from "../../spec/envelope.ts";
import { wrapEpochKeys } from "../../spec/grant-keys.ts";
import type { InputContext } from "../../spec/input.ts";
import type { Operation, OperationBody, SignableBody } from "../../spec/operations.ts";
import type { AdvanceResult } from "../../spec/outputs.ts";
import { PORTALS } from "../../spec/portals.ts";
import type { Column, Metric } from "../../spec/readings.ts";
import { encodeTypedData } from "../../spec/typed-data.ts";
import { encodeWord } from "../../spec/words.ts";

export const CHAIN_ID = 31337n;
export const APP = new Uint8Array(20).fill(0xaa);
export const START_SEC = 1_700_000_000;

/** A person of the tests: an Ethereum account and an X25519 key. */
export interface Person {
  readonly name: string;
  readonly account: PrivateKeyAccount;
  /** 20 bytes. */
  readonly address: Uint8Array;
  readonly encryptionSecret: Uint8Array;
  readonly encryptionKey: Uint8Array;
}

/**
 * Builds inputs as the project's users would, deterministically from a seed: who sends what, when.
 * It keeps the time and the index, never the state: what is accepted is the engine's to say.
 */
export class World {
  readonly random: RandomSource;
  readonly crypto: Crypto;
  readonly machineSecret: Uint8Array;
  readonly machineKey: Uint8Array;
  readonly at = { chainId: CHAIN_ID, app: APP };
  timestampSec = START_SEC;
  inputIndex = 0;

  constructor(seed = "world", crypto: Crypto = nobleCrypto) {
    this.crypto = crypto;
    this.random = seededRandom(seed);
    this.machineSecret = this.random(32);
    this.machineKey = crypto.x25519PublicKey(this.machineSecret);
  }

  person(name: string): Person {
    const secret = this.crypto.sha256(utf8ToBytes(`person ${name}`));
    const account = privateKeyToAccount(`0x${Buffer.from(secret).toString("hex")}`);
    const encryptionSecret = this.crypto.sha256(utf8ToBytes(`encryption ${name}`));
    return {
      name,
      account,
      address: hexToBytes(account.address.slice(2).toLowerCase()),
      encryptionSecret,
      encryptionKey: this.crypto.x25519PublicKey(encryptionSecret),
    };
  }

  device(type: DeviceKeyType = "ed25519"): DeviceSigner {
    return signWithOpenSsl(createDeviceSigner(type, this.random));
  }

  /** The chain's word about the next input; every input is a second later than the one before. */
  context(sender: Uint8Array): InputContext {
    return {
      ...this.at,
      sender,
      blockNumber: 1 + this.inputIndex,
      timestampSec: this.timestampSec++,
      prevRandao: new Uint8Array(32),
      inputIndex: this.inputIndex++,
    };
  }

  raw(sender: Uint8Array, payload: Uint8Array): HistoryInput {
    return { at: this.context(sender), payload };
  }

  send(sender: Person, ...operations: Operation[]): HistoryInput {
    return this.raw(sender.address, encodePlainEnvelope(operations));
  }

  /** Operations that the sender of the input authorizes. */
  bySender(sender: Person, ...bodies: OperationBody[]): HistoryInput {
    return this.send(sender, ...bodies.map((body) => bySender(body)));
  }

  sealedBy(sender: Person, ...operations: Operation[]): HistoryInput {
    const at = this.context(sender.address);
    const secret = this.random(32);
    return {
      at,
      payload: encodeSealedEnvelope(this.crypto, operations, this.machineKey, secret, at),
    };
  }

  depositEther(sender: Person, amount: bigint): HistoryInput {
    const payload = Buffer.concat([sender.address, encodeWord(amount)]);
    return this.raw(hexToBytes(PORTALS.ether), Uint8Array.from(payload));
  }

  depositErc20(sender: Person, token: Uint8Array, amount: bigint): HistoryInput {
    const payload = Buffer.concat([token, sender.address, encodeWord(amount)]);
    return this.raw(hexToBytes(PORTALS.erc20), Uint8Array.from(payload));
  }

  registerDevice(owner: Person, signer: DeviceSigner): OperationBody {
    const message = encodePossessionMessage(this.at, owner.address, signer.key);
    return { kind: "register_device", key: signer.key, possession: signer.sign(message) };
  }

  writer(
    signer: DeviceSigner,
    stream: {
      deviceId: number;
      streamId: number;
      metrics: readonly Metric[];
      epochKeys?: readonly Uint8Array[];
      epoch?: number;
      nextSequence?: number;
      previousHash?: Uint8Array;
    },
  ): StreamWriter {
    const { epochKeys, ...rest } = stream;
    const options = { ...this.at, ...rest, epochKeys };
    return new StreamWriter(this.crypto, signer, this.machineKey, this.random, options);
  }

  grant(
    buyer: Person,
    grant: {
      streamId: number;
      epoch: number;
      groups: number;
      epochKeys: readonly Uint8Array[];
      expiresAtSec: number;
    },
  ): OperationBody {
    const { streamId, epoch, groups, epochKeys, expiresAtSec } = grant;
    const context = { ...this.at, streamId, epoch, buyer: buyer.address };
    const wrappedKeys = wrapEpochKeys(
      this.crypto,
      { ...context, buyerKey: buyer.encryptionKey },
      groups,
      epochKeys,
      this.random(32),
    );
    const body = { streamId, epoch, groups, buyer: buyer.address, expiresAtSec, wrappedKeys };
    return { kind: "grant", ...body };
  }
}

export function bySender(body: OperationBody): Operation {
  return { authorization: { by: "sender" }, body };
}

/** An operation that `person` signed, for anybody to relay (EIP-712). */
export async function signedBy(
  person: Person,
  nonce: number,
  body: SignableBody,
  deadlineSec = START_SEC + 1_000_000,
): Promise<Operation> {
  const claim = { account: person.address, nonce, deadlineSec };
  const typedData = encodeTypedData({ chainId: CHAIN_ID, app: APP }, claim, body);
  const signature = await person.account.signTypedData(typedData as never);
  return {
    authorization: { by: "account", ...claim, signature: hexToBytes(signature.slice(2)) },
    body,
  };
}

/** A column of integers, `null` where a reading has none. */
export function integers(...values: readonly (number | null)[]): Column {
  return {
    values: Float64Array.from(values, (value) => value ?? 0),
    present: values.includes(null)
      ? Uint8Array.from(values, (value) => (value === null ? 0 : 1))
      : undefined,
    dictionary: undefined,
  };
}

/** A column of texts, `null` where a reading has none. */
export function texts(...values: readonly (string | null)[]): Column {
  const dictionary = [...new Set(values.filter((value) => value !== null))];
  return {
    values: Float64Array.from(values, (value) => (value === null ? 0 : dictionary.indexOf(value))),
    present: values.includes(null)
      ? Uint8Array.from(values, (value) => (value === null ? 0 : 1))
      : undefined,
    dictionary,
  };
}

export function metric(name: string, fields: Partial<Metric> = {}): Metric {
  const bounds = fields.kind === "text" ? 0 : 2 ** 40;
  return {
    name,
    unit: "",
    kind: "integer",
    scale: 0,
    minimum: -bounds,
    maximum: bounds,
    group: 0,
    ...fields,
  };
}

/** The application in process, with the store that a test looks into. */
export interface Engine extends Application {
  readonly store: SqlStore;
  apply(input: HistoryInput): AdvanceResult;
  query(query: Record<string, unknown>): Record<string, unknown>;
}

export async function openEngine(
  world: World,
  crypto: Crypto = world.crypto,
  stateBytesMax?: number,
): Promise<Engine> {
  const store = await openStore(crypto);
  const application = createApplication(
    store,
    crypto,
    world.machineSecret,
    undefined,
    stateBytesMax,
  );
  return {
    ...application,
    store,
    apply: ({ at, payload }) => application.advance(at, payload),
    query(query) {
      const [report] = application.inspect(utf8ToBytes(JSON.stringify(query)));
      return JSON.parse(Buffer.from((report ?? "0x").slice(2), "hex").toString("utf8"));
    },
  };
}

/** The refusals of a result, by name, in order. */
export function refusalsOf(result: AdvanceResult): string[] {
  return result.reports.map(
    (report) => JSON.parse(Buffer.from(report.slice(2), "hex").toString("utf8")).refusal,
  );
}
