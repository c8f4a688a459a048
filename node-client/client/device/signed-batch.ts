import type { Authorization, BodyOf, Operation } from "../../../spec/operations.ts";
import { ClientError } from "../../errors.ts";

/** A batch as its device has signed it: whoever sends it does so in the device's name. */
export interface SignedBatch {
  readonly authorization: Extract<Authorization, { by: "device" }>;
  readonly body: BodyOf<"submit">;
}

const SIGNATURE_BYTES = 64;

/** What should be a device's batch is another operation. */
export class BatchNotSigned extends ClientError {
  override readonly name = "BatchNotSigned";
  /** Its place among the batches, from 0. */
  readonly position: number;
  readonly reason: "kind" | "authorization";

  constructor(position: number, reason: "kind" | "authorization", words: string) {
    super(`Batch ${position} is none that a device has signed: ${words}. Nothing was sent.`, {
      whatToDo: "Send what StreamWriter.write gives, and nothing that acts for the sender.",
    });
    this.position = position;
    this.reason = reason;
  }
}

/**
 * Takes nothing but a device's own batch: an operation of another kind, or one authorized by its
 * sender, would be the act of whoever sends it. The signature itself covers what is sealed to the
 * machine (spec §3.4), so that the machine alone can verify it; a wrong one moves nothing.
 *
 * @param position Among those that are sent together, for the error.
 * @throws BatchNotSigned
 */
export function requireSignedBatch({ authorization, body }: Operation, position = 0): SignedBatch {
  if (body.kind !== "submit") {
    throw new BatchNotSigned(position, "kind", `it is of the kind ${body.kind}`);
  }
  if (authorization.by !== "device") {
    throw new BatchNotSigned(position, "authorization", `it is by the ${authorization.by}`);
  }
  const { length } = authorization.signature;
  if (length !== SIGNATURE_BYTES) {
    const words = `its signature has ${length} bytes instead of ${SIGNATURE_BYTES}`;
    throw new BatchNotSigned(position, "authorization", words);
  }
  return { authorization, body };
}
