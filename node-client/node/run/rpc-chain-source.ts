import { readBlock, readHead } from "../../chain/ask-chain.ts";
import type { ChainReader } from "../../chain/chain-client.ts";
import { createReadingPace, readSegment } from "../../chain/read-segment.ts";
import type { NodeIdentity } from "../store/node-store.ts";
import type { ChainSource } from "./chain-follower.ts";

/** The chain behind a JSON-RPC provider, whose answers are checked before they are believed. */
export function createRpcChainSource(client: ChainReader, identity: NodeIdentity): ChainSource {
  const pace = createReadingPace();
  return {
    getHead: () => readHead(client),
    isCanonical: async (block) => (await readBlock(client, block.number)).hash === block.hash,
    readSegment: (from, inputCount, head) =>
      readSegment(client, identity, {
        from,
        firstBlock: identity.deploymentBlock,
        inputCount,
        head,
        pace,
      }),
  };
}
