import { decodeFunctionData } from "viem";
import { NOTICES_ABI, type NoticeName } from "../../../spec/notices.ts";
import type { Hex } from "../../../spec/outputs.ts";

/** The types that notices are made of, as they are here. */
interface Primitives {
  readonly uint256: bigint;
  readonly address: Hex;
  readonly bytes16: Hex;
  readonly bytes32: Hex;
  readonly bool: boolean;
  readonly bytes: Hex;
  readonly string: string;
  readonly "bytes32[]": readonly Hex[];
}

type InputOf<Name extends NoticeName> = Extract<
  (typeof NOTICES_ABI)[number],
  { readonly name: Name }
>["inputs"][number];

/** A notice's arguments by their names: integers are bigints, addresses lower case. */
export type NoticeFields<Name extends NoticeName> = {
  readonly [Input in InputOf<Name> as Input["name"]]: Primitives[Input["type"]];
};

/** One notice of one kind. */
export type NoticeOf<Name extends NoticeName> = {
  readonly name: Name;
  readonly args: NoticeFields<Name>;
};

/** Any notice of `Notices.sol`: `name` tells which. */
export type Notice = { [Name in NoticeName]: NoticeOf<Name> }[NoticeName];

/** Integers of notices that are base units of a token, wherever they stand. */
const MONEY_FIELDS = [
  ...(["amount", "threshold", "balance", "value", "price", "ceiling", "returned", "held"] as const),
  ...(["limit", "claimAmount", "plannedAmount", "sendBackAmount", "keepAmount"] as const),
  "cumulative",
] as const;

/** A notice's arguments as actions give them: money as bigints, all other integers as numbers. */
export type NativeFields<Fields> = {
  readonly [Field in keyof Fields]: Fields[Field] extends bigint
    ? Field extends (typeof MONEY_FIELDS)[number]
      ? bigint
      : number
    : Fields[Field];
};

const INPUT_NAMES = new Map<string, readonly string[]>(
  NOTICES_ABI.map(({ name, inputs }) => [name, inputs.map((input) => input.name)]),
);

/**
 * A notice's payload as what it says; `undefined` where it is none of `Notices.sol`.
 *
 * @example
 * const notice = decodeNotice(payload);
 * if (notice?.name === "Withdrawn") console.log(notice.args.amount);
 */
export function decodeNotice(payload: Hex): Notice | undefined {
  let decoded: { readonly functionName: string; readonly args?: readonly unknown[] };
  try {
    decoded = decodeFunctionData({ abi: NOTICES_ABI, data: payload });
  } catch {
    // viem throws on an unknown selector and on malformed data alike: neither is ours.
    return undefined;
  }
  const { functionName: name, args = [] } = decoded;
  const names = INPUT_NAMES.get(name) ?? [];
  const fields = names.map((field, i) => [field, lowerAddress(args[i])]);
  return { name, args: Object.fromEntries(fields) } as Notice;
}

/** viem writes addresses with a checksum in their case; ours are lower case everywhere. */
function lowerAddress(value: unknown): unknown {
  return typeof value === "string" && /^0x[0-9a-fA-F]{40}$/.test(value)
    ? value.toLowerCase()
    : value;
}

/** Whether a notice's field of this name is an amount. */
export const isMoneyField = (field: string): boolean =>
  MONEY_FIELDS.some((money) => money === field);

/** Money stays as it is; the machine's other integers are all safe ones. */
export function toNativeFields<Fields extends object>(args: Fields): NativeFields<Fields> {
  const fields = Object.entries(args).map(([name, value]) => [
    name,
    typeof value === "bigint" && !isMoneyField(name) && Number.isSafeInteger(Number(value))
      ? Number(value)
      : value,
  ]);
  return Object.fromEntries(fields);
}
