import { createNodeCrypto } from "../../dapp/crypto/node-crypto.ts";
import { createApplication } from "../../dapp/engine/create-application.ts";
import { hex } from "../../dapp/engine/operation-context.ts";
import type { Store } from "../../dapp/engine/store.ts";
import { openStore } from "../../dapp/store/sql-store.ts";
import { computeTemplateHash } from "../../spec/genesis.ts";
import type { Hex } from "../../spec/outputs.ts";
import type { Refusal } from "../../spec/refusals.ts";
import type { RestorableState } from "./count-exceptions.ts";
import { OpenAhead } from "./open-ahead.ts";
import type { ReplayedApplication } from "./replay-chain.ts";
import type { ReplayedState } from "./replay-history.ts";

/** One refused operation of a re-execution, as the dApp's report tells it. */
export interface ReportedRefusal {
  readonly input: number;
  /** `null` where the whole input was refused. */
  readonly operation: number | null;
  readonly refusal: Refusal;
  readonly code: number;
  readonly detail: string;
}

/** The application in this process, over an empty state, that watches what it is given. */
export interface OpenedApplication extends ReplayedApplication {
  readonly store: Store & ReplayedState & RestorableState;
  /** The root before the first input: of this machine key alone (spec §6.7). */
  readonly genesisRoot: Hex;
  /** Every refusal so far, if they are kept. */
  readonly refusals: readonly ReportedRefusal[];
  /** Ends the second thread and frees the state. */
  close(): Promise<void>;
}

export interface OpenApplicationOptions {
  /** Whether `refusals` is filled; a hostile history has many. */
  readonly keepsRefusals?: boolean | undefined;
  /**
   * The built dApp (`dist/dapp/index.cjs`), of which `templateHash` is computed: an application that
   * was deployed with it proves the machine's key.
   */
  readonly program?: Uint8Array | undefined;
  /** The built `open-ahead-worker.js`: opens submissions ahead on a second thread. Only costs. */
  readonly workerUrl?: URL | undefined;
}

/**
 * Opens the application over an empty state. The caller closes it.
 *
 * @param machineSecret The machine's X25519 secret, 32 bytes (spec §3.7).
 * @example
 * const local = await openApplication(machineSecret);
 * const { root } = replayHistory(local.crypto, local.application, local.store, inputs);
 * await local.close();
 */
export async function openApplication(
  machineSecret: Uint8Array,
  { keepsRefusals = false, program, workerUrl }: OpenApplicationOptions = {},
): Promise<OpenedApplication> {
  const crypto = await createNodeCrypto();
  const store = await openStore(crypto);
  const ahead = workerUrl && (await OpenAhead.start(crypto, machineSecret, workerUrl));
  const inner = createApplication(store, crypto, machineSecret, ahead?.open);
  const refusals: ReportedRefusal[] = [];
  const genesisRoot = store.getRoot();
  return {
    ...{ crypto, store, refusals, ahead },
    genesisRoot: hex(genesisRoot),
    templateHash: program && hex(computeTemplateHash(crypto, program, genesisRoot)),
    async close() {
      store.close();
      await ahead?.close();
    },
    application: {
      inspect: inner.inspect,
      advance(at, payload) {
        const result = inner.advance(at, payload);
        for (const report of keepsRefusals ? result.reports : []) {
          const text = Buffer.from(report.slice(2), "hex").toString("utf8");
          refusals.push({ input: at.inputIndex, ...JSON.parse(text) } as ReportedRefusal);
        }
        return result;
      },
    },
  };
}
