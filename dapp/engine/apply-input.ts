import { utf8ToBytes } from "@noble/hashes/utils.js";
import type { Wire } from "../../spec/codec.ts";
import { isSealedEnvelope, openEnvelope } from "../../spec/envelope.ts";
import { encodeEvmAdvance } from "../../spec/evm-advance.ts";
import type { InputContext } from "../../spec/input.ts";
import { READINGS_PER_INPUT_MAX, SIGNATURES_MAX } from "../../spec/limits.ts";
import { encodeNotice } from "../../spec/notices.ts";
import { decodeOperation } from "../../spec/operation-codec.ts";
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
      applied.take(applyDeposit(parts.store, at, portal, payload), null);
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
      ...{ tidying: fullTidying(), hasHeadTidied: tidyHead(parts, at) },
    };
    const applied = applyOperations(parts, at, list, budget);
    if (isSealedEnvelope(payload)) applied.hideDetails();
    return applied;
  });
}

/** §3.8 In front of the first operation, so that a refused one does not undo it. */
function tidyHead({ store, crypto }: EngineParts, at: InputContext): boolean {
  const { archivedCount, foldedCount } = tidy(store, crypto, at.timestampSec, fullTidying());
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
  { store, crypto }: EngineParts,
  at: InputContext,
  payload: Uint8Array,
  apply: () => Applied,
): AdvanceResult {
  const previousRoot = store.getRoot();
  store.begin();
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
  const outcome = applyBody(body, {
    ...input,
    operationIndex,
    actor: actor.account,
    deviceSignature: actor.deviceSignature,
  });
  if (!isRefused(outcome) && actor.consumesNonce) consumeNonce(store, actor.account);
  return outcome;
}

/** §1.6 A report: JSON that a person can read in any explorer. `operation` null: the whole input. */
function encodeRefusal({ refusal, detail, values }: Refused, operation: number | null): Hex {
  const report = { refusal, code: REFUSALS[refusal], operation, detail, values };
  return hex(utf8ToBytes(JSON.stringify(report)));
}
