/**
 * The tables of the node's file.
 *
 * What would grow with every input stands behind a key that rises with it, so that a page, a
 * count or a rollback reads a range and never walks a history. Results stand apart from inputs:
 * SQLite writes a whole row anew to change one column, and an input's blob may have 64 KiB.
 */

/** "taly": tells the file from other SQLite files. */
export const APPLICATION_ID = 0x74616c79;

/** Raised when the tables change. A node refuses a file of a newer version than its own. */
export const SCHEMA_VERSION = 1;

export const SCHEMA = `
-- One row: whose file it is, how far it has come. Counts are kept, so that nobody counts rows.
CREATE TABLE node (
  id INTEGER PRIMARY KEY CHECK (id = 0),
  chain_id INTEGER NOT NULL,
  app BLOB NOT NULL,
  consensus BLOB NOT NULL,
  input_box BLOB NOT NULL,
  template_hash BLOB NOT NULL,
  epoch_length INTEGER NOT NULL,
  deployment_block INTEGER NOT NULL,
  machine_key BLOB NOT NULL,
  head_number INTEGER,
  head_hash BLOB,
  input_count INTEGER NOT NULL,
  processed_count INTEGER NOT NULL,
  output_count INTEGER NOT NULL,
  report_count INTEGER NOT NULL
) STRICT;

CREATE TABLE checkpoints (
  number INTEGER PRIMARY KEY,
  hash BLOB NOT NULL
) STRICT;

-- The blob comes last: the columns before it are read without its overflow pages.
CREATE TABLE inputs (
  input_index INTEGER PRIMARY KEY,
  block_number INTEGER NOT NULL,
  block_hash BLOB NOT NULL,
  transaction_hash BLOB NOT NULL,
  sender BLOB NOT NULL,
  created_at_ms INTEGER NOT NULL,
  blob BLOB NOT NULL
) STRICT;
CREATE INDEX inputs_by_block ON inputs (block_number);
CREATE INDEX inputs_by_sender ON inputs (sender, input_index);

-- Counts include the input's own: an input's outputs are those between its predecessor's and its.
CREATE TABLE results (
  input_index INTEGER PRIMARY KEY REFERENCES inputs,
  status TEXT NOT NULL CHECK (status IN ('ACCEPTED', 'REJECTED', 'EXCEPTION')),
  outputs_merkle_root BLOB NOT NULL,
  output_count INTEGER NOT NULL,
  report_count INTEGER NOT NULL,
  updated_at_ms INTEGER NOT NULL,
  exception BLOB
) STRICT;

CREATE TABLE outputs (
  output_index INTEGER PRIMARY KEY,
  input_index INTEGER NOT NULL,
  hash BLOB NOT NULL,
  output_type BLOB NOT NULL,
  destination BLOB,
  raw BLOB NOT NULL
) STRICT;
CREATE INDEX outputs_by_type ON outputs (output_type, output_index);
CREATE INDEX outputs_by_destination ON outputs (destination, output_index, output_type)
  WHERE destination IS NOT NULL;

-- Roots of complete subtrees of the output tree from level 1 on; level 0 is in \`outputs\`.
CREATE TABLE output_nodes (
  level INTEGER NOT NULL,
  position INTEGER NOT NULL,
  hash BLOB NOT NULL,
  PRIMARY KEY (level, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE reports (
  report_index INTEGER PRIMARY KEY,
  input_index INTEGER NOT NULL,
  raw BLOB NOT NULL
) STRICT;

CREATE TABLE epochs (
  epoch_index INTEGER PRIMARY KEY,
  input_index_lower_bound INTEGER NOT NULL,
  input_index_upper_bound INTEGER NOT NULL,
  status TEXT NOT NULL,
  output_count INTEGER,
  outputs_merkle_root BLOB,
  submitted_transaction BLOB,
  created_at_ms INTEGER NOT NULL,
  updated_at_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX epochs_by_status ON epochs (status, epoch_index);
-- Asked for all the time, and long where nobody claims.
CREATE INDEX epochs_unclaimed ON epochs (epoch_index)
  WHERE status IN ('CLAIM_COMPUTED', 'CLAIM_SUBMITTED');

-- What the chain says, kept apart from our own epochs and outputs: it may come before them.
CREATE TABLE accepted_claims (
  epoch_index INTEGER PRIMARY KEY,
  outputs_merkle_root BLOB NOT NULL,
  block_number INTEGER NOT NULL,
  transaction_hash BLOB NOT NULL
) STRICT;
CREATE INDEX accepted_claims_by_block ON accepted_claims (block_number);

CREATE TABLE executions (
  output_index INTEGER PRIMARY KEY,
  output_hash BLOB NOT NULL,
  block_number INTEGER NOT NULL,
  transaction_hash BLOB NOT NULL
) STRICT;
CREATE INDEX executions_by_block ON executions (block_number);

CREATE TABLE snapshots (
  input_count INTEGER PRIMARY KEY,
  root BLOB NOT NULL,
  state_bytes INTEGER NOT NULL
) STRICT;
CREATE TABLE snapshot_chunks (
  input_count INTEGER NOT NULL REFERENCES snapshots ON DELETE CASCADE,
  position INTEGER NOT NULL,
  bytes BLOB NOT NULL,
  PRIMARY KEY (input_count, position)
) STRICT;
`;
