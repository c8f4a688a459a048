import type { Hex } from "../../spec/outputs.ts";
import { connectChain } from "../chain/chain-client.ts";
import { ApplicationAbsent, checkApplication, checkChain } from "../chain/check-contracts.ts";
import { atBlock } from "./at-block.ts";
import { countExceptions, type ReplayException, replayWithout } from "./count-exceptions.ts";
import { openApplication } from "./open-application.ts";
import type { ChainPlace } from "./read-chain.ts";
import { type ChainReplay, replayChain } from "./replay-chain.ts";

/** An application of a chain as of one block, and which chain that is. */
export interface NamedChainPlace extends ChainPlace {
  readonly chainId: number;
}

export interface ChainPlaceRequest {
  readonly rpcUrl: string;
  /** The application's contract. */
  readonly app: Hex;
  /** Read up to this block; the chain's head unless given. */
  readonly toBlock?: number | undefined;
  /** Hears that the chain was reorganised, and that all begins anew. */
  readonly onReorganized?: () => void;
}

export interface VerifyChainOptions extends ChainPlaceRequest {
  /** The machine's X25519 secret, 32 bytes: every root is of its key (spec §6.7). */
  readonly machineSecret: Uint8Array;
  /**
   * The built dApp, `dist/dapp/index.cjs` of this package. Where the application was deployed with it,
   * its template hash proves the machine's key; without it only a claim that holds does.
   */
  readonly program?: Uint8Array | undefined;
  /** Called now and then with the inputs re-executed so far. */
  readonly onProgress?: (inputCount: number) => void;
}

/** What a re-execution found, with the inputs that stopped the application. */
export interface VerifiedChain extends ChainReplay {
  /** They are among the rejected inputs. */
  readonly exceptions: readonly ReplayException[];
}

/**
 * Does work that reads an application's history, as of one block that the chain still has when the
 * work is done. After a reorganisation the work is done anew, so it must leave nothing behind.
 *
 * @throws ClientError when there is no such application, chain or block, and what the work throws.
 */
export async function atApplication<Result>(
  { rpcUrl, app, toBlock, onReorganized = () => {} }: ChainPlaceRequest,
  work: (place: NamedChainPlace) => Promise<Result>,
): Promise<Result> {
  const client = await connectChain(rpcUrl, undefined);
  const chainId = await checkChain(client, { rpcUrl });
  return await atBlock(client, toBlock, onReorganized, async (block) => {
    const contracts = await checkApplication(client, app);
    if (contracts.deploymentBlock > block.number) throw new ApplicationAbsent(app, chainId);
    return await work({ client, contracts, block, chainId });
  });
}

/**
 * Re-executes an application from the chain alone and compares every input, accepted claim and
 * executed output with what comes out: what `tallyroll replay --rpc --app` does, in one call.
 *
 * @returns With the verdict "verified", "wrong" (see `divergence`), or "unclear", where nothing
 * proves that the machine's key is the application's (see `isKeyProved`).
 * @throws ClientError where the chain cannot be read, or comes to no rest.
 * @example
 * const { verdict, divergence, root } = await verifyChain({ rpcUrl, app, machineSecret });
 */
export async function verifyChain({
  machineSecret,
  program,
  onProgress = () => {},
  ...request
}: VerifyChainOptions): Promise<VerifiedChain> {
  return await atApplication(request, (place) =>
    replayWithout(async (known) => {
      const local = await openApplication(machineSecret, { program });
      try {
        const { application, exceptions } = countExceptions(local.application, local.store, known);
        return { ...(await replayChain({ ...local, application }, place, onProgress)), exceptions };
      } finally {
        await local.close();
      }
    }),
  );
}
