/** The shape of `diagnostics.sqlite`, one entry per version. An entry that has shipped is never changed. */
import { HEALTH_METRICS } from '../contract/health'

/** One row a device and sample; a metric is a column, so that a sample is one write. */
const samples = HEALTH_METRICS.map((metric) => `${metric} REAL`).join(', ')

/** Least, greatest, sum and count of each metric. */
const spans = HEALTH_METRICS.map(
  (metric) =>
    `${metric}_min REAL, ${metric}_max REAL, ${metric}_sum REAL, ${metric}_count INTEGER NOT NULL DEFAULT 0`,
).join(', ')

export const DIAGNOSTICS_MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE devices (
    id INTEGER PRIMARY KEY,
    udn TEXT NOT NULL UNIQUE
  ) STRICT;

  -- One row a log; a device has several after it was wiped. "begun" orders them.
  CREATE TABLE device_logs (
    id INTEGER PRIMARY KEY,
    device INTEGER NOT NULL REFERENCES devices(id),
    log_id TEXT NOT NULL,
    begun INTEGER NOT NULL,
    stored INTEGER NOT NULL DEFAULT 0,
    through INTEGER NOT NULL DEFAULT 0,
    lost INTEGER NOT NULL DEFAULT 0,
    pruned INTEGER NOT NULL DEFAULT 0,
    cleared_through INTEGER NOT NULL DEFAULT 0,
    fetched_at_ms INTEGER,
    UNIQUE (device, log_id)
  ) STRICT;

  CREATE TABLE records (
    position INTEGER PRIMARY KEY AUTOINCREMENT,
    log INTEGER NOT NULL REFERENCES device_logs(id),
    device INTEGER NOT NULL,
    sequence INTEGER NOT NULL,
    time_ms INTEGER NOT NULL,
    severity INTEGER NOT NULL,
    boot INTEGER NOT NULL,
    synchronised INTEGER NOT NULL,
    time TEXT, -- as the device wrote it, where that is not the usual form of time_ms
    component TEXT NOT NULL,
    code TEXT NOT NULL,
    message TEXT NOT NULL,
    data TEXT
  ) STRICT;
  CREATE UNIQUE INDEX records_once ON records (log, sequence);
  CREATE INDEX records_by_time ON records (time_ms, position, severity, device);
  CREATE INDEX records_by_device ON records (device, time_ms, position, severity);

  -- What is searched through, folded to one case.
  CREATE TABLE texts (
    position INTEGER PRIMARY KEY,
    text TEXT NOT NULL
  ) STRICT;

  CREATE TABLE samples (
    device INTEGER NOT NULL,
    at_ms INTEGER NOT NULL,
    ${samples},
    PRIMARY KEY (device, at_ms)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE minutes (
    device INTEGER NOT NULL,
    at INTEGER NOT NULL, -- minutes since 1970
    ${spans},
    PRIMARY KEY (device, at)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE hours (
    device INTEGER NOT NULL,
    at INTEGER NOT NULL, -- hours since 1970
    ${spans},
    PRIMARY KEY (device, at)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE gaps (
    device INTEGER NOT NULL,
    from_ms INTEGER NOT NULL,
    to_ms INTEGER NOT NULL,
    reason TEXT NOT NULL,
    PRIMARY KEY (device, from_ms, reason)
  ) STRICT, WITHOUT ROWID;
  `,
]
