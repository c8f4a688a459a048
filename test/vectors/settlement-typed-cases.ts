import { type Hex, toHex } from "viem";
import type { ChannelClaim, ChannelTerms } from "../../spec/channel-operations.ts";
import type { EscrowTerms } from "../../spec/escrow-operations.ts";
import type { SignableBody } from "../../spec/operations.ts";
import type { ServiceOffer } from "../../spec/service-operations.ts";

/**
 * What wallets sign of channels, services and escrows: a body, its struct as EIP-712's `encodeType`
 * has it, and the values of the struct's own fields in order.
 */

const fill = (length: number, byte: number) => new Uint8Array(length).fill(byte);
const hex = (length: number, byte: number): Hex => toHex(fill(length, byte));
const ESCROW_ID = fill(16, 0x16);
const ID = hex(16, 0x16);

const CHANNEL: ChannelTerms = {
  ...{ recipient: fill(20, 1), signer: fill(20, 2), groupId: fill(32, 3), token: fill(20, 4) },
  ...{ value: 2n ** 200n, expirationBlock: 19_000_000, payments: "both", lanes: 7 },
};
const CHANNEL_TEXT =
  "address recipient,address signer,bytes32 groupId,address token,uint256 value,uint256 expirationBlock,string payments,uint256 lanes";
const CHANNEL_VALUES = [
  ...[hex(20, 1), hex(20, 2), hex(32, 3), hex(20, 4), 2n ** 200n, 19_000_000n, "both", 7n],
];

const CLAIM: ChannelClaim = {
  ...{ channelId: 7, lane: 0, actual: 30n, planned: 40n, form: "mpe" },
  ...{ isSendBack: true, signature: fill(65, 5) },
};
const LANE_CLAIM: ChannelClaim = {
  ...{ channelId: 7, lane: 9, actual: 3n, planned: 41n, form: "eip712" },
  ...{ isSendBack: false, signature: fill(65, 6) },
};
const CLAIM_TEXT =
  "uint256 channelId,uint256 lane,uint256 actual,uint256 planned,string form,bool isSendBack,bytes signature";
const CLAIM_VALUES = [7n, 0n, 30n, 40n, "mpe", true, hex(65, 5)];
const LANE_VALUES = [7n, 9n, 3n, 41n, "eip712", false, hex(65, 6)];

const OFFER: ServiceOffer = {
  ...{ organization: "acme", groupId: fill(32, 7), tags: ["weather", "rain"], mode: "pubsub" },
  ...{ token: fill(20, 8), price: 400_000n, paymentAddress: fill(20, 9) },
  ...{ endpoints: ["https://acme.example/a"], streamId: 3, groups: 5 },
};
const OFFER_TEXT =
  "ServiceOffer(string organization,bytes groupId,string[] tags,string mode,address token,uint256 price,address paymentAddress,string[] endpoints,uint256 streamId,uint256 groups)";
const OFFER_VALUES = [
  ...["acme", hex(32, 7), ["weather", "rain"], "pubsub", hex(20, 8), 400_000n, hex(20, 9)],
  ...[["https://acme.example/a"], 3n, 5n],
];

const TERMS: EscrowTerms = {
  ...{ unitCount: 10, deliveryTimeSec: 60, answerTimeSec: 30, arbiter: fill(20, 10) },
  ...{ arbitrationTimeSec: 600, autoFillLimit: 9n, durationSec: 61, expectedMsgs: 15 },
  ...{ minMsgCount: 11, minValidBasisPoints: 7_500, autoRenew: true, predicate: fill(40, 11) },
};
const TERMS_TEXT =
  "EscrowTerms(uint256 unitCount,uint256 deliveryTime,uint256 answerTime,address arbiter,uint256 arbitrationTime,uint256 autoFillLimit,uint256 duration,uint256 expectedMsgs,uint256 minMsgCount,uint256 minValidBasisPoints,bool autoRenew,bytes predicate)";
const TERMS_VALUES = [
  ...[10n, 60n, 30n, hex(20, 10), 600n, 9n, 61n, 15n, 11n, 7_500n, true, hex(40, 11)],
];

const typed = (name: string, fields: string, others = ""): string =>
  `${name}(address account,${fields},uint256 nonce,uint256 deadline)${others}`;
const UNIT_TEXT = "bytes16 escrowId,uint256 unit";
const onUnit = { escrowId: ESCROW_ID, unit: 2 };

export const SETTLEMENT_CASES: readonly [SignableBody, string, readonly unknown[]][] = [
  [
    { kind: "set_low_balance", token: fill(20, 1), threshold: 50n },
    typed("SetLowBalance", "address token,uint256 threshold"),
    [hex(20, 1), 50n],
  ],
  [{ kind: "withdraw_bond" }, "WithdrawBond(address account,uint256 nonce,uint256 deadline)", []],
  [{ kind: "open_channel", ...CHANNEL }, typed("OpenChannel", CHANNEL_TEXT), CHANNEL_VALUES],
  [
    {
      ...{ kind: "open_channel_by_third_party", sender: fill(20, 12), ...CHANNEL },
      ...{ messageNonce: 5n, form: "eip712", signature: fill(65, 13) },
    },
    typed(
      "OpenChannelByThirdParty",
      `address sender,${CHANNEL_TEXT},uint256 messageNonce,string form,bytes signature`,
    ),
    [hex(20, 12), ...CHANNEL_VALUES, 5n, "eip712", hex(65, 13)],
  ],
  [
    { kind: "add_channel_funds", channelId: 7, amount: 8n },
    typed("AddChannelFunds", "uint256 channelId,uint256 amount"),
    [7n, 8n],
  ],
  [
    { kind: "extend_channel", channelId: 7, expirationBlock: 9 },
    typed("ExtendChannel", "uint256 channelId,uint256 expirationBlock"),
    [7n, 9n],
  ],
  [
    { kind: "extend_and_add_channel_funds", channelId: 7, expirationBlock: 9, amount: 8n },
    typed("ExtendAndAddChannelFunds", "uint256 channelId,uint256 expirationBlock,uint256 amount"),
    [7n, 9n, 8n],
  ],
  [{ kind: "claim_channel", ...CLAIM }, typed("ClaimChannel", CLAIM_TEXT), CLAIM_VALUES],
  [
    { kind: "multi_claim", claims: [CLAIM, LANE_CLAIM] },
    typed("MultiClaim", "ChannelClaim[] claims", `ChannelClaim(${CLAIM_TEXT})`),
    [[CLAIM_VALUES, LANE_VALUES]],
  ],
  [
    { kind: "claim_channel_timeout", channelId: 7 },
    typed("ClaimChannelTimeout", "uint256 channelId"),
    [7n],
  ],
  [
    { kind: "put_organization", organization: "acme", name: "Acme Ltd" },
    typed("PutOrganization", "string organization,string name"),
    ["acme", "Acme Ltd"],
  ],
  [
    {
      ...{ kind: "put_payment_group", organization: "acme", groupId: fill(32, 7), name: "main" },
      ...{ paymentAddress: fill(20, 9), endpoints: ["a", "b"] },
    },
    typed(
      "PutPaymentGroup",
      "string organization,bytes32 groupId,string name,address paymentAddress,string[] endpoints",
    ),
    ["acme", hex(32, 7), "main", hex(20, 9), ["a", "b"]],
  ],
  [
    { kind: "publish_service", name: "rain", offer: OFFER },
    typed("PublishService", "string name,ServiceOffer offer", OFFER_TEXT),
    ["rain", OFFER_VALUES],
  ],
  [
    { kind: "update_service", serviceId: 4, offer: OFFER },
    typed("UpdateService", "uint256 serviceId,ServiceOffer offer", OFFER_TEXT),
    [4n, OFFER_VALUES],
  ],
  [{ kind: "withdraw_service", serviceId: 4 }, typed("WithdrawService", "uint256 serviceId"), [4n]],
  [
    { kind: "open_escrow", serviceId: 4, version: 2, amount: 100n, terms: TERMS },
    typed(
      "OpenEscrow",
      "uint256 serviceId,uint256 version,uint256 amount,EscrowTerms terms",
      TERMS_TEXT,
    ),
    [4n, 2n, 100n, TERMS_VALUES],
  ],
  [
    {
      ...{ kind: "open_intent", tag: "weather", mode: "pull", token: fill(20, 8), ceiling: 6n },
      ...{ acceptTimeSec: 90, providers: [fill(20, 1), fill(20, 2)], amount: 60n, terms: TERMS },
    },
    typed(
      "OpenIntent",
      "string tag,string mode,address token,uint256 ceiling,uint256 acceptTime,address[] providers,uint256 amount,EscrowTerms terms",
      TERMS_TEXT,
    ),
    ["weather", "pull", hex(20, 8), 6n, 90n, [hex(20, 1), hex(20, 2)], 60n, TERMS_VALUES],
  ],
  [
    { kind: "accept_intent", escrowId: ESCROW_ID, serviceId: 4, version: 2 },
    typed("AcceptIntent", "bytes16 escrowId,uint256 serviceId,uint256 version"),
    [ID, 4n, 2n],
  ],
  [
    { kind: "deliver_unit", ...onUnit, batchId: 3, commitment: fill(32, 1) },
    typed("DeliverUnit", `${UNIT_TEXT},uint256 batchId,bytes commitment`),
    [ID, 2n, 3n, hex(32, 1)],
  ],
  [{ kind: "start_session", ...onUnit }, typed("StartSession", UNIT_TEXT), [ID, 2n]],
  [
    {
      ...{ kind: "anchor_session", ...onUnit, batchId: 3, root: fill(32, 1) },
      ...{ messageCount: 14, validCount: 13 },
    },
    typed(
      "AnchorSession",
      `${UNIT_TEXT},uint256 batchId,bytes32 root,uint256 messageCount,uint256 validCount`,
    ),
    [ID, 2n, 3n, hex(32, 1), 14n, 13n],
  ],
  [
    {
      ...{ kind: "redeem_receipt", ...onUnit, messageCount: 14, validCount: 13 },
      ...{ batchId: 3, signature: fill(65, 2) },
    },
    typed(
      "RedeemReceipt",
      `${UNIT_TEXT},uint256 messageCount,uint256 validCount,uint256 batchId,bytes signature`,
    ),
    [ID, 2n, 14n, 13n, 3n, hex(65, 2)],
  ],
  [{ kind: "accept_unit", ...onUnit }, typed("AcceptUnit", UNIT_TEXT), [ID, 2n]],
  [
    { kind: "reject_unit", ...onUnit, batchId: 3 },
    typed("RejectUnit", `${UNIT_TEXT},uint256 batchId`),
    [ID, 2n, 3n],
  ],
  [
    { kind: "arbitrate", ...onUnit, amount: 3n },
    typed("Arbitrate", `${UNIT_TEXT},uint256 amount`),
    [ID, 2n, 3n],
  ],
  [{ kind: "end_escrow", escrowId: ESCROW_ID }, typed("EndEscrow", "bytes16 escrowId"), [ID]],
  [
    { kind: "fund_escrow", escrowId: ESCROW_ID, amount: 3n },
    typed("FundEscrow", "bytes16 escrowId,uint256 amount"),
    [ID, 3n],
  ],
  [
    { kind: "set_auto_fill", escrowId: ESCROW_ID, limit: 3n },
    typed("SetAutoFill", "bytes16 escrowId,uint256 limit"),
    [ID, 3n],
  ],
  [{ kind: "poke_escrow", escrowId: ESCROW_ID }, typed("PokeEscrow", "bytes16 escrowId"), [ID]],
];
