import { BaseError, encodeFunctionData, keccak256 } from "viem";
import type { Hex } from "../../../spec/outputs.ts";
import { CONTRACTS, INPUT_BOX_ABI } from "../../chain/contracts.ts";
import { poll, WaitTimeout } from "../../chain/poll.ts";
import { callChain } from "../../client/actions/call-chain.ts";
import { findSuccess } from "../../client/actions/find-success.ts";
import { requireWallet, type TallyrollClient } from "../../client/actions/tallyroll-client.ts";
import { type InputResult, waitForInput } from "../../client/actions/wait-for-input.ts";
import { errorKind } from "../terminal/io.ts";
import type { JournaledInput, JournaledTransaction } from "./journal-lines.ts";
import type { UploadJournal } from "./upload-journal.ts";

/** Other transactions of the account take the nonces that we sign for, again and again. */
const NonceContested = errorKind("NonceContested");

const ATTEMPTS = 8;
const RECEIPT_MS = 3_000;
/** Blocks that are filled to the brim lift the fee by an eighth each: room for six of them. */
const FEE_FACTOR = 2n;

/**
 * How long one input may take before its transaction is handed over again: a reorganisation may
 * have dropped it, and the same bytes sent twice are one transaction.
 */
const WAIT_MS = 10_000;
/** Rounds without any verdict before whoever waits gives up. */
export const SILENT_ROUNDS_MAX = 60;

type Handed = "taken" | "nonce_used" | "fee_too_low";

/**
 * Sends journaled inputs in order, each by one transaction with a nonce of its own, without waiting
 * for blocks. A transaction is signed once and written down before it is sent; going on after an
 * interruption sends the same bytes, which can be in the chain once only. It is signed anew only
 * under the same nonce, or when its nonce went to another transaction, so that it never can be.
 */
export class InputSender {
  readonly journal: UploadJournal;
  readonly #client: TallyrollClient;
  #nextNonce: number | undefined;
  /** Inputs that were sent or found sent. */
  inputCount = 0;
  /** Of those with batches. */
  payloadBytes = 0;

  constructor(client: TallyrollClient, journal: UploadJournal) {
    this.#client = client;
    this.journal = journal;
  }

  /** Sends an input and waits for its verdict, over and over where no block brings one. */
  async apply(input: JournaledInput): Promise<InputResult> {
    for (let round = 1; ; round++) {
      try {
        return await this.wait(await this.send(input));
      } catch (error) {
        if (!(error instanceof WaitTimeout) || round === SILENT_ROUNDS_MAX) throw error;
        this.reset();
      }
    }
  }

  /** @throws WaitTimeout where it takes too long, and what `waitForInput` throws. */
  wait(transactionHash: Hex): Promise<InputResult> {
    return waitForInput(this.#client, { transactionHash, timeoutMs: WAIT_MS });
  }

  /**
   * Hands an input to the chain, if it is not there yet.
   *
   * @returns The hash of the transaction that carries it.
   * @throws NonceContested, UploadJournalError, and what `callChain` throws.
   */
  async send(input: JournaledInput): Promise<Hex> {
    let transaction = this.journal.transactions.get(input.input);
    // On a chain that lost blocks it would wait for nonces that nobody is going to use.
    if (transaction !== undefined && transaction.nonce > (await this.#expectNonce())) {
      transaction = undefined;
    }
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      transaction ??= await this.#sign(input, await this.#takeNonce());
      const handed = await this.#handOver(transaction);
      if (handed === "taken") {
        this.inputCount += 1;
        if (input.batches.length > 0) this.payloadBytes += (input.payload.length - 2) / 2;
        return transaction.hash;
      }
      if (handed === "fee_too_low") transaction = await this.#sign(input, transaction.nonce);
      else {
        transaction = undefined;
        this.#nextNonce = undefined;
      }
    }
    const { address } = requireWallet(this.#client).account;
    throw new NonceContested(`Other transactions of ${address} keep coming in between.`, {
      whatToDo: "Use an account that nothing else sends from.",
    });
  }

  /** Forgets which nonce comes next: blocks may have gone. */
  reset(): void {
    this.#nextNonce = undefined;
  }

  async #takeNonce(): Promise<number> {
    const nonce = await this.#expectNonce();
    this.#nextNonce = nonce + 1;
    return nonce;
  }

  async #expectNonce(): Promise<number> {
    const { publicClient } = this.#client;
    const { address } = requireWallet(this.#client).account;
    this.#nextNonce ??= await callChain(this.#client, "read the account's nonce", () =>
      publicClient.getTransactionCount({ address, blockTag: "pending" }),
    );
    return this.#nextNonce;
  }

  async #sign({ input, payload }: JournaledInput, nonce: number): Promise<JournaledTransaction> {
    const { publicClient, chainId, app } = this.#client;
    const { account } = requireWallet(this.#client);
    const add = { abi: INPUT_BOX_ABI, functionName: "addInput", args: [app, payload] } as const;
    const call = { to: CONTRACTS.inputBox, data: encodeFunctionData(add) };
    const { gas, fees } = await callChain(this.#client, "estimate the input's gas", async () => ({
      gas: await publicClient.estimateGas({ ...call, account: account.address }),
      fees: await publicClient.estimateFeesPerGas(),
    }));
    const raw = await account.signTransaction({
      ...{ ...call, chainId, nonce, type: "eip1559" },
      gas: (gas * 11n) / 10n,
      maxFeePerGas: fees.maxFeePerGas * FEE_FACTOR,
      maxPriorityFeePerGas: fees.maxPriorityFeePerGas,
    });
    const transaction = { kind: "transaction", input, nonce, hash: keccak256(raw), raw } as const;
    this.journal.append(transaction);
    return transaction;
  }

  async #handOver({ hash, raw, nonce }: JournaledTransaction): Promise<Handed> {
    return await callChain(this.#client, "send an input", async () => {
      try {
        const method = "eth_sendRawTransaction";
        await this.#client.publicClient.request({ method, params: [raw] });
        this.#nextNonce = Math.max(this.#nextNonce ?? 0, nonce + 1);
        return "taken";
      } catch (error) {
        const words = error instanceof BaseError ? `${error.details} ${error.message}` : "";
        if (/already (known|imported)|ALREADY_EXISTS/i.test(words)) return "taken";
        if (/nonce.{0,20}too low/i.test(words)) {
          return (await this.#isMined(hash)) ? "taken" : "nonce_used";
        }
        if (/replacement.{0,30}underpriced/i.test(words)) return "nonce_used";
        if (/underpriced|fee.{0,30}(less|lower|below)|fee too low/i.test(words))
          return "fee_too_low";
        throw error;
      }
    });
  }

  /** A block counts for nonces a moment before its receipts can be read: no haste to sign anew. */
  async #isMined(hash: Hex): Promise<boolean> {
    try {
      const look = { pollMs: 100, timeoutMs: RECEIPT_MS, awaited: () => `The receipt of ${hash}` };
      await poll(() => findSuccess(this.#client, hash), look);
      return true;
    } catch (error) {
      if (error instanceof WaitTimeout) return false;
      throw error;
    }
  }
}
