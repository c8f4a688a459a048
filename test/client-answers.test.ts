/** What the client makes of a node's bytes: notices, refusals, outputs, verdicts by operation. */
import { hexToBytes } from "viem";
import { describe, expect, test } from "vitest";
import type { EpochInfo } from "../node-client/client/actions/node-epochs.ts";
import type { OutputAnswer } from "../node-client/client/actions/node-methods.ts";
import {
  fromOutputAnswer,
  type NoticeOutput,
  type OutputInfo,
  readPayout,
  sortOutputs,
} from "../node-client/client/actions/node-outputs.ts";
import {
  InputFailed,
  listOutcomes,
  NoticeMissing,
  type OperationOutcome,
  OperationRefused,
} from "../node-client/client/actions/operation-outcomes.ts";
import { ClaimNotAccepted } from "../node-client/client/actions/output-on-chain.ts";
import type { InputResult } from "../node-client/client/actions/wait-for-input.ts";
import { decodeNotice } from "../node-client/client/decoding/decode-notice.ts";
import {
  decodeRefusal,
  type RefusedOperation,
} from "../node-client/client/decoding/decode-refusal.ts";
import { REFUSAL_ADVICE } from "../node-client/client/decoding/refusal-advice.ts";
import { encodeNotice, NOTICES_ABI, type NoticeArgs, type NoticeName } from "../spec/notices.ts";
import { encodeOutput, type Hex, type Output } from "../spec/outputs.ts";
import { SAFE_ERC20_TRANSFER } from "../spec/portals.ts";
import { REFUSALS, type Refusal } from "../spec/refusals.ts";
import { encodeErc721Return, encodeWithdrawal } from "../spec/vouchers.ts";

const hexOf = (bytes: Uint8Array): Hex => `0x${Buffer.from(bytes).toString("hex")}`;
const report = (value: unknown): Hex => hexOf(Buffer.from(JSON.stringify(value)));
const ADDRESS: Hex = `0x${"ab".repeat(20)}`;
const [COIN, APP]: [Hex, Hex] = [`0x${"70".repeat(20)}`, `0x${"aa".repeat(20)}`];
type Triple = [Uint8Array, Uint8Array, Uint8Array];
const HASH: Hex = `0x${"cd".repeat(32)}`;

/** A value of every type that notices are made of, another one for every position. */
function sample(type: string, position: number): unknown {
  if (type === "uint256") return 2n ** 60n + BigInt(position);
  if (type === "address") return `0x${(0xa0 + position).toString(16).repeat(20)}`;
  if (type === "bytes16") return `0x${(0xa0 + position).toString(16).repeat(16)}`;
  if (type === "bytes32") return `0x${(0xa0 + position).toString(16).repeat(32)}`;
  if (type === "bytes") return "0x00018020";
  if (type === "bytes32[]") return [HASH, `0x${"01".repeat(32)}`];
  return type === "bool" ? true : `a text, number ${position}`;
}

/** The payload of a notice as the engine emits it. */
function payloadOf<Name extends NoticeName>(name: Name, args: NoticeArgs<Name>): Hex {
  const output = encodeNotice(name, args);
  return output.payload;
}

describe("notices", () => {
  test.each(NOTICES_ABI.map((item) => [item.name, item] as const))("%s by its names", (_, item) => {
    const values = item.inputs.map(({ type }, position) => sample(type, position));
    const payload = payloadOf(item.name, values as never);
    const args = Object.fromEntries(item.inputs.map(({ name }, i) => [name, values[i]]));
    expect(decodeNotice(payload)).toEqual({ name: item.name, args });
  });

  test("what is none of ours is none", () => {
    const whole = payloadOf("DeviceRevoked", [7n]);
    expect(decodeNotice("0x")).toBeUndefined();
    expect(decodeNotice("0xdeadbeef")).toBeUndefined();
    expect(decodeNotice(whole.slice(0, -2) as Hex)).toBeUndefined();
    expect(decodeNotice(whole)).toEqual({ name: "DeviceRevoked", args: { deviceId: 7n } });
  });
});

describe("refusals", () => {
  test("every refusal of the protocol has a rule and advice, each a sentence", () => {
    expect(Object.keys(REFUSAL_ADVICE).sort()).toEqual(Object.keys(REFUSALS).sort());
    for (const [rule, advice] of Object.values(REFUSAL_ADVICE)) {
      expect(rule).toMatch(/^[A-Z].{15,}\.$/);
      expect(advice).toMatch(/^[A-Z].{10,}\.$/);
    }
  });

  test.each(Object.entries(REFUSALS))("%s: from its report", (refusal, code) => {
    const told = { refusal, code, operation: 3, detail: "why", values: { amount: "5" } };
    const [rule, advice] = REFUSAL_ADVICE[refusal as Refusal];
    expect(decodeRefusal(report(told))).toEqual({ ...told, rule, advice });
    expect(decodeRefusal(report({ ...told, values: null }))?.values).toEqual({});
  });

  test("of a whole input: operation null", () => {
    const whole = { refusal: "envelope_empty", code: 5, operation: null, detail: "" };
    expect(decodeRefusal(report(whole))).toMatchObject(whole);
  });

  test.each([
    ["no JSON", hexOf(Buffer.from("{"))],
    ["no object", report("balance_too_low")],
    ["null", report(null)],
    ["an unknown name", report({ refusal: "too_ugly", code: 32, operation: 0, detail: "" })],
    ["another code", report({ refusal: "balance_too_low", code: 31, operation: 0, detail: "" })],
    ["a name of Object's", report({ refusal: "toString", operation: 0, detail: "" })],
  ])("%s is no refusal", (_, payload) => {
    expect(decodeRefusal(payload)).toBeUndefined();
  });
});

describe("outputs", () => {
  const answer = (raw_data: Hex, more: Partial<OutputAnswer> = {}): OutputAnswer => ({
    ...{ index: "0x1f", input_index: "0x9", epoch_index: "0x2", raw_data },
    ...{ output_hashes_siblings: null, execution_transaction_hash: null },
    ...more,
  });
  const encode = (output: Output): Hex => hexOf(encodeOutput(output));
  const place = { outputIndex: 31, inputIndex: 9, epochIndex: 2 };
  const open = { siblings: undefined, executionTransactionHash: undefined };

  test("a notice with what it says", () => {
    const raw = encode(encodeNotice("DeviceRevoked", [7n]));
    const notice = { name: "DeviceRevoked", args: { deviceId: 7n } };
    const expected = { kind: "notice", ...place, ...open, raw, notice };
    expect(fromOutputAnswer(answer(raw))).toMatchObject(expected);
  });

  test("a notice of another application has no meaning here", () => {
    const raw = encode({ kind: "notice", payload: "0x1234" });
    expect(fromOutputAnswer(answer(raw))).toMatchObject({ payload: "0x1234", notice: undefined });
  });

  test("a voucher, with its value in full and its place on chain", () => {
    const valueWei = 2n ** 200n + 1n;
    const output = { kind: "voucher", destination: ADDRESS, value: valueWei } as const;
    const raw = encode({ ...output, payload: "0x0102" });
    const siblings = [HASH];
    const chain = { output_hashes_siblings: siblings, execution_transaction_hash: HASH };
    expect(fromOutputAnswer(answer(raw, chain))).toEqual({
      ...{ kind: "voucher", ...place, raw, siblings, executionTransactionHash: HASH },
      ...{ destination: ADDRESS, valueWei, payload: "0x0102" },
    });
  });

  test("a delegate call voucher", () => {
    const output = { kind: "delegate_call_voucher", destination: ADDRESS, payload: "0x" } as const;
    expect(fromOutputAnswer(answer(encode(output)))).toMatchObject(output);
  });

  test("what a withdrawal's voucher pays, to whom", () => {
    const payout = { recipient: ADDRESS, token: COIN, amount: 2n ** 100n };
    const pay = (token: Hex): Output =>
      encodeWithdrawal(hexToBytes(token), hexToBytes(ADDRESS), payout.amount);
    const read = (output: Output) => readPayout(fromOutputAnswer(answer(encode(output))));
    expect(read(pay(COIN))).toEqual(payout);
    const ether: Hex = `0x${"00".repeat(20)}`;
    expect(read(pay(ether))).toEqual({ ...payout, token: ether });
    // An ERC-721 goes back by a voucher that pays nobody.
    const ids = [COIN, APP, ADDRESS].map((address) => hexToBytes(address)) as Triple;
    expect(read(encodeErc721Return(...ids, 5n))).toBeUndefined();
    const other = { kind: "delegate_call_voucher", destination: APP, payload: "0x" } as const;
    expect(read(other)).toBeUndefined();
    expect(read({ ...other, destination: SAFE_ERC20_TRANSFER })).toBeUndefined();
    // The same call of another contract may do anything.
    expect(read({ ...pay(COIN), destination: APP } as Output)).toBeUndefined();
  });

  test.each<Hex>(["0x", "0xdeadbeef", "0x237a816f00"])("%s is unknown, not a fault", (raw) => {
    expect(fromOutputAnswer(answer(raw))).toEqual({ kind: "unknown", ...place, ...open, raw });
  });
});

describe("the verdict over each operation", () => {
  const noticeOf = (payload: Hex) =>
    ({ kind: "notice", payload, notice: decodeNotice(payload) }) as NoticeOutput;
  const revoked = (deviceId: bigint) => noticeOf(payloadOf("DeviceRevoked", [deviceId]));
  const committed = (outcomes: Hex, index = 4n) =>
    noticeOf(payloadOf("StateCommitted", [index, HASH, HASH, HASH, outcomes]));
  const refused = (operation: number | null, refusal: Refusal = "amount_zero"): RefusedOperation =>
    decodeRefusal(report({ refusal, code: REFUSALS[refusal], operation, detail: "because" }))!;
  const result = (more: Partial<InputResult>): InputResult => ({
    ...{ inputIndex: 4, blockNumber: 9, transactionHash: undefined, status: "ACCEPTED" },
    ...{ outputs: [], refusals: [], ...sortOutputs(more.outputs ?? []) },
    ...more,
  });
  const summary = (outcome: OperationOutcome): string =>
    outcome.status === "refused"
      ? outcome.refused.refusal
      : outcome.notices.map(({ args }) => Object.values(args)).join();
  const mixed = {
    outputs: [revoked(1n), revoked(2n), revoked(3n), committed("0x801e000280370001")],
    refusals: [refused(0), refused(2, "device_revoked")],
  };

  test("applied ones have outputs in their order, refused ones a report", () => {
    expect(listOutcomes(result(mixed), 4).map(summary)).toEqual([
      ...["amount_zero", "1,2", "device_revoked", "3"],
    ]);
  });

  test("of a rejected input: refusals only", () => {
    const rejected = result({ status: "REJECTED", refusals: [refused(0), refused(1)] });
    expect(listOutcomes(rejected, 2).map(summary)).toEqual(["amount_zero", "amount_zero"]);
  });

  test.each([
    ["fewer operations than were sent", 5, {}],
    ["more", 3, {}],
    ["a refusal without its report", 4, { refusals: [refused(0)] }],
    ["another refusal than is reported", 4, { refusals: [refused(0), refused(2)] }],
    ["outputs of nobody", 4, { outputs: [revoked(9n), ...mixed.outputs] }],
    ["no closing notice", 4, { outputs: mixed.outputs.slice(0, -1) }],
    ["outcomes of another version", 1, { outputs: [committed("0x8fff")] }],
    [
      "another input's",
      4,
      { outputs: [...mixed.outputs.slice(0, -1), committed("0x801e000280370001", 5n)] },
    ],
    ["half an outcome", 1, { outputs: [committed("0x00")] }],
  ])("%s: not made up", (_, count, more) => {
    expect(() => listOutcomes(result({ ...mixed, ...more }), count)).toThrow(NoticeMissing);
  });

  test("an input refused as a whole is an error that says why and what to do", () => {
    const whole = result({ status: "REJECTED", refusals: [refused(null, "envelope_seal_broken")] });
    const error = (() => {
      try {
        return listOutcomes(whole, 1);
      } catch (thrown) {
        return thrown;
      }
    })();
    expect(error).toBeInstanceOf(OperationRefused);
    expect(error).toMatchObject({
      ...{ refusal: "envelope_seal_broken", code: 2, detail: "because", inputIndex: 4 },
      shortMessage:
        "Input 4 was refused (envelope_seal_broken: because). A sealed input opens only for the " +
        "machine, application and sender it was sealed for.",
      whatToDo: REFUSAL_ADVICE.envelope_seal_broken[1],
    });
  });

  test("an exception is no verdict by the rules", () => {
    expect(() => listOutcomes(result({ status: "EXCEPTION" }), 1)).toThrow(InputFailed);
  });
});

describe("a claim that is not there yet", () => {
  test.each([
    ["OPEN", "the node has not seen that yet"],
    ["CLOSED", "its last inputs are being processed"],
    ["INPUTS_PROCESSED", "the node computes the claim"],
    ["CLAIM_COMPUTED", "the claim is computed and not on chain yet"],
    ["CLAIM_SUBMITTED", "the claim is on chain and not accepted yet"],
  ] as const)("%s is told in words", (status, words) => {
    const epoch = { ...{ epochIndex: 3, firstBlock: 10, lastBlock: 19 }, status } as EpochInfo;
    const estimate = {
      ...{ epoch, currentBlock: 25, blocksLeft: 0, blockIntervalSec: 1, notBeforeSec: 0 },
    };
    const output = { outputIndex: 7, epochIndex: 3 } as OutputInfo;
    expect(new ClaimNotAccepted(output, estimate).shortMessage).toBe(
      "The claim is not there yet: output 7 waits for the claim of epoch 3, which ended at block 19: " +
        `${words}.`,
    );
  });
});
