/** What a redeemed payment costs in calldata (spec §10.1): many travel in one input. */

import { expect, test } from "vitest";
import type { ChannelClaim } from "../spec/channel-operations.ts";
import { encodePlainEnvelope } from "../spec/envelope.ts";
import { bySender } from "./arbitraries/world.ts";

const CLAIMS = 50;
const plain: ChannelClaim = {
  ...{ channelId: 4_000_000, lane: 0, actual: 10n ** 20n, planned: 10n ** 20n, form: "mpe" },
  ...{ isSendBack: false, signature: new Uint8Array(65) },
};
const lane: ChannelClaim = { ...plain, lane: 70_000, actual: 0n, form: "eip712" };

test.each([
  ["of lane 0, a hundred tokens of 18 decimals", plain],
  ["of a lane", lane],
])("fifty claims %s take at most 120 bytes each", (_, claim) => {
  const claims = new Array<ChannelClaim>(CLAIMS).fill(claim);
  const payload = encodePlainEnvelope([bySender({ kind: "multi_claim", claims })]);
  expect(payload.length / CLAIMS).toBeLessThanOrEqual(120);
});
