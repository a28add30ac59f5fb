/** What is still to be done at a site: nothing that failed, is missing or is not known is left out. Pure. */
import { type ExpectedDevice, isNamedByIdentity } from '../contract/enrollment'
import { claimOf } from '../contract/fingerprint'
import type { ReportContent, ReportDevice } from '../contract/report'
import { HEALTH_TIMINGS } from '../contract/timings'
import type { UnansweredJob } from './answered-jobs'

/** Order = order in a report, worst first. */
export const OPEN_KINDS = [
  'missing',
  'not-trusted',
  'job-failed',
  'certificate-expired',
  'unhealthy',
  'alarm',
  'check',
  'offline',
  'not-commissioned',
  'waiting',
  'job-unfinished',
  'job-cancelled',
  'maintenance',
  'bank-invalid',
  'certificate-expiring',
  'no-certificate',
  'quiet',
  'attention',
] as const
export type OpenKind = (typeof OPEN_KINDS)[number]
type OpenItem = ReportContent['open'][number] & { readonly what: OpenKind }

export interface OpenFacts {
  readonly rows: readonly ReportDevice[]
  readonly unanswered: readonly UnansweredJob[]
  /** Devices that should be there; empty where a report is of chosen devices only. */
  readonly expected: readonly ExpectedDevice[]
  /** SHA-256 of the factory certificates with which the devices of `rows` have enrolled, hex. */
  readonly identities: ReadonlySet<string>
  readonly nowMs: number
}

/** Worst first, then by name. */
export const openItems = ({ rows, unanswered, expected, identities, nowMs }: OpenFacts): OpenItem[] => {
  const named = new Map(rows.map((row) => [row.udn, row]))
  const items = [
    ...missing(rows, expected, identities),
    ...rows.flatMap((row) => ofDevice(row, nowMs)),
    ...unanswered.map(({ job, what }): OpenItem => {
      const row = named.get(job.subject)
      const at = row ? subjectOf(row) : { name: job.subject }
      return { ...at, what, code: job.error ? `${job.kind}: ${job.error.code}` : job.kind }
    }),
  ]
  const order = (item: OpenItem): number => OPEN_KINDS.indexOf(item.what)
  return items.sort((a, b) => order(a) - order(b) || a.name.localeCompare(b.name, 'en', { numeric: true }))
}

const subjectOf = ({ udn, serialNumber, name }: ReportDevice) => ({
  udn,
  ...(serialNumber ? { serialNumber } : {}),
  name,
})

const missing = (
  rows: readonly ReportDevice[],
  expected: readonly ExpectedDevice[],
  identities: ReadonlySet<string>,
): OpenItem[] => {
  const udns = new Set(rows.map(({ udn }) => udn))
  const serials = new Set(rows.flatMap(({ serialNumber }) => serialNumber ?? []))
  const isThere = (entry: ExpectedDevice): boolean =>
    isNamedByIdentity(entry)
      ? identities.has(entry.identity ?? '')
      : udns.has(entry.udn ?? '') || serials.has(entry.serialNumber ?? '')
  return expected
    .filter((entry) => !isThere(entry))
    .map(({ udn, serialNumber, name, identity }) => ({
      ...(udn ? { udn } : {}),
      ...(serialNumber ? { serialNumber } : {}),
      name: name ?? serialNumber ?? udn ?? (identity ? claimOf(identity) : ''),
      what: 'missing',
    }))
}

const MEMBER: ReadonlySet<string> = new Set(['operation', 'maintenance'])

const ofDevice = (row: ReportDevice, nowMs: number): OpenItem[] => {
  const { phase, state, health, check, certificate } = row
  const isMember = phase !== undefined && MEMBER.has(phase)
  const item = (what: OpenKind, code?: string): OpenItem[] => [
    { ...subjectOf(row), what, ...(code === undefined ? {} : { code }) },
  ]
  const items = [
    ...(state === 'not-trusted' ? item('not-trusted') : []),
    // Whatever it failed at: nothing that is shown as failed is left out.
    ...(state === 'failed' && !row.failed ? item('job-failed') : []),
    ...(SICK.has(state) && !health?.alarms.length ? item('unhealthy') : []),
    ...(health?.alarms ?? []).flatMap((alarm) => item('alarm', alarm)),
    ...(check && check.verdict !== 'ok' ? item('check', check.findings[0] ?? check.verdict) : []),
    ...(row.online ? [] : item('offline')),
    ...(state === 'quiet' ? item('quiet') : []),
    ...(WAITING.has(state) ? item('waiting', state) : []),
    ...(isMember || WAITING.has(state) ? [] : item('not-commissioned', phase ?? 'unknown')),
    ...(phase === 'maintenance' ? item('maintenance') : []),
    ...row.bankStates
      .filter((bank) => bank.state === 'invalid')
      .flatMap(({ slot }) => item('bank-invalid', slot)),
    ...(isMember && !certificate ? item('no-certificate') : []),
    ...(isMember && certificate ? expiry(certificate.notAfter, nowMs).flatMap((what) => item(what)) : []),
  ]
  // Whatever else its state means: a device that is not simply well is never passed over.
  return items.length > 0 || TOLD.has(state) ? items : item('attention', state)
}

/** Well, or told by the jobs. */
const TOLD: ReadonlySet<string> = new Set(['healthy', 'working', 'failed'])
const SICK: ReadonlySet<string> = new Set(['unhealthy', 'attention'])
const WAITING: ReadonlySet<string> = new Set(['waiting-approval', 'waiting-confirm'])
const DAY_MS = 24 * 3600_000

const expiry = (notAfter: string, nowMs: number): OpenKind[] => {
  const left = Date.parse(notAfter) - nowMs
  if (left <= 0) return ['certificate-expired']
  return left < HEALTH_TIMINGS.certificateWarnDays * DAY_MS ? ['certificate-expiring'] : []
}
