import type { Wire } from "./codec.ts";
import type { Crypto } from "./crypto.ts";
import { openEnvelope } from "./envelope.ts";
import { encodeEvmAdvance } from "./evm-advance.ts";
import { MACHINE_ID } from "./genesis.ts";
import type { InputContext } from "./input.ts";
import { RETENTION_BODY_BYTES_MAX, RETENTION_STEPS_MAX, STATE_BYTES_MAX } from "./limits.ts";
import {
  demand,
  ModelAct,
  ModelBudget,
  type ModelMade,
  ModelRefusal,
  ModelTidying,
} from "./model-act.ts";
import { applyBody } from "./model-bodies.ts";
import { deposit } from "./model-money.ts";
import { resolveBody } from "./model-references.ts";
import { tidy } from "./model-retention.ts";
import { noteShortage, payForGrowth } from "./model-room.ts";
import { hex, ModelState } from "./model-state.ts";
import { encodeNotice } from "./notices.ts";
import { decodeOperation } from "./operation-codec.ts";
import type { Operation } from "./operations.ts";
import type { Hex, Output } from "./outputs.ts";
import { findPortal } from "./portals.ts";
import { isRefused, REFUSALS, type Refusal } from "./refusals.ts";
import { computeOperationDigest } from "./typed-data.ts";

/** What became of an input, in the words of spec §1.6. */
export interface ModelResult {
  readonly status: "accepted" | "rejected";
  /** `operation` is null where the whole input is refused. */
  readonly refusals: readonly { readonly operation: number | null; readonly refusal: Refusal }[];
  readonly outputs: readonly Output[];
}

/**
 * The oracle of the tests: the whole transition over Maps, slow and obvious, written from
 * `spec/README.md` and not from the engine. Whoever builds another engine can hold it to this one.
 *
 * @example
 * const model = new Model(nobleCrypto, machineSecret);
 * model.advance(at, payload); // { status: "accepted", refusals: [], outputs: […] }
 * model.state.root();
 */
export class Model {
  readonly state: ModelState;
  readonly #crypto: Crypto;
  readonly #stateBytesMax: number;
  readonly #machine: { readonly secret: Uint8Array; readonly key: Uint8Array };

  /** @param stateBytesMax Less than the protocol's is for tests, which fill a state. */
  constructor(crypto: Crypto, machineSecret: Uint8Array, stateBytesMax = STATE_BYTES_MAX) {
    this.#crypto = crypto;
    this.#stateBytesMax = stateBytesMax;
    this.state = new ModelState(crypto);
    this.#machine = { secret: machineSecret, key: crypto.x25519PublicKey(machineSecret) };
    this.state.put("machine", {
      ...{ machine_id: MACHINE_ID, public_key: hex(this.#machine.key) },
      ...{ highest_folded_batch: 0, short_at: null },
    });
  }

  advance(at: InputContext, payload: Uint8Array): ModelResult {
    const previousRoot = hex(this.state.root());
    const before = this.state.copy();
    noteShortage(this.state, this.#stateBytesMax, at.timestampSec);
    const result = this.#apply(at, payload, previousRoot);
    if (result.status === "rejected") this.state.restore(before);
    return result;
  }

  #apply(at: InputContext, payload: Uint8Array, previousRoot: Hex): ModelResult {
    const world = {
      ...{ crypto: this.#crypto, state: this.state, machine: this.#machine, at },
      budget: new ModelBudget(payload.length),
      stateBytesMax: this.#stateBytesMax,
    };
    const outputs: Output[] = [];
    let outcomes = "";
    const refusals: { operation: number | null; refusal: Refusal }[] = [];
    const made = new Map<number, ModelMade>();
    /** Applies one operation wholly or not at all. */
    const attempt = (operation: number | null, apply: () => ModelAct): boolean => {
      const copy = this.state.copy();
      try {
        const act = apply();
        if (operation !== null && act.made !== undefined) made.set(operation, act.made);
        const own = [...act.outputs, ...act.lowBalances, ...act.paid];
        outputs.push(...own);
        outcomes += own.length.toString(16).padStart(4, "0");
        return true;
      } catch (error) {
        if (!(error instanceof ModelRefusal)) throw error;
        this.state.restore(copy);
        refusals.push({ operation, refusal: error.refusal });
        outcomes += `8${REFUSALS[error.refusal].toString(16).padStart(3, "0")}`;
        return false;
      }
    };

    const portal = findPortal(at.sender);
    let isAccepted = false;
    if (portal !== undefined) {
      tidyHead(world);
      isAccepted = attempt(null, () => {
        const act = new ModelAct(world, hex(at.sender), 0);
        deposit(act, portal, payload);
        return act;
      });
    } else {
      const list = openEnvelope(this.#crypto, payload, this.#machine.secret, this.#machine.key, at);
      if (isRefused(list)) {
        return { status: "rejected", refusals: [{ operation: null, ...pick(list) }], outputs: [] };
      }
      tidyHead(world);
      list.forEach((item, index) => {
        if (attempt(index, () => applyItem(world, item, index, made))) isAccepted = true;
      });
    }
    if (!isAccepted) return { status: "rejected", refusals, outputs: [] };
    const inputHash = hex(this.#crypto.keccak256(encodeEvmAdvance(at, payload)));
    const roots = [previousRoot, hex(this.state.root())] as const;
    const said = [BigInt(at.inputIndex), inputHash, ...roots, `0x${outcomes}`] as const;
    outputs.push(encodeNotice("StateCommitted", said));
    return { status: "accepted", refusals, outputs };
  }
}

/** What comes before the operations (spec §3.8). */
function tidyHead(world: ConstructorParameters<typeof ModelAct>[0]): void {
  const head = new ModelTidying(RETENTION_STEPS_MAX, RETENTION_BODY_BYTES_MAX);
  const { archived, folded } = tidy(world, world.at.timestampSec, head);
  world.budget.hasHeadTidied = archived + folded > 0;
}

const pick = ({ refusal }: { readonly refusal: Refusal }) => ({ refusal });

function applyItem(
  world: ConstructorParameters<typeof ModelAct>[0],
  item: Wire,
  index: number,
  made: ReadonlyMap<number, ModelMade>,
): ModelAct {
  const operation = decodeOperation(item);
  if (isRefused(operation)) throw new ModelRefusal(operation.refusal);
  const act = new ModelAct(world, authorize(world, operation), index);
  let before = act.state.weight();
  applyBody(act, { ...operation, body: resolveBody(operation, act.actor, made) });
  if (operation.body.kind === "poke_retention") before = act.state.weight();
  if (operation.authorization.by === "account") {
    const account = act.actor;
    const row = act.state.get("accounts", account);
    const nonce = (row?.nonce ?? 0) + 1;
    act.state.put("accounts", { account, encryption_key: row?.encryption_key ?? null, nonce });
  }
  const { body } = operation;
  payForGrowth(act, before, findBuyer(act, body) ?? act.actor, findLeavingBatch(act, body));
  return act;
}

/** Of an operation on an escrow, whose rows it can remove (spec §14.3). */
function findBuyer(act: ModelAct, body: Operation["body"]): Hex | undefined {
  if (!("escrowId" in body)) return undefined;
  const id = hex(body.escrowId);
  const terms = act.state.list("escrow_terms").find((row) => row.escrow_id === id);
  return terms && act.state.get("escrows", terms.escrow_number)?.buyer;
}

/** The batch that a submission has made, where its stream does not keep it for ever (spec §14.3). */
function findLeavingBatch(act: ModelAct, body: Operation["body"]): number | undefined {
  if (body.kind !== "submit") return undefined;
  return act.state.get("streams", body.streamId)!.retention === 0
    ? undefined
    : (act.made!.id as number);
}

/** Who acts (spec §1.5). A device's signature is the submission's own to check. */
function authorize(
  world: ConstructorParameters<typeof ModelAct>[0],
  { authorization, body }: Operation,
): Hex {
  const { at, crypto, budget } = world;
  demand((authorization.by === "device") === (body.kind === "submit"), "authorization_kind_wrong");
  if (authorization.by !== "account" || body.kind === "submit") return hex(at.sender);
  const account = hex(authorization.account);
  demand(at.timestampSec < authorization.deadlineSec, "authorization_expired");
  const nonce = world.state.get("accounts", account)?.nonce ?? 0;
  demand(authorization.nonce === nonce, "authorization_nonce_wrong");
  budget.spendSignature();
  const digest = computeOperationDigest(at, authorization, body);
  const signer = crypto.recoverAddress(digest, authorization.signature);
  demand(signer !== undefined && hex(signer) === account, "authorization_signature_wrong");
  return account;
}
