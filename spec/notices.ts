import { bytesToHex } from "@noble/hashes/utils.js";
import { encodeAbiParameters, parseAbi, toFunctionSelector } from "viem";
import { type Hex, hex, type Output } from "./outputs.ts";

/** `spec/Notices.sol` in the form viem reads; a test holds the two together. */
export const NOTICES_ABI = parseAbi([
  "function StateCommitted(uint256 inputIndex, bytes32 inputHash, bytes32 previousRoot, bytes32 root, bytes outcomes)",
  "function Deposited(address account, address token, uint256 amount)",
  "function DepositReturned(address account, address token)",
  "function Transferred(address from, address to, address token, uint256 amount)",
  "function Withdrawn(address account, address recipient, address token, uint256 amount)",
  "function DeviceRegistered(uint256 deviceId, address owner, string did)",
  "function DeviceKeyRotated(uint256 deviceId, string did)",
  "function DeviceRevoked(uint256 deviceId)",
  "function StreamDeclared(uint256 streamId, uint256 deviceId, bool isSealed, uint256 groupCount, uint256 retention, string name)",
  "function EpochRotated(uint256 streamId, uint256 epoch, bytes32[] epochKeyHashes)",
  "function SubmissionAccepted(uint256 batchId, uint256 streamId, uint256 epoch, uint256 firstSequence, uint256 count, uint256 firstTime, uint256 lastTime, bool isBreak, bytes32 batchHash, bytes32 previousHash, bytes32 commitment)",
  "function EncryptionKeyRegistered(address account, bytes32 key)",
  "function Granted(uint256 grantId, uint256 streamId, uint256 epoch, uint256 groups, address buyer, uint256 expiresAt)",
  "function GrantRevoked(uint256 grantId, uint256 streamId, uint256 epoch, address buyer)",
  "function BatchDisproved(uint256 batchId, uint256 streamId, uint256 group, address challenger)",
  "function RetentionPoked(uint256 archivedCount, uint256 foldedCount)",
  "function LowBalanceSet(address account, address token, uint256 threshold)",
  "function BalanceLow(address account, address token, uint256 balance, uint256 threshold)",
  "function BondLocked(address account, uint256 byteCount, uint256 amount)",
  "function BondReleased(address account, uint256 byteCount, uint256 amount)",
  "function BondWithdrawn(address account, uint256 amount)",
  "function ChannelOpened(uint256 channelId, address sender, address signer, address recipient, bytes32 groupId, address token, uint256 value, uint256 expirationBlock, uint256 payments, uint256 lanes)",
  "function ChannelFunded(uint256 channelId, address funder, uint256 amount)",
  "function ChannelExtended(uint256 channelId, uint256 expirationBlock)",
  "function ChannelClaimed(uint256 channelId, uint256 nonce, address recipient, uint256 claimAmount, uint256 plannedAmount, uint256 sendBackAmount, uint256 keepAmount)",
  "function LaneRedeemed(uint256 channelId, uint256 generation, uint256 lane, address recipient, uint256 amount, uint256 cumulative, uint256 sendBackAmount, uint256 keepAmount)",
  "function ChannelTimedOut(uint256 channelId, uint256 nonce, address sender, uint256 amount)",
  "function OrganizationPut(address owner, string organization, string name)",
  "function PaymentGroupPut(bytes32 groupId, address paymentAddress, string organization, string name)",
  "function ServicePublished(uint256 serviceId, uint256 version, address provider, address token, uint256 price, bool isPubsub, uint256 streamId, string name)",
  "function ServiceWithdrawn(uint256 serviceId)",
  "function EscrowOpened(bytes16 escrowId, bytes32 ect, address buyer, uint256 serviceId, uint256 version, uint256 price, uint256 amount)",
  "function IntentOpened(bytes16 escrowId, bytes32 ect, address buyer, address token, uint256 ceiling, uint256 amount, string tag)",
  "function IntentAccepted(bytes16 escrowId, address provider, uint256 serviceId, uint256 version, uint256 price, uint256 returned)",
  "function UnitDelivered(bytes16 escrowId, uint256 unit, uint256 batchId, bytes32 commitment, uint256 answerUntil)",
  "function SessionStarted(bytes16 escrowId, uint256 unit, uint256 startedAt, uint256 endsAt)",
  "function SessionAnchored(bytes16 escrowId, uint256 unit, bytes32 root, uint256 messageCount, uint256 validCount, uint256 answerUntil)",
  "function UnitDisputed(bytes16 escrowId, uint256 unit, address arbiter, uint256 arbitrationUntil)",
  "function UnitsReleased(bytes16 escrowId, uint256 firstUnit, uint256 count, address payee, uint256 amount)",
  "function UnitRefunded(bytes16 escrowId, uint256 unit, uint256 amount)",
  "function EscrowFunded(bytes16 escrowId, address from, uint256 amount, bool isAutoFill)",
  "function AutoFillSet(bytes16 escrowId, uint256 limit)",
  "function EscrowLow(bytes16 escrowId, uint256 held, uint256 price)",
  "function EscrowEnding(bytes16 escrowId, uint256 endsAt)",
  "function EscrowClosed(bytes16 escrowId, uint256 ending, uint256 returned)",
]);

const STATIC_TYPES = new Set<string>(["uint256", "address", "bytes32", "bytes16", "bool"]);
const WORD_ZERO = "0".repeat(64);
const WORD_ONE = "1".padStart(64, "0");

export type NoticeName = (typeof NOTICES_ABI)[number]["name"];

/** What a notice takes of each type: numbers and bytes as rows have them, or as viem does. */
interface NoticeValues {
  readonly uint256: number | bigint;
  readonly bool: boolean;
  readonly bytes: Hex;
  readonly string: string;
  readonly address: Hex | Uint8Array;
  readonly bytes16: Hex | Uint8Array;
  readonly bytes32: Hex | Uint8Array;
  readonly "bytes32[]": readonly (Hex | Uint8Array)[];
}
type ValuesOf<Inputs extends readonly unknown[]> = {
  readonly [I in keyof Inputs]: Inputs[I] extends { readonly type: infer Type }
    ? NoticeValues[Type & keyof NoticeValues]
    : never;
};
export type NoticeArgs<Name extends NoticeName> = ValuesOf<
  Extract<(typeof NOTICES_ABI)[number], { readonly name: Name }>["inputs"]
>;

// Selectors once: hashing a signature costs more than encoding its arguments.
const ENCODERS = new Map(
  NOTICES_ABI.map((item) => [
    item.name,
    {
      selector: toFunctionSelector(item),
      inputs: item.inputs,
      isStatic: item.inputs.every(({ type }) => STATIC_TYPES.has(type)),
      /** Words, and after them one `bytes` perhaps. */
      hasNative: item.inputs.every(
        ({ type }, i) =>
          STATIC_TYPES.has(type) || (type === "bytes" && i === item.inputs.length - 1),
      ),
    },
  ]),
);

/**
 * The notice of one transition: the ABI call that `spec/Notices.sol` declares.
 *
 * @example
 * encodeNotice("DeviceRevoked", [7])
 */
export function encodeNotice<Name extends NoticeName>(name: Name, args: NoticeArgs<Name>): Output {
  const { selector, inputs, hasNative, isStatic } = ENCODERS.get(name)!;
  const values = args as readonly unknown[];
  const data = hasNative
    ? encodeNative(values, isStatic)
    : encodeAbiParameters(inputs, values.map(toAbi) as never).slice(2);
  return { kind: "notice", payload: `${selector}${data}` as Hex };
}

/**
 * Words, and after them one `bytes` perhaps: what `encodeAbiParameters` does for them, without its
 * checks, which cost 10 µs a notice on the path of every input. Our own callers are the only ones,
 * and a property test holds both to the same bytes.
 */
function encodeNative(values: readonly unknown[], isStatic: boolean): string {
  if (isStatic) return values.map(encodeStaticWord).join("");
  const head = values.slice(0, -1).map(encodeStaticWord).join("");
  const digits = (values.at(-1) as Hex).slice(2);
  const place = encodeStaticWord(32 * values.length);
  const length = encodeStaticWord(digits.length / 2);
  return `${head}${place}${length}${digits.padEnd(64 * Math.ceil(digits.length / 64), "0")}`;
}

function encodeStaticWord(value: unknown): string {
  if (typeof value === "boolean") return value ? WORD_ONE : WORD_ZERO;
  if (typeof value === "number" || typeof value === "bigint") {
    return BigInt(value).toString(16).padStart(64, "0");
  }
  const digits = value instanceof Uint8Array ? bytesToHex(value) : (value as Hex).slice(2);
  // Addresses are padded in front, the 16 bytes of an escrow after; 32 bytes need no padding.
  return digits.length === 32 ? digits.padEnd(64, "0") : digits.padStart(64, "0");
}

function toAbi(value: unknown): unknown {
  if (typeof value === "number") return BigInt(value);
  if (value instanceof Uint8Array) return hex(value);
  return Array.isArray(value) ? value.map(toAbi) : value;
}
