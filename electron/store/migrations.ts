/** The shape of the records database, one entry per version. An entry that was released never changes; add one. */

const FIRST = `
CREATE TABLE facts (
  name TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE devices (
  udn TEXT PRIMARY KEY,
  name TEXT,
  model TEXT,
  serialNumber TEXT,
  groupName TEXT,
  ldevidSerial TEXT,
  ldevidNotAfter TEXT,
  configurationVersion INTEGER,
  firmwareVersion TEXT,
  proven TEXT,
  lastErrorCode TEXT
) STRICT;
CREATE INDEX devicesByGroup ON devices (groupName);

CREATE TABLE certificates (
  serialNumber TEXT PRIMARY KEY,
  kind TEXT NOT NULL,
  udn TEXT NOT NULL,
  requestSha256 TEXT NOT NULL UNIQUE,
  publicKeySha256 TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('reserved', 'issued')),
  reservedAtMs INTEGER NOT NULL,
  issuedAtMs INTEGER,
  notAfter TEXT,
  fingerprint TEXT,
  pem TEXT,
  chainPem TEXT,
  UNIQUE (kind, publicKeySha256),
  CHECK (state = 'reserved' OR (pem IS NOT NULL AND issuedAtMs IS NOT NULL))
) STRICT;
CREATE INDEX certificatesByUdn ON certificates (udn);
CREATE TRIGGER certificatesStay BEFORE DELETE ON certificates
BEGIN SELECT RAISE(ABORT, 'a certificate row is never deleted'); END;
CREATE TRIGGER certificatesIssuedOnce BEFORE UPDATE ON certificates WHEN OLD.state = 'issued'
BEGIN SELECT RAISE(ABORT, 'an issued certificate never changes'); END;
CREATE TRIGGER certificatesReservationFixed
BEFORE UPDATE OF serialNumber, kind, udn, requestSha256, publicKeySha256 ON certificates
BEGIN SELECT RAISE(ABORT, 'a reservation never changes'); END;

CREATE TABLE revocations (
  serialNumber TEXT PRIMARY KEY,
  atMs INTEGER NOT NULL,
  reason INTEGER
) STRICT;

CREATE TABLE enrollments (
  enrollmentId TEXT PRIMARY KEY,
  udn TEXT NOT NULL,
  model TEXT NOT NULL,
  hardwareRevision TEXT NOT NULL,
  firmwareVersion TEXT NOT NULL,
  serialNumber TEXT NOT NULL,
  identityFingerprint TEXT NOT NULL UNIQUE,
  state TEXT NOT NULL CHECK (state IN ('pending', 'approved', 'issued', 'confirmed', 'rejected')),
  groupName TEXT,
  ldevidSerial TEXT REFERENCES certificates (serialNumber),
  ldevidNotAfter TEXT,
  configurationVersion INTEGER,
  rejectCode TEXT,
  requestedAtMs INTEGER NOT NULL,
  updatedAtMs INTEGER NOT NULL,
  requestDer BLOB,
  requestSha256 TEXT,
  publicKeySha256 TEXT
) STRICT;
CREATE INDEX enrollmentsByUdn ON enrollments (udn, updatedAtMs);
CREATE INDEX enrollmentsByLdevid ON enrollments (ldevidSerial);

CREATE TABLE trustRoots (
  fingerprint TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  pem TEXT NOT NULL,
  practice INTEGER NOT NULL CHECK (practice IN (0, 1)),
  addedAtMs INTEGER NOT NULL
) STRICT;

CREATE TABLE crls (
  issuer TEXT PRIMARY KEY,
  pem TEXT NOT NULL,
  addedAtMs INTEGER NOT NULL
) STRICT;

CREATE TABLE groups (
  name TEXT PRIMARY KEY,
  configuration TEXT NOT NULL,
  version INTEGER NOT NULL CHECK (version >= 1)
) STRICT;

CREATE TABLE expected (
  position INTEGER PRIMARY KEY,
  serialNumber TEXT,
  udn TEXT,
  name TEXT,
  groupName TEXT,
  CHECK (serialNumber IS NOT NULL OR udn IS NOT NULL)
) STRICT;
CREATE INDEX expectedBySerial ON expected (serialNumber);
CREATE INDEX expectedByUdn ON expected (udn);

CREATE TABLE audit (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  atMs INTEGER NOT NULL,
  actor TEXT NOT NULL,
  action TEXT NOT NULL,
  subject TEXT,
  detail TEXT
) STRICT;
CREATE TRIGGER auditKeeps BEFORE DELETE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END;
CREATE TRIGGER auditStands BEFORE UPDATE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END;

CREATE TABLE jobs (
  position INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  kind TEXT NOT NULL,
  subject TEXT NOT NULL,
  batch TEXT NOT NULL,
  params TEXT NOT NULL,
  state TEXT NOT NULL,
  steps TEXT NOT NULL,
  attempt INTEGER NOT NULL,
  createdAtMs INTEGER NOT NULL,
  updatedAtMs INTEGER NOT NULL,
  cancelAsked INTEGER NOT NULL DEFAULT 0 CHECK (cancelAsked IN (0, 1)),
  error TEXT
) STRICT;
CREATE UNIQUE INDEX jobsActiveOnce ON jobs (kind, subject) WHERE state NOT IN ('done', 'failed', 'cancelled');
`

const ROLLOUTS = `
CREATE TABLE rollouts (
  position INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  plan TEXT NOT NULL,
  manifest TEXT NOT NULL,
  state TEXT NOT NULL,
  pauseReason TEXT,
  wave INTEGER NOT NULL,
  createdAtMs INTEGER NOT NULL,
  resumedAtMs INTEGER,
  endedAtMs INTEGER
) STRICT;

CREATE TABLE rolloutMembers (
  rolloutId TEXT NOT NULL REFERENCES rollouts (id) ON DELETE CASCADE,
  udn TEXT NOT NULL,
  wave INTEGER NOT NULL,
  state TEXT NOT NULL,
  changedAtMs INTEGER NOT NULL,
  jobId TEXT,
  status TEXT,
  statusAtMs INTEGER,
  deadlineMs INTEGER,
  error TEXT,
  PRIMARY KEY (rolloutId, udn)
) STRICT, WITHOUT ROWID;
`

const OPERATION = `
-- Lines older than the chain have no hash; the first hash covers all of them.
ALTER TABLE audit ADD COLUMN role TEXT;
ALTER TABLE audit ADD COLUMN hash TEXT;

CREATE TABLE checks (
  id TEXT PRIMARY KEY,
  udn TEXT NOT NULL,
  startedAtMs INTEGER NOT NULL,
  content TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX checksByDevice ON checks (udn, startedAtMs);
CREATE INDEX checksByTime ON checks (startedAtMs);

CREATE TABLE configurationPlans (
  position INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  change TEXT NOT NULL,
  createdAtMs INTEGER NOT NULL
) STRICT;

CREATE TABLE configurationRows (
  planId TEXT NOT NULL REFERENCES configurationPlans (id) ON DELETE CASCADE,
  udn TEXT NOT NULL,
  -- What is shown of it, what is wanted, and what ran before, for the way back; no more than the first where nothing can be sent.
  content TEXT NOT NULL,
  wanted TEXT,
  before TEXT,
  PRIMARY KEY (planId, udn)
) STRICT, WITHOUT ROWID;

CREATE TABLE reports (
  sequence INTEGER PRIMARY KEY,
  madeAtMs INTEGER NOT NULL,
  technician TEXT NOT NULL,
  customer TEXT NOT NULL,
  devices INTEGER NOT NULL,
  open INTEGER NOT NULL,
  hash TEXT NOT NULL
) STRICT;
`

const LIFE = `
-- What a person says about a device, and which list of revocations it has told to have.
ALTER TABLE devices ADD COLUMN givenName TEXT;
ALTER TABLE devices ADD COLUMN place TEXT;
ALTER TABLE devices ADD COLUMN note TEXT;
ALTER TABLE devices ADD COLUMN crlNumber INTEGER;

ALTER TABLE groups ADD COLUMN parent TEXT;

ALTER TABLE expected ADD COLUMN identity TEXT;
ALTER TABLE expected ADD COLUMN model TEXT;
ALTER TABLE expected ADD COLUMN place TEXT;
ALTER TABLE expected ADD COLUMN note TEXT;
ALTER TABLE expected ADD COLUMN firmware TEXT;
ALTER TABLE expected ADD COLUMN configuration TEXT;

CREATE TABLE batches (
  id TEXT PRIMARY KEY,
  paused INTEGER NOT NULL CHECK (paused IN (0, 1)),
  limitTo INTEGER
) STRICT, WITHOUT ROWID;

CREATE TABLE siteWorks (
  position INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  what TEXT NOT NULL,
  createdAtMs INTEGER NOT NULL,
  appliedAtMs INTEGER,
  totals TEXT NOT NULL
) STRICT;

CREATE TABLE siteWorkRows (
  workId TEXT NOT NULL REFERENCES siteWorks (id) ON DELETE CASCADE,
  key TEXT NOT NULL,
  udn TEXT,
  content TEXT NOT NULL,
  -- What is to be done, and what was seen when it was previewed; nothing where nothing is to be done.
  wanted TEXT,
  PRIMARY KEY (workId, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX siteWorkRowsByDevice ON siteWorkRows (udn);

CREATE TABLE decommissions (
  id TEXT PRIMARY KEY,
  udn TEXT NOT NULL,
  orderedAtMs INTEGER NOT NULL,
  state TEXT NOT NULL,
  content TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX decommissionsByDevice ON decommissions (udn, orderedAtMs);

CREATE TABLE factoryIdentities (
  fingerprint TEXT PRIMARY KEY,
  chainPem TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE blockedIdentities (
  fingerprint TEXT PRIMARY KEY,
  serialNumber TEXT NOT NULL,
  udn TEXT NOT NULL,
  atMs INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE labelFindings (
  udn TEXT PRIMARY KEY,
  atMs INTEGER NOT NULL,
  content TEXT NOT NULL
) STRICT, WITHOUT ROWID;
`

const FAILURES = `
CREATE TABLE failures (
  subject TEXT NOT NULL,
  kind TEXT NOT NULL,
  code TEXT NOT NULL,
  atMs INTEGER NOT NULL,
  PRIMARY KEY (subject, kind)
) STRICT, WITHOUT ROWID;
-- Never written.
ALTER TABLE devices DROP COLUMN lastErrorCode;
`

const PLANNED_BY_IDENTITY = `
CREATE TABLE planned (
  position INTEGER PRIMARY KEY,
  serialNumber TEXT,
  udn TEXT,
  identity TEXT,
  name TEXT,
  groupName TEXT,
  model TEXT,
  place TEXT,
  note TEXT,
  firmware TEXT,
  configuration TEXT,
  CHECK (serialNumber IS NOT NULL OR udn IS NOT NULL OR identity IS NOT NULL)
) STRICT;
INSERT INTO planned SELECT position, serialNumber, udn, identity, name, groupName, model, place, note, firmware, configuration
  FROM expected;
DROP TABLE expected;
ALTER TABLE planned RENAME TO expected;
CREATE INDEX expectedBySerial ON expected (serialNumber);
CREATE INDEX expectedByUdn ON expected (udn);
`

/** SQL that takes the database from version i to version i + 1. */
export const MIGRATIONS: readonly string[] = [FIRST, ROLLOUTS, OPERATION, LIFE, FAILURES, PLANNED_BY_IDENTITY]
