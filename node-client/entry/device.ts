/** `tallyroll/device`: a device's end: its key, its streams, its signed batches. */
export * from "../client/device/device-signer.ts";
export * from "../client/device/signed-batch.ts";
export * from "../client/device/stream-writer.ts";
