import { getContractAddress } from "viem";
import { describe, expect, test } from "vitest";
import { CONTRACT_NAMES, getCreationCode } from "../../node-client/chain/contract-code.ts";
import { CONTRACTS } from "../../node-client/chain/contracts.ts";

describe("the line's addresses", () => {
  test.each(CONTRACT_NAMES)("follow from the creation code: %s", (name) => {
    const address = getContractAddress({
      opcode: "CREATE2",
      from: "0x4e59b44847b379578588920ca78fbf26c0b4956c",
      salt: `0x${"0".repeat(64)}`,
      bytecode: getCreationCode(name),
    });
    expect(address.toLowerCase()).toBe(CONTRACTS[name]);
  });
});
