import { previousHashOf } from "../../spec/batch.ts";
import type { Wire } from "../../spec/codec.ts";
import type { Submit } from "../../spec/core-operations.ts";
import type { Crypto } from "../../spec/crypto.ts";
import { openEnvelope } from "../../spec/envelope.ts";
import { READINGS_PER_INPUT_MAX } from "../../spec/limits.ts";
import { decodeOperation } from "../../spec/operation-codec.ts";
import type { OperationBody } from "../../spec/operations.ts";
import { findPortal } from "../../spec/portals.ts";
import { findReference } from "../../spec/references.ts";
import { isRefused } from "../../spec/refusals.ts";
import { type MachineKeys, openSubmission, openUnverified } from "../../spec/submission.ts";
import type { AheadPacker, Correction, Declaration, InputPlace } from "./open-ahead-chunk.ts";

interface TrackedStream {
  readonly deviceId: number;
  readonly declaration: Declaration;
  previousHash: Uint8Array;
  /** Whether the replaying thread knows the declaration. */
  isTold: boolean;
}

const NO_PREVIOUS = new Uint8Array(32);
/**
 * The worker verifies the signatures of one submission in so many and leaves the others to the
 * replaying thread: with this share both threads are busy for about the same time.
 */
const VERIFIED_SHARE = 3;

/**
 * Guesses, without a state, which device key and which previous batch each submission of a history
 * will meet, and does the submission's stateless work on that guess. A wrong guess costs time and
 * nothing else: the replaying thread takes a result only where the guess was right.
 */
export class StreamTracker {
  readonly #crypto: Crypto;
  readonly #machine: MachineKeys;
  readonly #deviceKeys = new Map<number, Uint8Array>();
  readonly #streams = new Map<number, TrackedStream>();
  #deviceCount = 0;
  #streamCount = 0;
  #openedCount = 0;

  constructor(crypto: Crypto, machineSecret: Uint8Array) {
    this.#crypto = crypto;
    this.#machine = { secret: machineSecret, key: crypto.x25519PublicKey(machineSecret) };
  }

  correct({ deviceCount, streamCount, streams }: Correction): void {
    this.#deviceCount = deviceCount;
    this.#streamCount = streamCount;
    for (const streamId of this.#streams.keys()) {
      if (streamId > streamCount) this.#streams.delete(streamId);
    }
    for (const { streamId, deviceId, deviceKey, previousHash, ...declaration } of streams) {
      this.#deviceKeys.set(deviceId, deviceKey);
      this.#streams.set(streamId, { deviceId, declaration, previousHash, isTold: false });
    }
  }

  /** Follows one input and packs what it could open. */
  follow(at: InputPlace, payload: Uint8Array, packer: AheadPacker): void {
    if (findPortal(at.sender) !== undefined) return;
    const { secret, key } = this.#machine;
    const list = openEnvelope(this.#crypto, payload, secret, key, at);
    if (isRefused(list)) return;
    // Spent at least as fast as the engine spends its own: nobody can make the worker, for which
    // the replay waits, do what the engine refuses to do.
    let readingsLeft = READINGS_PER_INPUT_MAX;
    const registered = new Map<number, number>();
    list.forEach((item: Wire, operationIndex) => {
      const operation = decodeOperation(item);
      if (isRefused(operation)) return;
      const { body, authorization } = operation;
      if (body.kind !== "submit") this.#followSetup(body, registered, operationIndex);
      else if (authorization.by === "device") {
        readingsLeft -= body.count;
        if (readingsLeft < 0) return;
        const place = { inputIndex: at.inputIndex, operationIndex };
        this.#open(at, place, body, authorization.signature, packer);
      }
    });
  }

  /** @param registered What the input has registered so far, by the operation's place. */
  #followSetup(body: OperationBody, registered: Map<number, number>, place: number): void {
    const resolve = (id: number) => registered.get(findReference(id) ?? -1) ?? id;
    // The engine refuses it, too.
    if ("deviceId" in body && resolve(body.deviceId) < 0) return;
    if (body.kind === "register_device") {
      this.#deviceCount += 1;
      registered.set(place, this.#deviceCount);
      this.#deviceKeys.set(this.#deviceCount, body.key);
    } else if (body.kind === "rotate_device_key") {
      this.#deviceKeys.set(resolve(body.deviceId), body.key);
    } else if (body.kind === "declare_stream") {
      this.#streamCount += 1;
      this.#streams.set(this.#streamCount, {
        deviceId: resolve(body.deviceId),
        declaration: {
          isSealed: body.isSealed,
          groupCount: body.isSealed ? body.epochKeyHashes.length : 1,
          metrics: body.metrics,
        },
        previousHash: NO_PREVIOUS,
        isTold: false,
      });
    }
  }

  #open(
    at: { readonly chainId: bigint; readonly app: Uint8Array },
    place: { readonly inputIndex: number; readonly operationIndex: number },
    body: Submit,
    signature: Uint8Array,
    packer: AheadPacker,
  ): void {
    const stream = this.#streams.get(body.streamId);
    const deviceKey = stream && this.#deviceKeys.get(stream.deviceId);
    if (stream === undefined || deviceKey === undefined || body.count === 0) return;
    // No state holds a stream without a key group: its declaration was refused.
    if (stream.declaration.groupCount === 0) return;
    const previousHash = previousHashOf(body.breakFloor, stream.previousHash);
    const { streamId, epoch, firstSequence, count, sealed } = body;
    const { chainId, app } = at;
    const isVerified = this.#openedCount++ % VERIFIED_SHARE === 0;
    const open = isVerified ? openSubmission : openUnverified;
    const opened = open(this.#crypto, this.#machine, {
      ...{ chainId, app, streamId, epoch, firstSequence, count, sealed, signature },
      ...{ deviceKey, previousHash },
      ...stream.declaration,
      deviceId: stream.deviceId,
    });
    if (isRefused(opened)) return;
    if (!stream.isTold) packer.declare(streamId, stream.declaration);
    stream.isTold = true;
    stream.previousHash = opened.batchHash;
    const { deviceId } = stream;
    packer.add({ ...place, isVerified, deviceId, streamId }, deviceKey, previousHash, opened);
  }
}
