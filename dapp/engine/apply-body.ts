import type { BodyOf, OperationBody, OperationKind } from "../../spec/operations.ts";
import { CHANNEL_CLAIM_HANDLERS } from "./channel-claim.ts";
import { CHANNEL_OPENING_HANDLERS } from "./channel-open.ts";
import { CHANNEL_TIME_HANDLERS } from "./channel-time.ts";
import { ESCROW_HANDLERS } from "./escrow.ts";
import { ESCROW_ACCEPTANCE_HANDLERS } from "./escrow-accept.ts";
import { ESCROW_ANSWER_HANDLERS } from "./escrow-answer.ts";
import { ESCROW_DELIVERY_HANDLERS } from "./escrow-deliver.ts";
import { ESCROW_MANAGEMENT_HANDLERS } from "./escrow-manage.ts";
import { ESCROW_OPENING_HANDLERS } from "./escrow-open.ts";
import { ESCROW_RECEIPT_HANDLERS } from "./escrow-redeem.ts";
import { ESCROW_SESSION_HANDLERS } from "./escrow-session.ts";
import { CHALLENGE_HANDLERS } from "./judge-challenge.ts";
import { LEDGER_HANDLERS } from "./ledger.ts";
import { DEVICE_HANDLERS } from "./manage-devices.ts";
import { GRANT_HANDLERS } from "./manage-grants.ts";
import type { Handlers, OperationContext, Outcome } from "./operation-context.ts";
import { RETENTION_HANDLERS } from "./retention.ts";
import { BOND_HANDLERS } from "./room.ts";
import { SERVICE_HANDLERS } from "./service.ts";
import { ORGANIZATION_HANDLERS } from "./service-organization.ts";
import { STREAM_HANDLERS } from "./stream.ts";
import { SUBMISSION_HANDLERS } from "./submit.ts";

/** Every kind has its handler, or this does not compile. */
const HANDLERS: Handlers = {
  ...LEDGER_HANDLERS,
  ...BOND_HANDLERS,
  ...DEVICE_HANDLERS,
  ...STREAM_HANDLERS,
  ...SUBMISSION_HANDLERS,
  ...GRANT_HANDLERS,
  ...CHALLENGE_HANDLERS,
  ...RETENTION_HANDLERS,
  ...CHANNEL_OPENING_HANDLERS,
  ...CHANNEL_TIME_HANDLERS,
  ...CHANNEL_CLAIM_HANDLERS,
  ...ORGANIZATION_HANDLERS,
  ...SERVICE_HANDLERS,
  ...ESCROW_OPENING_HANDLERS,
  ...ESCROW_ACCEPTANCE_HANDLERS,
  ...ESCROW_DELIVERY_HANDLERS,
  ...ESCROW_SESSION_HANDLERS,
  ...ESCROW_RECEIPT_HANDLERS,
  ...ESCROW_ANSWER_HANDLERS,
  ...ESCROW_MANAGEMENT_HANDLERS,
  ...ESCROW_HANDLERS,
};

/** §1.6 Applies the body of an authorized operation. */
export function applyBody(body: OperationBody, context: OperationContext): Outcome {
  return handle(body.kind, body, context);
}

/** The kind stands for its body's type: so the two cannot part. */
const handle = <Kind extends OperationKind>(
  kind: Kind,
  body: BodyOf<Kind>,
  context: OperationContext,
): Outcome => HANDLERS[kind](body, context);
