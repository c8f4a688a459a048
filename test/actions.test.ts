import { expect, test } from "vitest";
import {
  setLowBalance,
  transfer,
  withdraw,
  withdrawBond,
} from "../node-client/client/actions/balance-actions.ts";
import {
  addChannelFunds,
  extendChannel,
  openChannel,
  openChannelByThirdParty,
} from "../node-client/client/actions/channel-actions.ts";
import {
  claimChannel,
  claimChannels,
  claimChannelTimeout,
} from "../node-client/client/actions/channel-claim-actions.ts";
import {
  challenge,
  declareStream,
  pokeRetention,
  registerDevice,
  revokeDevice,
  rotateDeviceKey,
  rotateEpoch,
} from "../node-client/client/actions/device-actions.ts";
import {
  acceptEscrowUnit,
  anchorEscrowSession,
  arbitrateEscrowUnit,
  deliverEscrowUnit,
  endEscrow,
  fundEscrow,
  pokeEscrow,
  redeemEscrowReceipt,
  rejectEscrowUnit,
  setEscrowAutoFill,
  startEscrowSession,
} from "../node-client/client/actions/escrow-actions.ts";
import {
  acceptEscrowIntent,
  openEscrow,
  openEscrowIntent,
} from "../node-client/client/actions/escrow-opening-actions.ts";
import { ETHER } from "../node-client/client/actions/ether.ts";
import {
  grant,
  registerEncryptionKey,
  revokeGrant,
} from "../node-client/client/actions/grant-actions.ts";
import { listOutcomes, NoticeMissing } from "../node-client/client/actions/operation-outcomes.ts";
import {
  publishService,
  putOrganization,
  putOrganizationGroup,
  updateService,
  withdrawService,
} from "../node-client/client/actions/service-actions.ts";
import type { InputResult } from "../node-client/client/actions/wait-for-input.ts";
import type { Notice } from "../node-client/client/decoding/decode-notice.ts";
import { createDeviceSigner, systemRandom } from "../node-client/client/device/device-signer.ts";
import type { ChannelPayment } from "../node-client/client/payment/signed-payment.ts";
import { requireBody } from "../node-client/client/signing/require-body.ts";
import type { Wire } from "../spec/codec.ts";
import { nobleCrypto } from "../spec/crypto-noble.ts";
import { encodeOperation } from "../spec/operation-codec.ts";
import { OPERATION_KINDS } from "../spec/operations.ts";
import { referTo, referToEscrow } from "../spec/references.ts";

/** The two halves of an action: its operation alone, and what that did. */

const [ALICE, BOB] = [`0x${"a1".repeat(20)}`, `0x${"b0".repeat(20)}`] as const;
const HASH = new Uint8Array(32).fill(5);
const SIGNATURE = new Uint8Array(65).fill(27);
const acting = {
  account: ALICE,
  crypto: nobleCrypto,
  at: { chainId: 31_337n, app: new Uint8Array(20).fill(1) },
};
const device = createDeviceSigner("ed25519", systemRandom);
const metric = {
  ...({ name: "t", unit: "C", kind: "integer", scale: 0 } as const),
  ...{ minimum: 0, maximum: 1, group: 0 },
};
const unit = { escrowId: `standard:0x${"5f".repeat(16)}`, unit: 1 } as const;
const terms = { recipient: BOB, token: ETHER, value: 1n, expirationBlock: 9 };
const payment: ChannelPayment = {
  ...{ form: "lane", channelId: 0, generation: 0, lane: 1, cumulative: 5n },
  signature: `0x${"1b".repeat(65)}`,
};
const offer = { tags: ["weather"], mode: "pull", price: 1n } as const;
const counts = { messageCount: 2, validCount: 1 };

const BODIES = [
  transfer.body({ token: ETHER, to: BOB, amount: 5n }),
  withdraw.body({ token: ETHER, amount: 5n }, acting),
  registerDevice.body({ device }, acting),
  rotateDeviceKey.body({ deviceId: 1, device }, acting),
  revokeDevice.body({ deviceId: 1 }),
  declareStream.body({ deviceId: 1, name: "s", metrics: [metric], epochKeys: [HASH] }, acting),
  registerEncryptionKey.body({ key: nobleCrypto.x25519PublicKey(HASH) }),
  rotateEpoch.body({ streamId: 1, epoch: 1, epochKeys: [HASH] }, acting),
  grant.body(
    {
      ...{ streamId: 1, epoch: 0, buyer: BOB, epochKeys: new Map([[0, HASH]]), expiresAtSec: 9 },
      buyerKey: `0x${Buffer.from(nobleCrypto.x25519PublicKey(HASH)).toString("hex")}`,
      ephemeralSecret: new Uint8Array(32).fill(6),
    },
    acting,
  ),
  revokeGrant.body({ streamId: 1, epoch: 0, buyer: BOB }),
  challenge.body({ batchId: 1, group: 0, batchKey: HASH }),
  pokeRetention.body(),
  openChannel.body(terms, acting),
  openChannelByThirdParty.body({
    ...{ sender: new Uint8Array(20), messageNonce: 1n, form: "eip712", signature: SIGNATURE },
    ...{ recipient: HASH.slice(12), signer: HASH.slice(12), groupId: HASH, token: HASH.slice(12) },
    ...{ value: 1n, expirationBlock: 9, payments: "both", lanes: 0 },
  }),
  addChannelFunds.body({ channelId: 0, amount: 1n }),
  extendChannel.body({ channelId: 0, expirationBlock: 9 }),
  extendChannel.body({ channelId: 0, expirationBlock: 9, amount: 1n }),
  claimChannel.body({ payment }),
  claimChannels.body({ payments: [payment] }),
  claimChannelTimeout.body({ channelId: 0 }),
  putOrganization.body({ organization: "north-grid", name: "North Grid" }),
  putOrganizationGroup.body(
    { organization: "north-grid", groupId: `0x${"07".repeat(32)}`, name: "default" },
    acting,
  ),
  publishService.body({ name: "roof", ...offer }, acting),
  updateService.body({ serviceId: 1, ...offer }, acting),
  withdrawService.body({ serviceId: 1 }),
  openEscrow.body({ serviceId: 1, version: 1, amount: 5n }),
  openEscrowIntent.body({ tag: "t", mode: "pull", token: ETHER, ceiling: 1n, amount: 1n }),
  acceptEscrowIntent.body({ escrowId: unit.escrowId, serviceId: 1, version: 1 }),
  deliverEscrowUnit.body({ ...unit, batchId: 1 }),
  startEscrowSession.body(unit),
  anchorEscrowSession.body({ ...unit, root: HASH, ...counts }),
  redeemEscrowReceipt.body({
    receipt: { ...unit, ...counts, signature: `0x${"1b".repeat(65)}` },
  }),
  acceptEscrowUnit.body(unit),
  rejectEscrowUnit.body(unit),
  arbitrateEscrowUnit.body({ ...unit, amount: 1n }),
  endEscrow.body(unit),
  fundEscrow.body({ ...unit, amount: 1n }),
  setEscrowAutoFill.body({ ...unit, limit: 0n }),
  pokeEscrow.body(unit),
  setLowBalance.body({ token: ETHER, threshold: 1n }),
  withdrawBond.body(undefined as never),
];

test("each operation of an account has an action that builds it within the machine's bounds", () => {
  for (const body of BODIES) expect(() => requireBody(body, "account")).not.toThrow();
  const kinds = OPERATION_KINDS.filter((kind) => kind !== "submit");
  expect(BODIES.map(({ kind }) => kind).sort()).toEqual([...kinds].sort());
});

test("what an operation makes can be named by the next ones of its input", () => {
  expect(revokeDevice.body({ deviceId: referTo(1) })).toMatchObject({ deviceId: -2 });
  const funding = fundEscrow.body({ escrowId: referToEscrow(0), amount: 5n });
  requireBody(funding, "sender");
  const [, , body] = encodeOperation({ authorization: { by: "sender" }, body: funding }) as Wire[];
  expect(body).toEqual([[0], 5]);
});

test("each action reads its own of an input of several operations", () => {
  const withdrawn = (amount: bigint): Notice => ({
    name: "Withdrawn",
    args: { account: ALICE, recipient: BOB, token: ETHER, amount },
  });
  const committed = {
    name: "StateCommitted",
    args: { inputIndex: 4n, outcomes: "0x000300010002" },
  } as unknown as Notice;
  const noticeOf = (notice: Notice) => ({ kind: "notice", notice });
  const voucher = (outputIndex: number) => ({ kind: "voucher", outputIndex });
  const low = { account: ALICE, token: ETHER, balance: 1n, threshold: 9n };
  const result = {
    ...{ inputIndex: 4, blockNumber: 9, transactionHash: undefined, status: "ACCEPTED" },
    outputs: [
      ...[voucher(10), noticeOf(withdrawn(5n)), noticeOf({ name: "BalanceLow", args: low })],
      noticeOf({ name: "DeviceRevoked", args: { deviceId: 7n } }),
      ...[voucher(14), noticeOf(withdrawn(6n)), noticeOf(committed)],
    ],
    notices: [committed],
    refusals: [],
  } as unknown as InputResult;
  const told = listOutcomes(result, 3).flatMap((one) => (one.status === "applied" ? [one] : []));
  expect(withdraw.read(told[0]!)).toMatchObject({ amount: 5n, recipient: BOB, outputIndex: 10 });
  expect(revokeDevice.read(told[1]!)).toEqual({ deviceId: 7 });
  expect(withdraw.read(told[2]!)).toMatchObject({ amount: 6n, outputIndex: 14 });
  expect(() => withdraw.read(told[1]!)).toThrow(NoticeMissing);
  expect(() => revokeDevice.read(told[0]!)).toThrow(
    "Input 4 was accepted without the notice DeviceRevoked",
  );
});
