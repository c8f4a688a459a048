import { type ContractFunctionArgs, encodeAbiParameters, parseAbi, toFunctionSelector } from "viem";
import type { Hex, Output } from "./outputs.ts";

/** `spec/Notices.sol` in the form viem reads; a test holds the two together. */
export const NOTICES_ABI = parseAbi([
  "function StateCommitted(uint256 inputIndex, bytes32 inputHash, bytes32 previousRoot, bytes32 root)",
  "function Deposited(address account, address token, uint256 amount)",
  "function DepositReturned(address account, address token)",
  "function Transferred(address from, address to, address token, uint256 amount)",
  "function Withdrawn(address account, address recipient, address token, uint256 amount)",
  "function DeviceRegistered(uint256 deviceId, address owner, string did)",
  "function DeviceKeyRotated(uint256 deviceId, string did)",
  "function DeviceRevoked(uint256 deviceId)",
  "function StreamDeclared(uint256 streamId, uint256 deviceId, bool isSealed, uint256 groupCount, string name)",
  "function EpochRotated(uint256 streamId, uint256 epoch, bytes32[] epochKeyHashes)",
  "function SubmissionAccepted(uint256 batchId, uint256 streamId, uint256 epoch, uint256 firstSequence, uint256 count, uint256 firstTime, uint256 lastTime, bool isBreak, bytes32 batchHash, bytes32 previousHash, bytes32 commitment)",
  "function EncryptionKeyRegistered(address account, bytes32 key)",
  "function Granted(uint256 grantId, uint256 streamId, uint256 epoch, uint256 groups, address buyer, uint256 expiresAt)",
  "function GrantRevoked(uint256 grantId, uint256 streamId, uint256 epoch, address buyer)",
  "function BatchDisproved(uint256 batchId, uint256 streamId, uint256 group, address challenger)",
]);

const STATIC_TYPES = new Set<string>(["uint256", "address", "bytes32", "bool"]);
const WORD_ZERO = "0".repeat(64);
const WORD_ONE = "1".padStart(64, "0");

export type NoticeName = (typeof NOTICES_ABI)[number]["name"];
export type NoticeArgs<Name extends NoticeName> = ContractFunctionArgs<
  typeof NOTICES_ABI,
  "nonpayable",
  Name
>;

// Selectors once: hashing a signature costs more than encoding its arguments.
const ENCODERS = new Map(
  NOTICES_ABI.map((item) => [
    item.name,
    {
      selector: toFunctionSelector(item),
      inputs: item.inputs,
      isStatic: item.inputs.every(({ type }) => STATIC_TYPES.has(type)),
    },
  ]),
);

/**
 * The notice of one transition: the ABI call that `spec/Notices.sol` declares.
 *
 * @example
 * encodeNotice("DeviceRevoked", [7n])
 */
export function encodeNotice<Name extends NoticeName>(name: Name, args: NoticeArgs<Name>): Output {
  const { selector, inputs, isStatic } = ENCODERS.get(name)!;
  const values = args as readonly unknown[];
  const data = isStatic
    ? values.map(encodeStaticWord).join("")
    : encodeAbiParameters(inputs, values as never).slice(2);
  return { kind: "notice", payload: `${selector}${data}` as Hex };
}

/**
 * The word of one static argument: what `encodeAbiParameters` does for it, without its checks,
 * which cost 10 µs a notice on the path of every input. Our own callers are the only ones, and a
 * property test holds both to the same bytes.
 */
function encodeStaticWord(value: unknown): string {
  if (typeof value === "bigint") return value.toString(16).padStart(64, "0");
  if (typeof value === "boolean") return value ? WORD_ONE : WORD_ZERO;
  // Addresses are padded in front; 32 bytes need no padding.
  return (value as Hex).slice(2).padStart(64, "0");
}
