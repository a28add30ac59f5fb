/**
 * All SQL of the ledger, in words that SQLite and PostgreSQL both take: numbered parameters, lower-case names, no
 * types or clauses of one alone. No statement here changes or deletes an entry.
 */

const FIRST = `
CREATE TABLE entries (
  seq INTEGER PRIMARY KEY,
  at_ms BIGINT NOT NULL,
  serial_number TEXT NOT NULL,
  event TEXT NOT NULL,
  step TEXT NOT NULL,
  data TEXT NOT NULL,
  previous_hash TEXT NOT NULL,
  hash TEXT NOT NULL
);

CREATE TABLE ranges (
  id INTEGER PRIMARY KEY,
  seq INTEGER NOT NULL UNIQUE REFERENCES entries (seq),
  model TEXT NOT NULL,
  prefix TEXT NOT NULL,
  digits INTEGER NOT NULL,
  first_number BIGINT NOT NULL,
  last_number BIGINT NOT NULL,
  next_number BIGINT NOT NULL,
  added_by TEXT NOT NULL,
  added_at_ms BIGINT NOT NULL,
  CHECK (first_number <= last_number)
);

CREATE TABLE certificates (
  fingerprint TEXT PRIMARY KEY,
  pem TEXT NOT NULL
);

CREATE TABLE authorities (
  fingerprint TEXT PRIMARY KEY,
  reserved INTEGER NOT NULL
);

CREATE TABLE units (
  id INTEGER PRIMARY KEY REFERENCES entries (seq),
  serial_number TEXT NOT NULL UNIQUE,
  udn TEXT NOT NULL UNIQUE,
  model TEXT NOT NULL,
  state TEXT NOT NULL,
  withdrawn INTEGER NOT NULL CHECK (withdrawn IN (0, 1)),
  open_step TEXT,
  hardware_id TEXT NOT NULL,
  key_storage TEXT,
  public_key_sha256 TEXT UNIQUE,
  certificate_serial TEXT UNIQUE,
  certificate_at_ms BIGINT,
  authority TEXT REFERENCES authorities (fingerprint),
  fingerprint TEXT REFERENCES certificates (fingerprint),
  chain TEXT,
  station TEXT NOT NULL,
  lane TEXT NOT NULL,
  operator TEXT NOT NULL,
  attempts INTEGER NOT NULL,
  last_error_code TEXT,
  reason TEXT,
  created_at_ms BIGINT NOT NULL,
  updated_at_ms BIGINT NOT NULL,
  last_seq INTEGER NOT NULL REFERENCES entries (seq),
  range_id INTEGER REFERENCES ranges (id)
);
CREATE UNIQUE INDEX units_one_per_board ON units (hardware_id) WHERE withdrawn = 0;
`

/** SQL that takes the ledger from version i to version i + 1. An entry that was released never changes; add one. */
export const LEDGER_MIGRATIONS: readonly string[] = [FIRST]

/** Columns of `units` that only a reservation, a key or an end of the number writes; they are indexed. */
const UNIT_KEYS = 'withdrawn = $2, public_key_sha256 = $3, certificate_serial = $4, range_id = $5'

export const LEDGER_SQL = {
  lastEntry: 'SELECT seq, hash FROM entries ORDER BY seq DESC LIMIT 1',
  entryHash: 'SELECT hash FROM entries WHERE seq = $1',
  addEntry: `INSERT INTO entries (seq, at_ms, serial_number, event, step, data, previous_hash, hash)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
  entriesAfter: `SELECT seq, at_ms, serial_number, event, step, data, previous_hash, hash FROM entries
    WHERE seq > $1 ORDER BY seq LIMIT $2`,

  addUnit: `INSERT INTO units (id, serial_number, udn, model, state, withdrawn, open_step, hardware_id, key_storage,
      public_key_sha256, certificate_serial, certificate_at_ms, authority, fingerprint, chain, station, lane, operator,
      attempts, last_error_code, reason, created_at_ms, updated_at_ms, last_seq, range_id)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23,
      $24, $25)`,
  moveUnit: `UPDATE units SET state = $2, open_step = $3, certificate_at_ms = $4, authority = $5, fingerprint = $6,
      chain = $7, station = $8, lane = $9, operator = $10, attempts = $11, last_error_code = $12, reason = $13,
      updated_at_ms = $14, last_seq = $15
    WHERE id = $1`,
  rekeyUnit: `UPDATE units SET ${UNIT_KEYS} WHERE id = $1`,
  unit: 'SELECT * FROM units WHERE serial_number = $1',
  unitOfBoard: 'SELECT * FROM units WHERE hardware_id = $1 AND withdrawn = 0',
  unitOfKey: 'SELECT * FROM units WHERE public_key_sha256 = $1',
  unitsAfter: 'SELECT * FROM units WHERE id > $1 ORDER BY id LIMIT $2',
  unitsBetween: `SELECT * FROM units WHERE LENGTH(serial_number) = $1 AND serial_number >= $2 AND serial_number <= $3
    ORDER BY id`,
  newestUnits: 'SELECT * FROM units ORDER BY id DESC LIMIT $1',
  searchUnits: `SELECT * FROM units WHERE LOWER(serial_number) LIKE $1 ESCAPE '!' OR udn LIKE $1 ESCAPE '!'
      OR LOWER(model) LIKE $1 ESCAPE '!' OR state LIKE $1 ESCAPE '!' OR hardware_id LIKE $1 ESCAPE '!'
      OR LOWER(operator) LIKE $1 ESCAPE '!'
    ORDER BY id DESC LIMIT $2`,
  tallies: `SELECT COALESCE(range_id, 0) AS range_id, state, COALESCE(key_storage, '') AS key_storage,
      COUNT(*) AS count
    FROM units GROUP BY 1, 2, 3 ORDER BY 1, 2, 3`,

  addRange: `INSERT INTO ranges (id, seq, model, prefix, digits, first_number, last_number, next_number, added_by,
      added_at_ms)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
  moveRange: 'UPDATE ranges SET next_number = $2 WHERE id = $1',
  ranges: 'SELECT * FROM ranges ORDER BY id',

  authority: 'SELECT reserved FROM authorities WHERE fingerprint = $1',
  countAuthority: `INSERT INTO authorities (fingerprint, reserved) VALUES ($1, 1)
    ON CONFLICT (fingerprint) DO UPDATE SET reserved = authorities.reserved + 1`,
  authorities: 'SELECT * FROM authorities ORDER BY fingerprint',

  addCertificate:
    'INSERT INTO certificates (fingerprint, pem) VALUES ($1, $2) ON CONFLICT (fingerprint) DO NOTHING',
  certificate: 'SELECT pem FROM certificates WHERE fingerprint = $1',
  certificateCount: 'SELECT COUNT(*) AS count FROM certificates',
} as const
export type LedgerStatement = keyof typeof LEDGER_SQL
