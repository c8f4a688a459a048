import { encodeDataAvailability } from "../../chain/contracts.ts";
import type { ApplicationStanding } from "../run/application-standing.ts";
import type { NodeView } from "../store/node-store.ts";
import { toWireNumber, toWireTime } from "./wire-shapes.ts";

/** What the API calls the only application of a node, beside its address. */
export const APPLICATION_NAME = "tallyroll";

/**
 * The node's application as the official node describes one. Limits of cycles and deadlines are
 * those of a Cartesi machine; ours has none of them, which is said by zero.
 */
export function toWireApplication(
  view: NodeView,
  { consensusType, state, reason }: ApplicationStanding,
  startedAtMs: number,
) {
  const identity = view.getIdentity();
  const head = toWireNumber(view.getHead()?.number ?? 0);
  const startedAt = toWireTime(startedAtMs);
  return {
    name: APPLICATION_NAME,
    iapplication_address: identity.app,
    iconsensus_address: identity.consensus,
    iinputbox_address: identity.inputBox,
    template_hash: identity.templateHash,
    epoch_length: toWireNumber(identity.epochLength),
    data_availability: encodeDataAvailability(identity.inputBox),
    consensus_type: consensusType,
    state,
    reason,
    iinputbox_block: toWireNumber(identity.deploymentBlock),
    last_epoch_check_block: head,
    last_input_check_block: head,
    last_output_check_block: head,
    processed_inputs: toWireNumber(view.getProcessedInputCount()),
    created_at: startedAt,
    updated_at: startedAt,
    execution_parameters: {
      snapshot_policy: "NONE",
      advance_inc_cycles: "0x0",
      advance_max_cycles: "0x0",
      inspect_inc_cycles: "0x0",
      inspect_max_cycles: "0x0",
      advance_inc_deadline: "0x0",
      advance_max_deadline: "0x0",
      inspect_inc_deadline: "0x0",
      inspect_max_deadline: "0x0",
      load_deadline: "0x0",
      store_deadline: "0x0",
      fast_deadline: "0x0",
      max_concurrent_inspects: 1,
      created_at: startedAt,
      updated_at: startedAt,
    },
  };
}
