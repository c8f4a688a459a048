import { invariant } from "../../../dapp/engine/invariant.ts";
import type { BlockReference } from "../../chain/chain-input.ts";
import { type Database, fromHex, toHex, toNumber } from "./node-database.ts";
import type { NodeIdentity } from "./node-store.ts";

/** How far the node has come. Every count is of the whole history. */
export interface Counts {
  readonly inputs: number;
  /** Inputs with a result. */
  readonly processed: number;
  readonly outputs: number;
  readonly reports: number;
}

/** Writes the only row of a new file. */
export function insertIdentity(database: Database, identity: NodeIdentity): void {
  database.insert("node", {
    id: 0,
    chain_id: identity.chainId,
    app: fromHex(identity.app, 20),
    consensus: fromHex(identity.consensus, 20),
    input_box: fromHex(identity.inputBox, 20),
    template_hash: fromHex(identity.templateHash, 32),
    epoch_length: identity.epochLength,
    deployment_block: identity.deploymentBlock,
    machine_key: fromHex(identity.machineKey, 32),
    ...{ input_count: 0, processed_count: 0, output_count: 0, report_count: 0 },
  });
}

export function readIdentity(database: Database): NodeIdentity {
  const row = database.get(
    `SELECT chain_id, app, consensus, input_box, template_hash, epoch_length, deployment_block,
       machine_key FROM node`,
  );
  invariant(row !== undefined, "a node's file says whose it is");
  return {
    chainId: toNumber(row.chain_id),
    app: toHex(row.app),
    consensus: toHex(row.consensus),
    inputBox: toHex(row.input_box),
    templateHash: toHex(row.template_hash),
    epochLength: toNumber(row.epoch_length),
    deploymentBlock: toNumber(row.deployment_block),
    machineKey: toHex(row.machine_key),
  };
}

export function readHeadRow(database: Database): BlockReference | undefined {
  const row = database.get("SELECT head_number, head_hash FROM node WHERE head_number IS NOT NULL");
  return row && { number: toNumber(row.head_number), hash: toHex(row.head_hash) };
}

/** Sets the head; `undefined` when no block is known any more. */
export function writeHead(database: Database, head: BlockReference | undefined): void {
  database.run(
    "UPDATE node SET head_number = ?, head_hash = ?",
    head?.number ?? null,
    head === undefined ? null : fromHex(head.hash, 32),
  );
}

export function readCounts(database: Database): Counts {
  const row = database.get(
    "SELECT input_count, processed_count, output_count, report_count FROM node",
  );
  return {
    inputs: toNumber(row?.input_count),
    processed: toNumber(row?.processed_count),
    outputs: toNumber(row?.output_count),
    reports: toNumber(row?.report_count),
  };
}

export function writeCounts(database: Database, counts: Counts): void {
  invariant(counts.processed <= counts.inputs, "only recorded inputs are processed");
  database.run(
    "UPDATE node SET input_count = ?, processed_count = ?, output_count = ?, report_count = ?",
    counts.inputs,
    counts.processed,
    counts.outputs,
    counts.reports,
  );
}
