import { hexToBytes } from "viem";
import { generatePrivateKey, type PrivateKeyAccount, privateKeyToAccount } from "viem/accounts";
import type { Application } from "../../dapp/application.ts";
import { createNodeCrypto } from "../../dapp/crypto/node-crypto.ts";
import { createApplication } from "../../dapp/engine/create-application.ts";
import { openStore, type SqlStore } from "../../dapp/store/sql-store.ts";
import type { Crypto } from "../../spec/crypto.ts";
import { encodePlainEnvelope } from "../../spec/envelope.ts";
import type { Operation, OperationBody } from "../../spec/operations.ts";
import type { AdvanceResult } from "../../spec/outputs.ts";
import { PORTALS } from "../../spec/portals.ts";
import { encodeWord } from "../../spec/words.ts";
import { systemRandom } from "../device/random-source.ts";
import { ClientError } from "../errors.ts";
import type { HistoryInput } from "../history/history-lines.ts";
import type { Claim } from "../replay/replay-history.ts";

const CHAIN_ID = 31_337n;
const APP = new Uint8Array(20).fill(0xaa);
const FIRST_TIMESTAMP_SEC = 1_700_000_000;

/** A step of the demo did not hold: a bug of ours, since nothing in it comes from outside. */
export class DemoError extends ClientError {
  override readonly name = "DemoError";

  constructor(expectation: string) {
    super(`The demo expected that ${expectation}, and it did not.`, {
      whatToDo: "Report it: every part of the demo is made on the spot.",
    });
  }
}

/** Fails the demo unless what it shows is so. */
export function check(isSo: boolean, expectation: string): void {
  if (!isSo) throw new DemoError(expectation);
}

/** Somebody in the demo: an Ethereum account and an X25519 key. */
export interface Person {
  readonly account: PrivateKeyAccount;
  /** The account's address, 20 bytes. */
  readonly address: Uint8Array;
  readonly encryptionSecret: Uint8Array;
  readonly encryptionKey: Uint8Array;
}

/**
 * The application and the chain's part around it, in one process and forgotten afterwards. Keeps
 * the history and what may be claimed of it: the root after every input.
 */
export class DemoWorld {
  readonly at = { chainId: CHAIN_ID, app: APP };
  readonly deadlineSec = FIRST_TIMESTAMP_SEC + 3_600;
  readonly crypto: Crypto;
  readonly store: SqlStore;
  readonly machineSecret: Uint8Array;
  readonly machineKey: Uint8Array;
  readonly history: HistoryInput[] = [];
  readonly claims: Claim[] = [];
  readonly #application: Application;

  private constructor(crypto: Crypto, store: SqlStore) {
    this.crypto = crypto;
    this.store = store;
    this.machineSecret = systemRandom(32);
    this.machineKey = crypto.x25519PublicKey(this.machineSecret);
    this.#application = createApplication(store, crypto, this.machineSecret);
  }

  static async open(): Promise<DemoWorld> {
    const crypto = await createNodeCrypto();
    return new DemoWorld(crypto, await openStore(crypto));
  }

  createPerson(): Person {
    const account = privateKeyToAccount(generatePrivateKey());
    const encryptionSecret = systemRandom(32);
    return {
      account,
      address: hexToBytes(account.address),
      encryptionSecret,
      encryptionKey: this.crypto.x25519PublicKey(encryptionSecret),
    };
  }

  /** What a chain would deliver to the portal of Ether. */
  depositEther(person: Person, amountWei: bigint): void {
    const payload = new Uint8Array(52);
    payload.set(person.address);
    payload.set(encodeWord(amountWei), 20);
    this.#accept(hexToBytes(`0x${PORTALS.ether}`), payload);
  }

  /** Operations by the sender of the input; every one has to apply. */
  send(sender: Person, ...bodies: OperationBody[]): void {
    this.relay(
      sender,
      ...bodies.map((body): Operation => ({ authorization: { by: "sender" }, body })),
    );
  }

  /** Operations that carry their own authorization, sent by anybody; every one has to apply. */
  relay(sender: Person, ...operations: Operation[]): void {
    this.#accept(sender.address, encodePlainEnvelope(operations));
  }

  /** Sends an input whatever comes of it. */
  apply(sender: Uint8Array, payload: Uint8Array): AdvanceResult {
    const inputIndex = this.history.length;
    const at = {
      ...this.at,
      sender,
      blockNumber: 1 + inputIndex,
      timestampSec: FIRST_TIMESTAMP_SEC + inputIndex,
      prevRandao: new Uint8Array(32),
      inputIndex,
    };
    const result = this.#application.advance(at, payload);
    this.history.push({ at, payload });
    this.claims.push({
      inputIndex,
      root: `0x${Buffer.from(this.store.getRoot()).toString("hex")}`,
    });
    return result;
  }

  /** The application's answer to a query, which must not be an error. */
  ask<Answer>(query: string, fields: Readonly<Record<string, unknown>> = {}): Answer {
    const text = JSON.stringify({ query, ...fields });
    const [report = "0x"] = this.#application.inspect(new TextEncoder().encode(text));
    const answer = JSON.parse(Buffer.from(report.slice(2), "hex").toString("utf8"));
    check(answer.error === undefined, `the query ${text} has an answer (${answer.error})`);
    return answer;
  }

  #accept(sender: Uint8Array, payload: Uint8Array): void {
    const { status, reports } = this.apply(sender, payload);
    const said = reports.map((report) => Buffer.from(report.slice(2), "hex").toString("utf8"));
    check(status === "accepted" && said.length === 0, `an input applied wholly (${said})`);
  }
}
