import { parentPort, workerData } from "node:worker_threads";
import { createNodeCrypto } from "../../dapp/crypto/node-crypto.ts";
import { AheadPacker, type Correction, type InputChunk, unpackInputs } from "./open-ahead-chunk.ts";
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
  const packer = new AheadPacker();
  for (const { at, payload } of unpackInputs(message)) tracker.follow(at, payload, packer);
  const chunk = packer.take();
  port.postMessage(chunk, [chunk.bytes.buffer as ArrayBuffer]);
});
port.postMessage("ready");
