import { parentPort, workerData } from "node:worker_threads";
import { createNodeCrypto } from "../../dapp/crypto/node-crypto.ts";
import { AheadPacker, type Correction, type InputChunk } from "./open-ahead-chunk.ts";
import { StreamTracker } from "./stream-tracker.ts";

/** The worker of `OpenAhead`: opens the submissions of one chunk after the other. */
const port = parentPort;
if (port === null) throw new Error("open-ahead-worker runs as a worker thread only");

const crypto = await createNodeCrypto();
const { machineSecret } = workerData as { machineSecret: Uint8Array };
const tracker = new StreamTracker(crypto, machineSecret);

port.on("message", (message: InputChunk | Correction) => {
  if (message.kind === "correction") {
    tracker.correct(message);
    return;
  }
  const { bytes, ends, chainId, firstInputIndex } = message;
  const packer = new AheadPacker();
  let start = 0;
  ends.forEach((end, i) => {
    const app = bytes.slice(start, start + 20);
    const sender = bytes.slice(start + 20, start + 40);
    const at = { chainId, app, sender };
    tracker.follow(at, firstInputIndex + i, bytes.subarray(start + 40, end), packer);
    start = end;
  });
  const chunk = packer.take();
  port.postMessage(chunk, [chunk.bytes.buffer as ArrayBuffer]);
});
port.postMessage("ready");
