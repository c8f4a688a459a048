import type { ModelAct } from "./model-act.ts";
import * as channels from "./model-channels.ts";
import * as devices from "./model-devices.ts";
import * as escrowMoney from "./model-escrow-money.ts";
import * as opening from "./model-escrow-open.ts";
import * as units from "./model-escrow-units.ts";
import * as money from "./model-money.ts";
import * as services from "./model-services.ts";
import * as submissions from "./model-submissions.ts";
import type { Operation, OperationBody, OperationKind } from "./operations.ts";

type Rule<Kind extends OperationKind> = (
  act: ModelAct,
  body: Extract<OperationBody, { kind: Kind }>,
) => void;

/** The rule of every kind of operation but `submit`, which needs its device's signature, too. */
const RULES: { [Kind in Exclude<OperationKind, "submit">]: Rule<Kind> } = {
  transfer: money.transfer,
  withdraw: money.withdraw,
  set_low_balance: money.setLowBalance,
  register_device: devices.registerDevice,
  rotate_device_key: devices.rotateDeviceKey,
  revoke_device: devices.revokeDevice,
  declare_stream: devices.declareStream,
  rotate_epoch: devices.rotateEpoch,
  register_encryption_key: submissions.registerEncryptionKey,
  grant: submissions.grant,
  revoke_grant: submissions.revokeGrant,
  challenge: submissions.challenge,
  open_channel: channels.openChannel,
  open_channel_by_third_party: channels.openChannelByThirdParty,
  add_channel_funds: channels.addChannelFunds,
  extend_channel: channels.extendChannel,
  extend_and_add_channel_funds: channels.extendAndAddChannelFunds,
  claim_channel: channels.claimChannel,
  multi_claim: channels.multiClaim,
  claim_channel_timeout: channels.claimChannelTimeout,
  put_organization: services.putOrganization,
  put_payment_group: services.putPaymentGroup,
  publish_service: services.publishService,
  update_service: services.updateService,
  withdraw_service: services.withdrawService,
  open_escrow: opening.openEscrow,
  open_intent: opening.openIntent,
  accept_intent: opening.acceptIntent,
  deliver_unit: units.deliverUnit,
  start_session: units.startSession,
  anchor_session: units.anchorSession,
  redeem_receipt: units.redeemReceipt,
  accept_unit: units.acceptUnit,
  reject_unit: units.rejectUnit,
  arbitrate: units.arbitrate,
  end_escrow: escrowMoney.endEscrow,
  fund_escrow: escrowMoney.fundEscrow,
  set_auto_fill: escrowMoney.setAutoFill,
  poke_escrow: escrowMoney.pokeEscrow,
};

/** Applies an authorized operation's body; throws `ModelRefusal` where a rule refuses it. */
export function applyBody(act: ModelAct, { body, authorization }: Operation): void {
  if (body.kind === "submit") {
    if (authorization.by !== "device") throw new RangeError("a submission is its device's");
    submissions.submit(act, body, authorization.signature);
    return;
  }
  const rule = RULES[body.kind] as (act: ModelAct, body: OperationBody) => void;
  rule(act, body);
}
