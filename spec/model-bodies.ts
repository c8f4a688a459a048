import type { ModelAct, ModelRules } from "./model-act.ts";
import { CHANNEL_RULES } from "./model-channels.ts";
import { DEVICE_RULES } from "./model-devices.ts";
import { ESCROW_MONEY_RULES } from "./model-escrow-money.ts";
import { ESCROW_OPENING_RULES } from "./model-escrow-open.ts";
import { ESCROW_UNIT_RULES } from "./model-escrow-units.ts";
import { MONEY_RULES } from "./model-money.ts";
import { RETENTION_RULES } from "./model-retention.ts";
import { ROOM_RULES } from "./model-room.ts";
import { SERVICE_RULES } from "./model-services.ts";
import { SUBMISSION_RULES } from "./model-submissions.ts";
import type { Authorization, BodyOf, Operation, OperationKind } from "./operations.ts";

/** Every kind has its rule, or this does not compile. */
const RULES: ModelRules = {
  ...MONEY_RULES,
  ...ROOM_RULES,
  ...DEVICE_RULES,
  ...SUBMISSION_RULES,
  ...RETENTION_RULES,
  ...CHANNEL_RULES,
  ...SERVICE_RULES,
  ...ESCROW_OPENING_RULES,
  ...ESCROW_UNIT_RULES,
  ...ESCROW_MONEY_RULES,
};

/** Applies an authorized operation's body; throws `ModelRefusal` where a rule refuses it. */
export function applyBody(act: ModelAct, { body, authorization }: Operation): void {
  applyRule(act, body.kind, body, authorization);
}

const applyRule = <Kind extends OperationKind>(
  act: ModelAct,
  kind: Kind,
  body: BodyOf<Kind>,
  authorization: Authorization,
): void => RULES[kind](act, body, authorization);
