import type { HistoryInput } from "../../node-client/history/history-lines.ts";
import { encodePlainEnvelope } from "../../spec/envelope.ts";
import { TERM_SEC_MAX } from "../../spec/limits.ts";
import type { Model } from "../../spec/model.ts";
import type { Operation } from "../../spec/operations.ts";
import { computeOperationDigest } from "../../spec/typed-data.ts";
import * as channels from "./model-channel-operations.ts";
import { signDigest } from "./model-crypto.ts";
import * as devices from "./model-device-operations.ts";
import * as escrows from "./model-escrow-operations.ts";
import { follow } from "./model-followers.ts";
import { listOpenEscrows } from "./model-invariants.ts";
import * as services from "./model-service-operations.ts";
import { type ActorOperation, bytesOf, hexOf, PLACE, View } from "./model-view.ts";
import { SeededRng } from "./seeded-rng.ts";
import { PEOPLE, type PersonWithKey } from "./shared-keys.ts";
import { APP, bySender, CHAIN_ID } from "./world.ts";

/** What a command does, and how often it comes. */
const OPERATION_MAKERS: Readonly<
  Record<string, readonly [number, (view: View) => ActorOperation | Operation | undefined]>
> = {
  transfer: [2, devices.transfer],
  withdraw: [1, devices.withdraw],
  low_balance: [1, devices.setLowBalance],
  withdraw_bond: [1, devices.withdrawBond],
  register_device: [1, devices.registerDevice],
  rotate_device_key: [1, devices.rotateDeviceKey],
  revoke_device: [1, devices.revokeDevice],
  declare_stream: [1, devices.declareStream],
  rotate_epoch: [1, devices.rotateEpoch],
  register_encryption_key: [1, devices.registerEncryptionKey],
  grant: [2, devices.grant],
  revoke_grant: [1, devices.revokeGrant],
  challenge: [2, devices.challenge],
  poke_retention: [1, devices.pokeRetention],
  submit: [3, (view) => devices.submit(view)],
  open_channel: [2, channels.openChannel],
  open_by_third_party: [2, channels.openByThirdParty],
  add_funds: [2, channels.addFunds],
  extend: [1, channels.extend],
  timeout: [1, channels.timeout],
  claim: [6, channels.claim],
  multi_claim: [2, channels.multiClaim],
  organization: [1, services.putOrganization],
  payment_group: [1, services.putPaymentGroup],
  publish: [2, services.publish],
  update_service: [1, services.updateService],
  withdraw_service: [1, services.withdrawService],
  open_escrow: [8, escrows.open],
  escrow: [38, escrows.actOnEscrow],
};

export const MAKER_KINDS: readonly string[] = Object.entries(OPERATION_MAKERS).flatMap(
  ([kind, [weight]]) => Array.from({ length: weight }, () => kind),
);

/** The clock of one sequence: what the chain says of its next input. */
export interface Clock {
  timestampSec: number;
  blockNumber: number;
  inputIndex: number;
}

export function nextInput(clock: Clock, sender: Uint8Array, payload: Uint8Array): HistoryInput {
  const { timestampSec, blockNumber } = clock;
  const at = { chainId: CHAIN_ID, app: APP, sender, timestampSec, blockNumber };
  return {
    at: { ...at, prevRandao: new Uint8Array(32), inputIndex: clock.inputIndex++ },
    payload,
  };
}

/** Moves time on: mostly a little, often to the very edge of somebody's deadline. */
function passTime(model: Model, rng: SeededRng, clock: Clock): void {
  clock.blockNumber += rng.below(3);
  const dues = model.state.list("streams").flatMap(({ tidy_due }) => tidy_due ?? []);
  const deadlines = model.state
    .list("escrows")
    .flatMap(({ deadline }) => deadline ?? [])
    .concat(dues)
    .filter((deadline) => deadline > clock.timestampSec);
  if (deadlines.length === 0 || !rng.chance(9)) clock.timestampSec += rng.below(3);
  else {
    const edge = rng.chance(5) ? rng.pick(deadlines) : Math.min(...deadlines);
    clock.timestampSec = Math.max(clock.timestampSec, edge - rng.below(2));
  }
}

/** Pokes of every escrow that is open, long after all that anybody waits for. */
export function makePokes(model: Model, clock: Clock): HistoryInput | undefined {
  const open = listOpenEscrows(model);
  if (open.length === 0) return undefined;
  clock.timestampSec += 4 * TERM_SEC_MAX;
  const pokes = open.map(({ escrow_id }) =>
    bySender({ kind: "poke_escrow", escrowId: bytesOf(escrow_id) }),
  );
  return nextInput(clock, PEOPLE[5]!.address, encodePlainEnvelope(pokes));
}

/** One input of one command: an operation by its actor or relayed, now and then several in one. */
export function makeInput(model: Model, kind: string, seed: number, clock: Clock): HistoryInput {
  const rng = new SeededRng(seed);
  passTime(model, rng, clock);
  const view = new View(model, rng, clock);
  // Looked at before every input, so that whatever is archived was seen before.
  void view.seenBodies;
  const make = OPERATION_MAKERS[kind]![1];
  const count = rng.chance(40) ? 3 : 1;
  const operations: Operation[] = [];
  let sender = rng.pick(PEOPLE);
  const relayed = new Map<PersonWithKey, number>();
  for (let i = 0; i < count; i++) {
    const maker = i === 0 ? make : OPERATION_MAKERS[rng.pick(MAKER_KINDS)]![1];
    const made = maker(view) ?? escrows.actOnEscrow(view) ?? devices.transfer(view);
    if ("authorization" in made) {
      operations.push(made);
      continue;
    }
    const next = rng.chance(3) ? follow(view, made, operations.length) : undefined;
    for (const one of next === undefined ? [made] : [made, next]) {
      const isRelayed = operations.length > 0 ? one.actor !== sender : rng.chance(30);
      if (!isRelayed) sender = one.actor;
      operations.push(isRelayed ? relay(view, one, relayed) : bySender(one.body));
    }
  }
  return nextInput(clock, sender.address, encodePlainEnvelope(operations));
}

function relay(
  view: View,
  { actor, body }: ActorOperation,
  relayed: Map<PersonWithKey, number>,
): Operation {
  const before = view.model.state.get("accounts", hexOf(actor.address))?.nonce ?? 0;
  const ahead = relayed.get(actor) ?? 0;
  relayed.set(actor, ahead + 1);
  const deadlineSec = view.at.timestampSec + (view.rng.chance(12) ? 0 : 1);
  const claim = { account: actor.address, nonce: view.near(before + ahead), deadlineSec };
  const signer = view.rng.chance(15) ? view.anybody : actor;
  const signature = signDigest(signer, computeOperationDigest(PLACE, claim, body));
  return { authorization: { by: "account", ...claim, signature }, body };
}
