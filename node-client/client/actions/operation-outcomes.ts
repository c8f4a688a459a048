import type { NoticeName } from "../../../spec/notices.ts";
import { OPERATIONS, type OperationBody, type OperationKind } from "../../../spec/operations.ts";
import type { Refusal } from "../../../spec/refusals.ts";
import { ClientError } from "../../errors.ts";
import type { Notice } from "../decoding/decode-notice.ts";
import type { RefusedOperation } from "../decoding/decode-refusal.ts";
import type { InputResult } from "./wait-for-input.ts";

/** The machine refused an operation: the rule that it broke, and what to do. */
export class OperationRefused extends ClientError {
  override readonly name = "OperationRefused";
  readonly refusal: Refusal;
  readonly code: number;
  readonly detail: string;
  /** What the detail names (spec §8). */
  readonly values: Readonly<Record<string, unknown>>;
  /** The rule, as a sentence. */
  readonly rule: string;
  /** The input that carried it: it stays in the history, without effect. */
  readonly inputIndex: number;

  constructor(inputIndex: number, refused: RefusedOperation) {
    super(describeRefused({ ...refused, inputIndex }), { whatToDo: refused.advice });
    this.refusal = refused.refusal;
    this.code = refused.code;
    this.detail = refused.detail;
    this.values = refused.values;
    this.rule = refused.rule;
    this.inputIndex = inputIndex;
  }
}

/** Which input was refused and why, in one line. */
export function describeRefused({
  inputIndex,
  refusal,
  detail,
  rule,
}: Pick<OperationRefused, "inputIndex" | "refusal" | "detail" | "rule">): string {
  const said = detail === "" ? refusal : `${refusal}: ${detail}`;
  return `Input ${inputIndex} was refused (${said}). ${rule}`;
}

/** The machine took the input and gave no verdict by the rules: an exception or a limit. */
export class InputFailed extends ClientError {
  override readonly name = "InputFailed";
  readonly result: InputResult;

  constructor(result: InputResult) {
    super(`Input ${result.inputIndex} ended as ${result.status}, not by the application's rules.`, {
      whatToDo: "Report it: no input of any content may do that to the machine.",
    });
    this.result = result;
  }
}

/** What an operation left of its input's outputs. */
export type Told = Pick<InputResult, "inputIndex" | "notices" | "vouchers">;

/** What became of one of an input's operations. */
export type OperationResult =
  | { readonly status: "applied"; readonly notice: Notice }
  | { readonly status: "refused"; readonly refused: RefusedOperation };

/** The node's notices are not those of the operations that were sent: another application's. */
export class NoticeMissing extends ClientError {
  override readonly name = "NoticeMissing";

  constructor(inputIndex: number, name: string) {
    super(`Input ${inputIndex} was accepted without the notice ${name} of its operation.`, {
      whatToDo:
        "Check that this client is of the application's version; replay the input if it is.",
    });
  }
}

/**
 * What became of each of an input's operations, in their order: a refused one has a report, an
 * applied one a notice, and `StateCommitted` ends the input. For operations of one notice each:
 * all but channels' and escrows', which `listOutcomes` tells apart.
 *
 * @throws OperationRefused where the input was refused as a whole, InputFailed, NoticeMissing.
 */
export function listOperationResults(
  result: InputResult,
  operationCount: number,
): readonly OperationResult[] {
  const { inputIndex, status, notices, refusals } = result;
  if (status !== "ACCEPTED" && status !== "REJECTED") throw new InputFailed(result);
  const whole = refusals.find(({ operation }) => operation === null);
  if (whole !== undefined) throw new OperationRefused(inputIndex, whole);
  const refusedAt = new Map(refusals.map((refused) => [refused.operation, refused]));
  const applied = notices
    // Low balances are noticed after the operation that lowered them.
    .filter(({ name }) => name !== "StateCommitted" && name !== "BalanceLow")
    .values();
  return Array.from({ length: operationCount }, (_, position): OperationResult => {
    const refused = refusedAt.get(position);
    if (refused !== undefined) return { status: "refused", refused };
    const { value: notice } = applied.next();
    if (notice === undefined) throw new NoticeMissing(inputIndex, `of operation ${position}`);
    return { status: "applied", notice };
  });
}

/** What a lapse or a settlement adds to the notices of an escrow's operation (spec §12.11). */
const SETTLING: ReadonlySet<NoticeName> = new Set<NoticeName>([
  ...(["UnitsReleased", "UnitRefunded", "EscrowClosed"] as const),
  ...(["EscrowFunded", "EscrowLow", "SessionStarted"] as const),
]);

/** What became of one of an input's operations, with all that it left: an action reads it. */
export type OperationOutcome =
  | ({ readonly status: "applied" } & Told)
  | { readonly status: "refused"; readonly refused: RefusedOperation };

/**
 * What became of each of an input's operations, of whatever kinds, in their order.
 *
 * @throws OperationRefused where the input was refused as a whole, InputFailed, NoticeMissing.
 */
export function listOutcomes(
  result: InputResult,
  bodies: readonly OperationBody[],
): readonly OperationOutcome[] {
  const results = listOperationResults(result, bodies.length);
  const applied = bodies.filter((_, i) => results[i]?.status === "applied");
  const groups = groupNotices(result, applied).values();
  const vouchers = result.vouchers.values();
  const { inputIndex } = result;
  return results.map((one, i) => {
    if (one.status === "refused") return one;
    const payout = bodies[i]?.kind === "withdraw" ? vouchers.next().value : undefined;
    const notices = groups.next().value ?? [];
    return { status: "applied", inputIndex, notices, vouchers: payout ? [payout] : [] };
  });
}

/**
 * The notices of each operation that an input applied, in their order. Most operations leave one;
 * claims, escrows and low balances leave more, and no notice names its operation.
 *
 * @param applied The bodies of the operations that were not refused.
 * @throws NoticeMissing where the notices are not those of such operations.
 */
export function groupNotices(
  { inputIndex, notices }: Pick<InputResult, "inputIndex" | "notices">,
  applied: readonly OperationBody[],
): readonly (readonly Notice[])[] {
  const all = notices.filter(({ name }) => name !== "StateCommitted");
  const failed = new Set<string>();
  /** Ends of the first operations' notices, the longest share tried first. */
  const divide = (operation: number, from: number): number[] | undefined => {
    const body = applied[operation];
    if (body === undefined) return from === all.length ? [] : undefined;
    const place = `${operation} ${from}`;
    if (failed.has(place)) return undefined;
    for (const end of listEnds(body, all, from)) {
      const rest = divide(operation + 1, end);
      if (rest !== undefined) return [end, ...rest];
    }
    failed.add(place);
    return undefined;
  };
  const ends = divide(0, 0);
  if (ends === undefined) throw new NoticeMissing(inputIndex, "of one of its operations");
  return ends.map((end, i) => all.slice(ends[i - 1] ?? 0, end));
}

/** Where the notices of an operation that begin at `from` may end, the farthest first. */
function listEnds(body: OperationBody, all: readonly Notice[], from: number): number[] {
  const own = new Set<NoticeName>(OPERATIONS[body.kind].notices);
  const subject = subjectOf(all[from]);
  const ends: number[] = [];
  let [hasOwn, claims] = [false, 0];
  let at = from;
  for (; at < all.length; at++) {
    const notice = all[at] as Notice;
    if (notice.name === "BalanceLow" && hasOwn) {
      ends.push(at + 1);
      continue;
    }
    if (at > from && all[at - 1]?.name === "BalanceLow") break;
    if (own.has(notice.name)) {
      const repeats = body.kind === "multi_claim" || SETTLING.has(notice.name);
      if (hasOwn && !repeats) break;
      hasOwn = true;
      claims += 1;
    } else if (!mayAccompany(body.kind, notice.name)) break;
    if (body.kind !== "multi_claim" && subjectOf(notice) !== subject) break;
    if (body.kind === "multi_claim" && claims < body.claims.length) continue;
    if (body.kind === "multi_claim" && claims > body.claims.length) break;
    if (hasOwn) ends.push(at + 1);
  }
  return ends.reverse();
}

/** An operation on an escrow that is there carries what lapsed and what it settled. */
function mayAccompany(kind: OperationKind, name: NoticeName): boolean {
  if (kind === "extend_and_add_channel_funds") return name === "ChannelFunded";
  const { members } = OPERATIONS[kind].layout;
  return SETTLING.has(name) && members.some((field) => field.name === "escrowId");
}

/** The escrow that a notice is about, so that two escrows' notices are never taken for one's. */
function subjectOf(notice: Notice | undefined): string {
  return notice !== undefined && "escrowId" in notice.args ? notice.args.escrowId : "";
}
