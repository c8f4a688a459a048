import type { Hex } from "./outputs.ts";

/**
 * The rows of every table as the model sees them: columns by their names in `tables.ts`, so that
 * a row can be laid beside the spec and beside SQL. Bytes are hexadecimal, amounts bigints.
 */

interface Tokens {
  readonly token: Hex;
  readonly deposited: bigint;
  readonly withdrawn: bigint;
  readonly in_balances: bigint;
  readonly in_channels: bigint;
  readonly in_escrows: bigint;
}
interface Accounts {
  readonly account: Hex;
  readonly nonce: number;
  readonly encryption_key: Hex | null;
}
interface Balances {
  readonly account: Hex;
  readonly token: Hex;
  readonly amount: bigint;
}
interface Devices {
  readonly device_id: number;
  readonly owner: Hex;
  readonly did: string;
  readonly key: Hex;
  readonly key_count: number;
  readonly is_revoked: number;
}
interface DeviceKeys {
  readonly key: Hex;
  readonly device_id: number;
}
interface Streams {
  readonly stream_id: number;
  readonly device_id: number;
  readonly name: string;
  readonly visibility: string;
  readonly group_count: number;
  readonly epoch: number;
  readonly next_sequence: number;
  readonly batch_count: number;
  readonly reading_count: number;
  readonly break_count: number;
  readonly last_batch_hash: Hex | null;
}
interface Metrics {
  readonly stream_id: number;
  readonly metric_index: number;
  readonly name: string;
  readonly unit: string;
  readonly kind: string;
  readonly scale: number;
  readonly minimum: number;
  readonly maximum: number;
  readonly key_group: number;
}
interface EpochKeys {
  readonly stream_id: number;
  readonly epoch: number;
  readonly key_group: number;
  readonly key_hash: Hex;
}
interface Batches {
  readonly batch_id: number;
  readonly stream_id: number;
  readonly epoch: number;
  readonly first_sequence: number;
  readonly reading_count: number;
  readonly first_time: number;
  readonly last_time: number;
  readonly is_break: number;
  readonly batch_hash: Hex;
  readonly previous_hash: Hex;
  readonly commitment: Hex;
  readonly salt: Hex;
  readonly opening_key: Hex | null;
  readonly body: Hex;
  readonly disproved_group: number | null;
}
interface Grants {
  readonly grant_id: number;
  readonly stream_id: number;
  readonly epoch: number;
  readonly buyer: Hex;
  readonly groups: number;
  readonly expires_at: number;
  readonly wrapped_keys: Hex;
  readonly is_revoked: number;
}
interface LowBalances {
  readonly account: Hex;
  readonly token: Hex;
  readonly threshold: bigint;
}
interface Channels {
  readonly channel_id: number;
  readonly nonce: number;
  readonly generation: number;
  readonly sender: Hex;
  readonly signer: Hex;
  readonly recipient: Hex;
  readonly payment_group: Hex;
  readonly token: Hex;
  readonly value: bigint;
  readonly expiration_block: number;
  readonly payments: string;
  readonly last_planned: bigint;
  readonly last_actual: bigint;
}
interface ChannelLanes {
  readonly channel_id: number;
  readonly lane: number;
  readonly generation: number;
  readonly redeemed: bigint;
  readonly last_cumulative: bigint;
}
interface ChannelMessages {
  readonly message_digest: Hex;
}
interface Organizations {
  readonly organization: string;
  readonly owner: Hex;
  readonly name: string;
}
interface PaymentGroups {
  readonly organization: string;
  readonly payment_group: Hex;
  readonly name: string;
  readonly payment_address: Hex;
  readonly endpoints: string;
}
interface Services {
  readonly service_id: number;
  readonly provider: Hex;
  readonly name: string;
  readonly version: number;
  readonly version_id: number;
  readonly is_withdrawn: number;
}
interface ServiceVersions {
  readonly version_id: number;
  readonly service_id: number;
  readonly version: number;
  readonly position: number;
  readonly organization: string;
  readonly payment_group: Hex | null;
  readonly tags: string;
  readonly mode: string;
  readonly token: Hex;
  readonly price: bigint;
  readonly payment_address: Hex;
  readonly endpoints: string;
  readonly stream_id: number | null;
  readonly groups: number;
}
interface ServiceTags {
  readonly tag: string;
  readonly mode: string;
  readonly token: Hex;
  readonly price: bigint;
  readonly service_id: number;
}
interface Providers {
  readonly provider: Hex;
  readonly released_count: number;
  readonly refunded_count: number;
  readonly lapsed_count: number;
  readonly challenged_count: number;
}
interface Escrows {
  readonly escrow_number: number;
  readonly status: string;
  readonly buyer: Hex;
  readonly provider: Hex | null;
  readonly version_id: number | null;
  readonly held: bigint;
  readonly fill_left: bigint;
  readonly paid_units: number;
  readonly refunded_units: number;
  readonly deadline: number | null;
  readonly started_at: number | null;
  readonly from_sequence: number;
  readonly last_batch_id: number;
  readonly proof: Hex | null;
  readonly message_count: number;
  readonly valid_count: number;
}
interface EscrowTerms {
  readonly escrow_number: number;
  readonly escrow_id: Hex;
  readonly ect: Hex;
  readonly escrow_kind: string;
  readonly mode: string;
  readonly tag: string;
  readonly token: Hex;
  readonly ceiling: bigint;
  readonly position: number;
  readonly opened_at: number;
  readonly providers: Hex;
  readonly unit_count: number;
  readonly delivery_time: number;
  readonly answer_time: number;
  readonly arbiter: Hex;
  readonly arbitration_time: number;
  readonly duration: number;
  readonly expected_msgs: number;
  readonly min_msg_count: number;
  readonly min_valid_basis_points: number;
  readonly auto_renew: number;
  readonly predicate: Hex;
}

export interface Rows {
  tokens: Tokens;
  accounts: Accounts;
  balances: Balances;
  devices: Devices;
  device_keys: DeviceKeys;
  streams: Streams;
  metrics: Metrics;
  epoch_keys: EpochKeys;
  batches: Batches;
  grants: Grants;
  low_balances: LowBalances;
  channels: Channels;
  channel_lanes: ChannelLanes;
  channel_messages: ChannelMessages;
  organizations: Organizations;
  payment_groups: PaymentGroups;
  services: Services;
  service_versions: ServiceVersions;
  service_tags: ServiceTags;
  providers: Providers;
  escrows: Escrows;
  escrow_terms: EscrowTerms;
}

export type TableName = keyof Rows;
export type Row<Name extends TableName> = Rows[Name];
