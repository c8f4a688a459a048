import { concatBytes, hexToBytes } from "@noble/hashes/utils.js";
import { encodeFunctionData, keccak256, type LocalAccount } from "viem";
import { mnemonicToAccount } from "viem/accounts";
import { DEVELOPMENT_MNEMONIC } from "../../node-client/chain/chain-client.ts";
import {
  CONTRACTS,
  ERC20_ABI,
  INPUT_BOX_ABI,
  PORTAL_ABI,
} from "../../node-client/chain/contracts.ts";
import { TEST_TOKEN } from "../../node-client/chain/deploy-token.ts";
import type { DeviceSigner } from "../../node-client/client/device/device-signer.ts";
import type { StreamWriter } from "../../node-client/client/device/stream-writer.ts";
import { encodePlainEnvelope } from "../../spec/envelope.ts";
import type { OperationBody } from "../../spec/operations.ts";
import type { Hex } from "../../spec/outputs.ts";
import { ETHER } from "../../spec/portals.ts";
import { hostileInput, type SentInput } from "../arbitraries/hostile-inputs.ts";
import { makeReadings } from "../arbitraries/readings.ts";
import type { SeededRng } from "../arbitraries/seeded-rng.ts";
import { bySender, metric, type World } from "../arbitraries/world.ts";

/** A transaction that a client keeps until it is in a block that stays. */
export interface SentTransaction {
  readonly raw: Hex;
  readonly hash: Hex;
}

const METRICS = [metric("temperature", { minimum: -4_000, maximum: 12_000 }), metric("humidity")];
/** More than anything here costs, and paid whatever the base fee is. */
const GAS = 5_000_000n;
const GAS_PRICE = 20_000_000_000n;
const TOKEN = hexToBytes(TEST_TOKEN.slice(2));
/** Where the withdrawn money goes: accounts that have none otherwise. */
export const RECIPIENTS: readonly Uint8Array[] = [0xb1, 0xb2, 0xb3].map((byte) =>
  new Uint8Array(20).fill(byte),
);

/**
 * One user: an account with a device, which signs its transactions ahead and remembers them all, so
 * that those which a reorganisation dropped can be sent again as they were.
 */
export class ChaosSender {
  readonly account: LocalAccount;
  readonly sent: SentTransaction[] = [];
  readonly #world: World;
  readonly #rng: SeededRng;
  readonly #app: Hex;
  readonly #device: DeviceSigner;
  /** Its device and stream have this number: senders are set up one after the other. */
  readonly #number: number;
  readonly #writer: StreamWriter;
  readonly #payloads: SentInput[] = [];

  /** @param number From 1: also its account's number of the development mnemonic. */
  constructor(world: World, rng: SeededRng, app: Hex, number: number) {
    this.account = mnemonicToAccount(DEVELOPMENT_MNEMONIC, { addressIndex: number });
    this.#world = world;
    this.#rng = rng;
    this.#app = app;
    this.#number = number;
    this.#device = world.device(rng.pick(["ed25519", "p256", "secp256k1"] as const));
    const stream = { deviceId: number, streamId: number, metrics: METRICS };
    this.#writer = world.writer(this.#device, stream);
  }

  get #address(): Uint8Array {
    return hexToBytes(this.account.address.slice(2).toLowerCase());
  }

  /** Registers the device, declares its stream, and gets money ready to deposit. */
  async setUp(): Promise<void> {
    const person = { ...this.#world.person(`sender ${this.#number}`), address: this.#address };
    const register = this.#world.registerDevice(person, this.#device);
    await this.#addOperations(register, {
      kind: "declare_stream",
      deviceId: this.#number,
      name: `stream ${this.#number}`,
      isSealed: false,
      retentionSec: 0,
      metrics: METRICS,
      epochKeyHashes: [],
    });
    const token = { abi: ERC20_ABI } as const;
    const mint = [this.account.address, 10n ** 24n] as const;
    const approve = [CONTRACTS.erc20Portal, 10n ** 24n] as const;
    await this.#send(
      TEST_TOKEN,
      encodeFunctionData({ ...token, functionName: "mint", args: mint }),
    );
    await this.#send(
      TEST_TOKEN,
      encodeFunctionData({ ...token, functionName: "approve", args: approve }),
    );
    await this.#depositEther(10n ** 18n);
    await this.#depositToken(10n ** 20n);
  }

  /** Signs one more transaction of whatever kind. */
  async act(): Promise<void> {
    const rng = this.#rng;
    const token = rng.chance(2) ? ETHER : TOKEN;
    const amount = 1n + BigInt(rng.next()) * 10n ** 6n;
    switch (rng.below(10)) {
      case 0:
        return await this.#depositEther(amount);
      case 1:
        return await this.#depositToken(amount);
      case 2:
      case 3: // Now and then more than there is.
        return await this.#addOperations({
          kind: "transfer",
          token,
          to: rng.pick(RECIPIENTS),
          amount: rng.chance(5) ? amount * 10n ** 20n : amount,
        });
      case 4:
      case 5: {
        const recipient = rng.pick(RECIPIENTS);
        return await this.#addOperations({ kind: "withdraw", token, recipient, amount });
      }
      case 6:
        return await this.#addPayload(hostileInput(rng, this.#payloads).payload);
      default: {
        const { times, columns } = makeReadings(rng, METRICS, rng.between(1, 64));
        const { operation } = this.#writer.write(times, columns);
        const payload = encodePlainEnvelope([operation]);
        const at = this.#world.context(this.#address);
        this.#payloads.push({ at, payload, kind: "submit_open" });
        return await this.#addPayload(payload);
      }
    }
  }

  async #depositEther(amount: bigint): Promise<void> {
    const args = [this.#app, "0x"] as const;
    const data = encodeFunctionData({ abi: PORTAL_ABI, functionName: "depositEther", args });
    await this.#send(CONTRACTS.etherPortal, data, amount);
  }

  async #depositToken(amount: bigint): Promise<void> {
    const args = [TEST_TOKEN, this.#app, amount, "0x"] as const;
    const data = encodeFunctionData({ abi: PORTAL_ABI, functionName: "depositERC20Tokens", args });
    await this.#send(CONTRACTS.erc20Portal, data);
  }

  async #addOperations(...bodies: OperationBody[]): Promise<void> {
    await this.#addPayload(encodePlainEnvelope(bodies.map(bySender)));
  }

  async #addPayload(payload: Uint8Array): Promise<void> {
    const args = [this.#app, toHex(payload)] as const;
    const data = encodeFunctionData({ abi: INPUT_BOX_ABI, functionName: "addInput", args });
    await this.#send(CONTRACTS.inputBox, data);
  }

  async #send(to: Hex, data: Hex, value = 0n): Promise<void> {
    const nonce = this.sent.length;
    const fees = { type: "legacy", gas: GAS, gasPrice: GAS_PRICE, chainId: 31_337 } as const;
    const { signTransaction } = this.account;
    const raw = await signTransaction({ ...fees, to, data, value, nonce });
    this.sent.push({ raw, hash: keccak256(raw) });
  }
}

/** The money of a voucher's output: to whom, in which token, how much. */
export function readPayout(raw: Hex): { recipient: Hex; isEther: boolean; amount: bigint } {
  const isEther = raw.startsWith("0x237a816f");
  const word = (index: number): Hex => `0x${raw.slice(10 + 64 * index, 74 + 64 * index)}`;
  if (isEther) return { recipient: toAddress(word(0)), isEther, amount: BigInt(word(1)) };
  // safeTransfer(address token, address to, uint256 value) behind head, offset and length.
  const call = `0x${raw.slice(10 + 64 * 3 + 8)}`;
  const argument = (index: number): Hex => `0x${call.slice(2 + 64 * index, 66 + 64 * index)}`;
  return { recipient: toAddress(argument(1)), isEther, amount: BigInt(argument(2)) };
}

const toAddress = (word: Hex): Hex => `0x${word.slice(26)}`;

export const toHex = (...parts: Uint8Array[]): Hex =>
  `0x${Buffer.from(concatBytes(...parts)).toString("hex")}`;
