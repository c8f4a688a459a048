import type { OperationBody, OperationKind } from "./operations.ts";

/** The EIP-712 structs of operations: one a kind (spec §1.5), every field of the body shown. */
export type StructFields = readonly { readonly name: string; readonly type: string }[];

const parse = (fields: readonly string[]): StructFields =>
  fields.map((field) => {
    const [type = "", name = ""] = field.split(" ");
    return { name, type };
  });

function struct(primaryType: string, ...fields: string[]) {
  return {
    primaryType,
    fields: parse(["address account", ...fields, "uint256 nonce", "uint256 deadline"]),
  };
}

const CHANNEL_TERMS = [
  ...["address recipient", "address signer", "bytes32 groupId", "address token"],
  ...["uint256 value", "uint256 expirationBlock", "string payments"],
];
const CLAIM = [
  ...["uint256 channelId", "uint256 lane", "uint256 actual", "uint256 planned"],
  ...["string form", "bool isSendBack", "bytes signature"],
];
const UNIT = ["bytes16 escrowId", "uint256 unit"];

export const STRUCTS = {
  transfer: struct("Transfer", "address token", "address to", "uint256 amount"),
  withdraw: struct("Withdraw", "address token", "address recipient", "uint256 amount"),
  register_device: struct("RegisterDevice", "bytes key", "bytes possession"),
  rotate_device_key: struct("RotateDeviceKey", "uint256 deviceId", "bytes key", "bytes possession"),
  revoke_device: struct("RevokeDevice", "uint256 deviceId"),
  declare_stream: struct(
    "DeclareStream",
    "uint256 deviceId",
    "string name",
    "bool isSealed",
    "Metric[] metrics",
    "bytes32[] epochKeyHashes",
  ),
  register_encryption_key: struct("RegisterEncryptionKey", "bytes32 key"),
  rotate_epoch: struct(
    "RotateEpoch",
    "uint256 streamId",
    "uint256 epoch",
    "bytes32[] epochKeyHashes",
  ),
  grant: struct(
    "Grant",
    "uint256 streamId",
    "uint256 epoch",
    "uint256 groups",
    "address buyer",
    "uint256 expiresAt",
    "bytes wrappedKeys",
  ),
  revoke_grant: struct("RevokeGrant", "uint256 streamId", "uint256 epoch", "address buyer"),
  challenge: struct("Challenge", "uint256 batchId", "uint256 group", "bytes32 batchKey"),
  set_low_balance: struct("SetLowBalance", "address token", "uint256 threshold"),

  open_channel: struct("OpenChannel", ...CHANNEL_TERMS),
  open_channel_by_third_party: struct(
    "OpenChannelByThirdParty",
    "address sender",
    ...CHANNEL_TERMS,
    "uint256 messageNonce",
    "string form",
    "bytes signature",
  ),
  add_channel_funds: struct("AddChannelFunds", "uint256 channelId", "uint256 amount"),
  extend_channel: struct("ExtendChannel", "uint256 channelId", "uint256 expirationBlock"),
  extend_and_add_channel_funds: struct(
    "ExtendAndAddChannelFunds",
    "uint256 channelId",
    "uint256 expirationBlock",
    "uint256 amount",
  ),
  claim_channel: struct("ClaimChannel", ...CLAIM),
  multi_claim: struct("MultiClaim", "ChannelClaim[] claims"),
  claim_channel_timeout: struct("ClaimChannelTimeout", "uint256 channelId"),

  put_organization: struct("PutOrganization", "string organization", "string name"),
  put_payment_group: struct(
    "PutPaymentGroup",
    "string organization",
    "bytes32 groupId",
    "string name",
    "address paymentAddress",
    "string[] endpoints",
  ),
  publish_service: struct("PublishService", "string name", "ServiceOffer offer"),
  update_service: struct("UpdateService", "uint256 serviceId", "ServiceOffer offer"),
  withdraw_service: struct("WithdrawService", "uint256 serviceId"),

  open_escrow: struct(
    "OpenEscrow",
    "uint256 serviceId",
    "uint256 version",
    "uint256 amount",
    "EscrowTerms terms",
  ),
  open_intent: struct(
    "OpenIntent",
    "string tag",
    "string mode",
    "address token",
    "uint256 ceiling",
    "uint256 acceptTime",
    "address[] providers",
    "uint256 amount",
    "EscrowTerms terms",
  ),
  accept_intent: struct("AcceptIntent", "bytes16 escrowId", "uint256 serviceId", "uint256 version"),
  deliver_unit: struct("DeliverUnit", ...UNIT, "uint256 batchId", "bytes commitment"),
  start_session: struct("StartSession", ...UNIT),
  anchor_session: struct(
    "AnchorSession",
    ...UNIT,
    "uint256 batchId",
    "bytes32 root",
    "uint256 messageCount",
    "uint256 validCount",
  ),
  redeem_receipt: struct(
    "RedeemReceipt",
    ...UNIT,
    "uint256 messageCount",
    "uint256 validCount",
    "uint256 batchId",
    "bytes signature",
  ),
  accept_unit: struct("AcceptUnit", ...UNIT),
  reject_unit: struct("RejectUnit", ...UNIT, "uint256 batchId"),
  arbitrate: struct("Arbitrate", ...UNIT, "uint256 amount"),
  end_escrow: struct("EndEscrow", "bytes16 escrowId"),
  fund_escrow: struct("FundEscrow", "bytes16 escrowId", "uint256 amount"),
  set_auto_fill: struct("SetAutoFill", "bytes16 escrowId", "uint256 limit"),
  poke_escrow: struct("PokeEscrow", "bytes16 escrowId"),
} as const satisfies Record<Exclude<OperationBody["kind"], "submit">, unknown>;

const METRIC = {
  Metric: parse([
    ...["string name", "string unit", "string kind", "uint256 scale"],
    ...["int256 minimum", "int256 maximum", "uint256 keyGroup"],
  ]),
};
const OFFER = {
  ServiceOffer: parse([
    ...["string organization", "bytes groupId", "string[] tags", "string mode"],
    ...["address token", "uint256 price", "address paymentAddress", "string[] endpoints"],
    ...["uint256 streamId", "uint256 groups"],
  ]),
};
const TERMS = {
  EscrowTerms: parse([
    ...["uint256 unitCount", "uint256 deliveryTime", "uint256 answerTime", "address arbiter"],
    ...["uint256 arbitrationTime", "uint256 autoFillLimit", "uint256 duration"],
    ...["uint256 expectedMsgs", "uint256 minMsgCount", "uint256 minValidBasisPoints"],
    ...["bool autoRenew", "bytes predicate"],
  ]),
};

/** Structs inside the structs of some kinds. */
export const NESTED_STRUCTS: Partial<Record<OperationKind, Record<string, StructFields>>> = {
  declare_stream: METRIC,
  multi_claim: { ChannelClaim: parse(CLAIM) },
  publish_service: OFFER,
  update_service: OFFER,
  open_escrow: TERMS,
  open_intent: TERMS,
};
