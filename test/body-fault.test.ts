import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { submitBatches } from "../node-client/client/actions/batch-actions.ts";
import type { SendableOperation } from "../node-client/client/actions/send-operations.ts";
import type { TallyrollClient } from "../node-client/client/actions/tallyroll-client.ts";
import { BatchNotSigned } from "../node-client/client/device/signed-batch.ts";
import { findSignatureFlaw } from "../node-client/client/signing/find-signature-flaw.ts";
import {
  BodyInvalid,
  findBodyFault,
  requireBody,
} from "../node-client/client/signing/require-body.ts";
import { signOperation } from "../node-client/client/signing/sign-operation.ts";
import type { Wire } from "../spec/codec.ts";
import { encodeOperation } from "../spec/operation-codec.ts";
import type { Operation, OperationBody, OperationKind } from "../spec/operations.ts";
import { referTo, referToEscrow } from "../spec/references.ts";
import { BODIES } from "./arbitraries/operations.ts";
import { runs, seed } from "./seed.ts";

/** What the machine would refuse as "no such body", said by field and bound before it is sent. */

const ADDRESS = new Uint8Array(20);
const HASH = new Uint8Array(32);
const terms = {
  ...{ recipient: ADDRESS, signer: ADDRESS, groupId: HASH, token: ADDRESS },
  ...{ value: 1n, expirationBlock: 9, payments: "both" },
} as const;
const claim = {
  ...{ channelId: 1, lane: 0, actual: 1n, planned: 1n, form: "eip712", isSendBack: false },
  signature: new Uint8Array(65),
} as const;
const metric = {
  name: "t",
  unit: "C",
  kind: "integer",
  scale: 0,
  minimum: 0,
  maximum: 1,
  group: 0,
};

/** The field and bound of a body that is refused; whatever its types. */
function faultOf(body: object): readonly [string, string] {
  try {
    requireBody(body as OperationBody, "sender");
  } catch (error) {
    if (error instanceof BodyInvalid) return [error.field, error.bound];
    throw error;
  }
  throw new Error("the body is taken");
}

test.each([
  [{ kind: "open_channel", ...terms, expirationBlock: 2 ** 60 }, "expirationBlock", "2^53 - 1"],
  [{ kind: "open_channel", ...terms, groupId: new Uint8Array(31) }, "groupId", "32 bytes"],
  [{ kind: "open_channel", ...terms, value: -1n }, "value", "0 to 2^256 - 1"],
  [{ kind: "open_channel", ...terms, value: 2n ** 256n }, "value", "0 to 2^256 - 1"],
  [{ kind: "open_channel", ...terms, payments: "all" }, "payments", "one of mpe, eip712, both"],
  [{ kind: "open_channel", ...terms, recipient: undefined }, "recipient", "given"],
  [{ kind: "open_channel", ...terms, recipient: "0x12" }, "recipient", "20 bytes"],
  [{ kind: "claim_channel", ...claim, lane: 2 ** 32 }, "lane", "0 to 4294967295"],
  [{ kind: "multi_claim", claims: [claim, { ...claim, lane: 1.5 }] }, "claims[1].lane", "whole"],
  [
    { kind: "multi_claim", claims: [{ ...claim, signature: HASH }] },
    "claims[0].signature",
    "65 bytes",
  ],
  [{ kind: "multi_claim", claims: Array(257).fill(claim) }, "claims", "at most 256 entries"],
  [
    { kind: "rotate_epoch", streamId: 1, epoch: 1, epochKeyHashes: [HASH, ADDRESS] },
    "epochKeyHashes[1]",
    "32 bytes",
  ],
  [
    {
      ...{
        kind: "declare_stream",
        deviceId: 1,
        name: "n",
        isSealed: false,
        retentionSec: 0,
        epochKeyHashes: [],
      },
      metrics: [metric, { ...metric, group: 16 }],
    },
    "metrics[1].group",
    "0 to 15",
  ],
  [{ kind: "accept_unit", escrowId: HASH, unit: 1 }, "escrowId", "16 bytes"],
])("%# names the field and its bound", (body, field, bound) => {
  const [named, said] = faultOf(body);
  expect(named).toBe(field);
  expect(said).toContain(bound);
});

test("references are for who sends an input, not for an account's signature", () => {
  const referring = [
    { kind: "revoke_device", deviceId: referTo(0) },
    { kind: "fund_escrow", escrowId: referToEscrow(255), amount: 1n },
    { kind: "multi_claim", claims: [{ ...claim, channelId: referTo(1) }] },
  ] as OperationBody[];
  for (const body of referring) {
    requireBody(body, "sender");
    expect(() => requireBody(body, "account")).toThrow("a signature covers no reference");
  }
  expect(faultOf({ kind: "revoke_device", deviceId: -257 })[0]).toBe("deviceId");
  const head = { streamId: -1, epoch: 0, firstSequence: 0, count: 1, breakFloor: 0 };
  expect(faultOf({ kind: "submit", ...head, sealed: new Uint8Array(64) })[0]).toBe("streamId");
});

test("a claim on a lane that could not be read is said to contradict itself", () => {
  expect(faultOf({ kind: "claim_channel", ...claim, lane: 1 })).toEqual([
    "body",
    "the fields of claim_channel, no more, which fit each other",
  ]);
});

test("every body that the machine reads passes, and every field of every kind has a name", () => {
  for (const [kind, bodies] of Object.entries(BODIES)) {
    fc.assert(
      fc.property(bodies, fc.nat(), (body, place) => {
        requireBody(body, "sender");
        const wire = encodeOperation({ authorization: { by: "sender" }, body }) as Wire[];
        const fields = [...(wire[2] as Wire[])];
        const at = place % fields.length;
        fields[at] = [[]];
        const fault = findBodyFault(kind as OperationKind, fields, false);
        const names = fault?.field.split(/[/.[]/) ?? [];
        // A list of lists is what some fields are: those are taken, or named within.
        if (fault !== undefined && names[0] !== "body") expect(body).toHaveProperty(names[0]!);
      }),
      { seed: seed(`bodies ${kind}`), numRuns: runs(200) },
    );
  }
});

describe("signatures", () => {
  const account = { kind: "transfer", token: ADDRESS, to: ADDRESS, amount: 1n } as const;
  const at = { chainId: 1n, app: ADDRESS, nonce: 0, deadlineSec: 9 };

  test.each([
    ["high_s", `${"11".repeat(32)}${"f0".repeat(32)}1b`],
    ["range", `${"ff".repeat(32)}${"11".repeat(32)}1b`],
    ["range", `${"11".repeat(32)}${"00".repeat(32)}1b`],
    ["v", `${"11".repeat(64)}1d`],
    ["length", "11".repeat(64)],
    [undefined, `${"11".repeat(64)}01`],
  ])("%s is found", (reason, hex) => {
    expect(findSignatureFlaw(Buffer.from(hex, "hex"))?.reason).toBe(reason);
  });

  test("a wallet's high s is called that, and a wrong body is never shown to it", async () => {
    let asked = 0;
    const wallet = {
      address: "0x0000000000000000000000000000000000000001",
      signTypedData: async () => {
        asked += 1;
        return `0x${"11".repeat(32)}${"f0".repeat(32)}1b` as const;
      },
    } as const;
    await expect(signOperation(wallet, at, account)).rejects.toThrow(/has a high s \(EIP-2/);
    const wrong = { ...account, to: HASH };
    await expect(signOperation(wallet, at, wrong)).rejects.toThrow(
      "The to of transfer is 32 bytes; it takes 20 bytes.",
    );
    expect(asked).toBe(1);
  });
});

describe("batches of others", () => {
  // A client whose every use would be an input: nothing may come so far.
  const client = {} as TallyrollClient;
  const authorization = { by: "device", signature: new Uint8Array(64) } as const;
  const head = { streamId: 1, epoch: 0, firstSequence: 0, count: 1, breakFloor: 0 };
  const body = { kind: "submit", ...head, sealed: new Uint8Array(64) } as const;
  const withdraw = { kind: "withdraw", token: ADDRESS, recipient: ADDRESS, amount: 9n } as const;

  test.each([
    ["an act of the sender", { authorization: { by: "sender" }, body: withdraw }, "kind"],
    ["a batch by the sender", { authorization: { by: "sender" }, body }, "authorization"],
    ["an act by a device", { authorization, body: withdraw }, "kind"],
    [
      "a short signature",
      { authorization: { by: "device", signature: new Uint8Array(63) }, body },
      "authorization",
    ],
  ] as const)("%s is no batch", async (_, operation, reason) => {
    const sent = submitBatches(client, { operations: [{ authorization, body }, operation] });
    await expect(sent).rejects.toThrow(BatchNotSigned);
    await expect(sent).rejects.toMatchObject({ position: 1, reason });
  });

  test("a decoded operation cannot be sent, as the compiler sees it", () => {
    const decoded: Operation = { authorization, body };
    // @ts-expect-error Whose act it is has to be looked at first.
    const operations: readonly SendableOperation[] = [decoded];
    expect(operations).toHaveLength(1);
  });
});
