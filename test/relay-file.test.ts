import { describe, expect, test } from "vitest";
import { parseRelayFile, RelayFileError } from "../node-client/command/operation/relay-file.ts";
import { describeRelayed } from "../node-client/command/relay/relay-command.ts";
import type { Operation, OperationBody, SignableBody } from "../spec/operations.ts";
import {
  accountOf,
  forgeFile,
  forgePayload,
  honestFile,
  READER,
  signAs,
  wordsFor,
} from "./arbitraries/relay-files.ts";
import { HERE } from "./arbitraries/signers.ts";

/** Files that others hand over: what is in them is sent, and paid for, by whoever relays them. */

const SIGNER = 0;
const STRANGER = 1;
const ETHER = new Uint8Array(20);
const transfer: SignableBody = {
  ...{ kind: "transfer", token: ETHER, to: accountOf(STRANGER), amount: 5n },
};
const withdrawal: OperationBody = {
  ...{ kind: "withdraw", token: ETHER, recipient: accountOf(STRANGER), amount: 10n ** 18n },
};
const bySender = (body: OperationBody): Operation => ({ authorization: { by: "sender" }, body });
const parse = (text: string) => parseRelayFile(text, "gift.json", READER);

/** The error of a file that is refused. */
function faultOf(text: string): RelayFileError {
  try {
    parse(text);
  } catch (error) {
    if (error instanceof RelayFileError) return error;
    throw error;
  }
  throw new Error("the file is taken");
}
const wordsOf = (kind: string) => wordsFor(SIGNER, kind);

describe("a relay file", () => {
  test("gives the operation that its account has signed", () => {
    const operation = signAs(SIGNER, transfer);
    expect(parse(honestFile(operation))).toEqual(operation);
  });

  test("never holds an operation by its sender: it would be the relayer's own", () => {
    const { reason, message } = faultOf(forgeFile([bySender(withdrawal)], wordsOf("withdraw")));
    expect(reason).toBe("authorization");
    expect(message).toContain("by whoever sends it: this account would withdraw for itself");
  });

  test("never holds a device's batch, nor anything a device has signed", () => {
    const authorization = { by: "device", signature: new Uint8Array(64) } as const;
    const sealed = new Uint8Array(64);
    const head = { streamId: 1, epoch: 0, firstSequence: 0, count: 1, breakFloor: 0 };
    const submit = { kind: "submit", ...head, sealed } as const;
    for (const body of [submit, transfer]) {
      const file = forgeFile([{ authorization, body }], wordsOf(body.kind));
      expect(faultOf(file).reason).toBe("authorization");
    }
  });

  test("holds one operation: neither none nor a second one by the sender", () => {
    const signed = signAs(SIGNER, transfer);
    const two = faultOf(forgeFile([signed, bySender(withdrawal)], wordsOf("transfer")));
    expect(two).toMatchObject({ reason: "not_a_file" });
    expect(two.message).toContain("its payload has 2 operations, not 1");
    expect(faultOf(forgePayload("0x0190", wordsOf("transfer"))).message).toContain("0 operations");
  });

  test("is signed by the account that it names, for this chain and application", () => {
    const signed = signAs(SIGNER, transfer);
    if (signed.authorization.by !== "account") throw new Error("unsigned");
    const forged: Operation = {
      ...signAs(STRANGER, transfer),
      authorization: { ...signed.authorization, account: accountOf(STRANGER) },
    };
    expect(faultOf(forgeFile([forged], wordsFor(STRANGER, "transfer"))).reason).toBe("signer");
    const places = [
      { ...HERE, chainId: 1n },
      { ...HERE, app: new Uint8Array(20).fill(1) },
    ];
    for (const place of places) {
      const elsewhere = signAs(SIGNER, transfer, {}, place);
      expect(faultOf(forgeFile([elsewhere], wordsOf("transfer"))).reason).toBe("signer");
    }
    const file = honestFile(signed).replace("31337", "1");
    expect(faultOf(file)).toMatchObject({ reason: "other_application" });
  });

  test("calls a high s by its name", () => {
    const { authorization, body } = signAs(SIGNER, transfer);
    if (authorization.by !== "account") throw new Error("unsigned");
    const signature = toHighS(authorization.signature);
    const file = forgeFile([{ authorization: { ...authorization, signature }, body }], {});
    expect(faultOf(file)).toMatchObject({ reason: "signature" });
    expect(faultOf(file).message).toContain("its signature has a high s (EIP-2");
  });

  test("cannot be sealed: nobody could see whose it is", () => {
    const { message } = faultOf(forgePayload(`0x02${"11".repeat(100)}`, wordsOf("transfer")));
    expect(message).toContain("sealed to the machine");
  });

  test.each([
    ["kind", "withdraw"],
    ["account", "0x0000000000000000000000000000000000000000"],
    ["nonce", 1],
    ["nonce", "0"],
    ["deadline", "2033-05-18T03:33:21.000Z"],
    ["deadline", undefined],
  ])("says the same as its payload: %s %s", (field, value) => {
    const words = { ...wordsOf("transfer"), [field]: value };
    const file = forgeFile([signAs(SIGNER, transfer)], words);
    expect(faultOf(file)).toMatchObject({ reason: "words_differ" });
    expect(faultOf(file).message).toContain(`The ${field} of gift.json says`);
  });

  test("names the field of a body that the machine could not read, with its bound", () => {
    const body = { ...transfer, to: new Uint8Array(19) } as SignableBody;
    const { message } = faultOf(forgeFile([bySender(body)], wordsOf("transfer")));
    expect(message).toContain("The to of transfer is 19 bytes; it takes 20 bytes");
  });

  test("puts nothing of its author's into a message unescaped", () => {
    const clear = "\u001b[2J\u202e\n\u009b";
    const names = { kind: clear, account: clear, app: clear, format: clear };
    for (const [field, value] of Object.entries(names)) {
      const words = { ...wordsOf("transfer"), [field]: value };
      const { message } = faultOf(forgeFile([signAs(SIGNER, transfer)], words));
      expect(message.replace(/\n/, " ")).not.toMatch(/[\p{Cc}\p{Cf}]/u);
    }
    for (const text of ["[]", "null", "7", '"x"', "{", '{"payload":{"toString":1}}', ""]) {
      expect(faultOf(text).reason).toBe("not_a_file");
    }
  });
});

test("what each operation does is shown field by field, in one line", () => {
  const name = "grid\u001b]0;owned\u0007\nInput 7 applied";
  const body: SignableBody = { kind: "put_organization", organization: "grid", name };
  const operation = parse(honestFile(signAs(SIGNER, body)));
  const line = describeRelayed(READER, { file: "gift.json", operation });
  expect(line).toMatch(
    /^gift\.json: put_organization by 0x[0-9a-f]{40}, nonce 0, until 2033-05-18 03:33:20 UTC: organization "grid", name "grid\\u\{1b\}/,
  );
  expect(line).not.toMatch(/[\p{Cc}\p{Cf}]/u);
  const paid = parse(honestFile(signAs(SIGNER, transfer)));
  expect(describeRelayed(READER, { file: "gift.json", operation: paid })).toMatch(
    /: token 0x0{40}, to 0x[0-9a-f]{40}, amount 5$/,
  );
});

const ORDER = 0xffff_ffff_ffff_ffff_ffff_ffff_ffff_fffe_baae_dce6_af48_a03b_bfd2_5e8c_d036_4141n;

/** The other signature of the same message: the order less s, and the other v. */
function toHighS(signature: Uint8Array): Uint8Array {
  const s = BigInt(`0x${Buffer.from(signature.subarray(32, 64)).toString("hex")}`);
  const high = Buffer.from((ORDER - s).toString(16).padStart(64, "0"), "hex");
  return Uint8Array.of(...signature.subarray(0, 32), ...high, 55 - signature[64]!);
}
