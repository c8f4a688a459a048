import type { SealedFault } from "../../../spec/sealed-columns.ts";
import { ClientError } from "../../errors.ts";

/** Why a buyer refuses what they were given. */
export type SealedReadFault =
  | SealedFault
  | "grant_does_not_open"
  | "grant_missing"
  | "batch_disproved"
  | "body_malformed"
  | "commitment_differs"
  | "header_differs"
  | "key_differs";

const PAY_NOTHING = "Do not pay for it.";
const CHALLENGE =
  "Do not pay for it, and prove the fraud: send the operation `challenge` with this batch key.";
const ASK_ANOTHER_NODE = "Ask another node, and compare with the notice SubmissionAccepted.";

const FAULTS: Readonly<Record<SealedReadFault, readonly [problem: string, whatToDo: string]>> = {
  grant_does_not_open: [
    "the wrapped key does not give the key that the epoch published",
    "Check that this is the buyer's account and the X25519 key that the grant was made for; if it " +
      "is, pay nothing and ask the owner for a right grant.",
  ],
  grant_missing: ["there is no grant for its epoch", "Buy a grant for that epoch from the owner."],
  batch_disproved: ["a challenge has proved it false", PAY_NOTHING],
  body_malformed: ["its body is not that of such a stream", ASK_ANOTHER_NODE],
  commitment_differs: ["its body is not the one that it commits to", ASK_ANOTHER_NODE],
  header_differs: ["its fields are not those that the device signed", ASK_ANOTHER_NODE],
  key_differs: ["the device sealed it under another key than the granted one", PAY_NOTHING],
  ciphertext_broken: ["its values do not decrypt under the key it commits to", CHALLENGE],
  columns_malformed: ["what decrypts is not columns of the declared metrics", CHALLENGE],
  value_out_of_bounds: ["a value is beyond the bounds that the stream declares", CHALLENGE],
  leaves_over_bounds: ["its readings unfold to more bytes than a batch may have", CHALLENGE],
  root_differs: ["the decrypted readings do not give the committed root", CHALLENGE],
};

/** Where the fault is, and what proves it. */
export interface SealedReadPlace {
  readonly grantId?: number;
  readonly batchId?: number;
  /** The key group. */
  readonly group?: number;
  /** Of a fault that `challenge` proves: the key to reveal. */
  readonly batchKey?: Uint8Array;
}

/** A grant or sealed batch that is not what its owner or device promised: the buyer refuses it. */
export class SealedReadError extends ClientError {
  override readonly name = "SealedReadError";
  readonly fault: SealedReadFault;
  readonly place: SealedReadPlace;

  constructor(fault: SealedReadFault, place: SealedReadPlace) {
    const [problem, whatToDo] = FAULTS[fault];
    const subject =
      place.batchId === undefined ? `Grant ${place.grantId}` : `Batch ${place.batchId}`;
    const group = place.group === undefined ? "" : `, key group ${place.group}`;
    super(`${subject}${group}: ${problem} (${fault}).`, { whatToDo });
    this.fault = fault;
    this.place = place;
  }
}
