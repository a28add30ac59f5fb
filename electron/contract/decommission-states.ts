/**
 * How far a decommissioning is. revoked: its certificates are worth nothing any more; queued: revoked, and to be wiped
 * when it can be reached; wiped: the device has said so; proven: its signature was checked; certified: the certificate
 * of decommissioning is made; closed: closed by a person without proof: revoked, and whether it was wiped is not
 * known.
 */
export const DECOMMISSION_STATES = [
  'ordered',
  'frozen',
  'revoked',
  'queued',
  'wiped',
  'proven',
  'certified',
  'closed',
] as const
export type DecommissionState = (typeof DECOMMISSION_STATES)[number]
