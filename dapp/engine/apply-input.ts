import { utf8ToBytes } from "@noble/hashes/utils.js";
import type { Wire } from "../../spec/codec.ts";
import { isSealedEnvelope, openEnvelope } from "../../spec/envelope.ts";
import { encodeEvmAdvance } from "../../spec/evm-advance.ts";
import type { InputContext } from "../../spec/input.ts";
import {
  GROWTH_PER_PAYLOAD_BYTE,
  READINGS_PER_INPUT_MAX,
  SIGNATURES_MAX,
} from "../../spec/limits.ts";
import { encodeNotice } from "../../spec/notices.ts";
import { decodeOperation } from "../../spec/operation-codec.ts";
import type { OperationBody } from "../../spec/operations.ts";
import { encodeOutcomes, type Outcome as InputOutcome } from "../../spec/outcomes.ts";
import type { AdvanceResult, Hex, Output } from "../../spec/outputs.ts";
import { findPortal } from "../../spec/portals.ts";
import { isRefused, REFUSALS, type Refused } from "../../spec/refusals.ts";
import { applyBody } from "./apply-body.ts";
import { authorize, consumeNonce } from "./authorize.ts";
import { applyDeposit } from "./deposit.ts";
import { invariant } from "./invariant.ts";
import {
  type Budget,
  type EngineParts,
  hex,
  type MadeThings,
  type OperationContext,
  type Outcome,
} from "./operation-context.ts";
import { resolveReferences } from "./resolve-references.ts";
import { fullTidying, tidy } from "./retention.ts";
import { noteShortage, payForGrowth } from "./room.ts";
import type { Store } from "./store.ts";

/**
 * §1 The transition of one input: a pure function of the state and the input. An operation applies
 * wholly or not at all; the input is rejected where none applied, and then leaves no trace.
 */
export function applyInput(
  parts: EngineParts,
  at: InputContext,
  payload: Uint8Array,
): AdvanceResult {
  const portal = findPortal(at.sender);
  if (portal !== undefined) {
    return inTransaction(parts, at, payload, () => {
      tidyHead(parts, at);
      const applied = new Applied();
      applied.take(applyDeposit(parts, at, portal, payload), null);
      return applied;
    });
  }
  const { crypto, machine } = parts;
  const list = openEnvelope(crypto, payload, machine.secret, machine.key, at);
  if (isRefused(list)) {
    return { status: "rejected", outputs: [], reports: [encodeRefusal(list, null)] };
  }
  return inTransaction(parts, at, payload, () => {
    const budget: Budget = {
      ...{ readings: READINGS_PER_INPUT_MAX, signatures: SIGNATURES_MAX },
      growth: GROWTH_PER_PAYLOAD_BYTE * payload.length,
      ...{ tidying: fullTidying(), hasHeadTidied: tidyHead(parts, at) },
    };
    const applied = applyOperations(parts, at, list, budget);
    if (isSealedEnvelope(payload)) applied.hideDetails();
    return applied;
  });
}

/** §3.8 In front of the first operation, so that a refused one does not undo it. */
function tidyHead(parts: EngineParts, at: InputContext): boolean {
  const { archivedCount, foldedCount } = tidy(parts, at.timestampSec, fullTidying());
  return archivedCount + foldedCount > 0;
}

/** What two bytes can count beside a refusal's code. */
const OUTPUTS_MAX = 0x8000;

/** What an input's operations came to, in their order. */
class Applied {
  readonly outputs: Output[] = [];
  /** `operation` null: the whole input. */
  refusals: (Refused & { readonly operation: number | null })[] = [];
  readonly outcomes: InputOutcome[] = [];

  /** Whether it was applied. */
  take(outcome: Outcome, operation: number | null): boolean {
    if (isRefused(outcome)) {
      this.refusals.push({ ...outcome, operation });
      this.outcomes.push({ status: "refused", refusal: outcome.refusal });
      return false;
    }
    invariant(outcome.length < OUTPUTS_MAX, "an operation's outputs fit its outcome");
    this.outputs.push(...outcome);
    this.outcomes.push({ status: "applied", outputCount: outcome.length });
    return true;
  }

  /** They name amounts, accounts and identifiers, and what came sealed is never quoted. */
  hideDetails(): void {
    this.refusals = this.refusals.map((refused) => ({ ...refused, detail: "", values: {} }));
  }
}

/** Commits what `apply` did together with the closing notice, or undoes all of it. */
function inTransaction(
  parts: EngineParts,
  at: InputContext,
  payload: Uint8Array,
  apply: () => Applied,
): AdvanceResult {
  const { store, crypto } = parts;
  const previousRoot = store.getRoot();
  store.begin();
  noteShortage(parts, at.timestampSec);
  const { outputs, refusals, outcomes } = apply();
  const reports = refusals.map((refused) => encodeRefusal(refused, refused.operation));
  if (refusals.length === outcomes.length) {
    store.rollback();
    return { status: "rejected", outputs: [], reports };
  }
  store.commit();
  const committed = encodeNotice("StateCommitted", [
    at.inputIndex,
    crypto.keccak256(encodeEvmAdvance(at, payload)),
    previousRoot,
    store.getRoot(),
    encodeOutcomes(outcomes),
  ]);
  return { status: "accepted", outputs: [...outputs, committed], reports };
}

function applyOperations(
  parts: EngineParts,
  at: InputContext,
  list: readonly Wire[],
  budget: Budget,
): Applied {
  const { store } = parts;
  const made: MadeThings = [];
  const input = { ...parts, at, budget, made };
  const applied = new Applied();
  // The only operation of an input has the input's transaction for its savepoint.
  const needsSavepoints = list.length > 1;
  list.forEach((item, operation) => {
    if (needsSavepoints) store.openSavepoint();
    const isApplied = applied.take(applyOperation(input, item, operation), operation);
    if (!needsSavepoints) return;
    if (isApplied) store.releaseSavepoint();
    else store.rollbackSavepoint();
  });
  return applied;
}

function applyOperation(
  input: EngineParts & Pick<OperationContext, "at" | "budget" | "made">,
  item: Wire,
  operationIndex: number,
): Outcome {
  const { store, at, budget } = input;
  const operation = decodeOperation(item);
  if (isRefused(operation)) return operation;
  const actor = authorize(operation, at, store, input.crypto, budget);
  if (isRefused(actor)) return actor;
  const body = resolveReferences(operation.body, actor, input.made);
  if (isRefused(body)) return body;
  let before = store.getWeight();
  const outcome = applyBody(body, {
    ...input,
    operationIndex,
    actor: actor.account,
    deviceSignature: actor.deviceSignature,
  });
  if (isRefused(outcome)) return outcome;
  // What is tidied up needs no room, and gives back its own bonds.
  if (body.kind === "poke_retention") before = store.getWeight();
  if (actor.consumesNonce) consumeNonce(store, actor.account);
  const findReleased = (): Uint8Array => findBuyer(store, body) ?? actor.account;
  const bonded = {
    ...{ payer: actor.account, findReleased },
    batchId: findLeavingBatch(store, body, input.made[operationIndex]?.id),
  };
  const paid = payForGrowth(input, before, bonded, budget);
  if (!isRefused(paid)) return paid.length === 0 ? outcome : [...outcome, ...paid];
  // It is undone, and so is what others could have referred to.
  input.made[operationIndex] = undefined;
  return paid;
}

/** §14.3 Of an operation on an escrow, whose rows it can remove. */
function findBuyer(store: Store, body: OperationBody): Uint8Array | undefined {
  if (!("escrowId" in body)) return undefined;
  const head = store.findEscrowHead(body.escrowId);
  return head && store.escrows.get(head.escrowNumber)?.buyer;
}

/** §14.3 The batch that a submission has made, where its stream does not keep it for ever. */
function findLeavingBatch(
  store: Store,
  body: OperationBody,
  id: number | Uint8Array | undefined,
): number | undefined {
  if (body.kind !== "submit" || typeof id !== "number") return undefined;
  return store.streams.get(body.streamId)?.retentionSec === 0 ? undefined : id;
}

/** §1.6 A report: JSON that a person can read in any explorer. `operation` null: the whole input. */
function encodeRefusal({ refusal, detail, values }: Refused, operation: number | null): Hex {
  const report = { refusal, code: REFUSALS[refusal], operation, detail, values };
  return hex(utf8ToBytes(JSON.stringify(report)));
}
